from odoo import fields, models

KINDS = [("keep", "Do It Again"), ("improve", "Do Better")]
CATEGORIES = [
    ("scope", "Scope and Requirements"),
    ("plan", "Plan and Time"),
    ("technical", "Technical Work"),
    ("supply", "Supply and Transport"),
    ("people", "People and Teamwork"),
    ("customer", "Work with the Customer"),
    ("commercial", "Contract and Payment"),
    ("other", "Other Lesson"),
]


class KamsLesson(models.Model):
    """A lesson of a delivery: what went well or badly, and what we advise the next one (8.8 管理要点)."""

    _name = "kams.lesson"
    _description = "Lesson"
    _inherit = ["kams.computed.mixin"]
    _order = "closing_id desc, sequence, id"
    _rec_name = "text"

    closing_id = fields.Many2one(
        "kams.delivery.closing", string="Closing", required=True, ondelete="cascade", index=True
    )
    lead_id = fields.Many2one(related="closing_id.lead_id", store=True, index=True, string="Deal")
    delivery_id = fields.Many2one(related="closing_id.delivery_id", string="Delivery")
    company_id = fields.Many2one(related="closing_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="Kind of Lesson", required=True, default="improve", index=True)
    category = fields.Selection(CATEGORIES, string="About", required=True, default="plan", index=True)
    text = fields.Text(string="What Happened", required=True)
    advice = fields.Text(string="Advice for the Next Delivery")
