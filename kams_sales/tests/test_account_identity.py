from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase

GOOD = "9144030071526726XG"


@tagged("post_install", "-at_install")
class TestAccountIdentity(KamsCase):
    """Who the customer is: one account per customer and company, under a code that can be right."""

    def test_a_good_code_is_kept_in_capitals_without_blanks(self):
        account = self._account(uscc=" 9144 0300-71526726xg ")
        self.assertEqual(account.uscc, GOOD)
        account.uscc = "914403001922038216"
        self.assertEqual(account.uscc, "914403001922038216")
        account.uscc = ""
        self.assertFalse(account.uscc)

    def test_a_wrong_code_is_refused_with_what_is_wrong(self):
        account = self._account(uscc=GOOD)
        for code, words in (
            ("9144030071526726X", "17 characters"),
            ("9144030071526726XGG", "19 characters"),
            ("914403007152672OXG", "“O” in place 16"),
            ("9144030071526726X6", "“G”"),
            ("9144030071526762XG", "can't be right"),
        ):
            with self.subTest(code=code):
                with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
                    account.uscc = code
                for word in ("Huaneng Power", code, words):
                    self.assertIn(word, str(refusal.exception))
                self.assertEqual(account.uscc, GOOD)

    def test_the_tax_number_of_a_chinese_customer_is_its_code(self):
        self.customer.vat = GOOD
        self.assertEqual(self._account().uscc, GOOD)
        other = self._account(self._company("Elsewhere", vat="DE136695976"))
        self.assertFalse(other.uscc)

    def test_a_second_account_is_refused_by_the_customers_name(self):
        self._account()
        with self.assertRaisesRegex(ValidationError, "Huaneng Power has a key account already"), self.cr.savepoint():
            self._account()
        with self.assertRaisesRegex(ValidationError, "Twin"), self.cr.savepoint():
            partner = self._company("Twin")
            self.env["kams.account"].create([{"partner_id": partner.id}, {"partner_id": partner.id}])

    def test_two_companies_each_have_their_own(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self.assertNotEqual(self._account(), self._account(company_id=there.id))

    def test_a_contact_leads_to_its_companys_account_made_once(self):
        person = self.env["res.partner"].create({"name": "Ms Li", "parent_id": self.customer.id})
        action = person.with_user(self.manager).action_kams_account()
        account = self.env["kams.account"].browse(action["res_id"])
        self.assertEqual((account.partner_id, account.manager_id), (self.customer, self.manager))
        self.assertEqual(self.customer.with_user(self.manager).action_kams_account()["res_id"], account.id)

    def test_a_person_has_no_key_account(self):
        person = self.env["res.partner"].create({"name": "Mr Wang"})
        with self.assertRaisesRegex(UserError, "Mr Wang"):
            person.action_kams_account()

    def test_who_looks_after_an_account_lets_others_in_nobody_else(self):
        account = self._account()
        self._deal(partner_id=self.customer.id)
        for vals in ({"manager_id": self.salesperson.id}, {"member_ids": self.salesperson.ids}):
            for user in (self.salesperson, self.sales_admin):
                with self.subTest(user=user.login, **vals), self.assertRaises(AccessError), self.cr.savepoint():
                    account.with_user(user).write(vals)
        account.with_user(self.manager).member_ids = self.salesperson
        account.with_user(self.director).manager_id = self.colleague
        self.assertEqual((account.manager_id, account.member_ids), (self.colleague, self.salesperson))

    def test_a_deal_shows_its_customers_account(self):
        deal = self._deal(partner_id=self.customer.id)
        account = self._account()
        self.assertEqual(deal.kams_account_id, account)
        self.assertEqual((account.deal_count, account.deal_amount), (1, 0.0))
        deal.expected_revenue = 500.0
        account.invalidate_recordset()
        self.assertEqual((account.deal_count, account.deal_amount), (1, 500.0))
        deal.action_set_lost()
        account.invalidate_recordset()
        self.assertEqual((account.deal_count, account.deal_amount), (0, 0.0))
