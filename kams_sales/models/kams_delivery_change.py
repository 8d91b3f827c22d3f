from odoo import fields, models


class KamsDelivery(models.Model):
    """What was changed of a delivery (8.3)."""

    _inherit = "kams.delivery"

    change_ids = fields.One2many("kams.change", "delivery_id", string="Changes")
