from odoo import models


class ResCompany(models.Model):
    """A company that is deleted leaves deals without one: the database does it, so history is told."""

    _inherit = "res.company"

    def unlink(self):
        lead = self.env["crm.lead"]
        deal_ids = lead._kams_ids_linked("company_id", self)
        result = super().unlink()
        lead._kams_note_lost_link(deal_ids, "other")
        return result
