from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestAccountSelection(KamsCase):
    """3.1: attractiveness against our strength, nine cells, a decision that is kept (C21)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["kams.account"].create({"partner_id": cls.customer.id, "manager_id": cls.manager.id})

    def _card(self, code, answers, best=None):
        card = self.env["kams.scorecard"].create(
            {"template_id": self.env["kams.scorecard.template"]._of(code).id, "account_id": self.account.id}
        )
        for line, answer, rival in zip(card.line_ids, answers, best or answers, strict=True):
            line.value = str(answer)
            if best:
                line.best_competitor = str(rival)
        return card

    def _selection(self, attractiveness, strength, best=None):
        cards = self._card("selection_attractiveness", attractiveness), self._card("selection_strength", strength, best)
        selection = self.env["kams.account.selection"].create(
            {"account_id": self.account.id, "attractiveness_id": cards[0].id, "strength_id": cards[1].id}
        )
        self.assertFalse(selection.proposal, "Open cards say nothing yet.")
        (cards[0] | cards[1]).action_done()
        return selection

    def test_c21_medium_by_medium_is_selective(self):
        selection = self._selection((8, 6, 7, 5), (7, 8, 6, 5), best=(8, 7, 7, 8))
        self.assertAlmostEqual(selection.attractiveness, 6.65)
        self.assertAlmostEqual(selection.strength, 6.75)
        self.assertAlmostEqual(selection.competitor_strength, 7.45)
        self.assertAlmostEqual(selection.relative_strength, 0.9060, 4)
        self.assertEqual((selection.attractiveness_level, selection.strength_level), ("mid", "mid"))
        self.assertEqual(selection.proposal, "selective")

    def test_c21_high_by_high_is_invest(self):
        selection = self._selection((9, 7, 7, 6), (8, 7, 7, 7))
        self.assertAlmostEqual(selection.attractiveness, 7.40)
        self.assertAlmostEqual(selection.strength, 7.30)
        self.assertEqual(selection.proposal, "invest")
        self.assertIn("Huaneng Power", selection.grid)

    def test_the_matrix_advises_and_a_person_decides(self):
        selection = self._selection((9, 7, 7, 6), (8, 7, 7, 7)).with_user(self.manager)
        selection.decision = "maintain"
        with self.assertRaisesRegex(UserError, "Give the reason"):
            selection.action_decide()
        self.assertEqual(selection.state, "draft")
        selection.reason = "Their new owner buys from its own group"
        selection.action_decide()
        self.assertEqual(
            (selection.state, selection.decision, selection.decided_by_id), ("decided", "maintain", self.manager)
        )
        for attempt in (
            lambda: selection.write({"decision": "invest"}),
            lambda: selection.write({"state": "draft"}),
            lambda: selection.unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_no_decision_without_both_sides(self):
        selection = self.env["kams.account.selection"].create({"account_id": self.account.id})
        with self.assertRaisesRegex(UserError, "finish both scorecards"):
            selection.action_decide()
        with self.assertRaises(UserError):
            selection.write({"decided_by_id": self.director.id})

    def test_no_route_puts_an_open_matrix_on_record_or_another_name_under_it(self):
        selection = self.env["kams.account.selection"].create({"account_id": self.account.id}).with_user(self.manager)
        with self.assertRaisesRegex(UserError, "finish both scorecards"), self.cr.savepoint():
            selection.write({"state": "decided", "decision": "invest"})
        selection = self._selection((9, 7, 7, 6), (8, 7, 7, 7)).with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Give the reason"), self.cr.savepoint():
            selection.write({"state": "decided", "decision": "withdraw"})
        selection.write({"state": "decided", "decision": "invest", "decided_by_id": self.director.id})
        self.assertEqual(selection.decided_by_id, self.manager)

    def test_what_control_points_rely_on_is_written_by_nobody(self):
        """Decision and completeness follow (S1-1, S1-2), also for a program that writes them."""
        account = self.account.with_user(self.manager)
        for name, value in {"selection_decision": "invest", "completeness": 100, "valid_until": "2031-01-01"}.items():
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "follows from other entries"):
                account.write({name: value})
        self.assertFalse(account.selection_decision)

    def test_a_deal_borrows_no_other_customers_account(self):
        other = self.env["res.partner"].create({"name": "Small Fry", "is_company": True})
        deal = self._deal(partner_id=other.id).with_user(self.salesperson)
        rich = self.account.with_user(self.director)
        for attempt in (
            lambda: deal.write({"kams_account_id": self.account.id}),
            lambda: rich.write({"lead_ids": [Command.link(deal.id)]}),
        ):
            with self.assertRaisesRegex(UserError, "Key Account.* follows from other entries"):
                attempt()
        born = deal.create({"name": "Born rich", "partner_id": other.id, "kams_account_id": self.account.id})
        self.assertFalse((deal | born).kams_account_id)

    def test_a_card_of_another_side_or_customer_is_refused(self):
        strength = self._card("selection_strength", (8, 7, 7, 7))
        with self.assertRaisesRegex(ValidationError, "side of the matrix"):
            self.env["kams.account.selection"].create({"account_id": self.account.id, "attractiveness_id": strength.id})

    def test_scoring_again_starts_from_the_last_answers(self):
        first = self._selection((9, 7, 7, 6), (8, 7, 7, 7))
        again = self.env["kams.account.selection"].create({"account_id": self.account.id})
        action = again.action_score_attractiveness()
        self.assertEqual(action["res_id"], again.attractiveness_id.id)
        self.assertNotEqual(again.attractiveness_id, first.attractiveness_id)
        self.assertEqual(
            again.attractiveness_id.line_ids.mapped("value"), first.attractiveness_id.line_ids.mapped("value")
        )
