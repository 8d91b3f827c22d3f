from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .past import PastCase


@tagged("post_install", "-at_install")
class TestPerformance(PastCase):
    """Process beside result, by person, team and quarter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["kams.performance"]

    def _row(self, user=None, kind="person", quarter="2026-01-01", **context):
        self.env.flush_all()
        self.env.invalidate_all()
        domain = [("team_id", "=", self.past_team.id), ("kind", "=", kind), ("date_from", "=", quarter)]
        if kind == "person":
            domain.append(("user_id", "=", (user or self.salesperson).id))
        return self.report.with_context(**context).search(domain)

    def test_results_of_a_quarter(self):
        self._tell(
            *[self._through(5, "won", days=10, amount=100.0)] * 2,  # until 24 February
            *[self._through(2, "lost", amount=50.0)] * 3,
            self._through(1, "archived"),
            self._through(5, "won", start="2026-05-04", amount=900.0),  # in the second quarter
            self._through(5, "won", user=self.colleague, amount=700.0),
        )
        row = self._row()
        self.assertEqual((row.won, row.lost, row.undecided, row.won_amount), (2, 3, 1, 200.0))
        self.assertEqual((row.win_rate, row.days_to_close), (40.0, 50.0))
        self.assertEqual(self._row(quarter="2026-04-01").won_amount, 900.0)
        team = self._row(kind="team")
        self.assertEqual((team.won, team.won_amount, team.win_rate), (3, 900.0, 50.0))

    def test_groups_are_sum_over_sum(self):
        self._tell(
            self._through(5, "won"),
            *[self._through(2, "lost")] * 4,
            self._through(5, "won", user=self.colleague),
        )
        ((rate, won),) = self.report._read_group(
            [("team_id", "=", self.past_team.id), ("kind", "=", "person")], [], ["win_rate:avg", "won:sum"]
        )
        self.assertEqual(won, 2)
        self.assertAlmostEqual(rate, 100 * 2 / 6, 6)

    def test_attainment_of_quarters_months_and_years(self):
        """A quarter's quota, else its months', else a quarter of the year's; a team's own before its people's."""
        self._tell(
            self._through(5, "won", amount=300.0),
            self._through(5, "won", start="2026-05-04", amount=500.0),
            self._through(5, "won", start="2026-08-03", amount=70.0),
        )
        target = self.env["kams.target"]
        mine = {"team_id": self.past_team.id, "user_id": self.salesperson.id}
        target.create({**mine, "period_kind": "quarter", "date_from": "2026-01-01", "quota": 400.0})
        for month in ("2026-04-01", "2026-05-01"):
            target.create({**mine, "period_kind": "month", "date_from": month, "quota": 100.0})
        row = self._row()
        self.assertEqual((row.quota, row.attainment), (400.0, 75.0))
        self.assertEqual(self._row(quarter="2026-04-01").attainment, 250.0)
        self.assertIs(self._row(quarter="2026-07-01").attainment, False)
        self.assertEqual(self._row(kind="team").quota, 400.0, "Nobody gave the team one of its own.")
        target.create({"team_id": self.past_team.id, "period_kind": "year", "date_from": "2026-01-01", "quota": 4000.0})
        self.assertEqual(self._row(kind="team").quota, 1000.0)
        ((attainment, quota),) = self.report._read_group(
            [("team_id", "=", self.past_team.id), ("kind", "=", "person")], [], ["attainment:avg", "quota:sum"]
        )
        self.assertEqual(quota, 600.0)
        self.assertAlmostEqual(attainment, 100 * 800 / 600, 6)

    def test_what_nobody_did_has_no_rate(self):
        self._tell(self._through(1, "archived"))
        row = self._row()
        self.assertEqual((row.won, row.undecided), (0, 1))
        for name in (
            "win_rate",
            "attainment",
            "days_to_close",
            "erosion",
            "advance_rate",
            "action_rate",
            "review_rate",
        ):
            with self.subTest(rate=name):
                self.assertIs(row[name], False)

    def test_a_moment_at_the_end_of_a_quarter_counts_where_the_reader_is(self):
        """Won at 23:30 UTC on 31 March: in Shanghai it is April."""
        steps = [("2026-01-05", "development"), ("2026-03-31T23:30:00", "won")]
        self._tell({"steps": steps})
        self.assertEqual(self._row(tz="UTC").won, 1)
        self.assertFalse(self._row(tz="Asia/Shanghai"))
        self.assertEqual(self._row(quarter="2026-04-01", tz="Asia/Shanghai").won, 1)

    def test_process(self):
        deal = self._deal(team_id=self.past_team.id)
        self._settle()
        today = fields.Date.today()
        quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        plan = self.env["kams.plan"].create(
            {"name": "P", "kind": "project_marketing", "lead_id": deal.id, "date_from": quarter, "date_to": quarter}
        )
        self.env.cr.execute("UPDATE kams_plan SET state = 'active' WHERE id = %s", (plan.id,))
        plan.invalidate_recordset()
        yesterday = fields.Date.today() - timedelta(days=1)
        for state in ("open", "done"):
            self.env["kams.plan.action"].create(
                {
                    "plan_id": plan.id,
                    "name": state,
                    "user_id": self.salesperson.id,
                    "date_due": yesterday if state == "open" else fields.Date.today(),
                    "state": state,
                }
            )
        for state in ("open", "accepted"):
            objection = self.env["kams.objection"].create({"lead_id": deal.id, "statement": state})
            objection.user_id = self.salesperson
            self.env.cr.execute("UPDATE kams_objection SET state = %s WHERE id = %s", (state, objection.id))
        review = self.env["kams.winloss"].create(
            {
                "lead_id": deal.id,
                "lessons": "x",
                "asked_on": fields.Date.today(),
                "reason_ids": [Command.create({"category": "price"})],
            }
        )
        review.with_user(self.director).action_confirm()
        row = self._row(quarter=quarter)
        self.assertEqual((row.objections, row.objections_closed, row.objection_rate), (2, 1, 50.0))
        self.assertEqual((row.reviews, row.reviews_in_time, row.review_rate), (1, 1, 100.0))
        if yesterday >= quarter:
            self.assertEqual((row.actions, row.actions_in_time, row.action_rate), (2, 1, 50.0))
        # … and of a plan that hangs on no deal: its owner's team's; what is due later isn't counted yet
        account = self.env["kams.plan"].create(
            {
                "name": "A",
                "kind": "account",
                "account_id": self._account().id,
                "date_from": quarter,
                "date_to": quarter,
            }
        )
        self.env.cr.execute("UPDATE kams_plan SET state = 'active' WHERE id = %s", (account.id,))
        account.invalidate_recordset()
        for user in (self.salesperson, self.director):
            self.env["kams.plan.action"].create(
                [
                    {
                        "plan_id": account.id,
                        "name": str(day),
                        "user_id": user.id,
                        "date_due": day,
                        "state": "done" if day == today else "open",
                    }
                    for day in (today, today + timedelta(days=1))
                ]
            )
        self._settle()
        self.env.invalidate_all()
        rows = self.report.search([("date_from", "=", quarter)])
        for part in ("actions", "objections", "reviews"):
            for row in rows:
                with self.subTest(part=part, row=row.display_name, kind=row.kind):
                    self.assertEqual(self._open(part, row), row[part])
            self.assertTrue(any(rows.mapped(part)))

    def _open(self, part, row):
        action = row.with_context(part=part).action_part()
        return self.env[action["res_model"]].search_count(action["domain"])

    def test_each_figure_leads_to_what_it_is_made_of(self):
        self._tell(*[self._through(5, "won")] * 2, *[self._through(2, "lost")] * 3, self._through(1, "archived"))
        row = self._row()
        self.assertEqual([self._open(part, row) for part in ("won", "lost", "undecided")], [2, 3, 1])
        team = self._row(kind="team")
        self.assertEqual(self._open("lost", team), 3)
        for part in row._places().keys() - ({"without_step", "stagnant"} if "kams.pipeline" not in self.env else set()):
            with self.subTest(part=part):
                self._open(part, row)
        with self.assertRaisesRegex(UserError, "Choose a figure"):
            row.with_context(part="x").action_part()

    def test_points_left_in_the_quarter(self):
        self._tell(self._through(5, "won"))
        row = self._row()
        self.assertEqual(row.points, self._open("compliance", row))

    def test_only_what_is_asked_is_read(self):
        asked = self.report._as_asked([("kind", "=", "person")], ["user_id"], ["win_rate:avg"])._asked_parts()
        self.assertEqual(asked, {"closings"})
        self.assertIn("meetings", self.report._as_asked([], ["user_id"], ["__count"])._asked_parts())
        asked = self.report._as_asked([("late", ">", 0)], [], ["attainment:avg"])._asked_parts()
        self.assertEqual(asked, {"meetings", "closings", "quotas"} & self.report._asked_parts())

    def test_people_see_their_own_figures_and_directors_all(self):
        self._tell(self._through(5, "won"), self._through(5, "won", user=self.colleague))
        self.env.flush_all()
        domain = [("team_id", "=", self.past_team.id), ("date_from", "=", "2026-01-01")]
        mine = self.report.with_user(self.salesperson).search(domain)
        self.assertEqual((mine.user_id, mine.mapped("kind")), (self.salesperson, ["person"]))
        self.assertEqual(len(self.report.with_user(self.director).search(domain)), 3)

    def test_somebody_who_left_and_a_team_that_was_renamed_stay_readable(self):
        self._tell(self._through(5, "won"))
        self.salesperson.active = False
        self.past_team.write({"name": "Another name", "active": False})
        self.assertEqual(self._row().won, 1)
        self.assertIn("Q1 2026", self._row().display_name)

    def test_a_page_is_read_for_its_person_or_team_alone(self):
        self._tell(self._through(5, "won", amount=10.0), self._through(2, "lost", user=self.colleague))
        for kind in ("person", "team"):
            row = self._row(kind=kind)
            whole = self.report.with_context(kams_people="x").search_read(
                [("id", "=", row.id)], ["won", "lost", "team_id"]
            )
            self.env.invalidate_all()
            self.assertEqual(row.read(["won", "lost", "team_id"]), whole)
        listed = self.report.search_fetch([("id", "=", row.id)], ["won"])
        self.assertEqual((listed.won, listed.points), (1, row.points), "What wasn't asked for first is read later.")

    def test_ids_are_one_per_row(self):
        self._tell(
            self._through(5, "won"), self._through(5, "won", user=self.colleague), self._through(5, "won", user=None)
        )
        rows = self.report.search([])
        self.assertEqual(len(set(rows.ids)), len(rows))
        self.assertEqual(self.report.browse(rows[-1].id).date_from, rows[-1].date_from)
