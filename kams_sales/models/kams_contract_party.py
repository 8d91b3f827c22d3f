from odoo import fields, models

from .blank import BlankMonetary

SIDES = [("us", "Our Side"), ("customer", "The Customer's Side"), ("other", "Another Side")]
AUTHORITIES = [("legal_representative", "Legal Representative"), ("power_of_attorney", "Power of Attorney")]


class KamsContractParty(models.Model):
    """Who signs a contract for each side, and what gives them the right to: office or power of attorney (7.5)."""

    _name = "kams.contract.party"
    _description = "Party of a contract"
    _inherit = ["kams.files.mixin"]
    _order = "contract_id, side desc, id"

    contract_id = fields.Many2one("kams.contract", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    side = fields.Selection(SIDES, required=True, default="customer")
    partner_id = fields.Many2one("res.partner", string="Contract Party", ondelete="restrict", index="btree_not_null")
    signatory = fields.Char(help="Who signs, by name.")
    title = fields.Char(string="Office", help="What the signatory is in their organisation.")
    user_id = fields.Many2one(
        "res.users",
        string="Our Signatory",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
    )
    authority_kind = fields.Selection(AUTHORITIES, string="Right to Sign")
    authority_until = fields.Date(string="Authorised Until", help="Empty: for as long as they hold the office.")
    authority_limit = BlankMonetary(string="Authorised Up To", help="With tax; empty: without a limit.")
    attachment_ids = fields.Many2many("ir.attachment", string="Proof", help="The power of attorney, or the register.")
