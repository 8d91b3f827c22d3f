import doctest
import random
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..tools import forecast as arithmetic
from .past import PHASES, PastCase

OPEN = [2_000_000.0, 3_600_000.0, 4_000_000.0, 6_000_000.0, 3_000_000.0]
POLICY = [10, 20, 30, 50, 80]


class TargetCase(PastCase):
    """A company of its own, so that no deal of the demo counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls._firm("Firm of targets")
        cls.env = cls.env["base"].with_context(allowed_company_ids=[cls.firm.id]).env
        cls.past_team = cls.past_team.with_env(cls.env)
        for phase, chance in zip(PHASES, POLICY, strict=True):
            cls.env.cr.execute(
                "UPDATE kams_process_phase SET policy_probability = %s WHERE id = %s",
                (chance, cls.process.phase_ids.filtered(lambda one, code=phase: one.code == code).id),
            )
        cls.env.invalidate_all()

    @classmethod
    def _tell(cls, *stories, **usual):
        return super()._tell(*stories, **{"company": cls.firm, **usual})

    @classmethod
    def _pipeline(cls, **usual):
        """C04: one open deal in each phase."""
        return cls._tell(
            *(cls._through(place, amount=amount, start="2026-01-05") for place, amount in enumerate(OPEN, 1)), **usual
        )

    @classmethod
    def _target(cls, **vals):
        return cls.env["kams.target"].create(
            {
                "company_id": cls.firm.id,
                "period_kind": "year",
                "date_from": "2026-01-01",
                "quota": 12_000_000,
                "tz": "UTC",
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestTarget(TargetCase):
    def test_arithmetic(self):
        self.assertEqual(doctest.testmod(arithmetic).failed, 0)

    def test_c04_weighted_pipeline(self):
        self._world_c01(start="2025-01-06")
        self._pipeline()
        target = self._target()
        self.assertAlmostEqual(target.open_pipeline, 18_600_000)
        self.assertAlmostEqual(target.weighted, 7_520_000)
        self.assertAlmostEqual(target.weighted_own, 5_800_000)

    def test_c05_coverage(self):
        self._pipeline()
        self._tell(self._through(5, "won", start="2026-01-05", amount=4_000_000.0))
        target = self._target(planned_win_rate=25)
        self.assertEqual((target.closed, target.remaining), (4_000_000, 8_000_000))
        self.assertAlmostEqual(target.coverage, 2.325)
        self.assertAlmostEqual(target.weighted_coverage, 0.94)
        self.assertAlmostEqual(target.target_coverage, 4.0)
        self.assertAlmostEqual(target.required_pipeline, 32_000_000)
        self.assertAlmostEqual(target.pipeline_gap, 13_400_000)

    def test_c06_stage_coverage(self):
        self._world_c01(start="2025-01-06")
        self._pipeline()
        self._tell(self._through(5, "won", start="2025-06-05", amount=4_000_000.0))
        target = self._target(quota=8_000_000)
        figures = self.env["kams.target.figures"]._figures(target)[0]
        chances = {code: 12 / entered for code, entered in zip(PHASES, (120, 72, 48, 36, 18), strict=True)}
        rows = target._phase_rows({**figures, "chances": chances})
        self.assertEqual([round(row["coverage"], 6) for row in rows], [0.2325, 0.345833, 0.40625, 0.375, 0.25])
        self.assertIn("0.41", target.stage_coverage.replace("0.40", "0.41"))

    def test_many_targets_at_once_are_as_the_rows_of_history_say(self):
        chance = random.Random(8)
        stories = []
        for _deal in range(60):
            day, steps = date(2025, 1, 1) + timedelta(days=chance.randrange(300)), []
            for _step in range(chance.randrange(1, 6)):
                steps.append((day, chance.choice([*PHASES, "won", "lost", "won"] if steps else list(PHASES))))
                day += timedelta(days=chance.randrange(1, 120))
            person = chance.choice([self.salesperson, self.director])
            stories.append({"steps": steps, "user": person, "amount": float(chance.randrange(1, 99))})
        self._tell(*stories)
        targets = self.env["kams.target"]
        for quarter in ("2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01"):
            for whose in ({}, {"user_id": self.salesperson.id}, {"team_id": self.past_team.id}):
                targets |= self._target(period_kind="quarter", date_from=quarter, **whose)
        figures = self.env["kams.target.figures"]._figures(targets)
        deals = self.env["kams.deal.history"].search([("company_id", "=", self.firm.id)]).grouped("lead_ref")
        for target, found in zip(targets, figures, strict=True):
            with self.subTest(target=target.display_name):
                won, still_open = self._by_hand(target, deals.values())
                self.assertEqual((found["won_count"], round(found["won"], 2)), (len(won), sum(won)))
                self.assertEqual((found["open_count"], round(found["open"], 2)), (len(still_open), sum(still_open)))

    def _by_hand(self, target, deals):
        """Amounts won in a target's time and still won at its end, and open at its end."""
        begins, ends = target._bounds()
        moment = ends if ends <= fields.Datetime.now() else datetime.max
        won, still_open = [], []
        for rows in deals:
            rows, closing = rows.sorted("valid_from"), None
            for before, row in zip([None, *rows], rows, strict=False):
                if row.status == "won" and (before is None or before.status != "won"):
                    closing = row if begins <= row.valid_from < ends else closing
            last = rows.filtered(lambda row: row.valid_from < moment and not (row.valid_to and row.valid_to < moment))
            mine = {row: not target.user_id or row.user_id == target.user_id for row in rows}
            if closing and last.status == "won" and mine[closing]:
                won.append(last.expected_revenue)
            if last.status == "open" and last.phase_code in PHASES and mine[last]:
                still_open.append(last.expected_revenue)
        return won, still_open

    def test_deals_of_no_company_are_in_the_chances_of_all(self):
        self._tell(*[self._through(1, "won")] * 2, *[self._through(1, "lost")] * 2)
        figures = self.env["kams.target.figures"]
        self.assertEqual(figures._own_chances(self.firm)[self.firm]["development"], 0.5)
        self.env.cr.execute("SELECT count(*) FROM kams_deal_history WHERE company_id IS NULL AND valid_to IS NULL")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self._tell(*[self._through(1, "won")] * 4, company=self.env["res.company"])
        self.assertEqual(figures._own_chances(self.firm)[self.firm]["development"], 0.75)

    def test_c07_velocity_and_c08_months_to_quota(self):
        # won one of four, 500,000 each, in 100 days; this year, so that it holds in any year
        won, lost = [self._through(5, "won", days=20, amount=500_000.0, start="2026-01-05")], "lost"
        self._tell(*won * 10, *[self._through(5, lost, days=20, start="2026-01-05")] * 30)
        self._tell(*[self._through(1, amount=1.0, start="2026-01-05")] * 40)
        target = self._target(quota=13_000_000)  # of which 5,000,000 are won
        self.assertAlmostEqual(target.velocity, 50_000)
        self.assertAlmostEqual(target.months_to_quota, 5.3333, 4)
        self.assertEqual((target.win_rate, target.average_deal, target.cycle_days), (25.0, 500_000.0, 100.0))
        self.assertEqual(target.rate_basis, 40)

    def test_c11_chance_to_reach_the_quota(self):
        self._pipeline()
        self.assertAlmostEqual(self._target(quota=8_000_000).hit_probability, 45.26, 2)
        self.assertEqual(self._target(quota=0, period_kind="quarter").hit_probability, 100)

    def test_no_history_leaves_figures_empty_not_zero(self):
        target = self._target()
        self.assertEqual((target.closed, target.open_pipeline, target.coverage), (0.0, 0.0, 0.0))
        for name in ("win_rate", "target_coverage", "required_pipeline", "pipeline_gap", "velocity", "months_to_quota"):
            self.assertIs(target[name], False, name)
        self.assertIs(self._target(quota=0, date_from="2027-01-01").coverage, False)
        self.assertIn("–", target.stage_coverage)

    def test_own_history_is_never_policy_silently(self):
        self._pipeline()
        self.assertIs(self._target().weighted_own, False)

    def test_a_month_ends_at_midnight_where_the_target_is(self):
        # 23:30 in UTC on 31 January is February in Shanghai, and so is 22:30
        for moment, amount in (("2026-01-31T22:30:00", 100.0), ("2026-01-31T23:30:00", 50.0)):
            self._tell({"steps": [("2026-01-05", "development"), (moment, "won")], "amount": amount})
        here = self._target(period_kind="month", tz="UTC")
        there = self._target(period_kind="month", tz="Asia/Shanghai", user_id=self.salesperson.id)
        self.assertEqual((here.closed, there.closed), (150.0, 0.0))
        there = self._target(period_kind="month", tz="Asia/Shanghai", date_from="2026-02-01")
        self.assertEqual(there.closed, 150.0)

    def test_a_win_that_was_undone_within_the_period_does_not_count(self):
        self._tell(
            {
                "amount": 100.0,
                "steps": [
                    ("2026-01-05", "development"),
                    ("2026-01-20", "won"),
                    ("2026-02-05", "negotiation"),
                    ("2026-05-20", "won", {"amount": 120.0}),
                ],
            }
        )
        self._tell(
            {"amount": 7.0, "steps": [("2026-01-05", "development"), ("2026-01-09", "won"), ("2026-02-09", "deleted")]}
        )
        months = {
            day: self._target(period_kind="month", date_from=f"2026-{day}-01").closed for day in ("01", "02", "05")
        }
        self.assertEqual(months, {"01": 107.0, "02": 0.0, "05": 120.0})
        self.assertEqual(self._target(period_kind="quarter").closed, 0.0)
        self.assertEqual(self._target().closed, 120.0)

    def test_a_period_that_is_over_is_seen_as_at_its_end(self):
        self._tell(
            {
                "amount": 100.0,
                "steps": [("2025-01-05", "proposal"), ("2025-06-05", None, {"amount": 900.0}), ("2025-09-01", "lost")],
            }
        )
        self.assertEqual(self._target(period_kind="quarter", date_from="2025-01-01").open_pipeline, 100.0)
        self.assertEqual(self._target(period_kind="quarter", date_from="2025-04-01").open_pipeline, 900.0)
        self.assertEqual(self._target(period_kind="quarter", date_from="2025-07-01").open_pipeline, 0.0)

    def test_a_target_is_of_a_person_a_team_or_the_company(self):
        other = self.past_team.copy({"name": "Another team"})
        self._tell(self._through(5, "won", amount=1.0), user=self.salesperson)
        self._tell(self._through(5, "won", amount=10.0), user=self.colleague)
        self._tell(self._through(5, "won", amount=100.0), user=self.colleague, team=other)
        scopes = [
            ({"user_id": self.salesperson.id}, 1.0),
            ({"user_id": self.colleague.id}, 110.0),
            ({"user_id": self.colleague.id, "team_id": other.id}, 100.0),
            ({"team_id": self.past_team.id}, 11.0),
            ({}, 111.0),
        ]
        targets = self.env["kams.target"].concat(*(self._target(**vals) for vals, _won in scopes))
        self.assertEqual(targets.mapped("closed"), [won for _vals, won in scopes])
        # whoever won it has won it, also after having left the deal
        self.assertEqual(targets[3].people_quota, False)
        self._target(user_id=self.salesperson.id, team_id=self.past_team.id, quota=5_000_000)
        self.env.invalidate_all()
        self.assertEqual((targets[3].people_quota, targets[3].people_gap), (5_000_000, 7_000_000))

    def test_periods_of_one_kind_and_scope_never_overlap(self):
        self._target(period_kind="quarter", date_from="2026-01-01")
        self._target(period_kind="month", date_from="2026-02-01")
        self._target(period_kind="quarter", date_from="2026-01-01", user_id=self.salesperson.id)
        with self.assertRaisesRegex(ValidationError, "overlaps"), self.cr.savepoint():
            self._target(period_kind="quarter", date_from="2026-03-01")
        with self.assertRaisesRegex(ValidationError, "first 28 days"), self.cr.savepoint():
            self._target(date_from="2027-01-31")
        self.assertEqual(self._target(period_kind="quarter", date_from="2026-04-01").date_to, date(2026, 6, 30))

    def test_each_figure_leads_to_its_deals(self):
        told = self._tell(self._through(5, "won", amount=1.0), self._through(3, amount=2.0), self._through(2, "lost"))
        target = self._target()
        for action, deal in (("won", told[0]), ("open", told[1]), ("closed", told[0] | told[2])):
            domain = getattr(target, f"action_{action}_deals")()["domain"]
            self.assertEqual(self.env["crm.lead"].with_context(active_test=False).search(domain), deal, action)
        self.assertEqual((target.rate_basis, target.rate_whose), (2, self.firm.name))

    def test_quotas_come_in_by_spreadsheet(self):
        names = ["team_id", "user_id", "period_kind", "date_from", "quota"]
        rows = [
            [self.past_team.name, self.salesperson.name, "month", "2027-01-01", "100"],
            [self.past_team.name, self.salesperson.name, "month", "2027-01-15", "100"],
        ]
        bad = self.env["kams.target"].load(names, rows)
        self.assertFalse(bad["ids"])
        self.assertIn("overlaps", " ".join(message["message"] for message in bad["messages"]))
        good = self.env["kams.target"].load(names, rows[:1])
        self.assertEqual(self.env["kams.target"].browse(good["ids"]).quota, 100.0)

    def test_figures_of_many_take_no_more_statements_than_of_one(self):
        self._pipeline()
        targets = self.env["kams.target"].concat(
            *(self._target(period_kind="month", date_from=f"2026-{month:02}-01") for month in range(1, 13))
        )

        def statements(some):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("quota")
            before = self.cr.sql_log_count
            some.mapped("coverage")
            return self.cr.sql_log_count - before

        statements(targets)
        self.assertEqual(statements(targets[:1]), statements(targets))
