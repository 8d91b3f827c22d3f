from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_gate import InternalPass

ENGINE = InternalPass("review")
HAND = "kams_review_engine"  # the context key


class KamsReviewPart(models.AbstractModel):
    """A line of a review. What was said in a review changes only by what reviewers do, never by editing a row."""

    _name = "kams.review.part"
    _description = "Part of a review"
    _draft_fields = set()

    review_id = fields.Many2one("kams.review", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    state_of_review = fields.Selection(related="review_id.state", string="Status of the Review")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            foreign = {name for vals in vals_list for name in vals} - self._draft_fields - {"review_id"}
            if any(vals[name] for vals in vals_list for name in foreign & vals.keys()):
                self._refuse_editing()
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        if not self._in_hand():
            if vals.keys() - self._draft_fields:
                self._refuse_editing()
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self._check_draft()

    # BUSINESS
    def _in_hand(self):
        """Whether the engine itself writes: nobody else can put this into a context."""
        return self.env.context.get(HAND) is ENGINE

    def _check_draft(self):
        if self._in_hand():
            return
        for review in self.review_id:
            if review.state != "draft":
                review._refuse_locked()

    def _refuse_editing(self):
        raise UserError(
            self.env._("Votes and conditions are recorded with the buttons of the review, not by editing its rows.")
        )
