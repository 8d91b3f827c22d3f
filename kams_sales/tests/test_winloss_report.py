from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .past import PastCase


@tagged("post_install", "-at_install")
class TestWinlossReport(PastCase):
    """Why we win and lose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["kams.winloss.report"]
        cls.criteria = cls.env["kams.winloss.criterion"]

    def _group(self, *measures, groupby=(), domain=()):
        rows = self.report._read_group([("team_id", "=", self.past_team.id), *domain], groupby, measures)
        return rows if groupby else rows[0]

    def _review(self, deal, result, done=True, rated=(), **vals):
        review = self.env["kams.winloss"].create(
            {
                "lead_id": deal.id,
                "result": result,
                "lessons": "x",
                "reason_ids": [Command.create({"category": "price", "source": "review"})],
                "criterion_ids": [
                    Command.create({"criterion": criterion, "importance": 5, "us": us, "competitor": them})
                    for criterion, us, them in rated
                ],
                **vals,
            }
        )
        if done:
            review.with_user(self.director).action_confirm()
        return review

    def test_c38_win_rate_with_no_decision_apart(self):
        """C38: 12 won, 18 lost: 40 %; what nobody decided counts apart."""
        self._tell(
            *[self._through(5, "won", amount=100.0)] * 12,
            *[self._through(3, "lost", amount=50.0)] * 18,
            *[self._through(2, "archived", amount=70.0)] * 10,
        )
        won, lost, undecided, rate, apart, by_value = self._group(
            "won:sum", "lost:sum", "undecided:sum", "win_rate:avg", "undecided_rate:avg", "win_rate_value:avg"
        )
        self.assertEqual((won, lost, undecided, rate, apart), (12, 18, 10, 40.0, 25.0))
        self.assertAlmostEqual(by_value, 100 * 1200 / (1200 + 900), 6)

    def test_interval_and_no_conclusion_from_too_few(self):
        self._tell(*[self._through(5, "won")] * 8, *[self._through(3, "lost")] * 11)
        rate, low, high, sure = self._group("win_rate:avg", "win_low:avg", "win_high:avg", "win_rate_sure:avg")
        self.assertAlmostEqual(rate, 42.105, 3)
        # Wilson's interval of 8 of 19 at 95 %
        self.assertAlmostEqual(low, 23.138, 2)
        self.assertAlmostEqual(high, 63.721, 2)
        self.assertFalse(sure)
        self._tell(self._through(5, "won"))
        self.assertAlmostEqual(self._group("win_rate_sure:avg")[0], 45.0, 6)

    def test_nothing_decided_is_no_rate(self):
        self._tell(self._through(2, "archived"), self._through(2))
        rate, by_value, in_time, closed = self._group(
            "win_rate:avg", "win_rate_value:avg", "in_time_rate:avg", "closed:sum"
        )
        self.assertEqual((rate, by_value, in_time, closed), (False, False, False, 1))

    def test_an_empty_period_has_no_figures(self):
        self.assertEqual(
            self._group("win_rate:avg", "closed:sum", domain=[("closed_at", "<", "1990-01-01")]), (False, 0)
        )

    def test_what_a_review_says_counts_once_somebody_else_confirmed_it(self):
        deals = self._tell(*[self._through(3, "lost")] * 2)
        drafted = self._review(deals[0], "no_decision", done=False)
        self.assertEqual(self._group("lost:sum", "undecided:sum", "reviewed:sum"), (2, 0, 0))
        drafted.with_user(self.director).action_confirm()
        self._review(deals[1], "withdrawn")
        self.assertEqual(self._group("lost:sum", "undecided:sum", "reviewed:sum"), (0, 2, 2))
        self.assertEqual(self._group("closed:sum", groupby=["main_reason", "reason_source"]), [("price", "review", 2)])

    def test_a_won_deal_is_not_what_the_review_of_its_earlier_loss_says(self):
        steps = self._through(3, "lost")["steps"]
        day = steps[-1][0]
        deal = self._tell({"steps": [*steps, (day + timedelta(days=9), "proposal"), (day + timedelta(days=20), "won")]})
        self._review(deal, "lost")
        row = self.report.search([("lead_id", "=", deal.id)])
        self.assertEqual((row.outcome, row.review_state), ("won", "none"))
        self.assertEqual(row.closed_at.date(), day + timedelta(days=20))

    def test_deals_that_are_gone_are_not_in_it(self):
        self._tell(self._through(2, "left"), self._through(2, "merged"), self._through(2, "deleted"))
        self.assertEqual(self._group("closed:sum"), (0,))

    def test_reviews_in_time(self):
        deals = self._tell(*[self._through(3, "lost")] * 3)
        today = fields.Date.today()
        for deal, asked in zip(deals, (5, 22, 30), strict=True):
            self._review(deal, "lost", done=asked != 30, asked_on=today - timedelta(days=asked))
        in_time, asked, overdue, rate = self._group("in_time:sum", "asked:sum", "overdue:sum", "in_time_rate:avg")
        self.assertEqual((in_time, asked, overdue), (1, 3, 1))
        self.assertAlmostEqual(rate, 100 / 3, 6)

    def test_what_customers_look_at(self):
        deals = self._tell(*[self._through(5, "won")] * 3, *[self._through(3, "lost")] * 2)
        told = [("won", 5, 3), ("won", 4, 4), ("won", 2, 3), ("lost", 4, 2), ("lost", 1, 5)]
        for deal, (result, us, them) in zip(deals, told, strict=True):
            self._review(deal, result, rated=[("price", us, them)])
        ((criterion, gap, better, worse, rate_better, rate_worse, difference),) = self.criteria._read_group(
            [("team_id", "=", self.past_team.id)],
            ["criterion"],
            ["gap:avg", "better:sum", "worse:sum", "win_rate_better:avg", "win_rate_worse:avg", "difference:avg"],
        )
        self.assertEqual((criterion, better, worse, rate_better, rate_worse), ("price", 2, 2, 50.0, 50.0))
        self.assertAlmostEqual(gap, (2 + 0 - 1 + 2 - 4) / 5, 6)
        self.assertFalse(difference, "Two deals prove nothing.")

    def test_one_statement_however_many_deals(self):
        self._tell(*[self._through(5, "won")] * 3, *[self._through(3, "lost")] * 20)
        self.env.flush_all()
        self._group("win_rate:avg")
        with self.assertQueryCount(1):
            self._group("win_rate:avg", "win_low:avg", "closed:sum", groupby=["user_id"])

    def test_a_salesperson_sees_their_own(self):
        self._tell(self._through(3, "lost"), self._through(3, "lost", user=self.colleague))
        self.assertEqual(
            self.report.with_user(self.salesperson)._read_group(
                [("team_id", "=", self.past_team.id)], [], ["closed:sum"]
            ),
            [(1,)],
        )
