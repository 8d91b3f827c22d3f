from odoo.tests import HttpCase, tagged

from .test_review import ReviewCase


@tagged("post_install", "-at_install")
class TestReviewTour(ReviewCase, HttpCase):
    def test_a_review_goes_through_three_reviewers_to_a_conditional_yes_whose_condition_is_closed(self):
        self.deal.name = "Gas retrofit"
        self.deal.stage_id = self.stages["development"]
        self._known_account(self.customer)
        self._advance(self.deal, "initiation")

        def tour(url, name, login):
            self._settle()
            self.start_tour(url, name, login=login, timeout=120)
            self.env.invalidate_all()

        tour(f"/odoo/crm.lead/{self.deal.id}", "kams_apply_for_initiation", "kams_sales_user")
        review = self.deal.kams_review_ids
        self.assertEqual((review.state, review.presales_budget), ("open", 30_000))
        tour("/odoo/kams-my-reviews", "kams_agree_to_a_review", "kams_director")
        tour("/odoo/kams-my-reviews", "kams_agree_to_a_review", "kams_engineer")
        tour("/odoo/kams-my-reviews", "kams_agree_on_conditions", "kams_accountant")
        self.assertEqual(review.opinion_ids.mapped("vote"), ["agree", "agree", "conditional"])
        tour(f"/odoo/kams-reviews/{review.id}", "kams_decide_a_review", "kams_chair")
        self.assertEqual((review.state, review.is_valid, review.score), ("conditional", False, 72))
        tour("/odoo/kams-review-conditions", "kams_close_a_condition", "kams_sales_user")
        self.assertEqual(review.condition_ids.closed_by_id, self.salesperson)
        self.assertTrue(review.is_valid)
