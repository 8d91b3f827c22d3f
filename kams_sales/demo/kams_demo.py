from datetime import timedelta

from odoo import api, models


class CrmLead(models.Model):
    """The demo deals live through their phases in one transaction: it needs a clock of its own."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_day(self, days_ago):
        """End the present day, so that history notes it, and go on so many days ago; 0 is now."""
        cr = self.env.cr
        cr.flush()
        cr._now = None
        cr._now = cr.now() - timedelta(days=days_ago)
