from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_guarantee import GuaranteeCase


@tagged("post_install", "-at_install")
class TestContractBond(GuaranteeCase):
    """The performance bond of a contract of 6,900,000 after a tender under the bidding law (L12; S5-7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._contract()

    @classmethod
    def _contract(cls, **vals):
        return cls.env["kams.contract"].create(
            {
                "lead_id": cls.deal.id,
                "tender_id": cls.tender.id,
                "amount_untaxed": 6_106_194.69,
                "amount_tax": 793_805.31,
                "amount_total": 6_900_000.0,
                "performance_bond_required": True,
                "performance_bond_pct": 10,
                "date_start": "2026-05-01",
                "date_end": "2027-03-31",
                **vals,
            }
        )

    def _bond(self, amount=690_000.0, paid="2026-04-29", **vals):
        return self._guarantee(
            paid,
            kind="performance",
            tender_id=False,
            contract_id=self.contract.id,
            form="guarantee",
            amount=amount,
            date_expiry="2027-03-31",
            **vals,
        )

    def test_l12_the_cap_of_a_contract_of_6_900_000_is_690_000(self):
        self.assertEqual(self.contract.performance_bond_cap, 690_000.0)
        self.assertEqual(self.contract.performance_bond_amount, 690_000.0)
        self.assertEqual(self._bond().cap_amount, 690_000.0)

    def test_each_state(self):
        contract = self.contract
        self.assertEqual(contract.performance_bond_state, "missing")
        bond = self._bond()
        self.assertEqual(contract.performance_bond_state, "valid")
        bond.amount = 689_999.99
        self.assertEqual(contract.performance_bond_state, "short")
        bond.amount = 690_000.01
        self.assertEqual(contract.performance_bond_state, "beyond_cap")
        bond.amount = 690_000
        contract.performance_bond_due = "2026-04-28"
        self.assertEqual(contract.performance_bond_state, "late")
        contract.performance_bond_due = "2026-04-29"
        bond.date_expiry = "2027-03-30"
        self.assertEqual(contract.performance_bond_state, "expires")
        contract.performance_bond_until = "2027-03-30"
        self.assertEqual(contract.performance_bond_state, "valid")
        contract.performance_bond_required = False
        self.assertEqual(contract.performance_bond_state, "not_required")

    def test_without_a_day_of_its_own_it_is_due_on_the_day_of_the_signature(self):
        self._bond()
        self.contract.signed_at = "2026-04-28"
        self.assertEqual(self.contract.performance_bond_state, "late")

    def test_a_letter_without_a_last_day_cannot_be_shown_to_last_money_can(self):
        bond = self._bond()
        bond.date_expiry = False
        self.assertEqual(self.contract.performance_bond_state, "expires")
        bond.form = "transfer"
        self.assertEqual(self.contract.performance_bond_state, "valid")

    def test_several_bonds_make_up_the_amount(self):
        self._bond(400_000.0)
        self.assertEqual(self.contract.performance_bond_state, "short")
        self._bond(290_000.0)
        self.assertEqual(self.contract.performance_bond_state, "valid")

    def test_more_than_the_law_allows_need_not_be_put_up(self):
        self.contract.performance_bond_pct = 12
        self._bond()
        self.assertEqual(self.contract.performance_bond_state, "valid")

    def test_a_bond_that_came_back_was_put_up(self):
        bond = self._bond()
        bond.write({"returned_at": "2026-05-04"})
        bond.action_returned()
        self.assertEqual(self.contract.performance_bond_state, "valid")
        with self.assertRaises(UserError):
            bond.with_user(self.director).contract_id = False

    def test_a_bond_in_another_currency_counts_at_the_rate_of_its_day(self):
        dollars = self.env.ref("base.USD")
        ours = self.contract.currency_id
        if ours == dollars:
            dollars = self.env.ref("base.EUR")
        dollars.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", dollars.id)]).unlink()
        company = self.contract.company_id or self.env.company
        self.env["res.currency.rate"].create(
            {"currency_id": dollars.id, "company_id": company.id, "name": "2026-01-01", "rate": 0.5}
        )
        self._bond(345_000.0, currency_id=dollars.id)
        self.assertEqual(self.contract.performance_bond_state, "valid")

    def test_between_enterprises_that_bid_nothing_no_law_caps_it(self):
        self.tender.legal_regime = "enterprise"
        contract = self.contract
        self.assertIs(contract.performance_bond_cap, False)
        contract.performance_bond_pct = 15
        self._bond(1_035_000.0)
        self.assertEqual(contract.performance_bond_state, "valid")

    def test_an_amount_that_nobody_knows_is_no_naught(self):
        contract = self._contract(amount_total=None, amount_untaxed=None, amount_tax=None, name="Frame")
        self.assertIs(contract.performance_bond_cap, False)
        self.assertIs(contract.performance_bond_amount, False)
        self.contract = contract
        self._bond()
        self.assertEqual(contract.performance_bond_state, "short")

    def test_the_contract_says_when_it_comes_back(self):
        bond = self._bond()
        self.assertEqual((bond.due_back_rule, bond.due_back), ("agreed", date(2027, 3, 31)))
        self.assertFalse(bond.findings)
        bond.due_back_agreed = "2027-06-30"
        self.assertEqual(bond.due_back, date(2027, 6, 30))

    def test_a_retention_comes_back_when_the_warranty_is_over(self):
        self.contract.write({"warranty_months": 24, "retention_pct": 3})
        kept = self._guarantee(kind="quality", tender_id=False, contract_id=self.contract.id, form="transfer")
        self.assertEqual(kept.required_amount, 207_000.0)
        self.assertEqual(kept.due_back, date(2029, 3, 31))

    def test_the_ledger_and_the_contract_say_what_is_wrong(self):
        self._bond(paid="2026-04-29").date_expiry = "2027-01-31"
        self.contract.signed_at = "2026-04-20"
        self.assertIn("It was due on", self.contract.bond_note)
        self.assertIn("It ends before", self.contract.bond_note)

    def test_l08_the_contract_shows_when_the_bid_bond_comes_back(self):
        bid = self._guarantee("2026-03-20")
        self.tender.write({"result": "won", "award_notice_at": "2026-04-10", "contract_signed_at": "2026-04-22"})
        action = self.contract.action_guarantees()
        self.assertEqual(self.env["kams.guarantee"].search(action["domain"]), bid)
        self.assertEqual(bid.due_back, date(2026, 4, 27))

    def test_a_contract_of_another_deal_is_refused(self):
        deal = self._deal(partner_id=self.customer.id)
        with self.assertRaisesRegex(ValidationError, "another deal"):
            self.env["kams.guarantee"].create({"lead_id": deal.id, "kind": "performance"}).contract_id = self.contract
