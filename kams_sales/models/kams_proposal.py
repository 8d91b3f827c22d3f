from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("draft", "Draft"),
    ("review", "Under Review"),
    ("submitted", "Submitted"),
    ("superseded", "Superseded"),
]
KINDS = [("proposal", "Proposal"), ("bid", "Bid")]
OPEN = ("draft", "review")
# What still comes in after a proposal has gone out: the customer's word on it
AFTERWARDS = {"customer_feedback", "benefit_confirmed_by_id", "benefit_confirmed_at", "benefit_file_ids"}
# Odoo's own keeping of messages and activities isn't part of what was submitted
ODOOS = ("message_", "activity_", "website_message_", "my_activity_")


class KamsProposal(models.Model):
    """What we offer a customer, in writing: chapters, prices and what it brings them, version by version.

    Book section 5.6 项目建议书; bid documents (6.5 投标书的制作) are the same engine with volumes. What was submitted
    stays as it was sent: a change is a new version, which takes the place of the old one.
    """

    _name = "kams.proposal"
    _description = "Proposal"
    _inherit = ["kams.deal.part", "kams.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "lead_id, kind, version desc, id desc"
    _rec_names_search = ["name", "lead_id.name"]
    _state_transitions = {
        "draft": {"review", "submitted", "superseded"},
        "review": {"draft", "submitted", "superseded"},
        "submitted": {"superseded"},
    }

    # What it is
    lead_id = fields.Many2one(required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    kind = fields.Selection(KINDS, required=True, default="proposal", index=True)
    name = fields.Char(string="Proposal", required=True, default=lambda self: self.env._("Proposal"))
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
    chapter_ids = fields.One2many("kams.proposal.chapter", "proposal_id", string="Chapters", copy=True)
    line_ids = fields.One2many("kams.proposal.line", "proposal_id", string="Price Sheet", copy=True)
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
        for proposal in self:
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
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in ("version", "previous_id", "submitted_at")}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        if self.env.su and names <= {"lead_id"}:
            return super().write(vals)  # a merge of deals takes a proposal along as it is
        if names - AFTERWARDS - {"state"}:
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    # BUSINESS
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
