from odoo import fields, models


class KamsReview(models.Model):
    """The application for an initiation: what we would sell, what it brings, what winning it costs (4.3)."""

    _inherit = "kams.review"

    presales_budget = fields.Monetary(string="Pre-sales Budget")
