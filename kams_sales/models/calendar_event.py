from odoo import api, fields, models
from odoo.fields import Domain

from .kams_meeting_part import SYSTEM, MeetingLines
from .kams_stakeholder import ATTITUDES

KINDS = [
    ("interview", "Interview"),
    ("exchange", "Technical Exchange"),
    ("demo", "Demonstration"),
    ("company_visit", "Company Visit"),
    ("reference_visit", "Reference Visit"),
    ("negotiation", "Negotiation"),
    ("training", "Training"),
    ("coordination", "Coordination"),
    ("review", "Review Meeting"),
]
# Meetings at which the customer decides something: these have an outcome, and their record is due
OUTCOME_KINDS = ("interview", "exchange", "demo", "company_visit", "reference_visit", "negotiation")
OUTCOMES = [
    ("order", "Order"),
    ("advance", "Advance"),
    ("continuation", "Continuation"),
    ("no_sale", "No Sale"),
]
# Who may see anything of it at all; whose deal it is, is asked besides (calendar_event_secrecy.py)
GROUPS = ",".join(
    f"kams_sales.group_{name}" for name in ("salesperson", "bid_desk", "legal", "finance", "delivery", "auditor")
)
SECRET = {"groups": GROUPS, "prefetch": "kams_meeting"}
PLAN = {**SECRET, "copy": True}
RECORD = {**SECRET, "copy": False}


