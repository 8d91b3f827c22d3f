from datetime import date

from odoo.tests import tagged

from .test_target import TargetCase


@tagged("post_install", "-at_install")
class TestControlClosers(TargetCase):
    """Who won a deal is who had it when it was won, in each report, whosever it is now."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls.past_team.copy({"name": "Team that took over"})
        cls.taken = {"user": cls.colleague, "team": cls.other_team, "reason": "owner"}

    def _quarters(self, user):
        self.env.invalidate_all()
        rows = self.env["kams.performance"]._read_group(
            [("user_id", "=", user.id), ("company_id", "=", self.firm.id), ("decided", ">", 0)],
            ["date_from:quarter", "team_id"],
            ["won:sum", "lost:sum", "won_amount:sum"],
        )
        return {(day, team): tuple(values) for day, team, *values in rows}

    def _ends(self, user):
        [(won, lost)] = self.env["kams.winloss.report"]._read_group(
            [("user_id", "=", user.id), ("company_id", "=", self.firm.id)], [], ["won:sum", "lost:sum"]
        )
        return won or 0, lost or 0

    def test_a_won_deal_that_is_handed_over_was_won_by_who_won_it(self):
        self._tell(
            {
                "steps": [
                    ("2026-01-05", "development", {"amount": 100.0}),
                    ("2026-02-02", "won"),
                    ("2026-05-01", None, self.taken),
                ]
            },
            {
                "steps": [
                    ("2026-01-05", "development", {"amount": 9.0}),
                    ("2026-02-03", "lost"),
                    ("2026-05-01", None, self.taken),
                ]
            },
        )
        first = {(date(2026, 1, 1), self.past_team): (1, 1, 100.0)}
        self.assertEqual((self._quarters(self.salesperson), self._quarters(self.colleague)), (first, {}))
        self.assertEqual((self._ends(self.salesperson), self._ends(self.colleague)), ((1, 1), (0, 0)))
        for user, won in ((self.salesperson, 100.0), (self.colleague, 0.0)):
            target = self._target(period_kind="quarter", user_id=user.id, team_id=self.past_team.id, quota=200.0)
            self.assertEqual(target.closed, won)
        row = self.env["kams.performance"].search(
            [
                ("user_id", "=", self.salesperson.id),
                ("date_from", "=", "2026-01-01"),
                ("team_id", "=", self.past_team.id),
            ]
        )
        self.assertEqual(row.attainment, 50.0)
        action = row.with_context(part="won").action_part()
        self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), row.won)

    def test_an_owner_who_changes_before_the_end_has_the_end(self):
        self._tell(
            {
                "steps": [
                    ("2026-01-05", "development", {"amount": 100.0}),
                    ("2026-02-01", None, self.taken),
                    ("2026-02-02", "won"),
                ]
            },
            # won, opened again by the next one, and lost by them
            {
                "steps": [
                    ("2026-01-05", "development"),
                    ("2026-02-02", "won"),
                    ("2026-03-01", "proposal", self.taken),
                    ("2026-04-02", "lost"),
                    ("2026-05-01", None, {"user": self.director}),
                ]
            },
        )
        self.assertEqual(self._quarters(self.salesperson), {})
        self.assertEqual(
            self._quarters(self.colleague),
            {
                (date(2026, 1, 1), self.other_team): (1, 0, 100.0),
                (date(2026, 4, 1), self.other_team): (0, 1, 0.0),
            },
        )
        self.assertEqual((self._ends(self.colleague), self._ends(self.director)), ((1, 1), (0, 0)))

    def test_work_on_a_deal_is_its_teams_of_that_day(self):
        [deal] = self._tell(
            {"steps": [("2026-01-05", "development", {"amount": 100.0}), ("2026-05-01", None, self.taken)]}
        )
        for day in ("2026-02-10", "2026-06-10"):
            objection = self.env["kams.objection"].create({"lead_id": deal.id, "statement": "Too dear", "date": day})
            objection.user_id = False
        self.env.flush_all()
        found = self.env["kams.performance"]._read_group(
            [("kind", "=", "person"), ("company_id", "=", self.firm.id), ("objections", ">", 0)],
            ["date_from:quarter", "user_id", "team_id"],
            ["objections:sum"],
        )
        self.assertEqual(
            found,
            [
                (date(2026, 1, 1), self.salesperson, self.past_team, 1),
                (date(2026, 4, 1), self.colleague, self.other_team, 1),
            ],
        )

    def test_who_had_a_deal_when_it_became_what_it_is_is_kept(self):
        [deal] = self._tell(
            {
                "steps": [
                    ("2026-01-05", "development"),
                    ("2026-01-15", "lost"),
                    ("2026-01-25", "initiation"),
                    ("2026-02-02", "won"),
                    ("2026-02-05", None, self.taken),
                    ("2026-02-06", None, {"amount": 5.0}),
                ]
            }
        )
        self.cr.execute("SELECT became_user_id, became_team_id FROM kams_deal_way WHERE lead_ref = %s", [deal.id])
        self.assertEqual(self.cr.fetchall(), [(self.salesperson.id, self.past_team.id)])
        self.assertHistoryWhole(deal.ids)

    def test_who_is_deleted_is_forgotten(self):
        gone = self._person("kams_gone", "sales_team.group_sale_salesman")
        [deal] = self._tell({"user": gone, "steps": [("2026-01-05", "development"), ("2026-02-02", "won")]})
        row = [("lead_ref", "=", deal.id)]
        self.assertEqual(self.env["kams.winloss.report"].search(row).user_id, gone)
        deal.user_id = self.colleague
        self._settle()
        self.cr.execute("DELETE FROM res_users WHERE id = %s", [gone.id])
        self.env.invalidate_all()
        self.assertFalse(self.env["kams.winloss.report"].search(row).user_id)
        self.assertHistoryWhole(deal.ids)
