import hashlib

from odoo.tests import HttpCase, tagged

from .test_bid import BidCase


@tagged("post_install", "-at_install")
class TestBidTour(BidCase, HttpCase):
    def test_a_bid_is_checked_and_handed_in_against_a_receipt(self):
        bid = self._ready()
        bid.amount_in_words = "壹万元整"
        bid.check_ids.filtered(lambda one: one.code == "dates").action_undo()
        self._settle()
        self.start_tour(f"/odoo/kams-tenders/{self.tender.id}", "kams_submit_a_bid", login="kams_bidder", timeout=120)
        self.env.invalidate_all()
        submission = self.tender.submission_ids
        self.assertEqual((self.tender.state, submission.state, submission.price), ("submitted", "valid", 100_000))
        self.assertIn(hashlib.sha256(b"our bid").hexdigest(), submission.file_hash)
        self.assertEqual(submission.attachment_ids.mapped("name"), ["receipt.txt"])
