from odoo import api, fields, models


class CrmLead(models.Model):
    """What was handed over of a deal to delivery (7.7 交底)."""

    _inherit = "crm.lead"

    kams_handover_ids = fields.One2many("kams.handover", "lead_id", string="Handovers")
    kams_handover_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Handovers")

    # ACTIONS
    def action_kams_handovers(self):
        return self._kams_open_part("kams.handover", self.env._("Handovers"), views="list,kanban,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_handover_count": self._kams_count_of("kams_handover")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.handover": "action_kams_handovers"}
