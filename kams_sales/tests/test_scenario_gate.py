from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestScenarioGate(KamsCase):
    """One deal's life, told top to bottom."""

    def test_a_deal_walks_from_clue_to_invoice(self):
        deal = self._deal().with_user(self.salesperson)
        self.assertEqual(deal.kams_phase_id, self.phases["development"])
        self._settle()
        self.assertEqual(self._state(deal, "S1-O1"), "fail")
        self.assertEqual((deal.kams_points_done, deal.kams_points_total, deal.kams_gate_open), (0, 6, False))
        with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
            deal.stage_id = self.stages["initiation"]
        for word in (
            "Boiler retrofit",
            "S1-O1 Customer identified",
            "Choose the customer",
            "S1-O2",
            "calendar",
            "A0-4",
        ):
            self.assertIn(word, str(refusal.exception))

        deal.partner_id = self.customer
        self.assertEqual(deal.kams_points_done, 1)
        self._meeting(deal)
        self.assertEqual((deal.kams_points_done, deal.kams_gate_open), (2, False))
        self._known_account(self.customer)
        self.assertEqual((deal.kams_points_done, deal.kams_gate_open), (6, True))
        deal.stage_id = self.stages["initiation"]
        self.assertEqual(
            self._history(deal, "phase_code", "reason", "gate_result")[-2:],
            [("development", "created", "none"), ("initiation", "forward", "pass")],
        )

        self.product.standard_price = 700.0  # at a margin that a salesperson may offer alone
        self._advance(deal.sudo(), "delivery")
        self.assertEqual(deal.won_status, "won")
        self.assertEqual(
            [row for row in self._history(deal, "phase_code", "status", "reason") if row[2] in ("forward", "won")],
            [
                ("initiation", "open", "forward"),
                ("proposal", "open", "forward"),
                ("tendering", "open", "forward"),
                ("negotiation", "open", "forward"),
                ("delivery", "won", "won"),
            ],
        )
        self.assertHistoryWhole(deal.ids)
