from odoo import fields, models

from .blank import BlankFloat

RESPONSE_STATES = [
    ("waiting", "Waiting"),
    ("overdue", "Overdue"),
    ("on_time", "On Time"),
    ("late", "Late"),
]


class CrmLead(models.Model):
    """How soon a lead heard from us, against what was promised for its source. Book section 3.3 发现客户线索."""

    _inherit = "crm.lead"

    kams_discovered_at = fields.Datetime(
        string="Discovered At", copy=False, help="When we learnt of it. Empty: when the lead was created."
    )
    kams_first_response_at = fields.Datetime(
        string="First Response At",
        copy=False,
        help="The first contact with the customer: a message sent, a call made, a meeting held.",
    )
    kams_sla_hours = BlankFloat(
        string="Promised Hours",
        readonly=True,
        copy=False,
        help="The hours within which this lead had to be answered, as they held when it was.",
    )
