from odoo import fields, models

from .calendar_event import PLAN


class CalendarEvent(models.Model):
    """A meeting of a delivery: its kick-off, a training, a coordination meeting (8.2, 8.4, 8.5)."""

    _inherit = "calendar.event"

    kams_delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        domain="[('lead_id', '=', opportunity_id)]",
        ondelete="set null",
        index="btree_not_null",
        **PLAN,
    )
