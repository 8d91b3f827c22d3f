from odoo import api, fields, models


class CrmLead(models.Model):
    """The tenders of a deal: one for each lot (6.3)."""

    _inherit = "crm.lead"

    kams_tender_ids = fields.One2many("kams.tender", "lead_id", string="Tenders")
    kams_tender_count = fields.Integer(string="Number of Tenders", compute="_compute_kams_chapter_counts")

    # ACTIONS
    def action_kams_tenders(self):
        return self._kams_open_part("kams.tender", self.env._("Tenders"), views="list,kanban,calendar,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_tender_count": self._kams_count_of("kams_tender")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.tender": "action_kams_tenders"}
