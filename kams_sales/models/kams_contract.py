from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, BlankMonetary, known, refuse_beyond, refuse_negative
from .crm_lead_gate import InternalPass

STATES = [
    ("draft", "Draft"),
    ("review", "Under Review"),
    ("approved", "Approved"),
    ("signed", "Signed"),
    ("effective", "Effective"),
    ("closed", "Closed"),
    ("terminated", "Terminated"),
]
SIGNED = ("signed", "effective", "closed")
HAND, ENGINE = "kams_contract_engine", InternalPass("contract")  # a context key, and what nobody else can put there


class KamsContract(models.Model):
    """The contract that a deal ends in: with whom, for how much, from when, and how far it is on the way to signature.

    Book section 7.5 审核合同. Who signs stands in kams_contract_party.py, what the law says in
    kams_contract_findings.py, whether it still is what was bid in kams_contract_consistency.py, text and signature in
    kams_contract_text.py and kams_contract_signing.py.
    """

    _name = "kams.contract"
    _description = "Sales contract"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.files.mixin", "kams.hand.mixin", "kams.finding.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _order = "signed_at desc, id desc"
    _rec_names_search = ["name", "number", "lead_id.name"]
    _kept_files = ("text_file_ids", "signed_file_ids")
    _mail_post_access = "read"  # reviewers only read it, and may ask
    _state_transitions = {
        "draft": {"review", "terminated"},
        "review": {"draft", "approved", "terminated"},
        "approved": {"draft", "signed", "terminated"},
        "signed": {"effective", "terminated"},
        "effective": {"closed", "terminated"},
    }

    # What it is
    lead_id = fields.Many2one(required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    name = fields.Char(
        string="Contract",
        required=True,
        tracking=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    number = fields.Char(string="Contract Number", copy=False, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Contract Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Who drafts the contract and brings it to signature; they can't be among those who review it.",
    )
    tender_id = fields.Many2one(
        "kams.tender",
        compute="_compute_tender_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        help="The tender that we won with the bid that this contract has to keep to.",
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Sales Order",
        ondelete="set null",
        index="btree_not_null",
        domain="[('opportunity_id', '=', lead_id)]",
        copy=False,
        help="The order that the contract is carried out and invoiced by.",
    )
    negotiation_id = fields.Many2one(
        "kams.negotiation",
        compute="_compute_negotiation_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        help="The negotiation whose result the contract writes down.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, copy=False, index=True, tracking=True
    )
    is_live = fields.Boolean(
        compute="_compute_is_live", store=True, precompute=True, help="Neither terminated nor given up."
    )
    # Money
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, precompute=True, required=True
    )
    # When
    award_notice_at = fields.Date(related="tender_id.award_notice_at", string="Award Notice On")
    contract_due = fields.Date(
        string="To Be Signed By",
        compute="_compute_contract_due",
        store=True,
        index="btree_not_null",
        help="Last day to sign after the award notice; if it is a day off, the law lets the period end on the next "
        "working day.",
    )
    signed_at = fields.Date(string="Signed On", copy=False, tracking=True)
    effective_at = fields.Date(string="Effective From", copy=False, tracking=True)
    date_start = fields.Date(string="Performance From")
    date_end = fields.Date(string="Performance Until")
    closed_at = fields.Date(string="Closed On", copy=False, readonly=True)
    terminated_at = fields.Date(string="Terminated On", copy=False, readonly=True)
    terminated_why = fields.Text(string="Why It Was Terminated", copy=False)
    # What is agreed
    subject_text = fields.Text(string="What We Deliver", help="The subject of the contract: what, and how much of it.")
    quality_text = fields.Text(string="Quality Agreed", help="Standards and requirements that it has to meet.")
    delivery_text = fields.Text(string="Time and Place of Performance")
    deposit_amount = BlankMonetary(
        string="Earnest Money", help="Lost, or paid back twice, by the side that doesn't perform; no prepayment."
    )
    damages_cap_pct = BlankFloat(
        string="Damages Cap (%)", digits=(5, 2), help="The most that late or bad performance costs, of the contract."
    )
    warranty_months = BlankFloat(string="Warranty (Months)", digits=(5, 1))
    retention_pct = BlankFloat(
        string="Retention (%)", digits=(5, 2), help="What the customer keeps back until the warranty is over."
    )
    performance_bond_required = fields.Boolean(
        string="Performance Bond Required",
        compute="_compute_performance_bond",
        store=True,
        readonly=False,
        precompute=True,
    )
    performance_bond_pct = BlankFloat(
        string="Performance Bond (%)",
        digits=(5, 2),
        compute="_compute_performance_bond",
        store=True,
        readonly=False,
        precompute=True,
        help="Of the contract's amount.",
    )
    note = fields.Html(string="Notes")

    # COMPUTES
    @api.depends("lead_id")
    def _compute_name(self):
        for contract in self:
            contract.name = contract.name or contract.lead_id.name

    @api.depends("name", "number")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " – ".join(filter(None, (contract.number, contract.name)))

    @api.depends("lead_id")
    def _compute_tender_id(self):
        """The tender of the deal that we won, if there is just one."""
        won = self.env["kams.tender"].search([("lead_id", "in", self.lead_id.ids), ("result", "=", "won")])
        of = won.grouped("lead_id")
        for contract in self:
            tenders = of.get(contract.lead_id._origin, won.browse())
            contract.tender_id = contract.tender_id or (len(tenders) == 1 and tenders)

    @api.depends("lead_id")
    def _compute_negotiation_id(self):
        """The deal's latest negotiation that isn't broken off. sudo: which one it is, not what it says."""
        found = (
            self.env["kams.negotiation"]
            .sudo()
            .search([("lead_id", "in", self.lead_id.ids), ("state", "!=", "broken")], order="id")
        )
        latest = {one.lead_id.id: one.id for one in found}
        for contract in self:
            contract.negotiation_id = contract.negotiation_id.id or latest.get(contract.lead_id._origin.id)

    @api.depends("lead_id", "tender_id")
    def _compute_partner_id(self):
        for contract in self:
            contract.partner_id = (
                contract.partner_id
                or contract.tender_id.tenderee_id
                or contract.lead_id.partner_id.commercial_partner_id
            )

    @api.depends("lead_id", "tender_id", "order_id")
    def _compute_currency_id(self):
        for contract in self:
            company = contract.lead_id.company_id or self.env.company
            contract.currency_id = (
                contract.currency_id
                or contract.tender_id.currency_id
                or contract.order_id.currency_id
                or company.currency_id
            )

    @api.depends("state")
    def _compute_is_live(self):
        for contract in self:
            contract.is_live = contract.state != "terminated"

    @api.depends("tender_id.contract_due")
    def _compute_contract_due(self):
        for contract in self:
            contract.contract_due = contract.tender_id.contract_due

    @api.depends("tender_id")
    def _compute_performance_bond(self):
        """What the tender documents demand."""
        for contract in self:
            pct = contract.tender_id and known(contract.tender_id.performance_bond_pct)
            if pct:
                contract.performance_bond_pct = pct
            contract.performance_bond_required = contract.performance_bond_required or bool(pct)

    # CONSTRAINTS
    @api.constrains("deposit_amount", "damages_cap_pct", "warranty_months", "retention_pct", "performance_bond_pct")
    def _check_terms(self):
        names = ("deposit_amount", "damages_cap_pct", "warranty_months", "retention_pct", "performance_bond_pct")
        refuse_negative(self, *names)
        refuse_beyond(self, 100, "damages_cap_pct", "retention_pct", "performance_bond_pct")

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for contract in self:
            if contract.date_start and contract.date_end and contract.date_end < contract.date_start:
                raise ValidationError(self.env._("“%s”: the performance ends before it begins.", contract.display_name))

    @api.constrains("tender_id", "negotiation_id")
    def _check_same_deal(self):
        for contract in self:
            for other in (contract.tender_id, contract.negotiation_id):
                if other and other.sudo().lead_id != contract.lead_id:  # sudo: compared only
                    contract._refuse_other_deal(other)

    @api.constrains("order_id")
    def _check_order_of_deal(self):
        """Its sums are taken over, also by who can't open it: the orders of other deals are none of theirs."""
        for contract in self:
            if contract.order_id and contract.order_id.sudo().opportunity_id != contract.lead_id:  # sudo: compared only
                contract._refuse_other_deal(contract.order_id)

    # BUSINESS
    def _move_to_deal(self, deal):
        """The negotiation and the tender that it came of go first: it is compared with theirs."""
        for origin in (self.tender_id, self.negotiation_id):
            origin.filtered(lambda one: one.lead_id != deal)._move_to_deal(deal)
        super()._move_to_deal(deal)

    def _refuse_other_deal(self, other):
        raise ValidationError(
            self.env._(
                "“%(contract)s”: %(other)s belongs to another deal.",
                contract=self.display_name,
                other=other.sudo().display_name,  # sudo: what it is called, to whoever named it
            )
        )
