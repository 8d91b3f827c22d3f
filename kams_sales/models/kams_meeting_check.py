from odoo import fields, models


class KamsMeetingCheck(models.Model):
    """One thing that must be ready before a demonstration or a visit, and who sees to it (5.2, 5.3 接待清单)."""

    _name = "kams.meeting.check"
    _description = "Item of a meeting's checklist"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, sequence, id"
    _rec_name = "item"

    sequence = fields.Integer(default=10)
    item = fields.Char(required=True)
    user_id = fields.Many2one("res.users", string="Owner", domain="[('share', '=', False)]")
    note = fields.Char()
    done = fields.Boolean(string="Ready", copy=False)
