from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .crm_lead_gate import InternalPass
from .kams_proposal_chapter import ODOOS

STATES = [
    ("preparing", "Being Prepared"),
    ("approved", "Plan Approved"),
    ("negotiating", "Negotiating"),
    ("agreed", "Agreed"),
    ("broken", "Broken Off"),
    ("contract_review", "Contract Under Review"),
    ("signed", "Contract Concluded"),
    ("handed_over", "Handed Over"),
]
SCOPES = [("full", "Everything"), ("non_substantive", "Only What the Tender Left Open")]
STRATEGIES = [
    ("collaborate", "Collaborate"),
    ("compete", "Compete"),
    ("compromise", "Compromise"),
    ("yield", "Yield"),
    ("avoid", "Avoid"),
]
# What the law keeps to the bid after a tender: 招标投标法 46, 条例 57
SUBSTANTIVE = ("price", "subject", "quality", "delivery")
# Only the contract and the handover say these
FOLLOWS_CONTRACT = ("contract_review", "signed", "handed_over")
# Once these are reached, nothing of it changes any more
OVER = ("agreed", *FOLLOWS_CONTRACT)
# What only buttons and the law write
ENGINES = {"approved_at", "approved_by_id", "asked_by_id", "author_ids", "scope", "locked_kinds", "is_plan_complete"}
# What was approved
PLAN = {"lead_id", "tender_id", "currency_id", "batna", "batna_value", "their_batna", "strategy"}
PLAN |= {"power_analysis", "time_limit", "agenda"}
HAND, ENGINE = "kams_negotiation_engine", InternalPass("negotiation")


