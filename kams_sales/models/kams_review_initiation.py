from odoo import api, fields, models

from ..tools.arithmetic import ratio
from .blank import BlankFloat, BlankMonetary, known
from .crm_lead import LEGAL_REGIMES
from .crm_lead_development import BUDGET_STATES
from .insiders import INSIDERS
from .kams_review import ENGINES

# What an application takes from its deal, and keeps: field of the review, field of the deal
FROM_DEAL = {
    "procurement_mode": "kams_procurement_mode",
    "legal_regime": "kams_legal_regime",
    "budget_state": "kams_budget_state",
    "budget_source": "kams_budget_source",
}
ENGINES.update({*FROM_DEAL, "budget_amount"})
COST_PARTS = ("presales_travel", "presales_documents", "presales_samples")


class KamsReview(models.Model):
    """The application for an initiation: what we would sell, what it brings, what winning it costs (4.3)."""

    _inherit = "kams.review"

    # What it is about
    background = fields.Text(help="Who the customer is, and how this project came about.")
    need = fields.Text(string="Customer's Need")
    strategy = fields.Text(help="How we want to win, and against whom.")
    risks = fields.Text(help="What may go wrong, and what we would do then.")
    # How they buy, as the deal says
    procurement_mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(), readonly=True, copy=False
    )
    legal_regime = fields.Selection(LEGAL_REGIMES, readonly=True, copy=False)
    budget_state = fields.Selection(BUDGET_STATES, string="Customer's Budget", readonly=True, copy=False)
    budget_amount = BlankMonetary(readonly=True, copy=False)
    budget_source = fields.Char(readonly=True, copy=False)
    # What it brings
    est_revenue = BlankMonetary(string="Estimated Revenue", groups=INSIDERS)
    est_cost = BlankMonetary(string="Estimated Cost", help="Goods and services that we would deliver.", groups=INSIDERS)
    est_margin = BlankMonetary(string="Estimated Margin", compute="_compute_margin", store=True, groups=INSIDERS)
    margin_pct = BlankFloat(string="Margin (%)", compute="_compute_margin", store=True, digits=(16, 1), groups=INSIDERS)
    payment_expectation = fields.Text(help="When and how they would pay.")
    # What winning it costs
    presales_days = fields.Float(string="Person-Days", digits=(16, 1))
    presales_day_cost = fields.Monetary(
        string="Cost of a Day", default=lambda self: self._default_day_cost(), groups=INSIDERS
    )
    presales_travel = fields.Monetary(string="Travel")
    presales_documents = fields.Monetary(string="Bid Documents")
    presales_samples = fields.Monetary(string="Samples and Prototypes")
    presales_budget = fields.Monetary(
        string="Pre-sales Budget",
        compute="_compute_presales_budget",
        store=True,
        readonly=False,
        help="What may be spent up to the contract: its parts, or one amount.",
    )
    bond_tied_up = fields.Monetary(
        string="Bond Tied Up", help="Money that lies with the customer as bid or performance bond; it isn't spent."
    )
    resource_request = fields.Text(help="Who and what is needed, and when.")
    # What calls for a veto
    margin_below_floor = fields.Boolean(
        string="Margin Below the Floor", compute="_compute_veto_grounds", groups=INSIDERS
    )
    must_gap = fields.Integer(string="Must Gaps", compute="_compute_veto_grounds")

    _not_negative = models.Constraint(
        "CHECK (presales_days >= 0 AND presales_day_cost >= 0 AND presales_travel >= 0 AND presales_documents >= 0"
        " AND presales_samples >= 0 AND presales_budget >= 0 AND bond_tied_up >= 0)",
        "What a deal costs before the contract can't be negative.",
    )

    # COMPUTES
    @api.model
    def _default_day_cost(self):
        return self.env["kams.legal.rule"]._value("presales_day_cost") or 0.0

    @api.depends("est_revenue", "est_cost")
    def _compute_margin(self):
        """Without revenue or cost there is no telling."""
        for review in self:
            revenue, cost = known(review.est_revenue), known(review.est_cost)
            review.est_margin = None if None in (revenue, cost) else revenue - cost
            review.margin_pct = ratio(known(review.est_margin), revenue, 100)

    @api.depends("presales_days", "presales_day_cost", *COST_PARTS)
    def _compute_presales_budget(self):
        """The sum of its parts; an amount typed without parts stays."""
        for review in self:
            parts = [review.presales_days * review.presales_day_cost, *(review[name] for name in COST_PARTS)]
            review.presales_budget = sum(parts) if any(parts) else review.presales_budget

    @api.depends("margin_pct", "margin_floor", "policy_id", "lead_id", "snapshot")
    def _compute_veto_grounds(self):
        for review in self:
            # sudo: that it is below, for those who may know (the field's groups); nothing else is taken over
            hand = review.sudo()
            margin = known(hand.margin_pct)
            review.margin_below_floor = bool(review.policy_id) and margin is not None and margin < hand.margin_floor
            kept = (hand.snapshot or {}).get("requirements")
            # sudo: how many musts we can't meet is for each reviewer, whoever may open the requirements
            review.must_gap = kept["must_gap"] if kept else review.lead_id.sudo().kams_must_gap

    # BUSINESS
    def _figures(self):
        values, lead = super()._figures(), self.lead_id
        if lead:
            budget = lead.kams_budget_amount
            values |= {ours: lead[theirs] for ours, theirs in FROM_DEAL.items()}
            values["budget_amount"] = self._in_currency(budget) if budget else None
        return values

    def _prefill(self):
        """Start an application from what the deal and its latest quotation say; what was typed stays."""
        super()._prefill()
        margins = self._quoted_margins()
        for review in self.filtered(lambda one: one.kind == "initiation" and one.lead_id):
            lead = review.lead_id
            quoted = margins.get(lead.id, {})
            values = {
                "need": review.need or lead.kams_need,
                "est_revenue": known(review.est_revenue),
                "est_cost": known(review.est_cost),
            }
            if values["est_revenue"] is None and review.amount:
                values["est_revenue"] = review.amount
            # a cost is only known if that of each line is
            if values["est_cost"] is None and quoted.get("costed") == 100:
                values["est_revenue"] = quoted["revenue"]
                values["est_cost"] = quoted["cost"]
            review.write(values)

    def _snapshot(self):
        kept = super()._snapshot()
        if self.kind == "initiation":
            kept["margin_pct"] = known(self.margin_pct)
            kept["presales_budget"] = self.presales_budget
            kept["facts"] = self._facts_of().get(self.id, {})
        return kept
