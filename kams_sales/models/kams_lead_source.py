from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .blank import BlankFloat
from .insiders import INSIDERS


class KamsLeadSource(models.Model):
    """Where leads come from, how fast each is to be answered, and what it cost to get them.

    Book section 3.3 (发现客户线索): the eleven sources of the method are shipped; a company adds its own.
    """

    _name = "kams.lead.source"
    _description = "Lead source"
    _inherit = ["kams.kept.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    sla_hours = BlankFloat(
        string="Answer Within (Hours)",
        help="How soon a lead of this source must hear from us. Empty: as the dated parameter “lead_response_hours”.",
    )
    note = fields.Text(translate=True, help="How to work with this source: whom to ask, where to look.")
    cost_ids = fields.One2many("kams.lead.cost", "source_id", string="Costs", groups=INSIDERS)

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a source of this name already.")
    _sla_positive = models.Constraint(
        "CHECK(sla_hours IS NULL OR sla_hours > 0)", "The hours to answer within are more than 0."
    )

    # BUSINESS
    @api.model
    @tools.ormcache()
    def _hours(self):
        """``{source id: hours to answer within}`` of those that have their own. sudo: nothing else is read."""
        sources = self.sudo().with_context(active_test=False).search([("sla_hours", "!=", False)])
        return {source.id: source.sla_hours for source in sources}


class KamsLeadCost(models.Model):
    """What a source of leads cost in a period: a trade fair, a subscription, an agent's fee.

    Book section 3.3 (发现客户线索), cost per lead by source. A cost counts for a report's period by the days
    that the two share.
    """

    _name = "kams.lead.cost"
    _description = "Cost of a lead source"
    _order = "date_from desc, id desc"
    _rec_name = "source_id"

    source_id = fields.Many2one("kams.lead.source", string="Source", required=True, index=True, ondelete="cascade")
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    company_amount = fields.Monetary(
        string="Amount in Company Currency",
        currency_field="company_currency_id",
        compute="_compute_company_amount",
        store=True,
        help="At the rate of the first day.",
    )
    note = fields.Char(help="What was paid for.")

    _dates = models.Constraint("CHECK(date_to >= date_from)", "A cost ends on the day it begins, or later.")

    @api.depends("amount", "currency_id", "company_id", "date_from")
    def _compute_company_amount(self):
        for cost in self:
            company = cost.company_id or self.env.company
            if not cost.currency_id or cost.currency_id == company.currency_id:
                cost.company_amount = cost.amount
            else:
                cost.company_amount = cost.currency_id._convert(
                    cost.amount, company.currency_id, company, cost.date_from or fields.Date.context_today(cost)
                )

    @api.constrains("amount")
    def _check_amount(self):
        for cost in self:
            if cost.amount < 0:
                raise ValidationError(
                    self.env._(
                        "A cost of %s cannot be less than nothing. Enter a positive amount.", cost.source_id.name
                    )
                )