class KamsNegotiation(models.Model):
    """What we want, what we can do without, and what we give for what, before we sit down with the customer.

    Book chapter 7 商务谈判管理, sections 7.2 and 7.3. The plan is approved before the first round; what the law keeps
    to the bid is locked. Files beside this one: _issue, _plan (concessions and approval), _team, _terms, _result.
    """

    _name = "kams.negotiation"
    _description = "Negotiation"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.files.mixin", "kams.hand.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _stamps = frozenset(ENGINES)
    _order = "id desc"
    _rec_names_search = ["name", "lead_id.name"]
    _state_transitions = {
        "preparing": {"approved"},
        "approved": {"preparing", "negotiating"},
        "negotiating": {"preparing", "agreed", "broken"},
        "broken": {"negotiating", "preparing"},
        "agreed": {"negotiating", *FOLLOWS_CONTRACT},
        **{state: {"agreed", *FOLLOWS_CONTRACT} for state in FOLLOWS_CONTRACT},
    }

    # What it is about
    lead_id = fields.Many2one(required=True)
    name = fields.Char(string="Title", required=True, default=lambda self: self.env._("Negotiation"))
    tender_id = fields.Many2one(
        "kams.tender",
        compute="_compute_tender_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        help="The tender that was awarded to us, if the deal was tendered.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Lead Negotiator",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, precompute=True, required=True
    )
    state = fields.Selection(
        STATES, string="Status", default="preparing", required=True, copy=False, index=True, tracking=True
    )
    # What the law leaves to negotiate
    scope = fields.Selection(
        SCOPES,
        string="To Be Negotiated",
        compute="_compute_scope",
        store=True,
        precompute=True,
        help="Follows from the way of buying; nobody sets it.",
    )
    locked_kinds = fields.Char(
        compute="_compute_scope", store=True, precompute=True, help="What is locked to the bid, by law."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files", copy=False)
    # The plan
    issue_ids = fields.One2many("kams.negotiation.issue", "negotiation_id", string="Issues", copy=True)
    member_ids = fields.One2many("kams.negotiation.member", "negotiation_id", string="Our Team", copy=True)
    counterpart_ids = fields.One2many(
        "kams.negotiation.counterpart", "negotiation_id", string="Counterparts", copy=True
    )
    concession_ids = fields.One2many(
        "kams.negotiation.concession", "negotiation_id", string="Concession Plan", copy=True
    )
    term_ids = fields.One2many("kams.negotiation.term", "negotiation_id", string="Payment Variants", copy=True)

    # COMPUTES
    @api.depends("name", "lead_id.name")
    def _compute_display_name(self):
        for negotiation in self:
            negotiation.display_name = " · ".join(filter(None, (negotiation.name, negotiation.lead_id.name)))

    @api.depends("lead_id")
    def _compute_tender_id(self):
        """The tender that we won; of several lots, the latest."""
        tenders = self.env["kams.tender"].search(
            [("lead_id", "in", self.lead_id.ids), ("result", "=", "won")], order="id"
        )
        won = {tender.lead_id: tender for tender in tenders}
        for negotiation in self:
            negotiation.tender_id = negotiation.tender_id or won.get(negotiation.lead_id)

    @api.depends("lead_id", "tender_id")
    def _compute_currency_id(self):
        for negotiation in self:
            company = negotiation.lead_id.company_id or self.env.company
            negotiation.currency_id = (
                negotiation.currency_id or negotiation.tender_id.currency_id or company.currency_id
            )

    @api.depends("lead_id", "tender_id")
    def _compute_scope(self):
        """The strictest of what the deal and the tenders it won say. What the law has locked once stays locked.

        How the customer buys may change on the deal and on the tender: they tell (``crm_lead_negotiation.py``).
        """
        modes = self._mode_scopes()
        won = self.env["kams.tender"].search([("lead_id", "in", self.lead_id.ids), ("result", "=", "won")])
        won = won.grouped("lead_id")
        for negotiation in self:
            tenders = negotiation.tender_id | won.get(negotiation.lead_id._origin, self.env["kams.tender"])
            said = {modes.get(mode) for mode in (negotiation.lead_id.kams_procurement_mode, *tenders.mapped("mode"))}
            locked = set(filter(None, (negotiation.locked_kinds or "").split(",")))
            tendered = negotiation.scope == "non_substantive" or "non_substantive" in said
            if tendered:
                locked |= set(SUBSTANTIVE)
            if "fixed_price" in said:
                locked.add("price")
            negotiation.scope = "non_substantive" if tendered else "full"
            negotiation.locked_kinds = ",".join(kind for kind in SUBSTANTIVE if kind in locked)

    # CONSTRAINTS
    @api.constrains("tender_id")
    def _check_same_deal(self):
        for negotiation in self:
            if negotiation.tender_id and negotiation.tender_id.lead_id != negotiation.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(tender)s” is of another deal than “%(negotiation)s”: choose a tender of this deal.",
                        tender=negotiation.tender_id.display_name,
                        negotiation=negotiation.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in ENGINES} for vals in vals_list]
        negotiations = super().create(vals_list)
        negotiations._add_locked_issues()
        return negotiations

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes a negotiation along as it is
        if self._in_hand() or not names or (self.env.su and names <= {"lead_id"}):
            return super().write(vals)
        if names & ENGINES:
            raise UserError(
                self.env._("“%s”: this follows from its buttons and the law, nobody writes it.", self[:1].display_name)
            )
        if "state" in names and any(negotiation.state != vals["state"] for negotiation in self):
            raise UserError(
                self.env._(
                    "“%s” moves on by its buttons, and by its contract once there is one.", self[:1].display_name
                )
            )
        if names - {"state"}:
            self._check_open(plan=bool(names & PLAN))
        if "user_id" in names:
            for negotiation in self:
                negotiation._note_authors(negotiation.user_id)
        result = super().write(vals)
        if names & PLAN:
            self._note_authors(self.env.user)
        if "lead_id" in names:
            self._check_same_deal()
        if names & {"lead_id", "tender_id"}:
            self._add_locked_issues()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_preparing(self):
        for negotiation in self:
            if negotiation.state != "preparing":
                raise UserError(
                    self.env._(
                        "“%s” stays: its plan was approved. Use “Change the Plan” first if it was a mistake.",
                        negotiation.display_name,
                    )
                )

    # BUSINESS
    def _check_open(self, plan=True):
        """Refuse a change of what was approved or, if it isn't of the plan, of what was agreed; whoever asks."""
        for negotiation in self:
            if negotiation.state in OVER:
                raise UserError(
                    self.env._(
                        "“%s” is settled and stays as it was agreed. Use “Negotiate Again” to change something.",
                        negotiation.display_name,
                    )
                )
            if plan and negotiation.state != "preparing":
                raise UserError(
                    self.env._(
                        "The plan of “%s” stays as it was approved. Use “Change the Plan”; it needs a new approval.",
                        negotiation.display_name,
                    )
                )

    def _follow_contract(self, state):
        """The contract or the handover says how far it has come; what isn't agreed yet doesn't follow."""
        # sudo: who signs or accepts a handover needn't have a right on the plan; only the state changes
        for negotiation in self.sudo():
            if negotiation.state in OVER and negotiation.state != state:
                negotiation._engine().write({"state": state})

    def _check_files_free(self, name):
        """What lay on the table stays once all is agreed."""
        self._check_open(plan=False)

    @api.model
    def _mode_scopes(self):
        """``{mode: what may be negotiated}``. sudo: what a mode means by law is no secret."""
        return {mode.code: mode.negotiation_scope for mode in self.env["kams.procurement.mode"].sudo().search([])}
