from odoo import fields, models


class KamsDeliveryNote(models.TransientModel):
    """Say why a delivery that was closed is taken up again."""

    _inherit = "kams.delivery.note"

    step = fields.Selection(selection_add=[("reopen", "Take Up Again")], ondelete={"reopen": "cascade"})

    def action_confirm(self):
        self.ensure_one()
        reason = (self.reason or "").strip()
        if self.step == "reopen" and reason:
            self.delivery_id._reopen(reason)
            return {"type": "ir.actions.act_window_close"}
        return super().action_confirm()
