from odoo import fields, models
from odoo.exceptions import UserError


class KamsDeliveryNote(models.TransientModel):
    """Say why a delivery is cancelled or its plan reopened: the reason stays with it."""

    _name = "kams.delivery.note"
    _description = "Reason of a step of a delivery"

    delivery_id = fields.Many2one("kams.delivery", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [("cancel", "Cancel Delivery"), ("reopen_plan", "Reopen Plan")], required=True, readonly=True
    )
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why, for “%s”: the reason stays.", self.delivery_id.display_name))
        if self.step == "cancel":
            self.delivery_id._cancel(reason)
        else:
            self.delivery_id._reopen_plan(reason)
        return {"type": "ir.actions.act_window_close"}
