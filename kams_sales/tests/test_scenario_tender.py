from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from . import evidence
from .common import ShippedCase


@tagged("post_install", "-at_install")
class TestScenarioTender(ShippedCase):
    """Chapter 6, told top to bottom: registered, answered, decided upon, handed in, opened, won or lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls._person("kams_bid_desk", "kams_sales.group_bid_desk")
        cls.finance = cls._person("kams_bond_finance", "kams_sales.group_finance")

    def _in_tendering(self):
        deal = self._deal(partner_id=self.customer.id)
        self._advance(deal, "tendering")
        return deal

    def _states(self, deal, *numbers):
        return [self._state(deal, f"S4-{number}") for number in numbers]

    def test_a_tender_is_answered_in_time_and_won(self):
        deal = self._in_tendering()
        self.assertEqual(self._states(deal, 1, 2, 3, 4, 5, 6, 7, 8), ["fail"] * 3 + ["na"] * 2 + ["fail"] * 3)
        now, today = fields.Datetime.now().replace(microsecond=0), fields.Date.today()

        # Registered by the bid desk; documents went out too late for the deadline
        tender = evidence.tender(
            deal.with_user(self.desk),
            legal_regime="bidding_law",
            issued_at=today - timedelta(days=12),
            doc_start=today - timedelta(days=12),
            doc_end=today - timedelta(days=5),
            bond_required=True,
            bond_amount=20,
            bond_form="transfer",
            bond_deadline=now + timedelta(hours=1),
        )
        self.assertEqual((tender.dates_state, self._states(deal, 1)), ("unlawful", ["fail"]))
        found = [one for one in tender._findings()[tender.id] if one["level"] == "error"]
        self.assertIn("L03", [one["rule"] for one in found])
        tender.write(
            {
                "issued_at": today - timedelta(days=40),
                "doc_start": today - timedelta(days=40),
                "doc_end": today - timedelta(days=30),
            }
        )
        self.assertEqual((tender.dates_state, self._states(deal, 1)), ("lawful", ["pass"]))

        # A starred clause we don't meet yet
        self.assertEqual(self._states(deal, 2), ["pass"])
        star = tender.env["kams.tender.clause"].create(
            {"tender_id": tender.id, "clause_no": "2", "text": "★ Certified by the grid", "mark": "star"}
        )
        self.assertEqual(self._states(deal, 2), ["fail"])

        # An addendum has to be worked in
        addendum = tender.env["kams.tender.addendum"].create(
            {"tender_id": tender.id, "name": "Addendum 1", "affects_bid": False, "effect": "New address of the agency"}
        )
        self.assertEqual(self._states(deal, 5), ["fail"])
        addendum.action_process()
        self.assertEqual(self._states(deal, 5), ["pass"])

        # Finance pays the bond
        self.assertEqual(self._states(deal, 4), ["fail"])
        bond = (
            self.env["kams.guarantee"]
            .with_user(self.finance)
            .create(
                {
                    "lead_id": deal.id,
                    "tender_id": tender.id,
                    "kind": "bid",
                    "amount": 20,
                    "form": "transfer",
                    "paid_at": today,
                    "date_expiry": today + timedelta(days=90),
                }
            )
        )
        bond.action_paid()
        self.assertEqual((tender.bond_state, self._states(deal, 4)), ("valid", ["pass"]))

        # A starred clause that is open: no bid desk can hand that in
        evidence.bid_documents(tender)
        with self.assertRaises(UserError) as refusal, self.cr.savepoint():
            evidence.submit(tender)
        self.assertRegex(str(refusal.exception), r"starred or disqualifying.*: 2")
        star.status = "comply"
        tender._bid().check_ids._look_again()  # “Check Now”: clauses don't touch the checklist by themselves
        review = evidence.bid_review(tender)
        self.assertEqual((review.is_valid, self._states(deal, 2, 3, 6, 7)), (True, ["pass", "pass", "pass", "fail"]))
        tender.bid_price = 890  # below what the committee allows
        self.assertEqual(self._states(deal, 3), ["fail"])
        with self.assertRaises(UserError), self.cr.savepoint():
            evidence.submit(tender)
        tender.bid_price = 1000
        evidence.submit(tender)
        self.assertEqual((tender.state, self._states(deal, 7)), ("submitted", ["pass"]))
        with self.assertRaises(ValidationError, msg="S4-8"), self.cr.savepoint():
            deal.stage_id = self.stages["negotiation"]

        # Opened, and won
        evidence.award(tender)
        self.assertEqual((tender.result, self._states(deal, 8)), ("won", ["pass"]))
        self.assertTrue(deal.kams_gate_open)
        deal.with_user(self.salesperson).stage_id = self.stages["negotiation"]
        self.assertEqual(self._history(deal, "phase_code", "gate_result")[-1], ("negotiation", "pass"))
        self.assertHistoryWhole(deal.ids)

    def test_a_lost_tender_asks_why(self):
        deal = self._in_tendering()
        tender = evidence.tender(deal)
        evidence.bid_review(tender)
        evidence.bid_documents(tender)
        evidence.submit(tender)
        evidence.award(tender, won=False)
        review = tender.winloss_ids
        self.assertEqual((tender.result, review.result, review.state), ("lost", "lost", "draft"))

    def test_each_lot_that_lives_has_to_be_answered(self):
        deal = self._in_tendering()
        first = evidence.bid(deal)
        self.assertEqual(self._states(deal, 1, 2, 3, 4, 5, 6, 7, 8), ["pass"] * 3 + ["na"] * 2 + ["pass"] * 3)
        second = evidence.tender(deal, lot="Lot 2")
        self.assertEqual(self._states(deal, 1, 2, 3, 6, 7, 8), ["pass"] * 2 + ["fail"] * 4)
        evidence.bid_review(second)
        self.assertEqual(self._states(deal, 3), ["pass"], "One lot's decision doesn't undo the other's.")
        self.assertTrue(first.price_authorised)
        second.result = "abandoned"
        self.assertEqual(self._states(deal, 1, 2, 3, 6, 7, 8), ["pass"] * 6)

    def test_late_is_late(self):
        deal = self._in_tendering()
        tender = evidence.tender(deal)
        evidence.bid_review(tender)
        evidence.bid_documents(tender)
        now = fields.Datetime.now().replace(microsecond=0)
        tender.bid_deadline = now  # the deadline's own minute is over: bids are opened then
        with self.assertRaises(UserError), self.cr.savepoint():
            evidence.submit(tender)
        tender.bid_deadline = now + timedelta(minutes=1)
        evidence.submit(tender)
        self.assertEqual(tender.state, "submitted")
