from odoo import fields, models
from odoo.exceptions import UserError


class KamsReviewNote(models.TransientModel):
    """A step of a review that needs a word: a condition closed or reopened, a new review found not needed."""

    _name = "kams.review.note"
    _description = "Note on a review"

    review_id = fields.Many2one("kams.review", required=True, readonly=True, ondelete="cascade")
    condition_id = fields.Many2one("kams.review.condition", string="Condition", readonly=True, ondelete="cascade")
    rereview_reason = fields.Text(related="review_id.rereview_reason")
    step = fields.Selection(
        [("close", "Close the condition"), ("reopen", "Reopen the condition"), ("withdraw", "No new review")],
        required=True,
        readonly=True,
    )
    note = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        if not (self.note or "").strip():
            raise UserError(self.env._("Write down how or why: the note stays with the review."))
        if self.step == "close":
            self.condition_id._close(self.note.strip())
        elif self.step == "reopen":
            self.condition_id._reopen(self.note.strip())
        else:
            self.review_id._withdraw(self.note.strip())
        return {"type": "ir.actions.act_window_close"}


class KamsReviewReplacement(models.TransientModel):
    """Somebody else takes a reviewer's seat; the old one stays, struck out."""

    _name = "kams.review.replacement"
    _description = "Replace a reviewer"

    review_id = fields.Many2one("kams.review", required=True, readonly=True, ondelete="cascade")
    opinion_id = fields.Many2one("kams.review.opinion", string="Seat", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="New Reviewer", domain="[('share', '=', False)]")
    why = fields.Char(string="Why")

    def action_confirm(self):
        self.ensure_one()
        if not self.user_id:
            raise UserError(self.env._("Choose who takes the seat %s.", self.opinion_id.display_name))
        self.opinion_id._replace(self.user_id, self.why)
        return {"type": "ir.actions.act_window_close"}
