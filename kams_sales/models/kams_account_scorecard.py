from odoo import fields, models

from .insiders import INSIDERS


class KamsAccount(models.Model):
    """How an account was judged, time and again."""

    _inherit = "kams.account"

    scorecard_ids = fields.One2many("kams.scorecard", "account_id", string="Scorecards", groups=INSIDERS)
