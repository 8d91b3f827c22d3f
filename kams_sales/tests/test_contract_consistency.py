from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_contract import ContractCase


@tagged("post_install", "-at_install")
class TestContractConsistency(ContractCase):
    """Control point S5-2: after a tender a contract says what was bid (招标投标法 46)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tender = cls._won_tender()
        cls.contract.write(
            {"subject_text": "Boiler island", "quality_text": "GB/T 10184", "delivery_text": "Within 90 days"}
        )
        cls.lines = {line.aspect: line for line in cls.contract.consistency_ids}

    def _same_words(self):
        for aspect in ("subject", "quality", "period"):
            self.lines[aspect].bid_value = self.lines[aspect].contract_value

    def test_it_is_open_until_all_four_are_compared(self):
        self.assertEqual(list(self.lines), ["subject", "price", "quality", "period"])
        self.assertEqual(self.contract.consistency_state, "open")
        self.assertEqual((self.lines["price"].delta, self.lines["price"].same), (0.0, True))
        self._same_words()
        self.assertEqual(self.contract.consistency_state, "same")

    def test_the_difference_of_the_price_is_shown_to_the_cent(self):
        self._same_words()
        for amount, delta in ((6_900_000.01, 0.01), (6_800_000, -100_000)):
            self.contract.amount_total = amount
            self.assertEqual((self.lines["price"].delta, self.contract.consistency_state), (delta, "differs"))
        self.contract.amount_total = None
        self.assertEqual((self.lines["price"].delta, self.contract.consistency_state), (False, "open"))

    def test_another_currency_is_another_price(self):
        self._same_words()
        self.env.ref("base.EUR").active = True
        self.contract.currency_id = self.env.ref("base.EUR")
        self.assertEqual(self.contract.consistency_state, "differs")

    def test_spaces_capitals_and_width_make_no_difference(self):
        self._same_words()
        self.lines["quality"].bid_value = " gb/t　１０１８４ "
        self.assertTrue(self.lines["quality"].same)
        self.lines["quality"].bid_value = "GB/T 10185"
        self.assertEqual(self.contract.consistency_state, "differs")

    def test_without_words_on_time_its_days_are_compared(self):
        self.contract.write({"delivery_text": False, "date_start": "2026-06-01", "date_end": "2026-08-30"})
        self.assertEqual(self.lines["period"].contract_value, "2026-06-01 – 2026-08-30")

    def test_other_words_for_the_same_are_judged_by_somebody_else(self):
        self._same_words()
        line = self.lines["period"]
        line.bid_value = "No later than three months"
        line.judged_why = "Three months are 90 days by the tender documents"
        with self.assertRaisesRegex(AccessError, "somebody else"):
            line.with_user(self.salesperson).action_same()
        line.with_user(self.lawyer).action_same()
        self.assertEqual((line.judged_by_id, self.contract.consistency_state), (self.lawyer, "same"))
        self.contract.delivery_text = "Within 120 days"
        self.assertEqual(self.contract.consistency_state, "differs", "It was judged in other words.")
        self.contract.delivery_text = "Within 90 days"
        line.bid_value = "Two months"
        self.assertEqual(self.contract.consistency_state, "differs")

    def test_a_judgement_says_why_and_is_not_about_prices(self):
        self.lines["period"].bid_value = "Three months"
        with self.assertRaisesRegex(UserError, "why that is the same"):
            self.lines["period"].with_user(self.lawyer).action_same()
        self.contract.amount_total = 1
        with self.assertRaisesRegex(UserError, "A price"):
            self.lines["price"].with_user(self.lawyer).action_same()

    def test_nobody_writes_a_judgement_or_makes_and_drops_lines(self):
        line = self.lines["period"].with_user(self.director)
        for vals in ({"judged_hash": line._read()}, {"judged_by_id": self.lawyer.id}, {"aspect": "price"}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                line.write(vals)
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaises(UserError):
            line.create({"contract_id": self.contract.id, "aspect": "price"})
        with self.assertRaises(UserError):
            self.contract.with_user(self.director).consistency_ids = [Command.clear()]

    # BEFORE THE SIGNATURE
    def test_a_departure_is_not_signed_by_any_route(self):
        self._same_words()
        self.contract.quality_text = "GB/T 1"
        self._ready(day="2026-05-08")
        for user in (self.salesperson, self.lawyer, self.director):
            contract = self.contract.with_user(user)
            for route in (contract.action_sign, lambda contract=contract: contract.write({"state": "signed"})):
                with self.assertRaisesRegex(UserError, "Quality Standard departs"):
                    route()
        with self.assertRaisesRegex(UserError, "Quality Standard departs"):
            self.contract.sudo().state = "signed"
        self.assertEqual(self.contract.state, "approved")
        self.contract.quality_text = "GB/T 10184"
        self.contract.action_sign()
        self.assertEqual(self.contract.state, "signed")

    def test_it_can_not_be_written_together_with_the_signature(self):
        self._same_words()
        self._ready(day="2026-05-08")
        with self.assertRaisesRegex(UserError, "Contract Price departs"):
            self.contract.write({"amount_total": 6_000_000, "state": "signed"})

    def test_taking_the_tender_away_does_not_help(self):
        """The deal was tendered: its contract names a tender that we won."""
        self.deal.kams_procurement_mode = "tender_open"
        self._ready(day="2026-05-08")
        self.contract.tender_id = False
        self.assertEqual(self.contract.consistency_state, "open")
        with self.assertRaisesRegex(UserError, "for which tender"):
            self.contract.action_sign()

    def test_a_tender_that_we_lost_has_no_contract(self):
        self._same_words()
        self.tender.action_reopen()
        self._ready(day="2026-05-08")
        with self.assertRaisesRegex(UserError, "wasn't awarded to us"):
            self.contract.action_sign()

    def test_a_tender_with_a_contract_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "has to keep to what was bid"):
            self.tender.unlink()

    def test_a_deal_takes_both_along_in_whatever_order(self):
        self.env.flush_all()
        self.cr.execute("SELECT confdeltype FROM pg_constraint WHERE conname = 'kams_contract_tender_id_fkey'")
        self.assertEqual(self.cr.fetchone()[0], "n")

    def test_what_was_compared_stays_once_it_is_signed(self):
        self._same_words()
        self._signed(day="2026-05-08")
        with self.assertRaises(UserError):
            self.lines["period"].bid_value = "x"

    # BY THE WAY OF BUYING
    def test_inquiry_locks_the_price_and_free_ways_lock_nothing(self):
        for mode, aspects, state in (
            ("inquiry", ["price"], "same"),
            ("competitive_negotiation", [], "not_needed"),
            ("single_source", [], "not_needed"),
            ("tender_invited", ["subject", "price", "quality", "period"], "open"),
        ):
            self.tender.action_reopen()
            self.tender.mode = mode
            self.tender.action_won()
            with self.subTest(mode=mode):
                self.assertEqual(self.contract.consistency_ids.mapped("aspect"), aspects)
                self.assertEqual(self.contract.consistency_state, state)

    def test_a_direct_deal_has_no_bid_to_keep_to(self):
        contract = self._contract(deal=self._deal(partner_id=self.customer.id, kams_procurement_mode="direct"))
        self.assertEqual((contract.consistency_state, contract.consistency_ids.ids), ("not_needed", []))
        contract.lead_id.kams_procurement_mode = "tender_open"
        self.assertEqual(contract.consistency_state, "open")
