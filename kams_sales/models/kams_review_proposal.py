from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Reviews of one proposal: a later decision on another version or proposal doesn't replace them
OF_PROPOSALS = ("proposal_pink", "proposal_red", "proposal_gold", "price")


class KamsReview(models.Model):
    """Reviews of a proposal: pink on its outline, red on its draft, gold before it goes out, and of its price (5.6)."""

    _inherit = "kams.review"

    proposal_id = fields.Many2one(
        "kams.proposal",
        string="Proposal",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('lead_id', '=', lead_id)]",
    )

    # CONSTRAINTS
    @api.constrains("proposal_id", "lead_id")
    def _check_proposal(self):
        for review in self:
            if review.proposal_id and review.proposal_id.lead_id != review.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(proposal)s” is a proposal for another deal than the one that is reviewed.",
                        proposal=review.proposal_id.display_name,
                    )
                )

    # BUSINESS
    def _authors(self):
        """Whoever wrote the proposal doesn't judge it either."""
        return super()._authors() | self.sudo().proposal_id.user_id  # sudo: compared only

    def _subject(self):
        own = self.proposal_id._origin.id if self.kind in OF_PROPOSALS else False
        return (*super()._subject(), own)
