from odoo.tests import HttpCase, tagged

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
