from odoo import models


class ResPartner(models.Model):
    """A customer who is deleted leaves deals without one: the database does it, so history is told."""

    _inherit = "res.partner"

    def unlink(self):
        lead = self.env["crm.lead"]
        deal_ids = lead._kams_ids_linked("partner_id", self)
        result = super().unlink()
        lead._kams_note_lost_link(deal_ids, "customer")
        return result
