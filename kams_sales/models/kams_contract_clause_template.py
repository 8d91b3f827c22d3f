from odoo import api, fields, models

from .kams_contract_clause import KINDS
from .kams_review_policy import ROLES


class KamsContractClauseTemplate(models.Model):
    """Our standard text for a clause, from which a contract starts and against which it is compared (7.5)."""

    _name = "kams.contract.clause.template"
    _description = "Standard clause"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company that has none of its own.")
    kind = fields.Selection(KINDS, required=True, default="other")
    name = fields.Char(string="Heading", required=True, translate=True)
    text = fields.Text(string="Standard Text", required=True, translate=True)
    guidance = fields.Text(
        string="What to Look At", translate=True, help="Where contracts usually go wrong here, for who reviews them."
    )
    role = fields.Selection(ROLES, string="To Be Judged By")
    essential = fields.Boolean(
        string="Must Be There", help="A contract without it gets a warning: the eight terms of 民法典 470, and yours."
    )
    source = fields.Char(required=True, default=lambda self: self.env._("Own choice, to be set by each company"))

    # BUSINESS
    @api.model
    def _for_company(self, company):
        """The clauses that a contract starts from: a company's own instead of the general one of the same kind."""
        found = self.search([("company_id", "in", (company.id, False))])
        own = set(found.filtered("company_id").mapped("kind")) - {"other"}
        return found.filtered(lambda entry: entry.company_id or entry.kind not in own)
