from odoo import fields, models


class CrmTeam(models.Model):
    """What a team's people are reminded of. What a person doesn't want isn't asked of them, whatever the team says."""

    _inherit = "crm.team"

    kams_remind_step = fields.Boolean(string="Remind of Next Steps", default=True)
    kams_remind_contact = fields.Boolean(string="Remind of Recent Contact", default=True)
    kams_remind_closing = fields.Boolean(string="Remind of Closing Dates", default=True)
    kams_remind_stagnant = fields.Boolean(string="Remind of Stagnation", default=True)
