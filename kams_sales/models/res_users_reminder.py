from odoo import fields, models

CHOICES = ["kams_remind_step", "kams_remind_contact", "kams_remind_closing", "kams_remind_stagnant", "kams_digest"]
# Users are read in every request: what is asked once a night isn't read along
APART = {"prefetch": False}


class ResUsers(models.Model):
    """What somebody wants to be reminded of; each person says so in their own preferences."""

    _inherit = "res.users"

    kams_remind_step = fields.Boolean(string="Next Steps", default=True, help="Missing, or overdue for long.", **APART)
    kams_remind_contact = fields.Boolean(string="Recent Contact", default=True, help="None for long.", **APART)
    kams_remind_closing = fields.Boolean(
        string="Closing Dates", default=True, help="Passed while the deal is open.", **APART
    )
    kams_remind_stagnant = fields.Boolean(string="Stagnation", default=True, help="Too long in one phase.", **APART)
    kams_digest = fields.Boolean(
        string="Morning Digest", default=True, help="One e-mail a morning, if there is something.", **APART
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + CHOICES

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + CHOICES
