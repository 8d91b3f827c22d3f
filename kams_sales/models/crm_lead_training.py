from odoo import api, fields, models


class CrmLead(models.Model):
    """Who of the customer's people was trained, and what of the goods has arrived (8.2, 8.4)."""

    _inherit = "crm.lead"

    kams_training_ids = fields.One2many("kams.training", "lead_id", string="Trainings")
    kams_training_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Trainings")

    # ACTIONS
    def action_kams_trainings(self):
        return self._kams_open_part("kams.training", self.env._("Trainings"), views="list,kanban,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_training_count": self._kams_count_of("kams_training")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.training": "action_kams_trainings"}
