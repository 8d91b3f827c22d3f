from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankFloat
from .kams_process_phase import PHASE_CODES

CATEGORIES = [
    ("price", "Price"),
    ("technical", "Technical"),
    ("brand", "Brand and Qualification"),
    ("service", "Service"),
    ("delivery", "Delivery Time"),
    ("references", "References"),
    ("trust", "Relationship and Trust"),
    ("contract", "Contract Terms"),
    ("change", "Changed Needs"),
    ("competitor", "Comparison with a Competitor"),
    ("delay", "Putting Off"),
]
TRUE_TYPES = [
    ("genuine", "Genuine"),
    ("misunderstanding", "Misunderstanding"),
    ("doubt", "Doubt"),
    ("drawback", "Drawback"),
    ("pretext", "Pretext or Hidden"),
]
SEVERITIES = [
    ("1", "1 Remark"),
    ("2", "2 Slight"),
    ("3", "3 Serious"),
    ("4", "4 Major"),
    ("5", "5 Stops the deal"),
]
METHODS = [
    ("lscpa", "Conversation (LSCPA)"),
    ("proof", "Proof or Test"),
    ("demo", "Demonstration"),
    ("reference", "Reference Customer"),
    ("executive", "Executive Conversation"),
    ("change", "Changed Offer"),
]
STATES = [
    ("open", "Open"),
    ("answered", "Answered"),
    ("accepted", "Accepted"),
    ("unresolved", "Unresolved"),
]
MAJOR = ("4", "5")
# What the customer accepted: it stays as it was
SETTLED = {
    *("lead_id", "date", "stakeholder_id", "partner_id", "event_id", "phase_code", "category", "true_type", "severity"),
    *("statement", "root_cause", "competitor_id", "response_method", "response", "evidence", "attachment_ids"),
    *("customer_confirmed", "confirmed_by_id", "confirmed_at"),
}
# What follows when deals, people or meetings become one
LINKS = {"lead_id", "stakeholder_id", "competitor_id", "event_id"}


