from odoo import fields, models

from .calendar_event import RECORD


class CalendarEvent(models.Model):
    """A visit to a customer of ours who shows what we did there (5.4 案例客户参观)."""

    _inherit = "calendar.event"

    kams_reference_id = fields.Many2one(
        "kams.reference",
        string="Reference Customer",
        ondelete="restrict",
        index="btree_not_null",
        help="Whom we visit: offered only when delivered, paid, on good terms with us, not visited too often and with "
        "their consent.",
        **RECORD,
    )
    kams_briefed_at = fields.Date(
        string="Reference Briefed On", help="When we told the reference customer who comes and why.", **RECORD
    )
