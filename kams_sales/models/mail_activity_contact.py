from odoo import fields, models
from odoo.exceptions import UserError

from .kams_comm_log import SYNC


class MailActivity(models.Model):
    """An activity of a planned contact takes it along: done or handed over. Others cost nothing."""

    _inherit = "mail.activity"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id"):
            self._kams_contacts().write({"user_id": vals["user_id"]})
        return result

    # BUSINESS
    def _action_done(self, feedback=False, attachment_ids=None):
        contacts = self._kams_contacts()
        for contact in contacts:
            if not feedback and not contact.summary and not contact.event_id:
                raise UserError(
                    self.env._("Write down what came of “%s” before you mark it done.", contact.line_id.display_name)
                )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for contact in contacts:
            contact.write(
                {
                    "state": "held",
                    "held_on": contact.held_on or fields.Date.context_today(self),
                    **({"summary": feedback} if feedback else {}),
                }
            )
        return result

    def _kams_contacts(self):
        """The contacts whose activities these are; asks only for activities of contacts."""
        contacts = self.env["kams.comm.log"]
        if self.env.context.get(SYNC):
            return contacts
        ours = self.filtered(lambda one: one.res_model == "kams.comm.log")
        if not ours:
            return contacts
        # sudo: who has an activity may close it, also without the right to write the contact, as Odoo has it
        found = contacts.sudo().with_context(**{SYNC: True})
        return found.search([("activity_id", "in", ours.ids), ("state", "=", "due")])
