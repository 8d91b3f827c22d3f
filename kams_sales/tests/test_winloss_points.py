import random
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .past import PHASES
from .test_compliance import ComplianceCase

STATES = ("pass", "fail", "waived", "pending", "na")


@tagged("post_install", "-at_install")
class TestWinlossPoints(ComplianceCase):
    """A review says of a deal's points what compliance says: one rule for what was skipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kams.winloss"]._cron_start()  # what the demo data closed lately isn't this test's
        cls.today = fields.Date.today()

    def _closed(self, *gates, reached=None, end="lost", first=0):
        """A deal that came into phase after phase as these gates say, and closed yesterday."""
        start = self.today - timedelta(days=len(gates) + 2)
        steps = [
            (start + timedelta(days=place), PHASES[first + place], {"gate": gate}) for place, gate in enumerate(gates)
        ]
        return self._tell({"steps": [*steps, (self.today - timedelta(days=1), end)]})

    def _reviewed(self, deals):
        self._run_cron("kams.winloss", "_cron_start")
        reviews = self.env["kams.winloss"].search([("lead_id", "in", deals.ids)])
        self.assertEqual(reviews.lead_id, deals)
        return reviews

    def _skipped(self, review):
        return {point.code: point.state for point in review.point_ids}

    def _compliance(self, deal):
        """What compliance says was missing or waived of the phases that the deal left behind."""
        rows = self.env["kams.compliance"].search([("lead_id", "=", deal.id)])
        last = self.env["kams.deal.history"].search([("lead_ref", "=", deal.id), ("valid_to", "=", False)])
        order = {phase.code: phase.sequence for phase in self.process.phase_ids}
        return {
            row.point_code: row.state
            for row in rows
            if row.state != "met" and order[row.phase_code] < last.phase_id.sequence
        }

    def test_phases_from_before_kams_were_not_skipped(self):
        deal = self._closed("exempt", "pass", "none", first=2)
        self._say(deal, S1_O1="fail", S2_O1="waived", S3_O1="fail", S4_O1="fail", S5_O1="fail")
        [review] = self._reviewed(deal)
        # S3 was passed by the gate, S5 is where it stood; into negotiation it went round the gate
        self.assertEqual(self._skipped(review), {"S4-O1": "missing"})
        self.assertEqual(self._compliance(deal), {"S4-O1": "missing"})

    def test_what_the_gate_let_pass_was_not_skipped(self):
        """Evidence that is gone since was there; a waiver that ran out since was a waiver."""
        deal = self._closed("none", "pass", "waived")
        self._say(deal, S1_O1="fail", S2_O1="fail")
        check = self.env["kams.control.check"].search(
            [("lead_id", "=", deal.id), ("point_id.code", "=", "S2-O1")], limit=1
        )
        self.cr.execute(
            "UPDATE kams_control_check SET waived_at = now(), waiver_reason = 'They insist', waiver_approver_id = %s"
            " WHERE id = %s",
            (self.director.id, check.id),
        )
        self.env.invalidate_all()
        [review] = self._reviewed(deal)
        self.assertEqual(self._skipped(review), {"S2-O1": "waived"})
        self.assertEqual((review.point_ids.reason, review.point_ids.approver_id), ("They insist", self.director))
        self.assertEqual(self._compliance(deal), {"S2-O1": "waived"})

    def test_random_deals_are_told_alike(self):
        dice = random.Random(49)
        deals = self.env["crm.lead"]
        for _number in range(40):
            first = dice.randrange(3)
            gates = [dice.choice(("none", "pass", "waived", "exempt")) for _n in range(dice.randint(1, 5 - first))]
            deal = self._closed(*gates, first=first, end=dice.choice(("lost", "won", "archived")))
            self._say(deal, **{f"S{place}_O1": dice.choice(STATES) for place in range(1, 6)})
            deals |= deal
        self.cr.execute(
            "UPDATE kams_control_check SET waived_at = now() WHERE lead_id = ANY(%s) AND id %% 3 = 0", [deals.ids]
        )
        self.env.invalidate_all()
        told = set()
        for review in self._reviewed(deals):
            found = self._skipped(review)
            self.assertEqual(found, self._compliance(review.lead_id), review.lead_id.name)
            told |= set(found.values())
        self.assertEqual(told, {"missing", "waived"})
