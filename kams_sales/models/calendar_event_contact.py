from odoo import api, fields, models

# context key: the planned contact for which a meeting is made
CONTACT = "kams_contact_id"


class CalendarEvent(models.Model):
    """A meeting that was planned as a contact: once its record is submitted, the contact took place (8.5)."""

    _inherit = "calendar.event"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        if contact := self.env.context.get(CONTACT):
            contact = self.env["kams.comm.log"].browse(contact).exists()
            if contact.state == "due" and contact.lead_id == events[:1].opportunity_id:
                contact.event_id = events[:1]
        return events

    # ACTIONS
    def action_kams_submit(self):
        result = super().action_kams_submit()
        # sudo: what was agreed on in the plan took place, whoever wrote the record
        contacts = self.env["kams.comm.log"].sudo().search([("event_id", "in", self.ids), ("state", "=", "due")])
        today = fields.Date.context_today(self)
        for contact in contacts:
            day = fields.Datetime.context_timestamp(self, contact.event_id.start).date()
            contact.write(
                {
                    "state": "held",
                    "held_on": min(day, today),
                    "summary": contact.summary or contact.event_id.kams_minutes,
                }
            )
        return result
