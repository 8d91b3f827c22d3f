from odoo.tests import HttpCase, tagged

from ..models.kams_tender_submission import ENGINE, HAND
from .test_tender_scoring import ScoringCase


@tagged("post_install", "-at_install")
class TestTenderScoringTour(ScoringCase, HttpCase):
    def test_our_price_is_moved_until_we_come_first(self):
        self._settle()
        self.start_tour(
            f"/odoo/kams-tenders/{self.tender.id}", "kams_move_our_price", login=self.desk.login, timeout=120
        )
        self.env.invalidate_all()
        self.assertEqual(self.tender.bid_price, 103.4)
        self.assertEqual(self._bidder("B").rank, 1)

    def test_a_rivals_price_is_typed_bids_are_opened_and_a_loss_is_reviewed(self):
        for name, called in (("A", "Rival A"), ("B", "Ourselves"), ("C", "Rival C")):
            self._bidder(name).name = called
        self.tender.with_context(**{HAND: ENGINE}).state = "submitted"
        self._settle()
        self.start_tour(
            f"/odoo/kams-tenders/{self.tender.id}", "kams_record_an_opening", login=self.desk.login, timeout=120
        )
        self.env.invalidate_all()
        self.assertEqual((self.tender.result, self.tender.bids_received), ("lost", 3))
        self.assertEqual(self.tender.bidder_ids.mapped("opening_price"), [110, 101, 119])
        self.assertEqual(self.tender.winloss_ids.state, "draft")
