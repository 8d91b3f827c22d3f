from odoo import models


class ResUsers(models.Model):
    """A salesperson who is deleted leaves deals without an owner: the database does it, so history is told."""

    _inherit = "res.users"

    def unlink(self):
        self.env["crm.lead"]._kams_note_links("user_id", self)
        return super().unlink()
