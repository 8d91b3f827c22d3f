from odoo import api, fields, models


class CrmLead(models.Model):
    """The guarantees put up for a deal (6.3)."""

    _inherit = "crm.lead"

    kams_guarantee_ids = fields.One2many("kams.guarantee", "lead_id", string="Guarantees")
    kams_guarantee_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Guarantees")

    # COMPUTES
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_guarantee_count": self._kams_count_of("kams_guarantee")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.guarantee": "action_kams_guarantees"}

    # ACTIONS
    def action_kams_guarantees(self):
        return self._kams_open_part("kams.guarantee", self.env._("Guarantees"), views="list,kanban,form,pivot")
