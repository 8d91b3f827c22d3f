import doctest

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..tools import contracts
from .common import KamsCase


@tagged("post_install", "-at_install")
class TestContractArithmetic(BaseCase):
    def test_the_examples_in_the_code_hold(self):
        self.assertEqual(doctest.testmod(contracts).failed, 0)

    def test_l12_performance_bond_cap_of_the_method(self):
        """Contract 6,900,000: performance bond of 690,000 at most."""
        self.assertEqual(contracts.cap(6_900_000, 10), 690_000)


class ContractCase(KamsCase):
    """A deal with a contract of its salesperson's, and what it takes to bring it to signature."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer = cls._person("kams_lawyer", "kams_sales.group_legal")
        cls.accountant = cls._person("kams_accountant", "kams_sales.group_finance")
        cls.engineer = cls._person("kams_engineer", "kams_sales.group_delivery")
        cls.yuan = cls.env.ref("base.CNY")
        cls.yuan.active = True
        cls.deal = cls._deal(partner_id=cls.customer.id, kams_procurement_mode="direct")
        cls._settle()
        cls.contract = cls._contract()

    # SHORT WORDS
    @classmethod
    def _contract(cls, user=None, deal=None, **vals):
        return (
            cls.env["kams.contract"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "lead_id": (deal or cls.deal).id,
                    "currency_id": cls.yuan.id,
                    "amount_total": 6_900_000,
                    "user_id": (user or cls.salesperson).id,
                    **vals,
                }
            )
        )

    @classmethod
    def _won_tender(cls, deal=None, **vals):
        """A tender that we won with 6,900,000."""
        tender = cls.env["kams.tender"].create(
            {
                "name": "Boiler island",
                "lead_id": (deal or cls.deal).id,
                "currency_id": cls.yuan.id,
                "legal_regime": "bidding_law",
                "mode": "tender_open",
                "bid_price": 6_900_000,
                "award_notice_at": "2026-04-10",
                **vals,
            }
        )
        tender.action_won()
        return tender

    def _file(self, name="Contract.pdf", raw=b"Text"):
        return self.env["ir.attachment"].with_user(self.salesperson).create({"name": name, "raw": raw})

    def _approved(self, contract=None):
        """What the review leaves: an approved contract whose text is known."""
        contract = contract or self.contract
        if not contract.text_file_ids:
            contract.text_file_ids = self._file()
        contract._note_reviewed_text()
        for state in ("review", "approved"):
            contract._engine().write({"state": state})
        return contract

    def _ready(self, contract=None, day="2026-05-08", **vals):
        """An approved contract that only has to be noted as signed."""
        contract = self._approved(contract)
        contract.action_compare_text()
        contract.party_ids = [
            Command.create({"side": "us", "signatory": "Li Na", "authority_kind": "legal_representative"}),
            Command.create({"side": "customer", "signatory": "Wang Wu", "authority_kind": "legal_representative"}),
        ]
        contract.write(
            {"signed_at": day, "sealed": True, "signed_file_ids": self._file("Signed.pdf", b"Sealed").ids, **vals}
        )
        return contract

    def _signed(self, contract=None, **vals):
        contract = self._ready(contract, **vals)
        contract.action_sign()
        return contract


@tagged("post_install", "-at_install")
class TestContract(ContractCase):
    """A contract on its deal: what it starts from, what it brings, what stays once it is signed."""

    # WHERE IT STARTS FROM
    def test_it_starts_from_the_deal(self):
        contract = self.env["kams.contract"].create({"lead_id": self.deal.id})
        self.assertEqual(contract.name, self.deal.name)
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual(contract.currency_id, self.env.company.currency_id)
        self.assertFalse(contract.tender_id)
        self.assertEqual((contract.amount_total, contract.margin_pct), (False, False), "Not known is no nought.")

    def test_it_starts_from_the_tender_that_was_won(self):
        tender = self._won_tender(performance_bond_pct=10)
        contract = self.env["kams.contract"].create({"lead_id": self.deal.id})
        self.assertEqual((contract.tender_id, contract.amount_total), (tender, 6_900_000))
        self.assertEqual(contract.currency_id, self.yuan)
        self.assertEqual((contract.performance_bond_required, contract.performance_bond_pct), (True, 10))

    def test_of_two_lots_that_were_won_somebody_chooses(self):
        self._won_tender(lot="1")
        second = self._won_tender(lot="2")
        contract = self.env["kams.contract"].create({"lead_id": self.deal.id})
        self.assertFalse(contract.tender_id)
        contract.tender_id = second
        self.assertEqual(len(contract.consistency_ids), 4)

    def test_a_tender_won_later_names_itself(self):
        self.assertFalse(self.contract.tender_id)
        tender = self._won_tender()
        self.assertEqual(self.contract.tender_id, tender)
        self.assertEqual(len(self.contract.consistency_ids), 4)

    def test_it_takes_amounts_and_cost_from_the_order(self):
        self.product.standard_price = 600
        order = self._quotation(self.deal)
        order.order_line.tax_ids = False
        contract = self._contract(currency_id=order.currency_id.id, amount_total=None, order_id=order.id)
        self.assertEqual((contract.amount_untaxed, contract.amount_total), (1000, 1000))
        self.assertEqual(contract.planned_cost, 600)
        self.assertAlmostEqual(contract.margin_pct, 40)
        order.order_line.price_unit = 2000
        contract.action_take_order()
        self.assertEqual((contract.amount_total, contract.planned_cost), (2000, 600))

    def test_a_cost_that_is_unknown_of_one_line_is_unknown(self):
        self.product.standard_price = 600
        order = self._quotation(self.deal)
        other = self.env["product.product"].create({"name": "Unknown"})
        order.order_line = [Command.create({"product_id": other.id, "price_unit": 5})]
        contract = self._contract(currency_id=order.currency_id.id, amount_total=None, order_id=order.id)
        self.assertEqual((contract.planned_cost, contract.margin_pct), (False, False))

    def test_what_was_typed_goes_before_what_was_bid(self):
        self._won_tender()
        self.assertEqual(self._contract(amount_total=7_000_000).amount_total, 7_000_000)

    # AMOUNTS
    def test_two_parts_of_the_amount_give_the_third(self):
        contract = self._contract(amount_total=None, amount_untaxed=100.0, amount_tax=13.0)
        self.assertEqual(contract.amount_total, 113)
        contract.amount_total = 226
        self.assertEqual((contract.amount_untaxed, contract.amount_tax), (213, 13))
        contract.amount_tax = 26
        self.assertEqual(contract.amount_total, 239)
        with self.assertRaisesRegex(ValidationError, "don't add up"):
            contract.write({"amount_untaxed": 1, "amount_tax": 1, "amount_total": 3})

    def test_the_form_completes_them_too(self):
        with Form(self.contract.with_user(self.salesperson)) as form:
            form.amount_tax = 900_000
            self.assertEqual(form.amount_untaxed, 6_000_000)
            form.amount_untaxed = 7_000_000
            self.assertEqual(form.amount_total, 7_900_000)
        self.assertEqual(self.contract.amount_total, 7_900_000)

    def test_the_margin_is_of_the_amount_without_tax(self):
        self.contract.write({"amount_untaxed": 6_000_000, "planned_cost": 4_500_000})
        self.assertAlmostEqual(self.contract.margin_pct, 25)
        self.contract.planned_cost = 0
        self.assertAlmostEqual(self.contract.margin_pct, 100)
        self.contract.planned_cost = None
        self.assertEqual(self.contract.margin_pct, False)

    def test_nothing_is_negative(self):
        for name in ("amount_untaxed", "planned_cost", "deposit_amount", "retention_pct", "warranty_months"):
            with self.subTest(field=name), self.assertRaises(ValidationError):
                self.contract[name] = -1

    def test_no_share_of_a_contract_is_more_than_all_of_it(self):
        for name in ("damages_cap_pct", "retention_pct", "performance_bond_pct"):
            self.contract[name] = 100
            with self.subTest(field=name), self.assertRaises(ValidationError) as refused:
                self.contract[name] = 100.5
            self.assertIn("100 at most", str(refused.exception))

    def test_nothing_ends_before_it_begins(self):
        with self.assertRaisesRegex(ValidationError, "ends before"):
            self.contract.write({"date_start": "2026-05-01", "date_end": "2026-04-01"})

    def test_another_deals_tender_is_refused(self):
        other = self._won_tender(self._deal(partner_id=self.customer.id))
        with self.assertRaisesRegex(ValidationError, "another deal"):
            self.contract.tender_id = other

    # ITS WAY
    def test_only_its_review_says_that_it_is_under_review_or_approved(self):
        for target in ("review", "approved", "signed", "effective", "closed"):
            for user in (self.salesperson, self.lawyer, self.director):
                with self.subTest(target=target, user=user.login), self.assertRaises(UserError):
                    self.contract.with_user(user).write({"state": target})
        with self.assertRaises(UserError):
            self._contract(state="approved")
        imported = self.env["kams.contract"].load(
            ["lead_id/.id", "name", "state"], [[str(self.deal.id), "x", "Approved"]]
        )
        self.assertTrue(imported["messages"])
        self.assertEqual(self.contract.state, "draft")

    def test_terms_and_text_stay_while_they_are_judged(self):
        file = self._file()
        self.contract.text_file_ids = file
        self.contract._engine().write({"state": "review"})
        for name, value in (("amount_total", 5.0), ("subject_text", "x"), ("text_file_ids", [Command.clear()])):
            with self.subTest(field=name), self.assertRaisesRegex(UserError, "under review"):
                self.contract.write({name: value})
        with self.assertRaisesRegex(UserError, "given to its reviewers"):
            file.with_user(self.salesperson).raw = b"Another"
        with self.assertRaisesRegex(UserError, "given to its reviewers"):
            file.with_user(self.salesperson).unlink()
        self.contract.number = "HT-1"  # what nobody judges

    def test_back_to_draft_the_comparison_is_void(self):
        self._approved().action_compare_text()
        self.contract.action_reopen()
        self.assertEqual((self.contract.state, self.contract.compared_at), ("draft", False))
        self.contract.amount_total = 5.0

    def test_it_ends_with_a_reason_only(self):
        with self.assertRaisesRegex(UserError, "say why"):
            self.contract.action_terminate()
        self.contract.terminated_why = "They bought elsewhere"
        self.contract.action_terminate()
        self.assertEqual((self.contract.state, self.contract.is_live), ("terminated", False))
        self.assertEqual(self.contract.terminated_at, fields.Date.context_today(self.contract))
        with self.assertRaises(UserError):
            self.contract.terminated_why = "Another"

    def test_only_a_draft_can_be_deleted(self):
        self._approved()
        with self.assertRaisesRegex(UserError, "more than a draft"):
            self.contract.unlink()
        draft = self._contract()
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_a_copy_is_a_draft_without_text_and_signature(self):
        copy = self._signed().copy()
        self.assertEqual((copy.state, copy.signature_state, copy.number), ("draft", "missing", False))
        self.assertFalse(copy.text_file_ids | copy.signed_file_ids)
        self.assertEqual((copy.reviewed_hash, copy.signed_hash, copy.signed_at), (False, False, False))
        self.assertEqual(copy.party_ids.mapped("signatory"), self.contract.party_ids.mapped("signatory"))

    # WHO
    def test_finance_and_delivery_read_it_and_legal_writes(self):
        for user in (self.accountant, self.engineer, self.auditor):
            self.contract.with_user(user).read(["name", "amount_total", "findings_page", "still_missing"])
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.contract.with_user(user).number = "x"
        self.contract.with_user(self.lawyer).number = "HT-2026-1"
        self.assertFalse(self.env["kams.contract"].with_user(self.colleague).search([("id", "=", self.contract.id)]))

    def test_a_lawyer_drafts_one_of_a_tendered_deal(self):
        self._won_tender()
        contract = self._contract(self.lawyer, amount_total=None)
        self.assertEqual(contract.amount_total, 6_900_000)

    # WITH ITS DEAL
    def test_a_merge_of_deals_takes_it_along_even_signed(self):
        self._signed()
        other = self._deal(name="Other", partner_id=self.customer.id, probability=90)
        (self.deal | other).merge_opportunity()
        remaining = (self.deal | other).exists()
        self.assertEqual(self.contract.lead_id, remaining)

    def test_it_goes_with_its_deal_into_another_company_and_out_of_the_world(self):
        self._won_tender()
        contract, deal = self.contract, self.deal
        self.assertTrue(contract.consistency_ids)
        deal.sudo().unlink()
        self.assertFalse(contract.exists())

    def test_a_deals_button_counts_and_opens_them(self):
        self.assertEqual(self.deal.kams_contract_count, 1)
        action = self.deal.with_user(self.salesperson).action_kams_contracts()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.contract)

    def test_a_plain_deal_gets_none(self):
        self.plain_team = self.env["crm.team"].create({"name": "Plain"})
        plain = self.env["crm.lead"].create({"name": "Plain", "team_id": self.plain_team.id, "type": "opportunity"})
        with self.assertRaisesRegex(ValidationError, "KAMS process"):
            self._contract(deal=plain, user=self.env.user)

    def test_any_text_is_kept(self):
        odd = "<script>alert(1)</script> עברית 🏭 " + "x" * 10_000
        self.contract.write({"subject_text": odd, "note": odd, "number": odd[:60]})
        self.assertEqual(self.contract.subject_text, odd)
        self.assertNotIn("<script>", self.contract.note)
        self.assertTrue(self.contract.findings_page)

    def test_a_list_asks_no_more_for_many(self):
        self._won_tender()
        many = self.env["kams.contract"].browse()
        for _number in range(20):
            many |= self._contract()
        names = ["name", "amount_total", "consistency_state", "signature_state", "error_count", "still_missing"]
        self.env.invalidate_all()
        many[:2].read(names)  # rules and modes are kept from here on
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        many[:2].read(names)
        few = self.cr.sql_log_count - before
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        many.read(names)
        self.assertEqual(self.cr.sql_log_count - before, few)
