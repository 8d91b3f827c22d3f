from odoo import fields, models


class KamsAccountPart(models.AbstractModel):
    """A line of a key account: it goes with the account, and is seen by those who see the account."""

    _name = "kams.account.part"
    _description = "Part of a key account"
    _inherit = ["kams.computed.mixin"]

    account_id = fields.Many2one("kams.account", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
