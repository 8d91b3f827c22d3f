from odoo import Command
from odoo.tests import tagged

from .test_reports import PaperCase

REPORT = "kams_sales.report_winloss"


@tagged("post_install", "-at_install")
class TestWinlossPaper(PaperCase):
    """A win or loss review on paper (9)."""

    def test_it_says_why_how_we_know_and_what_follows(self):
        deal = self._deal(name="锅炉改造 🔥", partner_id=self.customer.id)
        review = self.env["kams.winloss"].create(
            {
                "lead_id": deal.id,
                "winner": "Rival & Sons",
                "our_price": 110.0,
                "winner_price": 100.0,
                "lessons": "Ask earlier",
                "customer_voice": "شكرا " * 2000,
                "reason_ids": [Command.create({"category": "price", "source": "guess", "note": "<b>Dear</b>"})],
                "action_ids": [Command.create({"name": "Train the team"})],
            }
        )
        review.criterion_ids[0].write({"importance": 5, "us": 2, "competitor": 4})
        self.env["kams.winloss.point"].create({"winloss_id": review.id, "state": "waived", "name": "Budget known"})
        text = "".join(self._print(REPORT, review))
        for words in (
            "锅炉改造",
            "Rival & Sons",
            "Guess",
            "<b>Dear</b>",
            "Ask earlier",
            "Train the team",
            "Budget known",
        ):
            self.assertIn(words, text)
        self.assertIn("-2", text)
        empty = self.env["kams.winloss"].create({"lead_id": deal.id, "criterion_ids": []})
        self.assertIn("Nothing recorded", "".join(self._print(REPORT, empty, self.auditor)))
