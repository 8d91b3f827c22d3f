from odoo import fields, models
from odoo.exceptions import UserError

from ..models.kams_contract_clause import DEVIATIONS, RISKS


class KamsContractClauseJudge(models.TransientModel):
    """Say how risky clauses of a contract are, or bear their risk; what is left empty stays as it is (7.5)."""

    _name = "kams.contract.clause.judge"
    _description = "Judge clauses of a contract"

    clause_ids = fields.Many2many("kams.contract.clause", string="Contract Clauses", readonly=True)
    deviation = fields.Selection(DEVIATIONS, string="Deviation from Standard")
    risk = fields.Selection(RISKS, string="Risk for Us")
    opinion = fields.Text(string="Your Opinion")
    accept = fields.Boolean(string="I Accept the Risk", help="You say that we can live with it, and why.")

    def action_confirm(self):
        """Note it on the clauses, in the name of whoever judges."""
        self.ensure_one()
        clauses = self.clause_ids
        clauses._check_may_judge()
        words = (self.opinion or "").strip()
        if self.accept:
            clauses._check_may_accept()
            if not words:
                raise UserError(self.env._("Say why the risk of %s can be accepted.", clauses._named()))
        values = {name: self[name] for name in ("deviation", "risk") if self[name]}
        if words and not self.accept:
            values["opinion"] = words
        if values:
            clauses._judge(values)
        if self.accept:
            clauses._accept(words)
        return {"type": "ir.actions.act_window_close"}
