from odoo import fields, models


class KamsMeetingItinerary(models.Model):
    """One stop of a visit: when, where, what happens there, and who of us looks after it (5.3)."""

    _name = "kams.meeting.itinerary"
    _description = "Stop of a visit"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, time, id"
    _rec_name = "item"

    time = fields.Datetime(required=True)
    place = fields.Char()
    item = fields.Char(string="What Happens", required=True)
    user_id = fields.Many2one("res.users", string="Owner", domain="[('share', '=', False)]")
