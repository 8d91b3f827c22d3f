from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .past import PHASES, PastCase
from .test_target import TargetCase


@tagged("post_install", "-at_install")
class TestControlCodes(TargetCase):
    """Worked examples of chapter 9 as their reports show them, where other tests of their code hold only a part."""

    def _by_phase(self, *measures):
        rows = self.env["kams.funnel"]._read_group([("company_id", "=", self.firm.id)], ["phase_code"], measures)
        return dict(zip((row[0] for row in rows), (row[1:] for row in rows), strict=True))

    def test_c02_leakage_of_each_phase_and_its_share(self):
        self._world_c01()
        found = self._by_phase("leaked:sum", "leak_share:avg")
        self.assertEqual([found[code][0] for code in PHASES], [48, 24, 12, 18, 6])
        self.assertEqual([round(found[code][1], 4) for code in PHASES], [44.4444, 22.2222, 11.1111, 16.6667, 5.5556])

    def test_c03_chance_to_win_from_each_phase(self):
        self._world_c01()
        found = self._by_phase("win_probability:avg")
        self.assertEqual([round(found[code][0], 4) for code in PHASES], [10.0, 16.6667, 25.0, 33.3333, 66.6667])

    def test_c06_stage_coverage_by_the_chances_of_history(self):
        """Nobody hands in the chances: they are those of the closed deals."""
        self._world_c01(start="2025-01-06")
        self._pipeline()
        target = self._target(quota=8_000_000)
        self.assertEqual(target.remaining, 8_000_000)
        [figures] = self.env["kams.target.figures"]._figures(target, own=True)
        rows = target._phase_rows(figures)
        self.assertEqual([round(row["coverage"], 6) for row in rows], [0.2325, 0.345833, 0.40625, 0.375, 0.25])
        self.assertEqual([row["beyond"] for row in rows], [18.6e6, 16.6e6, 13.0e6, 9.0e6, 3.0e6])
        self.assertEqual([round(row["required"] / 1e6) for row in rows], [80, 48, 32, 24, 12])
        for covered in ("0.23", "0.35", "0.41", "0.38", "0.25"):
            self.assertIn(covered, target.stage_coverage)

    def test_c07_velocity_as_others_work_it_out(self):
        """18 open deals, 42,000 each, 24 of 100 won in 78 days: 2,326.15 a day."""
        won = self._through(5, "won", days=[15, 15, 15, 15, 18], amount=42_000.0, start="2026-01-05")
        self._tell(*[won] * 6, *[self._through(5, "lost", start="2026-01-05")] * 19)
        self._tell(*[self._through(1, amount=1.0, start="2026-01-05")] * 18)
        target = self._target()
        self.assertEqual((target.win_rate, target.average_deal, target.cycle_days), (24.0, 42_000.0, 78.0))
        self.assertAlmostEqual(target.velocity, 2_326.15, 2)

    def test_c11_spread_behind_the_chance_to_reach_the_quota(self):
        self._pipeline()
        [figures] = self.env["kams.target.figures"]._figures(self._target())
        self.assertAlmostEqual(figures["variance"] ** 0.5, 4_029_094, 0)


@tagged("post_install", "-at_install")
class TestControlCodesOfDeals(PastCase):
    def test_c09_a_step_is_stale_after_thirty_days_and_so_is_a_contact(self):
        today, now = fields.Date.today(), fields.Datetime.now()
        todo = self.env.ref("mail.mail_activity_data_todo").id
        model = self.env["ir.model"]._get_id("crm.lead")
        for ago, state in ((0, "planned"), (30, "planned"), (31, "stale"), (None, "missing")):
            deal = self._tell(self._through(1, start=(today - timedelta(days=2)).isoformat()))
            self.env["calendar.event"].create(
                {
                    "name": "Met",
                    "opportunity_id": deal.id,
                    "start": now - timedelta(days=3),
                    "stop": now - timedelta(days=3),
                }
            )
            if ago is not None:
                self.env["mail.activity"].create(
                    {
                        "res_model_id": model,
                        "res_id": deal.id,
                        "activity_type_id": todo,
                        "date_deadline": today - timedelta(days=ago),
                        "user_id": self.salesperson.id,
                    }
                )
            row = self.env["kams.pipeline"].search([("lead_id", "=", deal.id)])
            self.assertEqual((row.step_state, row.is_clean), (state, state == "planned"), ago)
        for ago, clean in ((29, True), (31, False)):
            deal = self._tell(self._through(1, start=(today - timedelta(days=2)).isoformat()))
            met = now - timedelta(days=ago)
            self.env["calendar.event"].create({"name": "Met", "opportunity_id": deal.id, "start": met, "stop": met})
            self.env["mail.activity"].create(
                {
                    "res_model_id": model,
                    "res_id": deal.id,
                    "activity_type_id": todo,
                    "date_deadline": today,
                    "user_id": self.salesperson.id,
                }
            )
            self.assertEqual(self.env["kams.pipeline"].search([("lead_id", "=", deal.id)]).is_clean, clean, ago)

    def test_c10_shares_of_the_shape(self):
        self._world_c01()
        for reached, number in enumerate((10, 10, 8, 8, 4), 1):
            self._tell(*[self._through(reached)] * number)
        page = self.env["kams.funnel.page"].with_user(self.director)
        page = page.create({"team_id": self.past_team.id, "date_from": "2020-01-01", "date_to": "2030-01-01"})
        shape = page._figures()["shape"]
        self.assertEqual([round(one, 6) for one in shape["ideal"]], [0.408163, 0.244898, 0.163265, 0.122449, 0.061224])
        self.assertEqual(shape["actual"], [0.25, 0.25, 0.2, 0.2, 0.1])

    def test_c12_one_mandatory_point_unmet_keeps_the_gate_shut(self):
        """A waiver opens it, five of seven don't."""
        self._known_account(self.customer)
        deal = self._deal(partner_id=self.customer.id, email_from="a@example.com")  # all but the meeting
        self._settle()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            deal.stage_id = self.stages["initiation"]
            self._settle()
        self.env.invalidate_all()
        check = deal.kams_check_ids.filtered(lambda one: one.point_id.code == "S1-O2")
        check.with_user(self.director).waive("They travel", fields.Date.today() + timedelta(days=3))
        deal.stage_id = self.stages["initiation"]
        self._settle()
        self.assertEqual(deal.kams_phase_id.code, "initiation")
