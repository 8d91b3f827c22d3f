from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..models.kams_tender_submission import ENGINE, HAND
from .test_tender_scoring import ScoringCase


@tagged("post_install", "-at_install")
class TestOpeningAndAward(ScoringCase):
    """What was read out stays; what is lost is reviewed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._hand_in().state = "submitted"  # test_bid.py hands bids in

    def _read_out(self, prices=(("A", 101), ("B", 110), ("C", 120)), tender=None):
        for name, price in prices:
            self._bidder(name, tender).opening_price = price

    @classmethod
    def _hand_in(cls):
        """The tender as the program that hands bids in writes it."""
        return cls.tender.with_context(**{HAND: ENGINE})

    def _open(self):
        self._read_out()
        self.assertIs(self.tender.with_user(self.desk).action_record_opening(), True)

    def test_an_opening_without_prices_asks_for_them(self):
        with self.assertRaisesRegex(UserError, "Price Read Out"):
            self.tender.action_record_opening()

    def test_what_was_read_out_counts_and_stays(self):
        self._open()
        self.assertEqual((self.tender.state, bool(self.tender.opened_recorded_at)), ("opened", True))
        self.assertEqual(self._bidder("A").price_score, 30, "Against 101 as it was read out.")
        self.assertEqual(round(self._bidder("C").price_score, 2), 25.25)
        ours = self._bidder("B")
        for vals in ({"opening_price": 1}, {"name": "X"}, {"is_us": False}):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "Correct the Opening"):
                ours.write(vals)
        with self.assertRaisesRegex(UserError, "Correct the Opening"):
            ours.unlink()
        with self.assertRaisesRegex(UserError, "Correct the Opening"):
            self.tender.bidder_ids = [Command.create({"name": "Late", "opening_price": 5})]
        ours.write({"opening_score": 80, "opening_rank": 2})
        self._hand_in().action_correct_opening()
        self._read_out([("B", 111)])
        self.assertFalse(self.tender.opened_recorded_at)
        told = self.tender.message_ids[:1].body
        self.assertIn("being corrected", told)
        self.assertIn("110", told, "As it was recorded before.")

    def test_a_bid_of_nothing_was_read_out_too(self):
        self._read_out([("A", 0), ("B", 110), ("C", 120)])
        self.tender.action_record_opening()
        self.assertEqual(self.tender.bidders_opened, 3)
        self.assertEqual(self._table("rank")["A"], 0)

    def test_fewer_than_three_bids_are_no_opening(self):
        self._read_out([("A", 100), ("B", 110)])
        action = self.tender.action_record_opening()
        self.assertEqual(action["res_model"], "kams.tender.few.bids")
        self.assertEqual(self.tender.state, "submitted")
        wizard = self.env[action["res_model"]].with_user(self.desk).with_context(**action["context"]).create({})
        self.assertIn("政府采购法", wizard.source)
        wizard.action_cancelled()
        self.assertEqual((self.tender.state, self.tender.result), ("closed", "cancelled"))
        self.assertFalse(self.tender.winloss_ids, "Nobody lost.")

    def test_few_bids_are_opened_where_no_law_minds_or_somebody_decides(self):
        self._read_out([("A", 100), ("B", 110)])
        self.tender.legal_regime = "enterprise"
        self.assertIs(self.tender.action_record_opening(), True)
        self._hand_in().action_correct_opening()
        self.tender.legal_regime = "bidding_law"
        action = self.tender.action_record_opening()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).action_record()
        self.assertEqual(self.tender.state, "opened")

    def test_the_award_follows_the_marked_winner(self):
        self._open()
        with self.assertRaisesRegex(UserError, "Who won"):
            self.tender.action_record_award()
        self._bidder("B").is_winner = True
        self.tender.with_user(self.desk).action_record_award()
        self.assertEqual((self.tender.result, self.tender.winner_names), ("won", "B"))
        self.assertFalse(self.tender.winloss_ids)
        with self.assertRaisesRegex(UserError, "closed"):
            self._bidder("A").is_winner = True

    def test_won_by_the_button_marks_ourselves(self):
        self._open()
        self.tender.action_won()
        self.assertEqual(self.tender.winner_names, "B")

    def test_a_lost_tender_starts_its_review(self):
        self._open()
        self._bidder("A").write({"opening_score": 82, "opening_rank": 2})
        self._bidder("B").write({"opening_score": 80, "opening_rank": 3, "opening_technical": 40})
        self._bidder("C").write({"opening_score": 90, "opening_rank": 1, "opening_technical": 48, "is_winner": True})
        self.tender.with_user(self.desk).action_record_award()
        review = self.tender.winloss_ids
        self.assertEqual((review.state, review.result, review.lead_id), ("draft", "lost", self.deal))
        self.assertEqual((review.our_rank, review.bidder_count, review.winner), (3, 3, "C"))
        self.assertEqual((review.our_price, review.winner_price), (110, 120))
        self.assertAlmostEqual(review.price_gap, -8.33, 2)
        gaps = {line.group: (line.ours, line.theirs, line.gap) for line in review.gap_ids}
        self.assertEqual(gaps["technical"], (40, 48, -8))
        self.assertEqual(gaps["business"], (16, 18, -2), "As we thought, where nobody told.")
        self.assertEqual(gaps["total"], (80, 90, -10))
        self.assertEqual(review.activity_ids.user_id | review.user_id, self.deal.user_id)
        review.lessons = "Ask earlier"
        self.tender.action_reopen()
        self.assertEqual(self.tender.state, "opened")
        self.tender.action_lost()
        self.assertEqual(self.tender.winloss_ids, review, "One is enough.")

    def test_a_review_that_nobody_began_goes_with_the_loss(self):
        self._open()
        self.tender.action_lost()
        self.assertTrue(self.tender.winloss_ids)
        self.tender.action_reopen()
        self.assertFalse(self.tender.winloss_ids)
        self.tender.action_won()
        self.assertFalse(self.tender.winloss_ids)

    def test_a_lost_tender_without_bidders_is_reviewed_too(self):
        tender = self._tender(bidder_ids=[], criterion_ids=[])
        tender.action_lost()
        self.assertEqual(tender.winloss_ids.state, "draft")
        self.assertFalse(tender.winloss_ids.gap_ids)


@tagged("post_install", "-at_install")
class TestWinloss(ScoringCase):
    """It counts when somebody else stands for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.review = cls.env["kams.winloss"].create(
            {"lead_id": cls.deal.id, "tender_id": cls.tender.id, "user_id": cls.salesperson.id}
        )

    def _fill(self):
        self.review.write({"lessons": "Ask earlier", "reason_ids": [Command.create({"category": "technical"})]})

    def test_it_needs_a_reason_and_a_lesson(self):
        with self.assertRaisesRegex(UserError, "at least one reason"):
            self.review.with_user(self.desk).action_confirm()

    def test_the_owner_of_the_deal_cant_confirm(self):
        self._fill()
        self.assertEqual(self.review.main_reason, "technical")
        with self.assertRaisesRegex(UserError, "somebody other than"):
            self.review.with_user(self.salesperson).action_confirm()
        with self.assertRaisesRegex(UserError, "somebody other than"):
            self.review.with_user(self.salesperson).write({"state": "done"})
        with self.assertRaisesRegex(UserError, "Confirm"):
            self.review.with_user(self.salesperson).write({"state": "done", "confirmed_by_id": self.desk.id})
        with self.assertRaises(UserError):
            self.env["kams.winloss"].with_user(self.salesperson).create(
                {"lead_id": self.deal.id, "confirmed_by_id": self.desk.id}
            )
        self.review.with_user(self.desk).action_confirm()
        self.assertEqual((self.review.state, self.review.confirmed_by_id), ("done", self.desk))

    def test_a_confirmed_review_stays_until_it_is_reopened(self):
        self._fill()
        self.review.with_user(self.desk).action_confirm()
        reason = self.review.reason_ids
        for attempt in (
            lambda: self.review.with_user(self.salesperson).write({"lessons": "x"}),
            lambda: self.review.with_user(self.desk).unlink(),
            lambda: reason.with_user(self.desk).write({"note": "x"}),
            lambda: reason.with_user(self.desk).unlink(),
            lambda: reason.create({"winloss_id": self.review.id, "category": "price"}),
            lambda: self.review.with_user(self.desk).action_take_figures(),
            lambda: self.review.with_user(self.desk).write({"state": "done", "lessons": "x"}),
            lambda: self.review.with_user(self.desk).action_confirm(),
        ):
            with self.assertRaisesRegex(UserError, "Reopen"), self.cr.savepoint():
                attempt()
        self.review.with_user(self.desk).message_post(body="Well said")
        self.review.with_user(self.desk).action_reopen()
        self.assertFalse(self.review.confirmed_by_id)
        self.review.lessons = "More"

    def test_a_deal_without_owner_is_not_confirmed_by_the_author(self):
        self._fill()
        self.deal.user_id = False
        with self.assertRaisesRegex(UserError, "somebody other than"):
            self.review.with_user(self.salesperson).action_confirm()

    def test_a_tender_of_another_deal_is_refused(self):
        other = self._deal(name="Other")
        with self.assertRaises(ValidationError):
            self.env["kams.winloss"].with_user(self.desk).create({"lead_id": other.id, "tender_id": self.tender.id})

    def test_it_goes_along_into_a_merge_even_when_confirmed(self):
        self._fill()
        self.review.with_user(self.desk).action_confirm()
        other = self._deal(name="Other", partner_id=self.customer.id)
        self._settle()
        (other | self.deal).merge_opportunity(auto_unlink=False)
        kept = (other | self.deal).exists().filtered("active")
        self.assertEqual(self.review.lead_id, self.tender.lead_id)
        self.assertIn(self.review.lead_id, kept)

    def test_a_deleted_deal_takes_its_reviews_along(self):
        self._fill()
        self.review.with_user(self.desk).action_confirm()
        self.deal.unlink()
        self.assertFalse(self.review.exists())
