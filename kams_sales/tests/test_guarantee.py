import random
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import guarantee as arithmetic
from .common import KamsCase


class GuaranteeCase(KamsCase):
    """A tender that demands a bid bond of 160,000 until its deadline on 25 March 2026, 08:00 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.tender = cls._tender()
        cls.today = fields.Date.today()

    @classmethod
    def _tender(cls, **vals):
        return cls.env["kams.tender"].create(
            {
                "lead_id": cls.deal.id,
                "name": "Boiler retrofit",
                "legal_regime": "bidding_law",
                "mode": "tender_open",
                "estimate": 8_000_000.0,
                "issued_at": "2026-03-02",
                "bid_deadline": "2026-03-25 08:00:00",
                "bid_validity_days": 90,
                "bond_required": True,
                "bond_amount": 160_000.0,
                "bond_form": "transfer",
                **vals,
            }
        )

    @classmethod
    def _guarantee(cls, paid=None, **vals):
        guarantee = cls.env["kams.guarantee"].create({"lead_id": cls.deal.id, "tender_id": cls.tender.id, **vals})
        if paid:
            guarantee.write({"paid_at": paid})
            guarantee.action_paid()
        return guarantee


@tagged("post_install", "-at_install")
class TestBondState(GuaranteeCase):
    """Whether a tender's bid bond holds (control point S4-4)."""

    def test_a_bond_that_nobody_demands_is_not_required(self):
        self.tender.bond_required = False
        self.assertEqual(self.tender.bond_state, "not_required")

    def test_it_is_missing_until_it_is_paid(self):
        self.assertEqual(self.tender.bond_state, "missing")
        guarantee = self._guarantee()
        self.assertEqual(guarantee.required_amount, 160_000.0)
        self.assertEqual(self.tender.bond_state, "missing")
        guarantee.paid_at = "2026-03-20"
        guarantee.action_paid()
        self.assertEqual(guarantee.amount, 160_000.0)
        self.assertEqual(self.tender.bond_state, "valid")

    def test_two_payments_may_make_up_the_amount(self):
        self._guarantee("2026-03-20", amount=100_000.0)
        self.assertEqual(self.tender.bond_state, "short")
        self._guarantee("2026-03-21", amount=60_000.0)
        self.assertEqual(self.tender.bond_state, "valid")

    def test_the_day_counts_where_the_tender_is_held(self):
        self.tender.bond_deadline = "2026-03-20 16:30:00"  # half past midnight on the 21st in Shanghai
        self._guarantee("2026-03-21")
        self.assertEqual(self.tender.bond_state, "valid")
        self.tender.bond_deadline = "2026-03-20 15:59:00"
        self.assertEqual(self.tender.bond_state, "late")

    def test_a_letter_lasts_as_long_as_the_bid(self):
        self.assertEqual(self.tender.bid_valid_until, date(2026, 6, 23))
        letter = self._guarantee("2026-03-20", form="guarantee", date_expiry="2026-06-22")
        self.assertEqual(self.tender.bond_state, "expires")
        letter.date_expiry = "2026-06-23"
        self.assertEqual(self.tender.bond_state, "valid")
        letter.date_expiry = False
        self.assertEqual(self.tender.bond_state, "expires", "a letter without an end can't be shown to last")

    def test_a_bond_of_unknown_amount_is_never_enough(self):
        tender = self._tender(name="Another", bond_amount=None)
        self._guarantee("2026-03-20", tender_id=tender.id, amount=1.0)
        self.assertEqual(tender.bond_state, "short")

    def test_two_lots_have_their_own_bonds(self):
        other = self._tender(name="Boiler retrofit", lot="Lot 2")
        self._guarantee("2026-03-20", tender_id=other.id)
        self.assertEqual((self.tender.bond_state, other.bond_state), ("missing", "valid"))

    def test_another_currency_counts_at_the_rate_of_its_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": euro.id, "name": "2026-03-01", "rate": 0.5})
        self._guarantee("2026-03-20", amount=79_999.0, currency_id=euro.id)
        self.assertEqual(self.tender.bond_state, "short")
        self._guarantee("2026-03-20", amount=1.0, currency_id=euro.id)
        self.assertEqual(self.tender.bond_state, "valid")

    def test_a_bond_that_came_back_before_the_bids_were_due_does_not_count(self):
        guarantee = self._guarantee("2026-03-20", returned_at="2026-03-23")
        guarantee.action_returned()
        self.assertEqual(self.tender.bond_state, "missing")
        guarantee.action_reopen()
        self.assertEqual(self.tender.bond_state, "valid")

    def test_the_order_of_bonds_does_not_matter_and_more_never_hurts(self):
        chance = random.Random(5)
        start = date(2026, 3, 1)
        order = ["missing", "short", "late", "expires", "valid"]
        for _round in range(300):
            bonds = [
                arithmetic.Bond(
                    chance.randint(1, 100),
                    start + timedelta(days=chance.randint(0, 30)),
                    chance.choice([None, start + timedelta(days=chance.randint(60, 120))]),
                    chance.random() < 0.5,
                )
                for _number in range(chance.randint(0, 4))
            ]
            terms = 120, start + timedelta(days=20), start + timedelta(days=90)
            state = arithmetic.bond_state(*terms, bonds)
            self.assertEqual(arithmetic.bond_state(*terms, chance.sample(bonds, len(bonds))), state)
            more = [*bonds, arithmetic.Bond(50, start, None, False)]
            self.assertGreaterEqual(order.index(arithmetic.bond_state(*terms, more)), order.index(state))


