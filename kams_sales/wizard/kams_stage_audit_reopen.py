from odoo import fields, models


class KamsStageAuditReopen(models.TransientModel):
    """Take up an audit again that was recorded, and say why: the reason stays with it (9)."""

    _name = "kams.stage.audit.reopen"
    _description = "Reopen a stage audit"

    audit_id = fields.Many2one("kams.stage.audit", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        self.audit_id._reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
