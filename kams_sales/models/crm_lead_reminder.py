from odoo import models


class CrmLead(models.Model):
    """The activities of a deal's reminders go with the deal; the reminders themselves the database deletes."""

    _inherit = "crm.lead"

    def _kams_threads(self, deal_ids):
        threads = super()._kams_threads(deal_ids)
        # sudo: whoever may delete a deal deletes what belongs to it
        if reminders := self.env["kams.reminder"].sudo().search([("lead_id", "in", deal_ids)]):
            threads[reminders._name] = reminders.ids
        return threads