@tagged("post_install", "-at_install")
class TestGuarantee(GuaranteeCase):
    """What was put up stays in the ledger until it is back or lost (6.3)."""

    def test_it_says_how_much_and_when_before_it_counts_as_paid(self):
        guarantee = self._guarantee(kind="quality")
        with self.assertRaises(UserError):
            guarantee.action_paid()
        guarantee.write({"amount": 9.0, "form": "transfer"})
        guarantee.action_paid()
        self.assertEqual((guarantee.paid_at, guarantee.outstanding), (self.today, 9.0))

    def test_days_run_forward(self):
        guarantee = self._guarantee("2026-03-20")
        for vals in ({"returned_at": "2026-03-19"}, {"returned_at": self.today + timedelta(days=1)}):
            with self.subTest(vals=vals), self.assertRaises(UserError), self.cr.savepoint():
                guarantee.write({"state": "returned", **vals})

    def test_what_is_over_stays_as_it_was(self):
        guarantee = self._guarantee("2026-03-20")
        guarantee.action_returned()
        self.assertEqual(guarantee.outstanding, 0.0)
        for vals in ({"amount": 1.0}, {"returned_at": False}, {"interest": 5.0}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                guarantee.write(vals)
        with self.assertRaises(UserError), mute_logger("odoo.models.unlink"):
            guarantee.unlink()
        guarantee.action_reopen()
        self.assertEqual((guarantee.state, guarantee.outstanding), ("paid", 160_000.0))

    def test_a_forfeit_says_why(self):
        guarantee = self._guarantee("2026-03-20")
        with self.assertRaises(UserError):
            guarantee.action_forfeited()
        guarantee.forfeit_reason = "We withdrew after the deadline"
        guarantee.action_forfeited()
        self.assertEqual((guarantee.state, guarantee.outstanding), ("forfeited", 0.0))

    def test_it_goes_with_a_merged_deal(self):
        guarantee = self._guarantee("2026-03-20")
        guarantee.action_returned()
        other = self._deal(name="Another", partner_id=self.customer.id)
        (other | self.deal)._merge_opportunity(user_id=False, team_id=False)
        kept = (other | self.deal).exists()
        self.assertEqual((guarantee.lead_id, guarantee.tender_id.lead_id), (kept, kept))

    def test_it_outlives_its_tender(self):
        guarantee = self._guarantee("2026-03-20")
        self.tender.unlink()
        self.assertTrue(guarantee.exists())
        self.assertFalse(guarantee.tender_id)
