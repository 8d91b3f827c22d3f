from odoo import fields, models


class KamsAuthorityAnswer(models.TransientModel):
    """Answer whoever asks for terms past their authority, with a reason that stays."""

    _name = "kams.authority.answer"
    _description = "Answer to terms asked for"

    approval_id = fields.Many2one("kams.authority.approval", required=True, readonly=True, ondelete="cascade")
    answer = fields.Selection([("approved", "Agree"), ("refused", "Refuse")], required=True, default="approved")
    lead_id = fields.Many2one(related="approval_id.lead_id")
    needed_role = fields.Selection(related="approval_id.needed_role")
    review_id = fields.Many2one(
        "kams.review",
        string="Decided by Review",
        domain="[('lead_id', '=', lead_id), ('is_valid', '=', True), ('kind', 'in', ('price', 'contract'))]",
    )
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        self.approval_id._answer(self.answer, self.reason, self.review_id)
        return {"type": "ir.actions.act_window_close"}
