from odoo import fields
from odoo.tests import HttpCase, tagged

from .past import PastCase


@tagged("post_install", "-at_install")
class TestForecastTour(PastCase, HttpCase):
    def test_a_salesperson_locks_the_forecast_and_finds_its_deals(self):
        today = fields.Date.today()
        self._tell(self._through(5, name="Gas turbine", amount=100_000.0, deadline=today, start="2026-01-05"))
        negotiation = self.env["kams.deal.history"].search([("lead_name", "=", "Gas turbine")], limit=1).phase_id
        self.assertGreaterEqual(negotiation.policy_probability, 70)
        forecast = self.env["kams.forecast"].create(
            {
                "user_id": self.salesperson.id,
                "team_id": self.past_team.id,
                "period_kind": "month",
                "date_from": today.replace(day=1),
                "tz": "UTC",
            }
        )
        self.start_tour(
            f"/odoo/kams-forecasts/{forecast.id}", "kams_lock_forecast", login=self.salesperson.login, timeout=120
        )
        self.assertEqual((forecast.state, forecast.forecast, forecast.adjusted), ("locked", 120_000.0, 120_000.0))
        self.assertEqual(forecast.line_ids.mapped("lead_name"), ["Gas turbine"])
