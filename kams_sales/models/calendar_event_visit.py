from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .blank import BlankMonetary
from .calendar_event import GROUPS, PLAN, RECORD
from .kams_meeting_part import MeetingLines

VISITS = ("company_visit", "reference_visit")


class CalendarEvent(models.Model):
    """A visit to us: who comes, who receives them, what they shall take home, and what it costs (5.3 公司参观)."""

    _inherit = "calendar.event"

    # Plan
    kams_visit_level = fields.Selection(
        [("a", "A Executives"), ("b", "B Business"), ("c", "C Ordinary")], string="Level of the Visit", **PLAN
    )
    kams_visit_purpose = fields.Text(string="Purpose of the Visit", **PLAN)
    kams_visitors = fields.Text(string="Visitors", help="Who comes: names, positions, how many.", **PLAN)
    kams_host_id = fields.Many2one(
        "res.users",
        string="Host",
        domain="[('share', '=', False)]",
        ondelete="set null",
        help="The executive of ours who receives them.",
        **PLAN,
    )
    kams_messages = fields.Text(string="Messages to Convey", help="What they shall take home with them.", **PLAN)
    kams_itinerary_ids = MeetingLines(
        "kams.meeting.itinerary", "event_id", string="Itinerary", copy=True, groups=GROUPS
    )
    kams_visit_advice = fields.Text(string="Missing for the Visit", compute="_compute_kams_visit_advice", groups=GROUPS)
    kams_visit_warning = fields.Text(string="Warning", compute="_compute_kams_visit_warning", groups=GROUPS)
    # Costs
    kams_cost_ids = MeetingLines("kams.meeting.cost", "event_id", string="Costs", groups=GROUPS)
    kams_currency_id = fields.Many2one("res.currency", compute="_compute_kams_cost_total", groups=GROUPS)
    kams_cost_total = BlankMonetary(
        string="Cost of the Visit",
        compute="_compute_kams_cost_total",
        currency_field="kams_currency_id",
        groups=GROUPS,
        help="Empty: no cost is entered.",
    )
    # Record
    kams_executive_notes = fields.Text(
        string="Executives' Meeting", help="What their executives and ours said to each other.", **RECORD
    )
    kams_compliance = fields.Boolean(
        string="No Gifts",
        help="Nobody who decides or evaluates was given or promised gifts, money or other benefits on this visit "
        "(Anti-Unfair Competition Law art. 8, in force since 15 October 2025; Bidding Law art. 32; Government "
        "Procurement Law art. 25). Without this statement the record of a visit can't be submitted.",
        **RECORD,
    )

    # COMPUTES
    @api.depends("kams_kind", "opportunity_id", "kams_cost_ids.amount")
    def _compute_kams_cost_total(self):
        for event in self:
            costs = event.kams_cost_ids
            event.kams_currency_id = costs.currency_id[:1]
            event.kams_cost_total = sum(costs.mapped("amount")) if costs else None

    @api.depends(
        *("kams_kind", "start", "kams_record_state", "opportunity_id", "kams_visit_level", "kams_visit_purpose"),
        *("kams_visitors", "kams_host_id", "kams_messages", "kams_itinerary_ids", "kams_cost_ids.approved"),
        *("kams_reference_id", "kams_briefed_at"),
    )
    @api.depends_context("lang", "uid")
    def _compute_kams_visit_advice(self):
        visits = self._kams_planned_of(*VISITS)
        (self - visits).kams_visit_advice = False
        for event in visits:
            event.kams_visit_advice = "\n".join(event._kams_visit_lacks())

    @api.depends("kams_kind", "kams_record_state", "opportunity_id", "start")
    @api.depends_context("lang", "uid")
    def _compute_kams_visit_warning(self):
        """Visits belong before the opening of bids: what is seen after that may not count any more."""
        visits = self._kams_planned_of(*VISITS)
        (self - visits).kams_visit_warning = False
        tenders = self.env["kams.tender"]
        if visits and tenders.has_access("read"):
            tenders = tenders.search(
                [
                    ("lead_id", "in", visits.opportunity_id._origin.ids),
                    ("state", "!=", "closed"),
                    "|",
                    ("bid_deadline", "!=", False),
                    ("opening_at", "!=", False),
                ]
            )
        for event in visits:
            late = tenders.filtered(
                lambda tender, event=event: (
                    tender.lead_id == event.opportunity_id._origin
                    and (tender.bid_deadline or tender.opening_at) < event.start
                )
            )
            event.kams_visit_warning = "\n".join(map(self._kams_warn_of, late))

    # ORM
    @api.ondelete(at_uninstall=False)
    def _unlink_unless_approved(self):
        """What was approved stays: a visit that money was agreed to for is cancelled, not deleted."""
        meetings = self.filtered("kams_kind")
        if not meetings:
            return
        # sudo: whoever may delete the meeting is told that there is such a cost, not what
        costs = self.env["kams.meeting.cost"].sudo()
        costs = costs.search([("event_id", "in", meetings.ids)])
        for cost in costs.filtered("approved") if not self.env.su else ():
            raise UserError(
                self.env._(
                    "Costs of “%s” were approved: archive the meeting instead of deleting it.", cost.event_id.name
                )
            )
        costs.activity_ids.unlink()  # the database takes the lines along, not what is asked about them

    # BUSINESS
    def _kams_missing(self):
        missing = super()._kams_missing()
        if self.kams_kind in VISITS and not self.kams_compliance:
            missing.append(self._fields["kams_compliance"]._description_string(self.env))
        return missing

    @api.model
    def _kams_warn_of(self, tender):
        """Why a visit is too late for a tender, by the law it falls under."""
        due = tender.bid_deadline or tender.opening_at
        day = format_date(self.env, fields.Datetime.context_timestamp(tender.with_context(tz=tender.tz), due))
        if tender.legal_regime == "gov_procurement":
            return self.env._(
                "Bids of “%(tender)s” are due on %(day)s, before this visit. A visit belongs before the opening: "
                "buyers must not change the result of the evaluation through inspections or sample tests "
                "(Implementing Regulation of the Government Procurement Law, art. 44).",
                tender=tender.display_name,
                day=day,
            )
        return self.env._(
            "Bids of “%(tender)s” are due on %(day)s, before this visit. A visit belongs before the opening: after it "
            "price and substance of the bid aren't talked about with the buyer (Bidding Law, art. 43).",
            tender=tender.display_name,
            day=day,
        )

    def _kams_visit_lacks(self):
        lacks = []
        if not self.kams_visit_purpose:
            lacks.append(self.env._("Say what the visit is for."))
        if not self.kams_visitors:
            lacks.append(self.env._("Name the visitors."))
        if self.kams_kind == "company_visit" and not self.kams_visit_level:
            lacks.append(self.env._("Choose the level of the visit."))
        if not self.kams_host_id:
            lacks.append(self.env._("Name the executive who receives them."))
        if not self.kams_messages:
            lacks.append(self.env._("Say what they shall take home with them."))
        if not self.kams_itinerary_ids:
            lacks.append(self.env._("Write the itinerary."))
        if self.kams_kind == "reference_visit":
            if not self.kams_reference_id:
                lacks.append(self.env._("Find a reference customer."))
            elif not self.kams_briefed_at:
                lacks.append(self.env._("Brief the reference customer: who comes, what to show, what to avoid."))
        if waiting := self.kams_cost_ids.filtered(lambda line: not line.approved):
            lacks.append(self.env._("Have the costs approved: %s.", ", ".join(waiting.mapped("item"))))
        return lacks
