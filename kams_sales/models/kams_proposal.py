from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_gate import InternalPass
from .kams_proposal_chapter import ODOOS

STATES = [
    ("draft", "Draft"),
    ("review", "Under Review"),
    ("submitted", "Submitted"),
    ("superseded", "Superseded"),
]
KINDS = [("proposal", "Written Proposal"), ("bid", "Bid")]
OPEN = ("draft", "review")
# What still comes in after a proposal has gone out: the customer's word on it
AFTERWARDS = {"customer_feedback", "benefit_confirmed_by_id", "benefit_confirmed_at", "benefit_file_ids"}
# What only buttons write, after they have looked
ENGINES = {
    *("version", "previous_id", "submitted_at", "content_on"),
    *("price_approved_by_id", "price_approved_at", "price_approved_margin", "price_approved_discount"),
}
# What a reader of the proposal sees; a change calls for another look before it goes out
CONTENT = {"name", "introduction", "validity_date", "currency_id", "print_discount"}
CONTENT |= {"one_off_cost", "annual_benefit", "years", "discount_rate", "benefit_note"}
HAND, ENGINE = "kams_proposal_engine", InternalPass("proposal")  # a context key, and what nobody else can put there


class KamsProposal(models.Model):
    """What we offer a customer, in writing: chapters, prices and what it brings them, version by version.

    Book section 5.6 项目建议书; bid documents (6.5 投标书的制作) are the same engine with volumes. What was submitted
    stays as it was sent: a change is a new version, which takes the place of the old one.
    """

    _name = "kams.proposal"
    _description = "Written proposal"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.files.mixin", "kams.hand.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _order = "lead_id, kind, version desc, id desc"
    _rec_names_search = ["name", "lead_id.name"]
    _kept_files = ("sent_file_ids", "benefit_file_ids")
    _state_transitions = {
        "draft": {"review", "submitted", "superseded"},
        "review": {"draft", "submitted", "superseded"},
        "submitted": {"superseded"},
    }

    # What it is
    lead_id = fields.Many2one(required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    kind = fields.Selection(KINDS, required=True, default="proposal", index=True)
    name = fields.Char(string="Title", required=True, default=lambda self: self.env._("Our Proposal"))
    introduction = fields.Char(string="Subtitle", help="What stands below the name on the first page.")
    partner_id = fields.Many2one("res.partner", string="Customer", compute="_compute_partner_id")
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "kams.proposal", string="Version Before This", readonly=True, copy=False, index="btree_not_null"
    )
    next_ids = fields.One2many("kams.proposal", "previous_id", string="Later Versions")
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, copy=False, index=True, tracking=True
    )
    # Who, until when
    user_id = fields.Many2one(
        "res.users",
        string="Author",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Who writes it and answers for it; they can't be among those who review it.",
    )
    date_start = fields.Date(string="Work Begins", default=fields.Date.context_today)
    date_due = fields.Date(string="To Be Submitted By", copy=False, tracking=True)
    validity_date = fields.Date(string="Valid Until", help="The last day on which the customer may accept it.")
    # What it is made of
    template_id = fields.Many2one(
        "kams.proposal.template",
        string="Template",
        ondelete="set null",
        index="btree_not_null",
        domain="[('kind', '=', kind)]",
        help="Which chapters it begins with.",
    )
    chapter_ids = fields.One2many("kams.proposal.chapter", "proposal_id", string="Chapters", copy=True)
    line_ids = fields.One2many("kams.proposal.line", "proposal_id", string="Price Sheet", copy=True)
    content_on = fields.Datetime(
        string="Text Last Changed",
        readonly=True,
        copy=False,
        help="When its own text, or what it is made of, was last changed; chapters and prices keep their own time.",
    )
    # The customer
    submitted_at = fields.Datetime(string="Submitted On", readonly=True, copy=False, tracking=True)
    submitted_to_id = fields.Many2one(
        "res.partner",
        string="Submitted To",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'child_of', partner_id)]",
        help="Who of the customer's people gets it.",
    )
    customer_feedback = fields.Text(string="Customer's Feedback", copy=False)

    _version_positive = models.Constraint("CHECK (version > 0)", "Versions are counted from 1.")

    # COMPUTES
    @api.depends("lead_id.partner_id")
    def _compute_partner_id(self):
        for proposal in self.sudo():  # sudo: those who review it may know for whom it is
            proposal.partner_id = proposal.lead_id.partner_id.commercial_partner_id

    @api.depends("name", "version", "lead_id.name")
    def _compute_display_name(self):
        """sudo: those who review it may read it by name, also where they can't open the deal."""
        for proposal in self:
            version = proposal.version > 1 and f"v{proposal.version}"
            proposal.display_name = " · ".join(filter(None, (proposal.name, proposal.lead_id.sudo().name, version)))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in ENGINES} for vals in vals_list]
        proposals = super().create(vals_list)
        proposals.filtered(lambda one: one.version == 1 and not one.chapter_ids)._begin_with_template()
        return proposals

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes a proposal along as it is
        if self._in_hand() or (self.env.su and names <= {"lead_id"}):
            return super().write(vals)
        if names & ENGINES:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if names - AFTERWARDS - {"state"}:
            self._check_open()
        target = vals.get("state")
        if target == "superseded":
            raise UserError(self.env._("Use “New Version”: it takes the place of %s.", self[:1].display_name))
        if target == "submitted":
            result = super().write({name: value for name, value in vals.items() if name != "state"})
            self.filtered(lambda one: one.state != "submitted")._submit()
            return result
        if names & CONTENT:
            vals = {**vals, "content_on": fields.Datetime.now()}
        return super().write(vals)

    def unlink(self):
        self.chapter_ids.unlink()  # with their activities, which the database wouldn't find
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    # LOCK
    def _check_open(self):
        """What went out stays as it went out, whoever asks and by whatever way."""
        for proposal in self:
            if proposal.state not in OPEN:
                raise UserError(
                    self.env._(
                        "“%(proposal)s” is %(state)s and stays as it was. Use “New Version” to change something.",
                        proposal=proposal.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[proposal.state].lower(),
                    )
                )

    # ACTIONS
    def action_new_version(self):
        """Go on with a copy: this one stays as it is, and is superseded."""
        self.ensure_one()
        return self._new_version()._get_records_action(name=self.display_name)

    def action_back_to_draft(self):
        """Reviews are over, and there is something to change."""
        self.check_access("write")
        return self.write({"state": "draft"})

    def action_add_chapters(self):
        """Add the template's chapters that are missing here."""
        self.check_access("write")
        self._check_open()
        for proposal in self:
            if not proposal.template_id:
                raise UserError(self.env._("Choose a template for “%s” first.", proposal.display_name))
        self._begin_with_template()
        return True

    # BUSINESS
    def _begin_with_template(self):
        """A chapter for each line of the template that isn't there yet, due in its part of the time."""
        templates = self.env["kams.proposal.template"]
        usual = {
            (kind, company): templates._for(kind, company)
            for kind in set(self.mapped("kind"))
            for company in self.company_id or self.env.company
        }
        chapters = []
        for proposal in self:
            template = proposal.template_id or usual.get((proposal.kind, proposal.company_id or self.env.company))
            if not template:
                continue
            proposal._engine().template_id = template
            there = set(proposal.chapter_ids.mapped("name"))
            chapters += [
                {"proposal_id": proposal.id, **line._chapter_values(proposal)}
                for line in template.line_ids
                if line.name not in there
            ]
        self.env["kams.proposal.chapter"].create(chapters)

    def _new_version(self):
        self.ensure_one()
        self.check_access("write")
        if self.state == "superseded":
            latest = self.next_ids.sorted("version")[-1:]
            raise UserError(
                self.env._(
                    "“%(proposal)s” was superseded by “%(latest)s”: make the new version from that one.",
                    proposal=self.display_name,
                    latest=latest.display_name or self.env._("a version that is gone"),
                )
            )
        self.review_ids.filtered(lambda one: one.state in ("draft", "open")).action_cancel()
        values = {"version": self.version + 1, "previous_id": self.id, "user_id": self.env.uid}
        new = self._engine().copy(values).with_env(self.env)
        self._engine().state = "superseded"
        self.chapter_ids._sync_activities()
        self.message_post(body=self.env._("Version %s takes its place.", new.version))
        return new
