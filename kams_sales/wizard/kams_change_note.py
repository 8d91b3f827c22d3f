from odoo import fields, models
from odoo.exceptions import UserError


class KamsChangeNote(models.TransientModel):
    """Say why a change is refused, withdrawn or written again: the reason stays with it."""

    _name = "kams.change.note"
    _description = "Reason of a change's end"

    change_id = fields.Many2one("kams.change", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [("refuse", "Refuse the Change"), ("withdraw", "Withdraw the Change"), ("again", "Write Again")],
        required=True,
        readonly=True,
    )
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why, for “%s”: the reason stays.", self.change_id.display_name))
        self.change_id._end(self.step, reason)
        return {"type": "ir.actions.act_window_close"}