class KamsObjection(models.Model):
    """What somebody at the customer's has against it, what is behind it, and whether our answer satisfied them.

    Book section 5.5 排除客户异议. Only the customer closes an objection: it is accepted once somebody of theirs said
    so, on a day; from then on it stays as it is. Major ones that aren't accepted hold a deal up (control point S3-4).
    """

    _name = "kams.objection"
    _description = "Objection"
    _inherit = [
        "kams.deal.part",
        "kams.state.mixin",
        "kams.import.mixin",
        "kams.files.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "severity desc, date desc, id desc"
    _rec_names_search = ["statement", "lead_id.name"]
    _state_transitions = {
        "open": {"answered", "accepted", "unresolved"},
        "answered": {"open", "accepted", "unresolved"},
        "unresolved": {"open", "answered", "accepted"},
        "accepted": {"open"},
    }

    # Who said what, when
    lead_id = fields.Many2one(required=True)
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    date = fields.Date(string="Raised On", required=True, default=fields.Date.context_today)
    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        string="Stakeholder",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    # stays when the person is taken out of the decision chain
    partner_id = fields.Many2one(
        "res.partner",
        string="Raised By",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'child_of', customer_id)]",
        index="btree_not_null",
        ondelete="restrict",
    )
    event_id = fields.Many2one(
        "calendar.event",
        string="Meeting",
        domain="[('opportunity_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    phase_code = fields.Selection(
        PHASE_CODES, string="Phase", compute="_compute_phase_code", store=True, readonly=False, precompute=True
    )
    statement = fields.Text(string="In Their Words", required=True, help="In the customer's own words.")
    statement_short = fields.Char(string="In Short", compute="_compute_statement_short")
    # What it is
    category = fields.Selection(CATEGORIES, required=True, default="price", index=True)
    true_type = fields.Selection(
        TRUE_TYPES, help="What it is in truth, which may be something else than what was said. Empty: not known yet."
    )
    severity = fields.Selection(SEVERITIES, required=True, default="3", index=True)
    root_cause = fields.Text(help="What is behind it.")
    competitor_id = fields.Many2one(
        "kams.competitor",
        string="Competitor Behind",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="Whose arguments these are.",
    )
    # Our answer
    response_method = fields.Selection(METHODS, default="lscpa")
    response = fields.Text(string="Our Answer")
    evidence = fields.Text(help="What we showed for it: figures, certificates, tests, references.")
    attachment_ids = fields.Many2many("ir.attachment", string="Files", copy=False)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    date_due = fields.Date(string="Answer Due")  # kams_objection_activity.py
    salesperson_id = fields.Many2one(related="lead_id.user_id", string="Salesperson")
    # The customer's acceptance
    state = fields.Selection(
        STATES, string="Status", default="open", required=True, copy=False, index=True, tracking=True, group_expand=True
    )
    customer_confirmed = fields.Boolean(string="Customer Accepted", copy=False)
    confirmed_by_id = fields.Many2one(
        "res.partner",
        string="Accepted By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'child_of', customer_id)]",
        help="Who of the customer's people said that it is settled.",
    )
    confirmed_at = fields.Date(string="Accepted On", copy=False)
    reopened_because = fields.Text(readonly=True, copy=False)
    # What follows
    closed_at = fields.Date(string="Closed On", compute="_compute_closed", store=True)
    days_to_close = BlankFloat(
        string="Days to Close", compute="_compute_closed", store=True, digits=(16, 1), aggregator="avg"
    )
    resolution = BlankFloat(
        string="Resolution Rate (%)",
        compute="_compute_closed",
        store=True,
        digits=(16, 1),
        aggregator="avg",
        help="Share of the objections that the customer has accepted our answer to.",
    )
    is_open_major = fields.Boolean(
        string="Major and Open",
        compute="_compute_is_open_major",
        store=True,
        help="Severity 4 or 5, and not accepted by the customer.",
    )

    # COMPUTES
    @api.depends("statement", "lead_id.name")
    def _compute_display_name(self):
        for objection in self:
            objection.display_name = " – ".join(filter(None, (objection.lead_id.name, objection._short_statement())))

    @api.depends("statement")
    def _compute_statement_short(self):
        """For lists, where a long statement would fill the screen."""
        for objection in self:
            objection.statement_short = objection._short_statement(200)

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for objection in self:
            objection.customer_id = objection.lead_id.partner_id.commercial_partner_id

    @api.depends("stakeholder_id")
    def _compute_partner_id(self):
        for objection in self:
            objection.partner_id = objection.stakeholder_id.partner_id or objection.partner_id

    @api.depends("lead_id")
    def _compute_phase_code(self):
        """The phase in which it was raised; it stays when the deal goes on."""
        for objection in self:
            objection.phase_code = objection.phase_code or objection.lead_id.kams_phase_id.code

    @api.depends("state", "date", "confirmed_at")
    def _compute_closed(self):
        for objection in self:
            closed = objection.confirmed_at if objection.state == "accepted" else False
            objection.closed_at = closed
            objection.days_to_close = (closed - objection.date).days if closed and objection.date else None
            objection.resolution = 100.0 if objection.state == "accepted" else 0.0

    @api.depends("state", "severity")
    def _compute_is_open_major(self):
        for objection in self:
            objection.is_open_major = objection.severity in MAJOR and objection.state != "accepted"

    # CONSTRAINTS
    @api.constrains("stakeholder_id", "event_id", "competitor_id")
    def _check_same_deal(self):
        """Who said it, where, and who is behind it belong to the same deal."""
        for objection in self:
            for other, deal in (
                (objection.stakeholder_id, objection.stakeholder_id.lead_id),
                # sudo: which deal a meeting is about, to compare only
                (objection.event_id, objection.event_id.sudo().opportunity_id),
                (objection.competitor_id, objection.competitor_id.lead_id),
            ):
                if other and deal != objection.lead_id:
                    raise ValidationError(
                        self.env._(
                            "“%(other)s” is of another deal than “%(objection)s”: choose one of this deal.",
                            other=other.display_name,
                            objection=objection.display_name,
                        )
                    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        objections = super().create(vals_list)
        objections._find_in_chain()
        return objections

    def write(self, vals):
        if vals.get("state") == "open" and (settled := self.filtered(lambda one: one.state == "accepted")):
            settled._take_back(vals.get("reopened_because"))
        elif not (self.env.su and vals.keys() <= LINKS) and not SETTLED.isdisjoint(vals):
            self._check_unsettled()  # what it hangs on may be merged
        if vals.get("state") == "accepted":
            result = super().write({name: value for name, value in vals.items() if name != "state"})
            self._check_acceptance()
            super().write({"state": "accepted", "reopened_because": False})
        else:
            result = super().write(vals)
        if "lead_id" in vals and not self.env.su:
            self._check_same_deal()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsettled(self):
        self._check_unsettled()

    # ACTIONS
    def action_answered(self):
        """We have answered; whether it satisfies them is theirs to say."""
        for objection in self:
            if not (objection.response or "").strip():
                raise UserError(
                    self.env._(
                        "Write down what was answered to “%(objection)s” first.", objection=objection.display_name
                    )
                )
        return self.write({"state": "answered"})

    def action_accept(self):
        """The customer said that it is settled: who and when are filled in if nobody has."""
        today = fields.Date.context_today(self)
        for objection in self:
            objection.write(
                {
                    "state": "accepted",
                    "customer_confirmed": True,
                    "confirmed_by_id": (objection.confirmed_by_id or objection.partner_id).id,
                    "confirmed_at": objection.confirmed_at or today,
                }
            )
        return True

    def action_unresolved(self):
        """Our answer didn't satisfy them, and for now we have no other."""
        return self.write({"state": "unresolved"})

    def action_open_again(self):
        """Back to work on it. What the customer accepted is taken back with a reason."""
        if any(objection.state == "accepted" for objection in self):
            self.ensure_one()
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Reopen"),
                "res_model": "kams.objection.reopen",
                "view_mode": "form",
                "target": "new",
                "context": {"default_objection_id": self.id},
            }
        return self.write({"state": "open"})

    # BUSINESS
    def _short_statement(self, most=60):
        words = " ".join((self.statement or "").split())
        return f"{words[: most - 1]}…" if len(words) > most else words

    def _take_back(self, reason):
        """The acceptance no longer holds; the chatter keeps it, and why it was taken back."""
        self.check_access("write")
        for objection in self:
            if not (reason or "").strip():
                raise UserError(
                    self.env._(
                        "%(who)s accepted the answer to “%(objection)s”. Use “Reopen” and say why it is taken back.",
                        who=objection.confirmed_by_id.display_name,
                        objection=objection.display_name,
                    )
                )
            objection.message_post(
                body=self.env._(
                    "Reopened: %(reason)s – %(who)s had accepted the answer on %(day)s.",
                    reason=reason.strip(),
                    who=objection.confirmed_by_id.display_name,
                    day=objection.confirmed_at,
                )
            )
        super().write(  # pylint: disable=super-method-mismatch
            {"state": "open", "customer_confirmed": False, "confirmed_by_id": False, "confirmed_at": False}
        )

    def _check_unsettled(self):
        for objection in self:
            if objection.state == "accepted":
                raise UserError(
                    self.env._(
                        "“%(objection)s” stays as %(who)s accepted it. Use “Reopen” and say why, to change it.",
                        objection=objection.display_name,
                        who=objection.confirmed_by_id.display_name,
                    )
                )

    def _check_acceptance(self):
        """An acceptance says to what answer, who, and when; and it is the customer's, not ours."""
        today = fields.Date.context_today(self)
        for objection in self:
            missing = [
                objection._fields[name]._description_string(self.env)
                for name in ("response", "customer_confirmed", "confirmed_by_id", "confirmed_at")
                if not (objection[name].strip() if name == "response" and objection[name] else objection[name])
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "“%(objection)s” isn't accepted yet. Still to fill in: %(fields)s.",
                        objection=objection.display_name,
                        fields=", ".join(missing),
                    )
                )
            if objection.customer_id and objection.confirmed_by_id.commercial_partner_id != objection.customer_id:
                raise UserError(
                    self.env._(
                        "%(who)s isn't one of the customer's people. Name somebody of %(customer)s as the one who "
                        "accepted the answer to “%(objection)s”.",
                        who=objection.confirmed_by_id.display_name,
                        customer=objection.customer_id.display_name,
                        objection=objection.display_name,
                    )
                )
            if not objection.date <= objection.confirmed_at <= today:
                raise UserError(
                    self.env._(
                        "“%(objection)s” can't have been accepted on %(day)s: choose a day between the day it was "
                        "raised, %(raised)s, and today.",
                        objection=objection.display_name,
                        day=objection.confirmed_at,
                        raised=objection.date,
                    )
                )

    def _find_in_chain(self):
        """Who raised it is often imported by name: whoever stands in the deal's decision chain is found there."""
        loose = self.filtered(lambda one: one.partner_id and not one.stakeholder_id)
        if not loose:
            return
        people = self.env["kams.stakeholder"].search(
            [("lead_id", "in", loose.lead_id.ids), ("partner_id", "in", loose.partner_id.ids)]
        )
        known = {(person.lead_id, person.partner_id): person for person in people}
        for objection in loose:
            if person := known.get((objection.lead_id, objection.partner_id)):
                objection.stakeholder_id = person

    def _check_files_free(self, name):
        """What convinced the customer stays."""
        self._check_unsettled()

    @api.model
    def _import_columns(self):
        return [
            ("lead_id", self.env._("Example Deal")),
            ("date", "2026-03-02"),
            ("partner_id", self.env._("Example Customer, Example Engineer")),
            ("category", "price"),
            ("true_type", "doubt"),
            ("severity", "4"),
            ("statement", self.env._("Your price is a tenth above the others'")),
            ("root_cause", self.env._("They compare without the service contract")),
            ("response", self.env._("Compared over five years, with service")),
            ("evidence", self.env._("Cost table, confirmed by their finance")),
            ("date_due", "2026-03-09"),
        ]