class CalendarEvent(models.Model):
    """A meeting on a deal: what we want of it, what was said, and what the customer committed to.

    3.4 初次访谈, 4.2 交流. It is Odoo's own meeting, made in the calendar or from the deal; a meeting without a
    kind is none of ours. What a kind of meeting needs beyond that hangs on the meeting.
    """

    _inherit = "calendar.event"

    # What it is: no secret, but nothing for guests either
    kams_kind = fields.Selection(KINDS, string="Kind of Meeting", groups="base.group_user", index="btree_not_null")
    kams_interview_type = fields.Selection(
        [("first", "First"), ("follow_up", "Follow-up"), ("executive", "Executive"), ("technical", "Technical")],
        string="Interview Type",
        groups="base.group_user",
        copy=False,
    )
    kams_record_state = fields.Selection(
        [("planned", "Planned"), ("done", "Recorded")],
        string="Record",
        groups="base.group_user",
        copy=False,
        readonly=True,
    )
    kams_recorded_at = fields.Datetime(string="Recorded On", groups="base.group_user", copy=False, readonly=True)
    kams_record_late = fields.Boolean(
        string="Recorded Late",
        groups="base.group_user",
        copy=False,
        readonly=True,
        help="The record was submitted later after the meeting than the company's rule allows.",
    )
    kams_has_outcome = fields.Boolean(compute="_compute_kams_has_outcome", groups="base.group_user")
    kams_record_due = fields.Boolean(
        compute="_compute_kams_record_due",
        search="_search_kams_record_due",
        string="Record Due",
        groups="base.group_user",
        help="The meeting is over and its record is not submitted.",
    )
    # Plan
    kams_objective = fields.Text(
        string="Objective", help="The commitment that we want the customer to make at this meeting.", **PLAN
    )
    kams_call_reason = fields.Text(string="Reason for the Call", help="Why the customer should meet us.", **PLAN)
    kams_materials = fields.Text(string="Materials", **PLAN)
    kams_our_ask = fields.Text(string="Our Ask", help="What we will ask for at the end.", **PLAN)
    kams_question_ids = MeetingLines("kams.meeting.question", "event_id", string="Questions", copy=True, groups=GROUPS)
    # Record
    kams_minutes = fields.Text(string="Minutes", **RECORD)
    kams_situation = fields.Text(string="Situation", **RECORD)
    kams_problems = fields.Text(string="Problems", **RECORD)
    kams_implications = fields.Text(string="Implications", **RECORD)
    kams_expected_value = fields.Text(string="Value Expected", help="What solving it is worth to them.", **RECORD)
    kams_budget_hint = fields.Char(string="Budget Hint", **RECORD)
    kams_timeline_hint = fields.Char(string="Timeline Hint", **RECORD)
    kams_decision_hint = fields.Char(string="Decision Hint", **RECORD)
    kams_competitors_mentioned = fields.Char(string="Competitors Mentioned", **RECORD)
    kams_attitude = fields.Selection(ATTITUDES, string="Customer's Attitude", **RECORD)
    kams_commitment_ids = MeetingLines("kams.meeting.commitment", "event_id", string="Commitments", groups=GROUPS)
    kams_attendance_ids = MeetingLines("kams.meeting.attendance", "event_id", string="Who Came", groups=GROUPS)
    kams_outcome = fields.Selection(
        OUTCOMES,
        string="Outcome",
        help="Order: they bought. Advance: they committed to a step that moves the deal on. Continuation: we go on "
        "talking. No sale: they refused. Only orders and advances count as success.",
        **RECORD,
    )
    kams_next_step = fields.Char(string="Next Step", **RECORD)
    kams_next_step_date = fields.Date(string="Next Step On", **RECORD)
    kams_confirmed_with_customer = fields.Boolean(string="Confirmed with the Customer", **RECORD)
    # Exchange
    kams_prepared_at = fields.Date(string="Prepared On", **RECORD)
    kams_rehearsed_at = fields.Date(string="Rehearsed On", **RECORD)
    kams_rating = fields.Selection(
        [("1", "Poor"), ("2", "Fair"), ("3", "Good"), ("4", "Very Good"), ("5", "Excellent")],
        string="Customer's Rating",
        **RECORD,
    )
    kams_conclusions = fields.Text(string="Conclusions", **RECORD)
    kams_archived_at = fields.Date(string="Archived On", **RECORD)

    # COMPUTES
    @api.depends("kams_kind")
    def _compute_kams_has_outcome(self):
        for event in self:
            event.kams_has_outcome = event.kams_kind in OUTCOME_KINDS

    @api.depends("kams_kind", "kams_record_state", "stop", "active")
    def _compute_kams_record_due(self):
        now = fields.Datetime.now()
        for event in self:
            event.kams_record_due = bool(
                event.kams_kind in OUTCOME_KINDS
                and event.active
                and event.kams_record_state != "done"
                and event.stop
                and event.stop < now
            )

    def _search_kams_record_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = Domain(
            [
                ("kams_kind", "in", OUTCOME_KINDS),
                ("kams_record_state", "!=", "done"),
                ("active", "=", True),
                ("stop", "<", fields.Datetime.now()),
            ]
        )
        return due if True in value else ~due

    @api.onchange("opportunity_id")
    def _onchange_kams_kind(self):
        if self.opportunity_id._origin._kams_process_ids() and not self.kams_kind:
            self.kams_kind = "interview"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create([self._kams_with_state(vals) for vals in vals_list])
        events._kams_take_kind()
        return events

    def write(self, vals):
        linked = vals.get("opportunity_id") and "kams_kind" not in vals
        result = super().write(vals)
        if vals.get("kams_kind"):
            fresh = self.filtered(lambda event: not event.kams_record_state)
            fresh.with_context(**SYSTEM).kams_record_state = "planned"
        if linked:
            self._kams_take_kind()
        return result

    # ACTIONS
    def action_kams_open(self):
        """Open the form that asks for the deal, with the kind that meetings have at first."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.id,
            "views": [(self.env.ref("kams_sales.calendar_event_view_form_kams").id, "form")],
        }

    # BUSINESS
    @api.model
    def _kams_with_state(self, vals):
        """A meeting of a kind is born planned; another has no record to speak of."""
        return {**vals, "kams_record_state": "planned"} if vals.get("kams_kind") else vals

    def _kams_take_kind(self):
        """A meeting of a deal under a process is an interview until somebody says otherwise."""
        linked = self.with_context(**SYSTEM).filtered("opportunity_id")
        if not linked:
            return
        deals = linked.opportunity_id._kams_process_ids()
        meetings = linked.filtered(lambda event: event.opportunity_id.id in deals)
        meetings.filtered(lambda event: not event.kams_kind).kams_kind = "interview"
        interviews = meetings.filtered(lambda event: event.kams_kind == "interview" and not event.kams_interview_type)
        if not interviews:
            return
        # sudo: which number a meeting has on its deal is no secret; nothing of the others is shown
        earlier = {
            deal.id: first
            for deal, first in self.sudo()._read_group(
                [("opportunity_id", "in", interviews.opportunity_id.ids), ("kams_kind", "=", "interview")],
                ["opportunity_id"],
                ["id:min"],
            )
        }
        for event in interviews:
            first = earlier.get(event.opportunity_id.id) == event.id
            event.kams_interview_type = "first" if first else "follow_up"
