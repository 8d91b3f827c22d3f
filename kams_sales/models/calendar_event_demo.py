from odoo import fields, models

from .blank import BlankFloat
from .calendar_event import GROUPS, PLAN, RECORD
from .kams_meeting_part import MeetingLines


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
    kams_check_ids = MeetingLines("kams.meeting.check", "event_id", string="To Get Ready", copy=True, groups=GROUPS)
    kams_contingency = fields.Text(string="Contingency", help="What we do if something fails on the day.", **PLAN)
    kams_competitor_demo_date = fields.Date(string="Competitors' Demonstration On", **PLAN)
    # Record
    kams_demo_result = fields.Selection(
        [("reached", "Reached"), ("partly", "Partly Reached"), ("failed", "Failed")],
        string="Result of the Demonstration",
        **RECORD,
    )
    kams_demo_score = BlankFloat(
        string="Demonstration Score",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="Scores of those who came, weighed by their influence; written when the record is submitted. Who gave no "
        "score, or whose influence isn't known, doesn't count.",
        **RECORD,
    )
