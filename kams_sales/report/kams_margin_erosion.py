from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary
from ..models.kams_authority import ROLES

# {percentage: (what it is a part of the sum of, what it is taken of)}: groups show sum over sum, never a mean of means
SHARES = {
    "planned_margin_pct": ("planned_margin", "planned"),
    "contract_margin_pct": ("contract_margin", "contracted"),
    "realised_margin_pct": ("realised_margin", "realised_on"),
    "discount_pct": ("discount_amount", "at_list"),
}
# {percentage points: (before, after)}
POINTS = {
    "erosion": ("planned_margin_pct", "contract_margin_pct"),
    "erosion_after": ("contract_margin_pct", "realised_margin_pct"),
    "erosion_total": ("planned_margin_pct", "realised_margin_pct"),
}
WEIGHTED_DAYS = ("days_to_pay", "collected")


class KamsMarginErosion(models.Model):
    """Where margins go between bid, contract and invoice, and what discounts went with: by deal, person and band.

    Book section 7.7 管理要点: margin erosion, and discount against realised margin and days to pay. A row is a deal, as
    its line in ``kams.deal.money`` has it, so sums are of the documents that the reader may see. A group's percentage
    is sum over sum of the deals where both are known.
    """

    _name = "kams.margin.erosion"
    _description = "Margin erosion"
    _auto = False
    _order = "eroded_total desc nulls last, id desc"
    _rec_name = "lead_id"

    # Whose
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    phase_id = fields.Many2one("kams.process.phase", string="Phase", readonly=True)
    procurement_mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(), readonly=True
    )
    date_closed = fields.Datetime(string="Closed On", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # Margin at each stage
    planned = BlankMonetary(string="Bid or Proposed", readonly=True)
    contracted = BlankMonetary(readonly=True)
    realised_on = BlankMonetary(string="Invoiced Less Credited", readonly=True)
    planned_margin = BlankMonetary(readonly=True)
    contract_margin = BlankMonetary(readonly=True)
    realised_margin = BlankMonetary(readonly=True)
    planned_margin_pct = BlankFloat(string="Planned Margin (%)", readonly=True, aggregator="avg", digits=(16, 1))
    contract_margin_pct = BlankFloat(string="Contract Margin (%)", readonly=True, aggregator="avg", digits=(16, 1))
    realised_margin_pct = BlankFloat(string="Realised Margin (%)", readonly=True, aggregator="avg", digits=(16, 1))
    # What was lost on the way
    erosion = BlankFloat(string="Bid to Contract (Points)", readonly=True, aggregator="avg", digits=(16, 1))
    erosion_after = BlankFloat(string="Contract to Invoice (Points)", readonly=True, aggregator="avg", digits=(16, 1))
    erosion_total = BlankFloat(string="Bid to Invoice (Points)", readonly=True, aggregator="avg", digits=(16, 1))
    eroded = BlankMonetary(
        string="Eroded until Contract", readonly=True, help="Points lost from bid to contract, on what was signed."
    )
    eroded_after = BlankMonetary(
        string="Eroded after Contract",
        readonly=True,
        help="Points lost from contract to invoice, on what is invoiced.",
    )
    eroded_total = BlankMonetary(
        string="Eroded", readonly=True, help="Points lost until the latest stage that is known, on its amount."
    )
    # Discipline
    at_list = BlankMonetary(string="Sold at List Price", readonly=True)
    discount_amount = BlankMonetary(string="Discounts Given", readonly=True)
    discount_pct = BlankFloat(string="Discount (%)", readonly=True, aggregator="avg", digits=(16, 1))
    discount_role = fields.Selection(
        ROLES,
        string="Discount Band",
        readonly=True,
        help="Whose authority this discount needs, by the matrix as it is.",
    )
    collected = BlankMonetary(readonly=True)
    days_to_pay = BlankFloat(
        string="Days Until Paid",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Weighted by what was collected.",
    )
    asked_count = fields.Integer(string="Approvals Asked", readonly=True)
    refused_count = fields.Integer(string="Approvals Refused", readonly=True)

    _depends = {
        "crm.lead": ["date_closed", "kams_procurement_mode"],
        "kams.authority": ["active", "aspect", "company_id", "role", "value_from", "value_to"],
        "kams.authority.approval": ["by_confirmation", "lead_id", "state"],
        "kams.deal.money": ["planned"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT row.*,
                   row.contracted * row.erosion / 100 AS eroded,
                   row.realised_on * row.erosion_after / 100 AS eroded_after,
                   COALESCE(row.realised_on * row.erosion_total, row.contracted * row.erosion) / 100 AS eroded_total
              FROM (SELECT money.id, money.lead_id, money.account_id, money.partner_id, money.user_id, money.team_id,
                           money.phase_id, money.company_id, money.currency_id,
                           deal.kams_procurement_mode AS procurement_mode, deal.date_closed,
                           money.planned, money.contracted,
                           COALESCE(money.realised_margin / NULLIF(money.realised_margin_pct, 0) * 100,
                                    money.invoiced - COALESCE(money.credited, 0)) AS realised_on,
                           money.planned * money.planned_margin_pct / 100 AS planned_margin,
                           money.contracted * money.contract_margin_pct / 100 AS contract_margin,
                           money.realised_margin,
                           money.planned_margin_pct, money.contract_margin_pct, money.realised_margin_pct,
                           money.planned_margin_pct - money.contract_margin_pct AS erosion,
                           money.contract_margin_pct - money.realised_margin_pct AS erosion_after,
                           money.planned_margin_pct - money.realised_margin_pct AS erosion_total,
                           %(sold)s / NULLIF(1 - money.discount_pct / 100, 0) AS at_list,
                           %(sold)s / NULLIF(1 - money.discount_pct / 100, 0) - %(sold)s AS discount_amount,
                           money.discount_pct,
                           CASE WHEN money.discount_pct IS NOT NULL THEN COALESCE(band.role, 'committee')
                                 END AS discount_role,
                           money.collected, money.days_to_pay,
                           COALESCE(asked.number, 0) AS asked_count, COALESCE(asked.refused, 0) AS refused_count
                      FROM (%(money)s) money
                      JOIN crm_lead deal ON deal.id = money.lead_id
                 LEFT JOIN LATERAL (%(band)s) band ON TRUE
                 LEFT JOIN (SELECT lead_id, count(*) AS number, count(*) FILTER (WHERE state = 'refused') AS refused
                              FROM kams_authority_approval
                             WHERE by_confirmation IS NOT TRUE
                          GROUP BY lead_id) asked ON asked.lead_id = money.lead_id
                   ) row
            """,
            money=self.env["kams.deal.money"]._table_query,
            # as money has it: a discount is that of the orders, else that of the proposal
            sold=SQL("COALESCE(money.ordered, money.planned)"),
            band=self._band(),
        )

    @api.model
    def _band(self):
        """The line of the matrix that a deal's discount falls into: a company's own lines go before those for all."""
        return SQL(
            """
            SELECT line.role
              FROM kams_authority line
             WHERE line.active AND line.aspect = 'discount'
               AND GREATEST(money.discount_pct, 0) >= line.value_from
               AND GREATEST(money.discount_pct, 0) < line.value_to
               AND line.company_id IS NOT DISTINCT FROM (
                   SELECT max(own.company_id) FROM kams_authority own
                    WHERE own.active AND own.aspect = 'discount' AND own.company_id = COALESCE(money.company_id, %s))
             LIMIT 1
            """,
            self.env.company.id,
        )

    # ORM
    @api.model
    def _search(self, domain, *args, **kwargs):
        """Ask money about these deals only, if the domain says which."""
        narrow = self.with_context(self.env["kams.deal.money"]._asking(domain).env.context)
        return super(KamsMarginErosion, narrow)._search(domain, *args, **kwargs)

    def _read_group_select(self, aggregate_spec, query):
        """A group's percentage is sum over sum; its points, of the deals where both stages are known."""
        name, _dot, aggregate = aggregate_spec.partition(":")
        if aggregate != "avg":
            return super()._read_group_select(aggregate_spec, query)

        def column(field):
            return self._field_to_sql(self._table, field, query)

        if name in SHARES:
            part, whole = map(column, SHARES[name])
            return SQL(
                "sum(%(part)s) * 100 / NULLIF(sum(%(whole)s) FILTER (WHERE %(part)s IS NOT NULL), 0)",
                part=part,
                whole=whole,
            )
        if name in POINTS or name == WEIGHTED_DAYS[0]:
            weight = column({"erosion": "contracted", "days_to_pay": "collected"}.get(name, "realised_on"))
            return SQL(
                "sum(%(value)s * %(weight)s) / NULLIF(sum(%(weight)s) FILTER (WHERE %(value)s IS NOT NULL), 0)",
                value=column(name),
                weight=weight,
            )
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _search_display_name(self, operator, value):
        return [("lead_id.name", operator, value)]

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        return self.lead_id._get_records_action(name=self.lead_id.display_name)
