from odoo import api, fields, models

from .blank import BlankFloat


class KamsDelivery(models.Model):
    """How satisfied the customer is while we deliver, and what they need next (8.6)."""

    _inherit = "kams.delivery"

    satisfaction_ids = fields.One2many("kams.satisfaction", "delivery_id", string="Satisfaction of the Customer")
    satisfaction_score = BlankFloat(
        string="Satisfaction of Their People (1–5)", digits=(3, 2), compute="_compute_relation"
    )
    relation_health = BlankFloat(string="Health of the Relationship", digits=(5, 2), compute="_compute_relation")
    relation_note = fields.Text(string="What the Health Rests On", compute="_compute_relation")

    # COMPUTES
    @api.depends("lead_id", "satisfaction_ids.score", "satisfaction_ids.is_latest")
    def _compute_relation(self):
        for delivery in self:
            deal = delivery.sudo().lead_id  # sudo: delivery may know how the customer feels, not what the deal says
            delivery.satisfaction_score = deal.kams_satisfaction_score
            delivery.relation_health = deal.kams_relation_health
            delivery.relation_note = deal.kams_relation_note

    # ACTIONS
    def action_satisfactions(self):
        """What their people answered, ready for a new answer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_satisfaction_action")
        context = {"default_lead_id": self.lead_id.id, "default_delivery_id": self.id}
        return {**action, "domain": [("lead_id", "=", self.lead_id.id)], "context": context}

    def action_make_follow_on(self):
        """Write down what they need next, while it is still remembered who said so."""
        self.ensure_one()
        self.check_access("read")
        # sudo: delivery may name the deal that an idea comes from
        return self.env["kams.follow.on"]._open(self.customer_id, lead=self.sudo().lead_id)
