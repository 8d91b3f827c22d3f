from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged

from ..models.kams_tender_submission import ENGINE, HAND
from .test_tender_clock import TenderCase, shanghai


@tagged("post_install", "-at_install")
class TestTender(TenderCase):
    """A tender on its deal: where it comes from, which way it goes, what stays as it was."""

    def _opened(self, **vals):
        tender = self._tender(**vals)
        tender.action_prepare()
        tender.with_context(**{HAND: ENGINE}).state = "submitted"
        tender.state = "opened"
        return tender

    def test_the_deal_says_who_buys_how_and_under_which_law(self):
        tender = self.env["kams.tender"].create({"name": "Pumps", "lead_id": self.deal.id})
        self.assertEqual(tender.tenderee_id, self.customer)
        self.assertEqual((tender.mode, tender.legal_regime, tender.tz), ("tender_open", "bidding_law", "Asia/Shanghai"))
        self.assertTrue(tender.is_mandatory)
        self.assertEqual(tender.dates_state, "incomplete")
        self.assertEqual((tender.estimate, tender.bid_price), (False, False), "Not known is no nought.")

    def test_a_result_closes_it_and_reopening_takes_the_result_away(self):
        tender = self._opened()
        tender.action_lost()
        self.assertEqual((tender.state, tender.is_live), ("closed", True))
        tender.action_reopen()
        self.assertFalse(tender.result)
        with self.assertRaises(ValidationError):
            tender.state = "closed"
            tender.flush_recordset()

    def test_nobody_opens_what_was_not_handed_in(self):
        tender = self._tender()
        with self.assertRaises(UserError):
            tender.state = "opened"
        with self.assertRaises(UserError):
            self._tender(state="opened")

    def test_abandoned_and_cancelled_tenders_are_not_live(self):
        for action in ("action_abandon", "action_cancelled"):
            tender = self._tender()
            getattr(tender, action)()
            self.assertFalse(tender.is_live)
            tender.action_reopen()
            self.assertTrue(tender.is_live)

    def test_what_was_called_for_stays_once_bids_are_opened(self):
        tender = self._opened()
        for name, value in (("bid_deadline", shanghai("2026-03-30")), ("bid_price", 5.0), ("issued_at", "2026-03-01")):
            with self.subTest(field=name), self.assertRaisesRegex(UserError, "bids are opened"):
                tender.write({name: value})
        tender.write({"bid_deadline": tender.bid_deadline, "award_notice_at": "2026-04-10"})
        self.assertEqual(tender.contract_due, date(2026, 5, 10))

    def test_a_deadline_moved_after_submission_leaves_the_tender_consistent(self):
        then = self.env["kams.tender.submission"].new({"deadline_at": shanghai("2026-03-24")})
        tenders = [self._tender() for _day in range(3)]
        for tender in tenders:
            tender.action_prepare()
        self.startPatcher(patch.object(self.registry["kams.tender"], "_submission", lambda tender: then))
        days = (("2026-03-23", "warning"), ("2026-03-24", None), ("2026-03-30", "info"))
        for tender, (day, level) in zip(tenders, days, strict=True):
            tender.with_context(**{HAND: ENGINE}).state = "submitted"
            tender.bid_deadline = shanghai(day)
            self.assertEqual(tender.state, "submitted")
            self.assertEqual(tender.opening_at, tender.bid_deadline)
            self.assertEqual(tender.dates_state, "lawful")
            self.assertEqual([one["level"] for one in self._found(tender, "moved")], [level] if level else [])

    def test_the_next_lot_is_a_tender_of_its_own(self):
        tender = self._tender(lot="Lot 1", bid_price=5.0)
        tender.action_prepare()
        action = tender.with_user(self.bid_desk).action_next_lot()
        lot = self.env["kams.tender"].browse(action["res_id"])
        self.assertEqual((lot.lot, lot.lead_id, lot.state), ("Lot 2", tender.lead_id, "registered"))
        self.assertEqual((lot.bid_deadline, lot.dates_state), (tender.bid_deadline, "lawful"))
        self.assertFalse(lot.bid_price)
        self.assertEqual(len(lot.milestone_ids), 17)
        self.assertEqual(self.env["kams.tender"].browse(tender.action_next_lot()["res_id"]).lot, "Lot 3")
        self.assertEqual(self.deal.kams_tender_count, 3)
        self.assertEqual(
            self._tender().action_next_lot() and self._tender()._next_lot(), "3", "Without one it is lot 1."
        )

    def test_a_consortium_that_the_documents_do_not_allow_is_told(self):
        partner = self._company("Harbin Turbine")
        tender = self._tender(consortium_partner_ids=partner.ids)
        self.assertTrue(self._found(tender, "consortium", "warning"))
        tender.consortium_allowed = True
        self.assertFalse(self._found(tender, "consortium"))

    def test_amounts_are_not_below_nothing(self):
        with self.assertRaises(ValidationError):
            self._tender(estimate=-1)
        self._tender(estimate=0, bid_price=0)

    def test_a_plain_deal_has_no_tender(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        plain.kams_process_id = False
        with self.assertRaises(ValidationError):
            self._tender(lead_id=plain.id)

    def test_long_texts_in_any_script_are_kept(self):
        text = "<p>" + "招标 🏗️ مناقصة " * 600 + "</p>"
        tender = self._tender(name="مناقصة 🏗️ 招标", note=text)
        self.assertIn("🏗️", tender.display_name)
        self.assertGreater(len(tender.note), 5000)

    def test_the_register_is_one_sheet_for_all_that_were_chosen(self):
        tenders = self._tender(number="ZB-1") | self._opened(lot="2", number="ZB-2")
        tenders[1].action_won()
        report = self.env["ir.actions.report"].with_user(self.bid_desk)
        html = report._render_qweb_html("kams_sales.report_tender_register", tenders.ids)[0].decode()
        self.assertEqual(html.count("<article") or html.count('class="article'), 1)
        for text in ("ZB-1", "ZB-2", "09:30 Asia/Shanghai", "Won", "Coming Up"):
            self.assertIn(text, html)


@tagged("post_install", "-at_install")
class TestTenderTour(TenderCase, HttpCase):
    def test_the_bid_desk_registers_a_tender_and_puts_an_unlawful_date_right(self):
        self.deal.name = "Gas retrofit"
        self.bid_desk.tz = "Asia/Shanghai"
        self._settle()
        self.start_tour("/odoo/kams-tenders", "kams_register_a_tender", login="kams_bid_desk", timeout=120)
        self.env.invalidate_all()
        tender = self.deal.kams_tender_ids
        self.assertEqual(tender._local_day("bid_deadline"), date(2026, 3, 23), "The hour is that of the browser.")
        self.assertEqual((tender.opening_at, tender.dates_state), (tender.bid_deadline, "lawful"))
