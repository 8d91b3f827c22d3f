from odoo import fields, models


class CrmLead(models.Model):
    """What an initiated deal has: its team (4.1). Surveys, reviews and plans are behind its smart buttons."""

    _inherit = "crm.lead"

    kams_member_ids = fields.One2many("kams.deal.member", "lead_id", string="Project Team")
