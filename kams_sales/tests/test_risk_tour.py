from odoo.tests import HttpCase, tagged

from .test_risk import RiskCase


@tagged("post_install", "-at_install")
class TestRiskTour(RiskCase, HttpCase):
    def test_a_risk_of_the_handover_is_judged_and_found_on_the_map(self):
        handover = self.env["kams.handover"].create({"lead_id": self.deal.id})
        self.env["kams.handover.line"].create(
            {"handover_id": handover.id, "section": "risk", "name": "No crane on site"}
        )
        self.delivery.write({"name": "Cooling towers", "handover_id": handover.id})
        self._settle()
        self.start_tour(f"/odoo/kams-deliveries/{self.delivery.id}", "kams_risk_map", login="kams_risk_pm", timeout=120)
        risk = self.delivery.risk_ids
        self.assertEqual((risk.level, risk.user_id, risk.is_uncontrolled), ("high", self.pm, False))
