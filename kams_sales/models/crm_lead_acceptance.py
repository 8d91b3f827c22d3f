from odoo import api, fields, models


class CrmLead(models.Model):
    """What the customer accepted of what was sold (8.3 阶段验收)."""

    _inherit = "crm.lead"

    kams_acceptance_ids = fields.One2many("kams.acceptance", "lead_id", string="Acceptances")
    kams_acceptance_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Acceptances")

    # ACTIONS
    def action_kams_acceptances(self):
        return self._kams_open_part("kams.acceptance", self.env._("Acceptances"), views="list,kanban,form,calendar")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_acceptance_count": self._kams_count_of("kams_acceptance", "state <> 'cancelled'"),
        }

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.acceptance": "action_kams_acceptances"}
