from odoo.tests import HttpCase, tagged

from .test_scorecard import ScorecardCase


@tagged("post_install", "-at_install")
class TestScorecardTour(ScorecardCase, HttpCase):
    def test_an_account_manager_answers_a_value_scorecard_from_the_keyboard(self):
        self._settle()
        url = f"/odoo/key-accounts/{self.account.id}"
        self.start_tour(url, "kams_score_an_account", login="kams_manager", timeout=120)
        self.env.invalidate_all()
        card = self.Card.search([("account_id", "=", self.account.id)])
        self.assertEqual((card.state, card.score, card.band, card.confidence), ("done", 77.0, "A", 100.0))
        self.assertEqual((card.user_id, card.line_ids.answered_by_id), (self.manager, self.manager))
