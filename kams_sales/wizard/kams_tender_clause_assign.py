from odoo import fields, models


class KamsTenderClauseAssign(models.TransientModel):
    """Give many clauses to somebody at once; what is left empty stays as it is."""

    _name = "kams.tender.clause.assign"
    _description = "Assign clauses"

    clause_ids = fields.Many2many("kams.tender.clause", string="Clauses", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", domain="[('share', '=', False)]")
    date_due = fields.Date(string="Due")
    reviewer_id = fields.Many2one("res.users", string="Reviewer", domain="[('share', '=', False)]")

    def action_confirm(self):
        self.ensure_one()
        names = ("user_id", "date_due", "reviewer_id")
        vals = {name: self._fields[name].convert_to_write(self[name], self) for name in names if self[name]}
        if vals:
            self.clause_ids.write(vals)
        return {"type": "ir.actions.act_window_close"}
