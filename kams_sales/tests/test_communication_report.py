from odoo import Command
from odoo.tests import tagged

from .test_reports import PaperCase

REPORT = "kams_sales.report_communication_plan"


@tagged("post_install", "-at_install")
class TestCommunicationReport(PaperCase):
    """The communication plan on paper (8.5)."""

    def test_it_says_who_hears_what_and_what_came_of_it(self):
        deal = self._deal(partner_id=self.customer.id)
        plan = self.env["kams.plan"].create(
            {
                "kind": "communication",
                "lead_id": deal.id,
                "date_to": "2035-12-31",
                "line_ids": [Command.create({"content": "Progress 🙂", "audience": "指导委员会"})],
            }
        )
        self.env["kams.comm.log"].create(
            {"line_id": plan.line_ids.id, "date_due": "2026-03-02", "state": "held", "summary": "All is well"}
        )
        self.env["kams.issue"].create({"lead_id": deal.id, "name": "No power on site"})
        text = "".join(self._print(REPORT, plan))
        for words in ("Communication Plan", "指导委员会", "Every Week", "All is well", "100", "No power on site"):
            self.assertIn(words, text)
        empty = self.env["kams.plan"].create({"kind": "communication", "lead_id": deal.id})
        self.assertIn("Nothing recorded", "".join(self._print(REPORT, empty, self.auditor)))
