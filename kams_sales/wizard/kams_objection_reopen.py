from odoo import fields, models
from odoo.exceptions import UserError


class KamsObjectionReopen(models.TransientModel):
    """Take an objection up again that the customer had called settled, and say why: the reason stays with it."""

    _name = "kams.objection.reopen"
    _description = "Reopen an objection"

    objection_id = fields.Many2one("kams.objection", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why “%s” is reopened: the reason stays.", self.objection_id.display_name))
        self.objection_id.write({"state": "open", "reopened_because": self.reason.strip()})
        return {"type": "ir.actions.act_window_close"}
