from odoo import models

from .crm_lead_response import REMINDER

CONTACTS = ("phonecall", "meeting")


class MailActivity(models.Model):
    """A call made or a meeting held is an answer to the lead it was planned on."""

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        leads = self._kams_answered_leads()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        leads._kams_note_response()
        return result

    def _kams_answered_leads(self):
        """The leads of ours among the records on which the customer was talked to."""
        leads = self.env["crm.lead"].sudo()  # sudo: whoever has the activity may close it, as Odoo has it
        on_leads = self.filtered(lambda activity: activity.res_model == "crm.lead")
        if not on_leads:
            return leads
        leads = leads.browse(on_leads.mapped("res_id")).filtered(lambda lead: lead._kams_has_clock())
        if not leads:
            return leads
        reminder_id = self.env["ir.model.data"]._xmlid_to_res_id(REMINDER)
        talked = on_leads.filtered(
            lambda activity: (
                activity.activity_type_id.category in CONTACTS or activity.activity_type_id.id == reminder_id
            )
        )
        return leads & leads.browse(talked.mapped("res_id"))
