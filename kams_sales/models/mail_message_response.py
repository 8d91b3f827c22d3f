from odoo import api, models

SENT = ("email_outgoing", "sms")


class MailMessage(models.Model):
    """A message to the customer is an answer to the lead it is sent from. Messages elsewhere cost nothing."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        for message, vals in zip(messages, vals_list, strict=True):
            if vals.get("model") == "crm.lead" and vals.get("message_type") in (*SENT, "comment"):
                # sudo: whether it is a lead of ours, whoever writes
                lead = self.env["crm.lead"].sudo().browse(vals.get("res_id"))
                if lead and lead._kams_has_clock() and message.sudo()._kams_reaches_customer(lead):
                    lead._kams_note_response()
        return messages

    def _kams_reaches_customer(self, lead):
        """Whether one of us wrote this to somebody outside. sudo: followers and recipients, nothing is shown."""
        if not self.author_id or self.author_id.partner_share:
            return False
        if self.message_type in SENT or self.outgoing_email_to:
            return True
        recipients = self.partner_ids
        if self.subtype_id.id == self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"):
            recipients |= lead.sudo().message_partner_ids
        return any(partner.partner_share for partner in recipients)
