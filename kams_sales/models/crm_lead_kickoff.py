from odoo import models


class CrmLead(models.Model):
    """Meetings of a delivery are told in the deal's chatter, also those that delivery plans (8.2)."""

    _inherit = "crm.lead"

    # BUSINESS
    def log_meeting(self, meeting):
        """sudo: who delivers may not write on a deal; told is that there is a meeting, in their name."""
        kept = bool(meeting._kams_kept_by_delivery())
        return super(CrmLead, self.sudo() if kept else self).log_meeting(meeting)
