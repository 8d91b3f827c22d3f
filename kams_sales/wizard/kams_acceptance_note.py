from odoo import fields, models
from odoo.exceptions import UserError


class KamsAcceptanceNote(models.TransientModel):
    """Say why the customer refuses, or why a certificate is opened again: the reason stays (8.3)."""

    _name = "kams.acceptance.note"
    _description = "Reason about an acceptance"

    acceptance_id = fields.Many2one("kams.acceptance", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection([("refuse", "Customer Refuses"), ("reopen", "Reopen")], required=True, readonly=True)
    reason = fields.Text()

    # ACTIONS
    def action_confirm(self):
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("“%s”: say why, the reason stays.", self.acceptance_id.display_name))
        if self.step == "refuse":
            self.acceptance_id._refuse_acceptance(reason)
        else:
            self.acceptance_id._reopen(reason)
        return {"type": "ir.actions.act_window_close"}
