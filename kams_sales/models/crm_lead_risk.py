from odoo import api, fields, models


class CrmLead(models.Model):
    """What may go wrong with what was sold (8.7 风险管理)."""

    _inherit = "crm.lead"

    kams_risk_ids = fields.One2many("kams.risk", "lead_id", string="Risks")
    kams_risk_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Open Risks")

    # ACTIONS
    def action_kams_risks(self):
        return self._kams_open_part("kams.risk", self.env._("Risks"), views="list,kanban,form,pivot")

    def action_kams_risk_map(self):
        """The heat map of this deal."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.risk.map"]._opened(lead_id=self.id)

    def action_kams_offer_risks(self):
        """What threatened deals like this one."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.risk.offer"]._opened(self)

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        counted = self._kams_count_of("kams_risk", "state = 'open'")
        return {**super()._kams_chapter_counts(), "kams_risk_count": counted}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.risk": "action_kams_risks"}
