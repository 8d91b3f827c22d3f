from odoo import api, fields, models


class CrmLead(models.Model):
    """A deal's contracts (7.5). Plain deals have none and ask nothing."""

    _inherit = "crm.lead"

    kams_contract_ids = fields.One2many("kams.contract", "lead_id", string="Contracts")
    kams_contract_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Contracts")

    # ORM
    def write(self, vals):
        """Another way of buying may lock the contract to the bid."""
        result = super().write(vals)
        if "kams_procurement_mode" in vals and (deals := self.filtered("kams_process_id")):
            # sudo: whoever may change the deal sets this off; nothing is shown
            contracts = self.env["kams.contract"].sudo().search([("lead_id", "in", deals.ids)])
            self.env.add_to_compute(contracts._fields["consistency_state"], contracts)
            contracts._sync_consistency()
        return result

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
