from odoo import api, fields, models


class CrmLead(models.Model):
    """A deal's proposals (5.6)."""

    _inherit = "crm.lead"

    kams_proposal_ids = fields.One2many("kams.proposal", "lead_id", string="Proposals")
    kams_proposal_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Proposals")

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.proposal": "action_kams_proposals"}

    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_proposal_count": self._kams_count_of("kams_proposal", "kind = 'proposal'"),
        }

    # ACTIONS
    def action_kams_proposals(self):
        action = self._kams_open_part("kams.proposal", self.env._("Proposals"), default_kind="proposal")
        return {**action, "domain": [*action["domain"], ("kind", "=", "proposal")]}
