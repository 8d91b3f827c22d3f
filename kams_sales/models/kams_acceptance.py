from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .crm_lead_gate import InternalPass

KINDS = [
    ("arrival", "Acceptance on Arrival"),
    ("preliminary", "Preliminary Acceptance"),
    ("trial", "Trial Run"),
    ("final", "Final Acceptance"),
    ("warranty", "Acceptance after the Warranty"),
]
STATES = [
    ("draft", "To Be Inspected"),
    ("held", "Inspected"),
    ("signed", "Certificate Signed"),
    ("refused", "Refused by Customer"),
    ("cancelled", "Acceptance Cancelled"),
]
CONCLUSIONS = [("passed", "Passed"), ("conditional", "Passed with Conditions"), ("failed", "Not Passed")]
OPEN = ("draft", "held")
# What only buttons write, after they have looked
STAMPS = frozenset(
    {
        *("state", "attempt", "previous_id", "signed_hash", "recorded_by_id", "refused_on", "refuse_reason"),
    }
)
# What Odoo's chatter writes beside
ODOOS = ("message_", "activity_", "website_", "rating_", "my_activity_")
HAND, ENGINE = "kams_acceptance_engine", InternalPass("acceptance")


class KamsAcceptance(models.Model):
    """The customer says that something is as agreed, and signs it: from then on what was promised for it is owed.

    Book section 8.3 阶段验收: arrival, preliminary, trial run, final, warranty. A refused acceptance stays as it was;
    the next attempt is a record of its own. Signature and refusal stand in kams_acceptance_signing.py, what is paid
    upon it in kams_acceptance_payment.py, what the law says in kams_acceptance_findings.py.
    """

    _name = "kams.acceptance"
    _description = "Acceptance"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.files.mixin", "kams.hand.mixin", "kams.finding.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _stamps = STAMPS
    _order = "delivery_id desc, planned_on, id"
    _rec_names_search = ["name", "number", "delivery_id.name", "lead_id.name"]
    _kept_files = ("signed_file_ids",)
    _state_transitions = {
        "draft": {"held", "cancelled"},
        "held": {"draft", "signed", "refused", "cancelled"},
        "signed": {"held"},
        "refused": {"held"},
        "cancelled": {"draft"},
    }

    # Of what
    delivery_id = fields.Many2one(
        "kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True, tracking=True
    )
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, precompute=True, index=True, readonly=True
    )
    contract_id = fields.Many2one(related="delivery_id.contract_id", string="Contract")
    customer_id = fields.Many2one(related="delivery_id.customer_id", string="Customer")
    phase_id = fields.Many2one(
        "kams.delivery.phase",
        string="Phase of Delivery",
        ondelete="set null",
        index="btree_not_null",
        domain="[('delivery_id', '=', delivery_id)]",
        help="The phase that ends with it; empty: of the delivery as a whole.",
    )
    kind = fields.Selection(
        KINDS, string="Kind of Acceptance", required=True, default="preliminary", index=True, tracking=True
    )
    name = fields.Char(
        string="Acceptance", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    number = fields.Char(string="Certificate Number", copy=False)
    place = fields.Char(string="Place of Acceptance")
    # Which attempt
    attempt = fields.Integer(default=1, readonly=True, copy=False, help="1 is the first; each refusal adds one.")
    previous_id = fields.Many2one(
        "kams.acceptance",
        string="Earlier Attempt",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    next_ids = fields.One2many("kams.acceptance", "previous_id", string="Later Attempts", readonly=True)
    # Who, when
    user_id = fields.Many2one(
        "res.users",
        string="Led By",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Who of us prepares the acceptance and brings it to signature.",
    )
    planned_on = fields.Date(string="Acceptance Planned On", index=True, tracking=True)
    held_on = fields.Date(string="Inspected On", copy=False, tracking=True)
    # How it came out
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, readonly=True, copy=False, index=True, tracking=True
    )
    conclusion = fields.Selection(CONCLUSIONS, copy=False, tracking=True)
    remark = fields.Text(string="Remarks", copy=False, help="What both sides want to have in the certificate besides.")
    is_open = fields.Boolean(
        string="Acceptance Pending", compute="_compute_is_open", store=True, help="Neither signed nor refused yet."
    )
    is_superseded = fields.Boolean(
        string="Has a Later Attempt", compute="_compute_is_superseded", store=True, help="A later attempt counts."
    )

    # COMPUTES
    @api.depends("delivery_id.lead_id")
    def _compute_lead_id(self):
        for acceptance in self:
            acceptance.lead_id = acceptance.delivery_id.lead_id

    @api.depends("kind", "phase_id")
    def _compute_name(self):
        """What it is called, as long as nobody says otherwise."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for acceptance in self:
            if not acceptance.name or acceptance.name in kinds.values():
                acceptance.name = kinds.get(acceptance.kind)

    @api.depends("delivery_id")
    def _compute_user_id(self):
        for acceptance in self:
            acceptance.user_id = acceptance.user_id or acceptance.delivery_id.user_id or self.env.user

    @api.depends("name", "attempt", "delivery_id.name")
    def _compute_display_name(self):
        for acceptance in self:
            name = acceptance.name
            if acceptance.attempt > 1:
                name = self.env._("%(acceptance)s (attempt %(number)s)", acceptance=name, number=acceptance.attempt)
            acceptance.display_name = " – ".join(filter(None, (acceptance.delivery_id.name, name)))

    @api.depends("state")
    def _compute_is_open(self):
        for acceptance in self:
            acceptance.is_open = acceptance.state in OPEN

    @api.depends("next_ids.state")
    def _compute_is_superseded(self):
        for acceptance in self:
            acceptance.is_superseded = any(later.state != "cancelled" for later in acceptance.next_ids)

    # CONSTRAINTS
    @api.constrains("delivery_id", "phase_id")
    def _check_same_delivery(self):
        for acceptance in self:
            phase = acceptance.phase_id
            if phase and phase.delivery_id != acceptance.delivery_id:
                raise ValidationError(
                    self.env._(
                        "“%(phase)s” is a phase of another delivery than “%(acceptance)s”: choose one of its own.",
                        phase=phase.name,
                        acceptance=acceptance.display_name,
                    )
                )

    # ORM
    @api.model
    def default_get(self, fields_list):
        """From a deal with one delivery there is nothing to choose."""
        values = super().default_get(fields_list)
        deal_id = self.env.context.get("default_lead_id")
        if deal_id and "delivery_id" in fields_list and not values.get("delivery_id"):
            found = self.env["kams.delivery"].search(
                [("lead_id", "=", deal_id), ("state", "in", ("planned", "running"))], limit=2
            )
            if len(found) == 1:
                values["delivery_id"] = found.id
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes an acceptance along as it is
        if self._in_hand() or (self.env.su and names <= {"lead_id"}):
            return super().write(vals)
        if names & STAMPS:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if names:
            self._check_free()
        if "delivery_id" in names and any(one.previous_id or one.next_ids for one in self):
            raise UserError(
                self.env._("“%s” has several attempts, which stay with one delivery.", self[:1].display_name)
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for acceptance in self:
            if acceptance.state not in ("draft", "cancelled"):
                raise UserError(
                    self.env._(
                        "“%s” was inspected and stays. Cancel it, if nothing comes of it.", acceptance.display_name
                    )
                )

    # BUSINESS
    def _move_to_deal(self, deal):
        """It goes where its delivery goes."""

    def _check_free(self):
        """What was signed or refused stays as it was, with all that it rests upon."""
        for acceptance in self:
            if acceptance.state not in OPEN:
                raise UserError(
                    self.env._(
                        "“%(acceptance)s” is “%(state)s” and stays as it is. A director may reopen it, with a reason.",
                        acceptance=acceptance.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[acceptance.state],
                    )
                    if acceptance.state != "cancelled"
                    else self.env._(
                        "“%s” is cancelled: take it back to planning to change it.", acceptance.display_name
                    )
                )

    def _check_files_free(self, name):
        self._check_free()
