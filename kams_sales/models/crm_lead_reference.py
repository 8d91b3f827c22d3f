from odoo import models


class CrmLead(models.Model):
    """A reference whose deal is merged into another one is a reference for that one. Plain deals ask nothing."""

    _inherit = "crm.lead"

    # BUSINESS
    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        if deals := opportunities.filtered("kams_process_id"):
            # sudo: whoever may merge deals takes along what points to them; nothing is shown
            references = self.env["kams.reference"].sudo().with_context(active_test=False)
            references.search([("deal_id", "in", deals.ids)]).deal_id = self
        return result
