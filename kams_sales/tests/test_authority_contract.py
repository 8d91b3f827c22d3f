from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_authority import AuthorityCase


@tagged("post_install", "-at_install")
class TestAuthorityContract(AuthorityCase):
    """A contract's terms are judged by the same matrix as a quotation's, and agreed to by whom it names."""

    def _contract(self, **vals):
        return self.env["kams.contract"].create(
            {
                "lead_id": self.deal.id,
                "user_id": self.salesperson.id,
                "currency_id": self.env.company.currency_id.id,
                "amount_untaxed": 1000.0,
                **vals,
            }
        )

    def _payment(self, contract, days, **vals):
        return self.env["kams.payment.milestone"].create(
            {"contract_id": contract.id, "lead_id": self.deal.id, "kind": "advance", "pct": 100, "days": days, **vals}
        )

    def test_what_is_past_the_authors_authority_is_told(self):
        contract = self._contract(warranty_months=30, damages_cap_pct=4)
        self.assertIn("Warranty (Months): 30 – to be agreed by: Sales Director", contract.authority_text)
        self.assertNotIn("Damages", contract.authority_text)
        contract.warranty_months = 12
        self.assertFalse(contract.authority_text)

    def test_a_yes_to_the_payment_term_lets_the_point_pass(self):
        contract = self._contract()
        self._payment(contract, 75)
        self.assertEqual(contract.payment_state, "beyond")
        contract.with_user(self.salesperson).action_ask_agreement()
        approval = contract.approval_ids
        self.assertEqual((approval.state, approval.needed_role, approval.payment_days), ("asked", "director", 75))
        self.assertTrue(contract.authority_asked)
        with self.assertRaises(AccessError):
            approval.with_user(self.manager)._answer("approved", "")
        approval.with_user(self.director)._answer("approved", "They have always paid")
        self.assertEqual(contract.payment_state, "approved")
        self.assertFalse(contract.authority_text)

    def test_nobody_borrows_the_authority_of_another_owner(self):
        contract = self._contract().with_user(self.salesperson)
        self._payment(contract, 75)
        contract.user_id = self.director
        self.assertEqual(contract.payment_state, "beyond")
        self.assertIn("75", contract.authority_text)
        with self.assertRaises(UserError):
            contract.owner_set_by_id = self.director
        contract.with_user(self.director).write({"user_id": self.manager.id})
        contract.with_user(self.director).write({"user_id": self.director.id})
        self.assertEqual(contract.payment_state, "within")

    def test_worse_terms_and_a_larger_amount_ask_again(self):
        contract = self._contract()
        payment = self._payment(contract, 75)
        contract.with_user(self.salesperson).action_ask_agreement()
        contract.approval_ids.with_user(self.director)._answer("approved", "")
        payment.days = 60
        self.assertEqual(contract.payment_state, "approved")
        payment.days = 76
        self.assertEqual(contract.payment_state, "beyond")
        payment.days = 75
        contract.amount_untaxed = 2000.0
        self.assertTrue(contract.authority_text)

    def test_nobody_is_asked_about_what_the_author_may_grant(self):
        with self.assertRaises(UserError):
            self._contract(warranty_months=12).with_user(self.salesperson).action_ask_agreement()

    def test_a_changed_matrix_judges_open_contracts_anew(self):
        contract = self._contract()
        self._payment(contract, 45)
        self.assertEqual(contract.payment_state, "beyond")
        self.env.ref("kams_sales.authority_payment_days_sales").value_to = 50
        self.env.ref("kams_sales.authority_payment_days_manager").value_from = 50
        self.assertEqual(contract.payment_state, "within")

    def test_payments_agreed_one_by_one_count_for_the_order(self):
        order = self._order(payment_term_id=self.term_100.id)
        contract = self._contract(order_id=order.id)
        self._payment(contract, 20, order_id=order.id)
        self.env.flush_all()
        self.assertEqual(order._kams_payment_days(), 20)
        order.with_user(self.salesperson).action_confirm()
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_a_contract_keeps_its_question_when_the_deal_is_merged(self):
        contract = self._contract(warranty_months=30)
        contract.with_user(self.salesperson).action_ask_agreement()
        other = self._deal(name="Other", partner_id=self.customer.id)
        (other | self.deal).merge_opportunity()
        left = (other | self.deal).exists()
        self.assertEqual(contract.approval_ids.lead_id, left)
