import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, BlankMonetary, refuse_negative
from .crm_lead import LEGAL_REGIMES

CATEGORIES = [("works", "Works"), ("goods", "Goods"), ("services", "Services")]
METHODS = [
    ("scoring", "Comprehensive Scoring"),
    ("lowest_evaluated", "Lowest Evaluated Price"),
    ("lowest_bid", "Lowest Reviewed Bid Price"),
]
BOND_FORMS = [
    ("transfer", "Bank Transfer"),
    ("check", "Cheque"),
    ("draft", "Bank Draft"),
    ("guarantee", "Letter of Guarantee"),
    ("insurance", "Surety Insurance"),
    ("e_guarantee", "Electronic Guarantee"),
]
STATES = [
    ("registered", "Registered"),
    ("preparing", "Preparing"),
    ("submitted", "Submitted"),
    ("opened", "Opened"),
    ("closed", "Closed"),
]
RESULTS = [
    ("won", "Awarded to Us"),
    ("lost", "Awarded to Another"),
    ("cancelled", "Cancelled by the Tenderee"),
    ("abandoned", "Abandoned by Us"),
]
NOT_LIVE = ("cancelled", "abandoned")


class KamsTender(models.Model):
    """A tender that we bid in: who calls for it, under which law, how it is judged, what is due when.

    Book section 6.3 招标过程主要控制点. One lot is one tender; a deal may have several. Its dates and the legal clock
    stand in kams_tender_dates.py and kams_tender_clock.py.
    """

    _name = "kams.tender"
    _description = "Tender"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.finding.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "bid_deadline desc, id desc"
    _rec_names_search = ["name", "number", "lead_id.name"]
    _state_transitions = {
        "registered": {"preparing", "submitted", "closed"},
        "preparing": {"registered", "submitted", "closed"},
        "submitted": {"preparing", "opened", "closed"},
        "opened": {"submitted", "closed"},
        "closed": {"registered", "preparing", "submitted", "opened"},
    }

    # What is called for, by whom
    lead_id = fields.Many2one(required=True)
    name = fields.Char(string="Tender", required=True, tracking=True)
    number = fields.Char(string="Tender Number", help="The number in the announcement.")
    lot = fields.Char(help="The lot that we bid for; each lot is a tender of its own.")
    tenderee_id = fields.Many2one(
        "res.partner",
        compute="_compute_from_deal",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Who buys.",
    )
    agency_id = fields.Many2one(
        "res.partner",
        string="Tender Agency",
        ondelete="restrict",
        index="btree_not_null",
        help="Who runs the tender for the buyer.",
    )
    platform_url = fields.Char(string="Platform", help="Where the tender is announced and bids go in.")
    category = fields.Selection(CATEGORIES, default="goods", required=True)
    funding_source = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        string="Bid Manager",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    # The law it falls under
    legal_regime = fields.Selection(
        LEGAL_REGIMES,
        compute="_compute_from_deal",
        store=True,
        readonly=False,
        precompute=True,
        help="The law or rules that the purchase falls under.",
    )
    mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(),
        string="Procurement Mode",
        compute="_compute_from_deal",
        store=True,
        readonly=False,
        precompute=True,
    )
    is_mandatory = fields.Boolean(
        string="Tender Required by Law",
        compute="_compute_is_mandatory",
        store=True,
        readonly=False,
        precompute=True,
        help="The law demands that this project is tendered; stricter periods apply then.",
    )
    # Money
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, precompute=True, required=True
    )
    estimate = BlankMonetary(string="Estimate or Budget", help="What the buyer expects to pay; empty: not known.")
    ceiling_price = BlankMonetary(help="Bids above it are rejected; empty: there is none, or it isn't known.")
    bid_price = BlankMonetary(string="Our Price", copy=False, tracking=True)
    doc_fee = BlankMonetary(string="Price of the Documents")
    # How it is judged
    evaluation_method = fields.Selection(METHODS, default="scoring")
    bid_validity_days = fields.Integer(string="Bid Validity (Days)", help="From the bid deadline on.")
    consortium_allowed = fields.Boolean()
    consortium_partner_ids = fields.Many2many(
        "res.partner", string="Consortium Partners", help="Who bids together with us."
    )
    # Bonds
    bond_required = fields.Boolean(string="Bid Bond Required")
    bond_amount = BlankMonetary(string="Bid Bond")
    bond_form = fields.Selection(BOND_FORMS, string="Form of the Bond")
    performance_bond_pct = BlankFloat(string="Performance Bond (%)", digits=(5, 2), help="Of the contract's amount.")
    # Where it stands
    prequal_required = fields.Boolean(string="Prequalification")
    prequal_state = fields.Selection(
        [("not_required", "Not Required"), ("applied", "Applied"), ("passed", "Passed"), ("failed", "Failed")],
        string="State of the Prequalification",
        compute="_compute_prequal_state",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        tracking=True,
        help="Empty: required, and not applied for yet.",
    )
    state = fields.Selection(
        STATES, string="Status", default="registered", required=True, copy=False, index=True, tracking=True
    )
    result = fields.Selection(RESULTS, copy=False, index="btree_not_null", tracking=True)
    is_live = fields.Boolean(
        compute="_compute_is_live",
        store=True,
        precompute=True,
        help="Neither cancelled by the tenderee nor abandoned by us.",
    )
    note = fields.Html(string="Notes")

    # COMPUTES
    @api.depends("name", "lot")
    def _compute_display_name(self):
        for tender in self:
            tender.display_name = " – ".join(filter(None, (tender.name, tender.lot)))

    @api.depends("lead_id")
    def _compute_from_deal(self):
        """The deal says who buys, how and under which law, until the announcement says otherwise."""
        for tender in self:
            deal = tender.lead_id
            tender.tenderee_id = tender.tenderee_id or deal.partner_id.commercial_partner_id
            tender.legal_regime = tender.legal_regime or deal.kams_legal_regime
            tender.mode = tender.mode or deal.kams_procurement_mode

    @api.depends("legal_regime")
    def _compute_is_mandatory(self):
        for tender in self:
            tender.is_mandatory = tender.legal_regime == "bidding_law"

    @api.depends("lead_id")
    def _compute_currency_id(self):
        for tender in self:
            company = tender.lead_id.company_id or self.env.company
            tender.currency_id = tender.currency_id or company.currency_id

    @api.depends("prequal_required")
    def _compute_prequal_state(self):
        for tender in self:
            if not tender.prequal_required:
                tender.prequal_state = "not_required"
            elif tender.prequal_state == "not_required":
                tender.prequal_state = False

    @api.depends("result")
    def _compute_is_live(self):
        for tender in self:
            tender.is_live = tender.result not in NOT_LIVE

    # CONSTRAINTS
    @api.constrains("estimate", "ceiling_price", "bid_price", "doc_fee", "bond_amount", "performance_bond_pct")
    def _check_amounts(self):
        refuse_negative(
            self, "estimate", "ceiling_price", "bid_price", "doc_fee", "bond_amount", "performance_bond_pct"
        )

    @api.constrains("result", "state")
    def _check_result(self):
        for tender in self:
            if (tender.state == "closed") != bool(tender.result):
                raise ValidationError(
                    self.env._("%(tender)s: a tender is closed when its result is known.", tender=tender.display_name)
                )

    # ORM
    def write(self, vals):
        """A result closes the tender."""
        if vals.get("result") and "state" not in vals:
            vals = {**vals, "state": "closed"}
        return super().write(vals)

    # ACTIONS
    def action_prepare(self):
        """We bid: the documents are worked on."""
        return self.write({"state": "preparing"})

    def action_won(self):
        return self.write({"result": "won"})

    def action_lost(self):
        return self.write({"result": "lost"})

    def action_cancelled(self):
        """The tenderee called the tender off, or fewer than three bid."""
        return self.write({"result": "cancelled"})

    def action_abandon(self):
        """We don't bid, or withdrew for good."""
        return self.write({"result": "abandoned"})

    def action_reopen(self):
        """The result was wrong, or the tender goes on: back to where it stood before."""
        for tender in self:
            tender.write({"result": False, "state": tender._state_before_closing()})
        return True

    def action_next_lot(self):
        """Another lot of the same tender: a tender of its own with the same dates and rules."""
        self.ensure_one()
        return self.copy({"lot": self._next_lot()})._get_records_action(name=self.env._("Next Lot"))

    # BUSINESS
    def _next_lot(self):
        """The lot's number plus one, whatever stands around it; “2” when no lot was named.

        Lots that are on the deal already are passed over.
        """
        taken = set(self.search([("lead_id", "=", self.lead_id.id), ("name", "=", self.name)]).mapped("lot"))
        lot = self.lot or "1"
        while lot in taken | {self.lot or "1"}:
            before, number, behind = re.fullmatch(r"(.*?)(\d*)(\D*)", lot).groups()
            lot = f"{before}{int(number or 1) + 1}{behind}"
        return lot

    def _state_before_closing(self):
        """Where a closed tender stood, as far as its records tell; chapters that know more say so."""
        return "preparing"
