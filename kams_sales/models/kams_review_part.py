from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_gate import InternalPass

ENGINE = InternalPass("review")
HAND = "kams_review_engine"  # the context key


class KamsReviewPart(models.AbstractModel):
    """A line of a review. What was said in a review changes only by what reviewers do, never by editing a row."""

    _name = "kams.review.part"
    _description = "Part of a review"
    _inherit = ["kams.hand.mixin"]
    _hand = HAND, ENGINE
    _draft_fields = set()

    review_id = fields.Many2one("kams.review", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    state_of_review = fields.Selection(related="review_id.state", string="Status of the Review")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            allowed = self._draft_fields | {"review_id"}
            if any(value for vals in vals_list for name, value in vals.items() if name not in allowed):
                self._refuse_editing()
            self.env["kams.review"].browse(vals.get("review_id") for vals in vals_list)._check_draft()
        lines = super().create(vals_list)
        if not self._in_hand():  # asked again: a default may have said more, or named another review
            lines._check_unspoken()
            lines.review_id._check_draft()
        return lines

    def write(self, vals):
        if not self._in_hand():
            if vals.keys() - self._draft_fields:
                self._refuse_editing()
            self.review_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self.review_id._check_draft()

    # BUSINESS
    def _check_unspoken(self):
        """A new line says nothing yet but what is chosen in a draft, whatever the user's defaults are."""
        given = self._draft_fields | {"review_id", *models.MAGIC_COLUMNS}
        names = [
            name for name, field in self._fields.items() if field.store and not field.compute and name not in given
        ]
        if any(line[name] for line in self for name in names):
            self._refuse_editing()

    def _refuse_editing(self):
        raise UserError(
            self.env._("Votes and conditions are recorded with the buttons of the review, not by editing its rows.")
        )
