from odoo.tests import HttpCase, tagged

from .past import PastCase


@tagged("post_install", "-at_install")
class TestPipelineTour(HttpCase, PastCase):
    def test_what_changed_between_two_days_down_to_the_deal(self):
        self._tell(
            {
                "name": "Retrofit of the tour",
                "steps": [
                    ("2026-01-10", "proposal", {"amount": 5000.0}),
                    ("2026-02-10", None, {"amount": 7000.0}),
                ],
            }
        )
        self.start_tour(
            "/odoo/action-kams_sales.kams_pipeline_change_ask_action", "kams_pipeline_change", login=self.director.login
        )
