from odoo import api, fields, models


class KamsDelivery(models.Model):
    """What was changed of a delivery (8.3)."""

    _inherit = "kams.delivery"

    change_ids = fields.One2many("kams.change", "delivery_id", string="Changes")
    change_count = fields.Integer(compute="_compute_change_count", string="Number of Changes")

    # COMPUTES
    @api.depends("change_ids")
    def _compute_change_count(self):
        counts = dict(
            self.env["kams.change"]._read_group([("delivery_id", "in", self.ids)], ["delivery_id"], ["__count"])
        )
        for delivery in self:
            delivery.change_count = counts.get(delivery._origin, 0)

    # ACTIONS
    def action_changes(self):
        """The changes of this delivery, ready for more."""
        self.ensure_one()
        action = self.lead_id._kams_open_part(
            "kams.change", self.env._("Changes"), views="list,form", default_delivery_id=self.id
        )
        return {**action, "domain": [("delivery_id", "=", self.id)]}
