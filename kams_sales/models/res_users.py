from odoo import models


class ResUsers(models.Model):
    """A salesperson who is deleted leaves deals without an owner: the database does it, so history is told."""

    _inherit = "res.users"

    def unlink(self):
        lead = self.env["crm.lead"]
        deal_ids = lead._kams_ids_linked("user_id", self)
        result = super().unlink()
        lead._kams_note_lost_link(deal_ids, "owner")
        return result
