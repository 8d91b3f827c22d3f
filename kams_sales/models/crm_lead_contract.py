from odoo import api, fields, models


class CrmLead(models.Model):
    """A deal's contracts (7.5). Plain deals have none and ask nothing."""

    _inherit = "crm.lead"

    kams_contract_ids = fields.One2many("kams.contract", "lead_id", string="Contracts")
    kams_contract_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Contracts")

    # ACTIONS
    def action_kams_contracts(self):
        return self._kams_open_part("kams.contract", self.env._("Contracts"), views="list,kanban,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_contract_count": self._kams_count_of("kams_contract")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.contract": "action_kams_contracts"}
