from odoo import fields, models
from odoo.exceptions import UserError


class KamsIssueReopen(models.TransientModel):
    """Take up an issue again that was closed, and say why: the reason stays with it (8.5)."""

    _name = "kams.issue.reopen"
    _description = "Reopen a delivery issue"

    issue_id = fields.Many2one("kams.issue", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why “%s” is taken up again: the reason stays.", self.issue_id.name))
        self.issue_id.write({"state": "open", "reopened_because": self.reason.strip()})
        return {"type": "ir.actions.act_window_close"}
