from odoo import fields, models

from .calendar_event import GROUPS, PLAN, RECORD
from .kams_meeting_part import MeetingLines


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
    kams_cost_ids = MeetingLines("kams.meeting.cost", "event_id", string="Costs", groups=GROUPS)
    # Record
    kams_executive_notes = fields.Text(
        string="Executives' Meeting", help="What their executives and ours said to each other.", **RECORD
    )
    kams_compliance = fields.Boolean(
        string="No Gifts",
        help="Nobody who decides or evaluates was given or promised gifts, money or other benefits on this visit "
        "(Anti-Unfair Competition Law art. 8; Bidding Law art. 32; Government Procurement Law art. 25).",
        **RECORD,
    )
