from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.communication import next_contact
from .crm_lead_gate import InternalPass

CHANNELS = [
    ("meeting", "Meeting"),
    ("call", "Phone Call"),
    ("mail", "E-mail"),
    ("report", "Written Report"),
    ("chat", "Chat Group"),
    ("visit", "Visit in Person"),
]
FREQUENCIES = [
    ("day", "Every Working Day"),
    ("week", "Every Week"),
    ("fortnight", "Every Two Weeks"),
    ("month", "Every Month"),
    ("milestone", "At Each Milestone"),
]
# What moves the days on which contacts are due
RHYTHM = {"frequency", "date_from", "date_to", "plan_id"}
HAND, ENGINE = "kams_comm_engine", InternalPass("communication")
# what the calendar does by itself is told by the list: a note for each contact would say nothing more
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
BATCH = 200


class KamsCommLine(models.Model):
    """One person or group and what they hear from us: content, way, how often, and who of us sees to it.

    Book section 8.5 沟通计划. Each contact that falls due stands in its owner's activities.
    """

    _name = "kams.comm.line"
    _description = "Line of a communication plan"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "plan_id, sequence, id"
    _rec_name = "content"

    # Place
    plan_id = fields.Many2one("kams.plan", string="Communication Plan", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="plan_id.lead_id", string="Deal")
    delivery_id = fields.Many2one(related="plan_id.delivery_id", string="Delivery")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(related="plan_id.customer_id")
    plan_state = fields.Selection(related="plan_id.state", string="Status of the Plan")
    sequence = fields.Integer(default=10)
    # Who hears what
    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        string="Stakeholder",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Anybody who should hear from us, of the customer or not.",
    )
    audience = fields.Char(
        string="Or a Group", help="A group instead of one person: the steering committee, the users."
    )
    content = fields.Char(string="What They Hear", required=True)
    channel = fields.Selection(CHANNELS, string="By Which Way", required=True, default="meeting")
    frequency = fields.Selection(FREQUENCIES, string="How Often", required=True, default="week")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
    )
    # When
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", help="Last day on which a contact may be due; empty: until the plan ends.")
    next_due = fields.Date(string="Next Contact", readonly=True, copy=False, index=True)
    log_ids = fields.One2many("kams.comm.log", "line_id", string="Planned Contacts")
    last_held = fields.Date(string="Last Contact", compute="_compute_last_held")

    _period = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A line of a communication plan ends after it begins."
    )

    # COMPUTES
    @api.depends("content", "stakeholder_id", "partner_id", "audience")
    def _compute_display_name(self):
        for line in self:
            line.display_name = " – ".join(filter(None, (line._whom(), line.content)))

    @api.depends("stakeholder_id")
    def _compute_partner_id(self):
        for line in self:
            line.partner_id = line.stakeholder_id.partner_id or line.partner_id

    @api.depends("log_ids.held_on")
    def _compute_last_held(self):
        groups = self.env["kams.comm.log"]._read_group(
            [("line_id", "in", self._origin.ids), ("state", "=", "held")], ["line_id"], ["held_on:max"]
        )
        last = {line.id: day for line, day in groups}
        for line in self:
            line.last_held = last.get(line._origin.id, False)

    # CONSTRAINTS
    @api.constrains("stakeholder_id", "plan_id")
    def _check_stakeholder(self):
        for line in self:
            if line.stakeholder_id and line.stakeholder_id.lead_id != line.plan_id.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s isn't in the decision chain of the deal of “%(plan)s”. Choose somebody who is.",
                        person=line.stakeholder_id.display_name,
                        plan=line.plan_id.display_name,
                    )
                )

    @api.constrains("stakeholder_id", "partner_id", "audience")
    def _check_whom(self):
        for line in self:
            if not line._whom():
                raise ValidationError(self.env._("Who hears “%s”? Name a person or a group.", line.content))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(
            [{name: value for name, value in vals.items() if name != "next_due"} for vals in vals_list]
        )
        lines._start()
        return lines

    def write(self, vals):
        if "next_due" in vals and not self._in_hand():
            raise UserError(
                self.env._(
                    "When the next contact “%s” is due follows from how often it takes place: change that instead.",
                    self[:1].display_name,
                )
            )
        if "plan_id" in vals:
            self.filtered(lambda line: line.plan_id.id != vals["plan_id"])._check_nothing_was_due()
        result = super().write(vals)
        if not RHYTHM.isdisjoint(vals):
            self._start()
        if "user_id" in vals:
            self.log_ids.filtered(lambda log: log.state == "due").user_id = vals["user_id"]
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_keep_contacts(self):
        self._check_nothing_was_due()

    # BUSINESS
    def _whom(self):
        return self.audience or self.sudo().partner_id.name  # sudo: the name of whom we talk to, no more

    def _check_nothing_was_due(self):
        """What was due counts, held or not: a line is ended, not deleted."""
        today = fields.Date.context_today(self)
        # sudo: whether anything was due, whoever may see it
        logs = self.env["kams.comm.log"].sudo()
        domain = [("line_id", "in", self.ids), "|", ("state", "!=", "due"), ("date_due", "<", today)]
        if self and (found := logs.search(domain, limit=1)):
            raise UserError(
                self.env._(
                    "“%s” has contacts that were due, and these count. End the line by its last day instead.",
                    found.line_id.display_name,
                )
            )

    def _last_day(self):
        """The last day on which a contact may be due."""
        return min(filter(None, (self.date_to, self.plan_id.date_to)))

    def _start(self):
        """Let contacts be due from today on, by the rhythm; what was due before stays as it is."""
        today = fields.Date.context_today(self)
        logs = self.env["kams.comm.log"]
        last = {
            line.id: day for line, day in logs._read_group([("line_id", "in", self.ids)], ["line_id"], ["date_due:max"])
        }
        yesterday = today - timedelta(days=1)
        for line in self:
            after = max(yesterday, last.get(line.id) or yesterday)
            line._engine().next_due = line._next_contact(after) if line.plan_id._is_in_force() else False
        self._make_contacts(today)

    def _next_contact(self, after):
        """The next day after ``after``, or nothing when the line or its plan is over by then."""
        start = max(self.date_from, self.plan_id.date_from)
        calendar = self.env["kams.holiday"]._calendar(self.company_id)
        day = next_contact(start, self.frequency, after, calendar)
        return day if day and day <= self._last_day() else False

    def _follow(self):
        """The plan was activated, closed or moved: contacts that wait are asked for, or no longer."""
        lines = self.filtered(lambda line: not line.next_due or line.next_due > line._last_day())
        lines._start()
        self.log_ids.filtered(lambda log: log.state == "due")._sync_activities()

    @api.model
    def _cron_contacts(self):
        """What falls due today stands in its owner's activities; what was overtaken by the next one is missed."""
        today = fields.Date.context_today(self)
        lines = self.search(
            [
                ("plan_id.state", "=", "active"),
                ("plan_id.kind", "=", "communication"),
                *("|", ("next_due", "!=", False), "|"),
                *(("frequency", "=", "milestone"), ("log_ids.state", "=", "due")),
            ]
        )
        lines = lines.filtered(lambda line: line.plan_id._is_in_force())
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(lines))
        for first in range(0, len(lines), BATCH):
            batch = lines[first : first + BATCH]
            batch._make_contacts(today)
            batch._note_missed(today)
            # a day that went by makes contacts due without a write of theirs
            for name in ("comm_due", "comm_held", "comm_rate"):
                self.env.add_to_compute(batch.plan_id._fields[name], batch.plan_id)
            if not progress._commit_progress(len(batch)):
                break

    def _make_contacts(self, today):
        """The contacts of these lines that are due by today, and the next one if none waits: one create for all."""
        lines = self.filtered(lambda line: line.next_due)
        logs = self.env["kams.comm.log"]
        ahead = int(self.env["kams.legal.rule"]._value("comm_ahead_days", today) or 0)
        waiting = logs._read_group([("line_id", "in", lines.ids), ("state", "=", "due")], ["line_id"])
        waiting = {line.id for (line,) in waiting}
        wanted = []
        for line in lines:
            limit = today if line.id in waiting else today + timedelta(days=ahead)
            due = line.next_due
            while due and due <= limit:
                wanted.append({"line_id": line.id, "date_due": due, "user_id": line.user_id.id})
                limit, due = today, line._next_contact(due)
            if due != line.next_due:
                line._engine().next_due = due
        wanted += self._milestones_reached(today)
        logs._engine().with_context(**QUIET).create(wanted)

    def _milestones_reached(self, today):
        """A contact for each phase of the delivery that was finished since the line began and has none yet."""
        lines = self.filtered(lambda line: line.frequency == "milestone" and line.plan_id._is_in_force())
        # sudo: that a phase is done, for whoever keeps the plan
        phases = self.env["kams.delivery.phase"].sudo().search([("delivery_id", "in", lines.delivery_id.ids)])
        if not phases:
            return []
        days = int(self.env["kams.legal.rule"]._value("comm_milestone_days", today) or 0)
        done = [(phase, day) for phase in phases if (day := phase._reached_on())]
        logs = self.env["kams.comm.log"].search([("line_id", "in", lines.ids), ("phase_id", "!=", False)])
        told = {(log.line_id.id, log.phase_id.id) for log in logs}
        return [
            {
                "line_id": line.id,
                "phase_id": phase.id,
                "date_due": day + timedelta(days=days),
                "user_id": line.user_id.id,
            }
            for line in lines
            for phase, day in done
            if phase.delivery_id == line.delivery_id
            and (line.id, phase.id) not in told
            and line.date_from <= day <= line._last_day()
        ]

    def _note_missed(self, today):
        """A contact that nobody held by the time the next one was due is missed."""
        logs = self.env["kams.comm.log"].search(
            [("line_id", "in", self.ids), ("date_due", "<=", today)], order="line_id, date_due desc, id desc"
        )
        missed = logs.browse()
        for _line, mine in logs.grouped("line_id").items():
            missed |= mine[1:].filtered(lambda log: log.state == "due")
        missed.with_context(**QUIET).state = "missed"


class KamsDeliveryPhase(models.Model):
    """When a phase was finished, for those who are to hear of it."""

    _inherit = "kams.delivery.phase"

    def _reached_on(self):
        """The day on which the phase was finished, or nothing."""
        self.ensure_one()
        milestone = self.milestone_id
        return self.actual_end or (milestone.is_reached and (milestone.reached_date or fields.Date.context_today(self)))
