from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankInteger, BlankMonetary
from .crm_lead_gate import InternalPass

KINDS = [
    ("scope", "Change of Scope"),
    ("schedule", "Change of Schedule"),
    ("price", "Change of Price"),
    ("quality", "Change of Quality"),
    ("other", "Other Change"),
]
SIDES = [("us", "Our Side"), ("customer", "The Customer")]
STATES = [
    ("draft", "Being Written"),
    ("review", "To Be Agreed To"),
    ("approved", "Agreed To by Us"),
    ("signed", "Signed by Both Sides"),
    ("rejected", "Change Refused"),
    ("withdrawn", "Withdrawn"),
]
OPEN = ("draft", "review", "approved")
# What the customer pays is for those who sell and invoice; a project manager sees what it costs us, never a margin
SELLERS = "kams_sales.group_salesperson,kams_sales.group_bid_desk,kams_sales.group_legal,kams_sales.group_finance,"
SELLERS += "kams_sales.group_auditor"
HAND, ENGINE = "kams_change_engine", InternalPass("change")


class KamsChange(models.Model):
    """A change of what was agreed: who asks for it, what it costs and takes, and that both sides signed it.

    Book section 8.3 阶段工作管理 (变更). What it may cost without asking is kams_change_authority.py, what the
    signature sets off kams_change_effect.py.
    """

    _name = "kams.change"
    _description = "Change of a delivery"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.files.mixin", "kams.hand.mixin", "kams.finding.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _order = "id desc"
    _rec_names_search = ["name", "number", "lead_id.name"]
    _kept_files = ("file_ids", "signed_file_ids")
    _mail_post_access = "read"  # reviewers only read it, and may ask
    _state_transitions = {
        "draft": {"review", "withdrawn"},
        "review": {"draft", "approved", "rejected", "withdrawn"},
        "approved": {"draft", "signed", "withdrawn"},
        "rejected": {"draft"},
        "withdrawn": {"draft"},
    }

    # Of what
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, readonly=False, precompute=True, index=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    contract_id = fields.Many2one(related="delivery_id.contract_id", string="Contract")
    currency_id = fields.Many2one(related="delivery_id.currency_id")
    number = fields.Char(string="Change Number", readonly=True, copy=False)
    name = fields.Char(string="Change", required=True, tracking=True)
    # What is asked for, by whom
    kind = fields.Selection(KINDS, string="Kind of Change", required=True, default="scope", index=True)
    request = fields.Text(string="What Changes")
    reason = fields.Text(string="Why It Changes")
    side = fields.Selection(SIDES, string="Asked For By", required=True, default="customer", index=True)
    requested_by_id = fields.Many2one(
        "res.partner", string="Customer's Person", ondelete="restrict", index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Change Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Who of us brings it to both signatures.",
    )
    requested_on = fields.Date(string="Asked For On", default=fields.Date.context_today)
    file_ids = fields.Many2many("ir.attachment", "kams_change_file_rel", string="Papers of the Change", copy=False)
    # What it does
    cost = BlankMonetary(string="Cost to Us", tracking=True, help="More or less than planned; empty: not known.")
    price_change = BlankMonetary(
        string="Change in Price",
        groups=SELLERS,
        help="What the customer pays more, or less (a minus), with tax; empty: nothing.",
    )
    days = BlankInteger(
        string="Days Longer", tracking=True, help="Days by which the end moves; a minus: it ends sooner."
    )
    effect = fields.Text(string="Effect of the Change", help="On scope, quality, staff and risk.")
    phase_line_ids = fields.One2many("kams.change.phase", "change_id", string="Phases It Moves", copy=True)
    # How far it is
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, copy=False, index=True, tracking=True
    )
    is_open = fields.Boolean(
        string="Change Open",
        compute="_compute_is_open",
        store=True,
        precompute=True,
        index=True,
        help="Neither signed by both sides, nor refused or withdrawn.",
    )

    # COMPUTES
    @api.depends("delivery_id.lead_id")
    def _compute_lead_id(self):
        for change in self:
            change.lead_id = change.delivery_id.lead_id or change.lead_id

    @api.depends("state")
    def _compute_is_open(self):
        for change in self:
            change.is_open = change.state in OPEN

    @api.depends("number", "name")
    def _compute_display_name(self):
        for change in self:
            change.display_name = " · ".join(filter(None, (change.number, change.name)))

    # CONSTRAINTS
    @api.constrains("delivery_id", "lead_id")
    def _check_same_deal(self):
        for change in self:
            if change.delivery_id.lead_id != change.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(change)s” is of another deal than its delivery: choose a delivery of %(deal)s.",
                        change=change.display_name,
                        deal=change.lead_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        changes._number()
        return changes

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsigned(self):
        for change in self:
            if change.state in ("approved", "signed"):
                raise UserError(
                    self.env._(
                        "“%s” was agreed to and stays. Withdraw it, or write a change that takes it back.",
                        change.display_name,
                    )
                )

    # BUSINESS
    def _move_to_deal(self, deal):
        """It goes where its delivery goes."""

    def _number(self):
        """The next number of each delivery."""
        # sudo: numbers go on, also past changes that the user may not read
        known = self.sudo().search([("delivery_id", "in", self.delivery_id.ids), ("number", "!=", False)])
        last = {}
        for change in known:
            tail = change.number.rpartition("-")[2]
            last[change.delivery_id] = max(last.get(change.delivery_id, 0), int(tail) if tail.isdigit() else 0)
        for change in self.sorted("id"):
            last[change.delivery_id] = number = last.get(change.delivery_id, 0) + 1
            change._engine().number = f"CO-{number:02d}"
