from odoo import fields, models


class KamsDigest(models.Model):
    """The one message of a morning: what somebody owes today and what their deals lack. Book chapter 9."""

    _name = "kams.digest"
    _description = "Morning digest"
    _order = "day desc, id desc"
    _rec_name = "day"

    user_id = fields.Many2one("res.users", string="For", required=True, readonly=True, index=True, ondelete="cascade")
    day = fields.Date(required=True, readonly=True, index=True)
    items = fields.Integer(string="Things in It", readonly=True, aggregator=None)
    body = fields.Html(readonly=True, sanitize=False)
    sent_on = fields.Datetime(string="Sent On", readonly=True)

    _once = models.UniqueIndex("(user_id, day)", "One message a person and day.")
