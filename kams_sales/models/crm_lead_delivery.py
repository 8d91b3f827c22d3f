from odoo import api, fields, models


class CrmLead(models.Model):
    """How what was sold is delivered (8 工程实施管理)."""

    _inherit = "crm.lead"

    kams_delivery_ids = fields.One2many("kams.delivery", "lead_id", string="Deliveries")
    kams_delivery_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Deliveries")

    # ACTIONS
    def action_kams_deliveries(self):
        return self._kams_open_part("kams.delivery", self.env._("Deliveries"), views="list,kanban,form")

    def action_kams_make_delivery(self):
        """From the deal to its project, in one step."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.delivery.make"]._open(lead=self)

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_delivery_count": self._kams_count_of("kams_delivery")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.delivery": "action_kams_deliveries"}
