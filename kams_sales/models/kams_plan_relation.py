from odoo import fields, models

from .kams_stakeholder import ATTITUDES

RELATION_KINDS = [
    ("executive_visit", "Executive Visit"),
    ("salon", "Technical Salon"),
    ("joint_promotion", "Joint Promotion"),
    ("satisfaction_visit", "Satisfaction Visit"),
    ("greeting", "Season's Greetings"),
    ("other", "Other Contact"),
]


class KamsPlanAction(models.Model):
    """What we do to keep a person on our side: where they stand, where we want them, and where they stood after.

    Book section 8.6 客户关系维护计划.
    """

    _inherit = "kams.plan.action"

    relation_kind = fields.Selection(RELATION_KINDS, string="Kind of Contact")
    attitude_now = fields.Selection(ATTITUDES, string="Attitude Now")
    attitude_wanted = fields.Selection(ATTITUDES, string="Attitude Wanted")
    attitude_after = fields.Selection(ATTITUDES, string="Attitude Afterwards", copy=False)
