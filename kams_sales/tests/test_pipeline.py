from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .past import PHASES, PastCase

NOW = datetime(2026, 6, 30, 8)


@tagged("post_install", "-at_install")
class TestPipeline(PastCase):
    """What to expect of open deals, and which stand still, is read from their history (C04, C09)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "New here"})  # its history is what is told below
        cls.env.user.company_ids |= cls.company
        cls.director.company_ids |= cls.company
        cls.past_team.company_id = False
        cls.pipeline = (
            cls.env["kams.pipeline"].with_user(cls.director).with_context(allowed_company_ids=cls.company.ids)
        )
        cls.ours = [("team_id", "=", cls.past_team.id)]

    @classmethod
    def _tell(cls, *stories, **usual):
        return super()._tell(*stories, **{"company": cls.company, **usual})

    def _sums(self, *names, domain=(), by=(), **context):
        rows = self.pipeline.with_context(**context)._read_group(
            [*self.ours, *domain], by, [f"{name}:sum" for name in names]
        )
        return rows if by else rows[0]

    def _row(self, deal, **context):
        self.env.invalidate_all()
        return self.pipeline.with_context(**context).search([("lead_ref", "=", deal.id)])

    def test_c04_weighted_by_policy_and_by_own_history(self):
        self._world_c01()
        amounts = (2e6, 3.6e6, 4e6, 6e6, 3e6)
        self._tell(*[self._through(place, amount=amount) for place, amount in enumerate(amounts, 1)])
        phases = self.past_team.kams_process_id.phase_ids
        policy = dict(zip(PHASES, (10, 20, 30, 50, 80), strict=True))
        self.env.cr.execute("UPDATE kams_process SET state = 'draft' WHERE id = %s", [phases.process_id.id])
        for phase in phases.filtered(lambda one: one.code in policy):
            self.env.cr.execute(
                "UPDATE kams_process_phase SET policy_probability = %s WHERE id = %s", [policy[phase.code], phase.id]
            )
        self.assertEqual(self._sums("deals", "amount", "weighted", "weighted_own"), (5, 18.6e6, 7.52e6, 5.8e6))

    def test_a_phase_in_which_nothing_closed_has_no_own_chance(self):
        self._tell(self._through(1, "lost"))
        (deal,) = self._tell(self._through(3, amount=100.0))
        row = self._row(deal)
        self.assertEqual((row.own_probability, row.weighted_own), (False, False))
        self.assertTrue(row.policy_probability)
        self.assertEqual(self._sums("weighted_own", by=["phase_code"]), [("proposal", False)])

    def test_c09_a_deal_stagnates_beyond_one_and_a_half_times_the_median_of_won_deals(self):
        self._tell(
            *[self._through(5, "won", start="2025-01-06", days=[5, days, 5, 5, 5]) for days in (20, 30, 28, 45, 77)]
        )
        self._tell(self._through(3, "lost", start="2024-01-08", days=100))  # lost deals don't count
        late, exact = self._tell(
            self._through(2, start=(NOW - timedelta(days=55)).isoformat(), days=5),
            self._through(2, start=(NOW - timedelta(days=50)).isoformat(), days=5),
        )
        context = {"kams_as_of": NOW.isoformat()}
        row = self._row(late, **context)
        self.assertEqual((row.phase_days, row.median_days, round(row.ageing, 4)), (50, 30, 1.6667))
        self.assertTrue(row.is_stagnant)
        row = self._row(exact, **context)
        self.assertEqual((row.phase_days, row.ageing, row.is_stagnant), (45, 1.5, False))
        self.assertEqual(self._sums("deals", "stagnant", **context), (2, 1))

    def test_without_a_won_deal_nothing_is_usual_and_the_process_says_what_is_too_long(self):
        """45 standard days, stagnant after 1.5 times as many: 67.5."""
        deals = self._tell(*[self._through(1, start=(NOW - timedelta(days=days)).isoformat()) for days in (45, 67, 68)])
        for deal, over, stagnant in zip(deals, (False, True, True), (False, False, True), strict=True):
            row = self._row(deal, kams_as_of=NOW.isoformat())
            self.assertEqual((row.median_days, row.ageing), (False, False))
            self.assertEqual((row.over_standard, row.is_stagnant, row.stagnant), (over, stagnant, int(stagnant)))

    def test_pipeline_as_of_a_day_is_the_pipeline_of_that_day(self):
        deal, later = self._tell(
            {
                "steps": [
                    ("2026-01-10", "development", {"amount": 100.0}),
                    ("2026-02-10", "initiation", {"amount": 300.0}),
                ]
            },
            {"steps": [("2026-02-01T18:00", "development", {"amount": 7.0})]},  # in Shanghai it is the next day
        )
        self.director.tz = "Asia/Shanghai"
        ask = self.env["kams.pipeline.as.of"].with_user(self.director)
        found = {}
        for day in ("2026-01-09", "2026-02-01", "2026-02-02", "2026-02-10"):
            action = ask.create({"day": day}).action_show()
            self.assertEqual(action["res_model"], "kams.pipeline")
            rows = self.pipeline.with_context(**action["context"]).search(self.ours, order="lead_ref")
            found[day] = [(row.lead_id, row.phase_code, row.amount) for row in rows]
        first = (deal, "development", 100.0)
        self.assertEqual(
            found,
            {
                "2026-01-09": [],
                "2026-02-01": [first],
                "2026-02-02": [first, (later, "development", 7.0)],
                "2026-02-10": [(deal, "initiation", 300.0), (later, "development", 7.0)],
            },
        )
        with self.assertRaisesRegex(ValidationError, "has not come yet"):
            ask.create({"day": "2999-01-01"})

    def test_as_of_a_moment_each_deal_is_what_it_was_then(self):
        deal, won, gone = self._tell(
            {
                "steps": [
                    ("2026-01-10", "development", {"amount": 100.0}),
                    ("2026-02-10", "initiation", {"amount": 300.0}),
                ]
            },
            self._through(5, "won", start="2026-01-05", days=10, amount=50.0),
            {"steps": [("2026-01-10", "development"), ("2026-03-01", "lost"), ("2026-04-01", "development")]},
        )
        self.assertEqual(self._row(deal).amount, 300)
        before = self._row(deal, kams_as_of="2026-02-01T00:00:00Z")
        self.assertEqual((before.amount, before.phase_code), (100, "development"))
        self.assertEqual(self._row(won, kams_as_of="2026-02-10T00:00:00").phase_code, "tendering")
        self.assertFalse(self._row(won))
        self.assertFalse(self._row(gone, kams_as_of="2026-03-15T00:00:00"))
        self.assertTrue(self._row(gone))
        # neither nonsense nor the future is an error
        self.assertEqual(self._row(deal, kams_as_of="yesterday").amount, 300)
        self.assertEqual(self._row(deal, kams_as_of=["x"]).amount, 300)
        self.assertEqual(self._row(deal, kams_as_of="2999-01-01").amount, 300)

    def test_what_is_planned_next_is_known_of_the_present_only(self):
        deals = self._tell(*[self._through(1)] * 5)
        missing, stale, late, planned, met = deals
        today = fields.Date.context_today(self.env.user)
        for deal, days in ((stale, -31), (late, -30), (planned, -60), (planned, 5)):
            deal.activity_schedule("mail.mail_activity_data_todo", today + timedelta(days=days), user_id=self.env.uid)
        self._meeting(met, 3)
        self._meeting(met, -5)
        self._meeting(planned, -40)
        self.env.flush_all()
        found = {deal: self._row(deal) for deal in deals}
        self.assertEqual(
            [found[deal].step_state for deal in deals], ["missing", "stale", "planned", "planned", "planned"]
        )
        self.assertEqual(found[planned].next_step_date, today + timedelta(days=5))
        self.assertEqual([found[deal].is_clean for deal in deals], [False, False, False, False, True])
        self.assertEqual(self._row(met, kams_as_of="2026-02-01T00:00:00").step_state, False)

    def test_phases_stand_in_the_order_of_selling(self):
        self._tell(*[self._through(place) for place in range(1, 6)])
        self.assertEqual([phase for phase, _count in self._sums("deals", by=["phase_code"])], list(PHASES))

    def test_an_empty_pipeline_has_no_rows_and_no_zeroes(self):
        self.assertEqual(self._sums("deals", "amount", "weighted"), (False, False, False))

    def test_each_sees_the_own_deals_only(self):
        mine, theirs = self._tell(self._through(1), self._through(1, user=self.colleague))
        self.salesperson.company_ids |= self.company
        seen = self.pipeline.with_user(self.salesperson).search(self.ours)
        self.assertEqual(seen.lead_id, mine)
        self.assertEqual(self.pipeline.search(self.ours).lead_id, mine + theirs)

    def test_a_deal_whose_owner_left_and_whose_team_is_archived_is_still_there(self):
        (deal,) = self._tell(self._through(2, amount=10.0))
        self.salesperson.active = False
        self.past_team.write({"active": False, "name": "Renamed"})
        row = self._row(deal)
        self.assertEqual((row.amount, row.user_id, row.team_id.name), (10, self.salesperson, "Renamed"))
        self.assertEqual(self._sums("amount", by=["user_id"])[0][0], self.salesperson)

    def test_a_closing_date_has_passed_only_where_there_is_one(self):
        yesterday = date.today() - timedelta(days=1)
        late, open_end = self._tell(self._through(1, deadline=yesterday), self._through(1))
        self.assertEqual((self._row(late).deadline_passed, self._row(open_end).deadline_passed), (True, False))
        self.assertEqual(self._row(late).action_open_deal()["res_id"], late.id)
