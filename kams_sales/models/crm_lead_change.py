from odoo import api, fields, models


class CrmLead(models.Model):
    """Changes of what a deal was sold with (8.3), and how its deliveries were closed (8.8)."""

    _inherit = "crm.lead"

    kams_change_ids = fields.One2many("kams.change", "lead_id", string="Changes")
    kams_change_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Changes")

    # ACTIONS
    def action_kams_changes(self):
        return self._kams_open_part("kams.change", self.env._("Changes"), views="list,kanban,form")

    def action_kams_closings(self):
        return self._kams_open_part("kams.delivery.closing", self.env._("Closings"), views="list,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_change_count": self._kams_count_of("kams_change")}

    @api.model
    def _kams_evidence_actions(self):
        return {
            **super()._kams_evidence_actions(),
            "kams.change": "action_kams_changes",
            "kams.delivery.closing": "action_kams_closings",
        }
