from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools.arithmetic import ratio
from .blank import BlankFloat
from .calendar_event import GROUPS, PLAN, RECORD
from .kams_meeting_part import SYSTEM, MeetingLines


class CalendarEvent(models.Model):
    """A demonstration: what it proves to whom, scene by scene, and what those who decide thought of it (5.2 演示)."""

    _inherit = "calendar.event"

    # Plan
    kams_demo_type = fields.Selection(
        [
            ("standard", "Standard"),
            ("scripted", "Scripted"),
            ("poc", "Proof of Concept"),
            ("prototype", "Prototype Test"),
        ],
        string="Type of Demonstration",
        **PLAN,
    )
    kams_critical_issue = fields.Text(
        string="Critical Business Issue", help="The one problem of theirs that the demonstration answers.", **PLAN
    )
    kams_demo_goal = fields.Text(
        string="Goal of the Demonstration", help="Show X solves Y for Z so that they do N by a date.", **PLAN
    )
    kams_script_ids = MeetingLines("kams.meeting.script", "event_id", string="Script", copy=True, groups=GROUPS)
    kams_contingency = fields.Text(string="Contingency", help="What we do if something fails on the day.", **PLAN)
    kams_competitor_demo_date = fields.Date(string="Competitors' Demonstration On", **PLAN)
    kams_requirement_coverage = BlankFloat(
        string="Requirements Covered (%)",
        digits=(5, 1),
        compute="_compute_kams_requirement_coverage",
        groups=GROUPS,
        help="Of the requirements without which they don't buy, how many the script shows. Empty: none is known.",
    )
    kams_demo_advice = fields.Text(string="Still Missing", compute="_compute_kams_demo_advice", groups=GROUPS)
    # Record
    kams_demo_result = fields.Selection(
        [("reached", "Reached"), ("partly", "Partly Reached"), ("failed", "Failed")],
        string="Result of the Demonstration",
        **RECORD,
    )
    kams_demo_score = BlankFloat(
        string="Demonstration Score",
        digits=(16, 6),  # a score just below what a control point asks for isn't rounded up to it
        readonly=True,
        aggregator="avg",
        help="Scores of those who came, weighed by their influence; written when the record is submitted. Who gave no "
        "score, or whose influence isn't known, doesn't count.",
        **RECORD,
    )

    # COMPUTES
    @api.depends("kams_kind", "opportunity_id", "kams_script_ids.requirement_id", "kams_script_ids.shown")
    def _compute_kams_requirement_coverage(self):
        demos = self.filtered(lambda event: event.kams_kind == "demo" and event.opportunity_id)
        musts = self.env["kams.requirement"]
        if demos and musts.has_access("read"):
            musts = musts.search([("lead_id", "in", demos.opportunity_id._origin.ids), ("must", "=", True)])
        wanted = musts.grouped("lead_id")
        for event in self:
            wanted_here = wanted.get(event.opportunity_id._origin, musts.browse()) if event in demos else musts.browse()
            shown = event.kams_script_ids.filtered("shown").requirement_id._origin if wanted_here else wanted_here
            event.kams_requirement_coverage = ratio(len(shown & wanted_here), len(wanted_here), 100)

    @api.depends(
        *("kams_kind", "kams_record_state", "opportunity_id", "start", "stop", "partner_ids"),
        *(
            "kams_critical_issue",
            "kams_demo_goal",
            "kams_rehearsed_at",
            "kams_contingency",
            "kams_competitor_demo_date",
        ),
        *("kams_script_ids.minutes", "kams_attendance_ids"),
    )
    @api.depends_context("lang", "uid")
    def _compute_kams_demo_advice(self):
        """What a good demonstration still lacks: said on the form, nobody is held up."""
        demos = self._kams_planned_of("demo")
        (self - demos).kams_demo_advice = False
        surveyed = demos._kams_surveyed()
        for event in demos:
            event.kams_demo_advice = "\n".join(event._kams_demo_lacks(event.opportunity_id._origin.id in surveyed))

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "opportunity_id" in vals and not self._kams_by_system():
            # scenes are for the deal's requirements: of another deal's, only the words go along
            scenes = self.filtered(lambda event: event.kams_kind == "demo").kams_script_ids
            scenes.filtered(lambda line: line.requirement_id.lead_id != line.lead_id).requirement_id = False
        return result

    # ACTIONS
    def action_kams_submit(self):
        result = super().action_kams_submit()
        for event in self.filtered(lambda event: event.kams_kind == "demo"):
            event.with_context(**SYSTEM).kams_demo_score = event.kams_attendance_ids._kams_demo_score()
        return result

    def action_kams_reopen(self):
        result = super().action_kams_reopen()
        demos = self.filtered(lambda event: event.kams_kind == "demo")
        demos.with_context(**SYSTEM).kams_demo_score = False
        return result

    # BUSINESS
    def _kams_missing(self):
        missing = super()._kams_missing()
        if self.kams_kind == "demo" and not self.kams_demo_result:
            missing.append(self._fields["kams_demo_result"]._description_string(self.env))
        return missing

    def _kams_planned_of(self, *kinds):
        """Those of these kinds that are still to be held, and whose deal the user may read."""
        now = fields.Datetime.now()
        planned = self.filtered(
            lambda event: (
                event.kams_kind in kinds
                and event.kams_record_state != "done"
                and event.opportunity_id
                and event.start
                and event.start > now
            )
        )
        if not planned:
            return planned
        known = set(planned.opportunity_id._origin._filtered_access("read")._ids)
        return planned.filtered(lambda event: event.opportunity_id._origin.id in known)

    def _kams_surveyed(self):
        """Ids of these meetings' deals of which somebody wrote down what the customer needs."""
        if not self:
            return set()
        requirements = self.env["kams.requirement"]._read_group(
            [("lead_id", "in", self.opportunity_id._origin.ids)], ["lead_id"]
        )
        return {lead.id for (lead,) in requirements}

    def _kams_demo_lacks(self, surveyed):
        lacks = []
        if not surveyed:
            lacks.append(self.env._("Write down what they need first: the deal has no requirement yet."))
        if not self.kams_critical_issue:
            lacks.append(self.env._("Name the critical business issue that it answers."))
        if not self.kams_demo_goal:
            lacks.append(self.env._("Say the goal: show X solves Y for Z so that they do N by a date."))
        if not self.kams_attendance_ids:
            lacks.append(self.env._("Name those of the decision chain who must see it."))
        if not self.kams_script_ids:
            lacks.append(self.env._("Write the script, scene by scene."))
        minutes, length = sum(self.kams_script_ids.mapped("minutes")), round((self.duration or 0) * 60)
        if minutes and not self.allday and minutes > length:
            lacks.append(
                self.env._(
                    "The script takes %(minutes)s minutes, the meeting has %(length)s.", minutes=minutes, length=length
                )
            )
        if not self.kams_contingency:
            lacks.append(self.env._("Say what we do if something fails on the day."))
        day, today = self._kams_day(), fields.Date.context_today(self)
        before = self.env["kams.legal.rule"]._value("meeting_rehearse_days", day)
        if not self.kams_rehearsed_at and before is not None:
            by = max(day - timedelta(days=before), today)
            lacks.append(self.env._("Rehearse by %s.", format_date(self.env, by)))
        theirs = self.kams_competitor_demo_date
        if theirs and theirs > day:
            lacks.append(
                self.env._(
                    "Competitors show theirs later, on %s: what is seen last is remembered best.",
                    format_date(self.env, theirs),
                )
            )
        return lacks
