from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .test_winloss import WinlossCase


@tagged("post_install", "-at_install")
class TestWinlossTour(WinlossCase, HttpCase):
    def test_a_lost_deal_is_reviewed_by_its_owner_and_confirmed_by_the_director(self):
        self.deal.name = "Lost boiler"
        self._clock(self.cr.now() + timedelta(minutes=5))
        self.deal.action_set_lost()
        self._start()
        review = self._reviews()
        self.start_tour("/odoo/kams-win-loss", "kams_write_a_loss_review", login="kams_sales_user")
        self.env.invalidate_all()
        self.assertEqual((review.main_reason, review.reason_source, review.state), ("technical", "review", "draft"))
        self.assertEqual(review.criteria_gap, -2)
        self.start_tour(f"/odoo/kams-win-loss/{review.id}", "kams_confirm_a_loss_review", login="kams_director")
        self.env.invalidate_all()
        self.assertEqual((review.state, review.confirmed_by_id, review.interviewer_id), ("done", *[self.director] * 2))
        self.assertTrue(review.action_ids.done_on)
        self.assertFalse(review.activity_ids)
