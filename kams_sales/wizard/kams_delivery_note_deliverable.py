from odoo import fields, models
from odoo.exceptions import UserError


class KamsDeliveryNote(models.TransientModel):
    """Say why a deliverable changes that the customer has already: the reason stays with the delivery (8.3)."""

    _inherit = "kams.delivery.note"

    step = fields.Selection(
        selection_add=[("reopen_deliverable", "Change Deliverable Again")], ondelete={"reopen_deliverable": "cascade"}
    )
    deliverable_id = fields.Many2one("kams.delivery.deliverable", readonly=True, ondelete="cascade")

    def action_confirm(self):
        if self.step == "reopen_deliverable":
            reason = (self.reason or "").strip()
            if not reason:
                raise UserError(self.env._("Say why, for “%s”: the reason stays.", self.deliverable_id.name))
            self.deliverable_id._reopen(reason)
            return {"type": "ir.actions.act_window_close"}
        return super().action_confirm()
