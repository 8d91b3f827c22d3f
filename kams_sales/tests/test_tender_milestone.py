import json
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.kams_tender_submission import ENGINE, HAND
from .test_tender_clock import TenderCase, shanghai

KINDS = 17


@tagged("post_install", "-at_install")
class TestTenderMilestone(TenderCase):
    """What comes next in a tender, and who is reminded of it."""

    def _milestone(self, tender, kind):
        return tender.milestone_ids.filtered(lambda one: one.kind == kind)

    def _hand_in(self, tender):
        """What the submission of a bid does to its tender."""
        tender.with_context(**{HAND: ENGINE}).state = "submitted"

    def test_a_tender_brings_its_milestones_planned_from_its_dates(self):
        tender = self._tender(bond_required=True, bond_deadline=shanghai("2026-03-20"))
        self.assertEqual(len(tender.milestone_ids), KINDS)
        planned = {one.kind: one.planned for one in tender.milestone_ids if one.planned}
        self.assertEqual(
            planned,
            {
                "announcement": date(2026, 3, 2),
                "documents": date(2026, 3, 9),
                "bond": date(2026, 3, 20),
                "bid_writing": date(2026, 3, 17),
                "bid_review": date(2026, 3, 19),
                "sealing": date(2026, 3, 23),
                "submission": date(2026, 3, 24),
                "opening": date(2026, 3, 24),
                "clarification": date(2026, 3, 24),
            },
        )
        self.assertEqual(self._milestone(tender, "announcement").state, "done", "The tender tells it.")
        self.assertEqual(self._milestone(tender, "prequalification").state, "na")
        self.assertEqual(self._milestone(tender, "submission").planned_at, tender.bid_deadline)

    def test_working_days_before_the_deadline_leave_out_holidays(self):
        tender = self._tender(
            issued_at="2026-01-20", doc_end="2026-01-26", bid_deadline=shanghai("2026-02-25"), opening_at=False
        )
        # 24, then Saturday the 14th, which is worked, the 13th, 12th and 11th
        self.assertEqual(self._milestone(tender, "bid_writing").planned, date(2026, 2, 11))

    def test_when_the_deadline_moves_its_milestones_move(self):
        tender = self._tender()
        tender.bid_deadline = shanghai("2026-03-27")
        self.assertEqual(self._milestone(tender, "submission").planned, date(2026, 3, 27))
        self.assertEqual(self._milestone(tender, "opening").planned, date(2026, 3, 27), "It was due with the bid.")
        self.assertEqual(self._milestone(tender, "sealing").planned, date(2026, 3, 26))

    def test_a_day_that_is_typed_stays_unless_the_tender_has_a_date_for_it(self):
        tender = self._tender()
        sealing = self._milestone(tender, "sealing")
        sealing.planned = "2026-03-20"
        tender.bid_deadline = shanghai("2026-03-27")
        self.assertEqual(sealing.planned, date(2026, 3, 20))
        with self.assertRaisesRegex(UserError, "change it there"):
            self._milestone(tender, "submission").planned = "2026-03-20"
        notice = self._milestone(tender, "award_notice")
        notice.planned = "2026-04-08"
        self.assertEqual(notice.state, "open")
        tender.award_notice_at = "2026-04-10"
        self.assertEqual((notice.planned, notice.actual, notice.state), (date(2026, 4, 10), date(2026, 4, 10), "done"))

    def test_what_is_done_is_written_where_the_tender_keeps_it(self):
        tender = self._tender(award_notice_at="2026-04-10")
        self._milestone(tender, "contract").actual = "2026-05-08"
        self.assertEqual(tender.contract_signed_at, date(2026, 5, 8))
        self._milestone(tender, "site_visit").action_done()
        self.assertEqual(self._milestone(tender, "site_visit").state, "done")
        with self.assertRaises(UserError):
            self._milestone(tender, "addendum").action_done()

    def test_submission_is_noted_and_comes_again_after_a_withdrawal(self):
        tender = self._tender()
        tender.action_prepare()
        self._hand_in(tender)
        self.assertEqual(self._milestone(tender, "submission").state, "done")
        tender.with_context(**{HAND: ENGINE}).state = "preparing"
        self.assertEqual(self._milestone(tender, "submission").state, "open")

    def test_what_led_to_a_bid_that_is_in_comes_no_more_until_it_is_withdrawn(self):
        tender = self._soon()
        self._run_cron("kams.tender.milestone", "_cron_remind")
        documents = self._milestone(tender, "documents")
        self.assertTrue(documents.activity_id)
        documents.tender_id.doc_end = fields.Date.today() - timedelta(days=2)
        tender.action_prepare()
        overdue = [("tender_id", "=", tender.id), ("is_overdue", "=", True)]
        self.assertIn(documents, documents.search(overdue))
        self._hand_in(tender)
        self.env.invalidate_all()
        self.assertEqual(tender.next_kind, "opening")
        self.assertFalse(tender.activity_ids)
        self.assertFalse(documents.is_overdue or documents.search(overdue))
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertFalse(tender.activity_ids)
        tender.with_context(**{HAND: ENGINE}).state = "preparing"
        self.env.invalidate_all()
        self.assertEqual(tender.next_kind, "documents")
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertEqual(documents.activity_id.date_deadline, documents.planned)

    def test_the_next_milestone_is_the_first_that_is_open(self):
        tender = self._tender()
        self.assertEqual(tender.next_milestone_id.kind, "documents")
        self._milestone(tender, "documents").action_not_needed()
        self.assertEqual(tender.next_milestone_id.kind, "bid_writing")
        tender.action_abandon()
        self.assertFalse(tender.next_milestone_id)

    def test_next_milestones_of_many_tenders_are_one_search(self):
        tenders = self.env["kams.tender"].concat(*(self._tender() for _number in range(20)))
        self._settle()
        tenders[:1].mapped("next_planned")
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            tenders.mapped("next_planned")

    # REMINDERS
    def _soon(self, **vals):
        today = fields.Date.today()
        return self._tender(
            issued_at=today - timedelta(days=10),
            doc_end=today + timedelta(days=2),
            bid_deadline=fields.Datetime.now() + timedelta(days=60),
            opening_at=fields.Datetime.now() + timedelta(days=60),
            user_id=self.bid_desk.id,
            **vals,
        )

    def test_the_owner_is_reminded_once_and_again_when_the_day_moves(self):
        tender = self._soon()
        self._run_cron("kams.tender.milestone", "_cron_remind")
        (activity,) = tender.activity_ids
        documents = self._milestone(tender, "documents")
        self.assertEqual(activity.user_id, self.bid_desk)
        self.assertEqual(activity.date_deadline, documents.planned)
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertEqual(tender.activity_ids, activity)
        tender.doc_end = fields.Date.today() + timedelta(days=3)
        self.assertFalse(tender.activity_ids, "The day moved.")
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertEqual(tender.activity_ids.date_deadline, tender.doc_end)
        documents.with_user(self.bid_desk).action_done()
        self.assertFalse(tender.activity_ids)

    def test_reminders_of_a_closed_tender_go(self):
        tender = self._soon()
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertTrue(tender.activity_ids)
        tender.action_abandon()
        self.assertFalse(tender.activity_ids)
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertFalse(tender.activity_ids)

    # THE CARD
    def test_the_deals_card_says_when_the_next_bid_is_due(self):
        def bid():
            self._settle()
            self.deal.invalidate_recordset(["kams_card"])
            return json.loads(self.deal.kams_card)["bid"]

        self.assertIsNone(bid())
        later, sooner = self._tender(), self._tender(bid_deadline=shanghai("2026-03-23"), lot="2")
        self.assertEqual(bid(), "2026-03-23T01:30:00")
        sooner.action_prepare()
        self._hand_in(sooner)
        self.assertEqual(bid(), "2026-03-24T01:30:00")
        later.bid_deadline = shanghai("2026-03-30")
        self.assertEqual(bid(), "2026-03-30T01:30:00")
        later.unlink()
        self.assertIsNone(bid())
