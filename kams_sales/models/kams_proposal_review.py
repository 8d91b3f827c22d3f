from odoo import fields, models


class KamsProposal(models.Model):
    """Who has looked at a proposal before it goes out: pink, red and gold reviews by others than its author (5.6)."""

    _inherit = "kams.proposal"

    review_ids = fields.One2many("kams.review", "proposal_id", string="Reviews")

    # ACTIONS
    def action_submit(self):
        """Note that it went to the customer; from now on it stays as it was sent."""
        return self.write({"state": "submitted"})
