from odoo import fields, models
from odoo.exceptions import UserError


class KamsHandoverNote(models.TransientModel):
    """Say why a handover goes back to sales: the reason stays with it."""

    _name = "kams.handover.note"
    _description = "Reason of a handover's return"

    handover_id = fields.Many2one("kams.handover", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection([("back", "Send Back"), ("reopen", "Reopen")], required=True, readonly=True)
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why “%s” goes back: the reason stays.", self.handover_id.display_name))
        if self.step == "back":
            self.handover_id._send_back(reason)
        else:
            self.handover_id._reopen(reason)
        return {"type": "ir.actions.act_window_close"}
