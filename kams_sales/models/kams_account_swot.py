from odoo import fields, models


class KamsAccount(models.Model):
    """The customer's strengths, weaknesses, opportunities and threats (2.1 SWOT)."""

    _inherit = "kams.account"

    swot_ids = fields.One2many("kams.account.swot", "account_id", string="SWOT")


class KamsAccountSwot(models.Model):
    """One statement about the customer, and what it means for us (2.1 SWOT)."""

    _name = "kams.account.swot"
    _description = "SWOT statement"
    _inherit = ["kams.account.part"]
    _order = "account_id, quadrant, sequence, id"
    _rec_name = "statement"

    sequence = fields.Integer(default=10)
    quadrant = fields.Selection(
        [("1s", "Strength"), ("2w", "Weakness"), ("3o", "Opportunity"), ("4t", "Threat")], required=True
    )
    statement = fields.Char(required=True)
    implication = fields.Char(string="Meaning for Us")
