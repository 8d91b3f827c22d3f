from odoo import api, fields, models

from ..tools.arithmetic import ratio
from .blank import BlankFloat, BlankMonetary, known
from .kams_authority import RANKS, ROLES

PRICE_STATES = [
    ("within", "Within Authority"),
    ("approved", "Approved"),
    ("beyond", "Beyond Authority"),
    ("unknown", "Not Known"),
]


class KamsProposal(models.Model):
    """What a proposal costs and earns, and whether its author may offer that price (5.6, price authority).

    The margin is known once the cost of every line is. Below the floor (dated parameter ``price_margin_floor``) only a
    price review can say yes, above it the authority matrix says who may.
    """

    _inherit = "kams.proposal"

    order_id = fields.Many2one(
        "sale.order",
        string="Quotation",
        copy=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('opportunity_id', '=', lead_id)]",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
    )
    amount_total = fields.Monetary(string="Price", compute="_compute_amounts", store=True)
    cost_total = BlankMonetary(string="Cost", compute="_compute_amounts", store=True)
    margin = BlankMonetary(compute="_compute_amounts", store=True)
    margin_pct = BlankFloat(
        string="Margin (%)", compute="_compute_amounts", store=True, digits=(16, 1), aggregator=None
    )
    discount_pct = BlankFloat(
        string="Discount (%)",
        compute="_compute_amounts",
        store=True,
        digits=(16, 1),
        aggregator=None,
        help="Of the list price of all lines together.",
    )
    margin_floor = BlankFloat(string="Margin Floor (%)", compute="_compute_margin_floor", digits=(16, 1))
    price_role = fields.Selection(
        ROLES,
        string="Price To Be Agreed By",
        compute="_compute_price_state",
        store=True,
        help="Who may agree to this margin and discount, by the authority matrix and the margin floor.",
    )
    price_state = fields.Selection(
        PRICE_STATES, string="Price Is", compute="_compute_price_state", store=True, index=True
    )

    # COMPUTES
    @api.depends("lead_id", "company_id")
    def _compute_currency_id(self):
        """The company's, until somebody chooses another or a quotation brings its own."""
        for proposal in self:
            proposal.currency_id = proposal.currency_id or (proposal.company_id or self.env.company).currency_id

    @api.depends("line_ids.subtotal", "line_ids.cost", "line_ids.quantity", "line_ids.list_price", "currency_id")
    def _compute_amounts(self):
        for proposal in self:
            lines = proposal.line_ids
            full = sum(line.quantity * line.list_price for line in lines)
            costs = [None if known(line.cost) is None else line.cost * line.quantity for line in lines]
            cost = None if not lines or None in costs else sum(costs)
            proposal.amount_total = price = sum(lines.mapped("subtotal"))
            proposal.cost_total = cost
            proposal.margin = None if cost is None else price - cost
            proposal.margin_pct = ratio(known(proposal.margin), price, 100)
            proposal.discount_pct = ratio(full - price, full, 100)

    @api.depends("date_start")
    def _compute_margin_floor(self):
        floor = self.env["kams.legal.rule"]._value("price_margin_floor")
        for proposal in self:
            proposal.margin_floor = floor

    @api.depends("margin_pct", "discount_pct", "user_id", "line_ids")
    def _compute_price_state(self):
        for proposal in self:
            proposal.price_role = proposal._needed_role()
            proposal.price_state = proposal._judge_price()

    # BUSINESS
    def _needed_role(self):
        """Who may agree to these prices; nobody is asked while there are none."""
        self.ensure_one()
        if not self.line_ids:
            return False
        margin, floor = known(self.margin_pct), self.env["kams.legal.rule"]._value("price_margin_floor")
        if margin is None or (floor is not None and round(margin, 6) < floor):
            return "committee"
        authority = self.env["kams.authority"]
        roles = [
            authority._role_for("margin", margin, self.company_id),
            authority._role_for("discount", max(known(self.discount_pct) or 0.0, 0.0), self.company_id),
        ]
        return max(roles, key=RANKS.get)

    def _judge_price(self):
        self.ensure_one()
        if not self.line_ids:
            return "unknown"
        if known(self.margin_pct) is None:
            return "unknown"
        own = self.env["kams.authority"]._role_of(self.user_id)
        return "within" if RANKS[self.price_role] <= RANKS[own] else "beyond"
