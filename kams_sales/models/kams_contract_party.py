from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from .blank import BlankMonetary, known

SIDES = [("us", "Our Side"), ("customer", "Customer's Side"), ("other", "Further Side")]
AUTHORITIES = [("legal_representative", "Legal Representative"), ("power_of_attorney", "Power of Attorney")]


class KamsContractParty(models.Model):
    """Who signs a contract for each side, and what gives them the right to: office or power of attorney (7.5)."""

    _name = "kams.contract.party"
    _description = "Party of a contract"
    _inherit = ["kams.computed.mixin", "kams.files.mixin"]
    _order = "contract_id, side desc, id"

    contract_id = fields.Many2one("kams.contract", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    side = fields.Selection(SIDES, required=True, default="customer")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contract Party",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Our Signatory",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
    )
    signatory = fields.Char(
        compute="_compute_signatory",
        store=True,
        readonly=False,
        precompute=True,
        help="Who signs, by name.",
    )
    title = fields.Char(string="Office", help="What the signatory is in their organisation.")
    authority_kind = fields.Selection(AUTHORITIES, string="Right to Sign")
    authority_until = fields.Date(string="Authorised Until", help="Empty: for as long as they hold the office.")
    authority_limit = BlankMonetary(string="Authorised Up To", help="With tax; empty: without a limit.")
    attachment_ids = fields.Many2many("ir.attachment", string="Proof", help="The power of attorney, or the register.")

    # COMPUTES
    @api.depends("side", "contract_id")
    def _compute_partner_id(self):
        for party in self:
            contract = party.contract_id
            if party.partner_id or party.side == "other":
                party.partner_id = party.partner_id
            elif party.side == "us":
                party.partner_id = (contract.company_id or self.env.company).sudo().partner_id  # sudo: ourselves
            else:
                party.partner_id = contract.partner_id

    @api.depends("user_id")
    def _compute_signatory(self):
        for party in self:
            party.signatory = party.signatory or party.user_id.name

    @api.depends("partner_id", "signatory", "side")
    def _compute_display_name(self):
        sides = dict(self._fields["side"]._description_selection(self.env))
        for party in self:
            names = (
                party.partner_id.sudo().name or sides.get(party.side),
                party.signatory,
            )  # sudo: names on a contract
            party.display_name = " – ".join(filter(None, names))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        parties = super().create(vals_list)
        parties.contract_id._check_open()
        return parties

    def write(self, vals):
        (self.contract_id | self.contract_id.browse(vals.get("contract_id") or ()))._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.contract_id._check_open()

    # BUSINESS
    def _check_files_free(self, name):
        """Proofs stay with what was signed on their strength."""
        self.contract_id._check_open()

    def _why_unauthorised(self, day, amount):
        """Why this signatory may not sign for an amount on a day, as sentences."""
        self.ensure_one()
        if self.side == "other" and not self.authority_kind:
            return []  # whoever else is named needn't sign
        name = self.display_name
        found = []
        if not self.signatory:
            found.append(self.env._("%s: who signs isn't named.", name))
        if not self.authority_kind:
            found.append(self.env._("%s: what gives the right to sign isn't noted.", name))
        if self.authority_kind == "power_of_attorney" and not self.attachment_ids:
            found.append(self.env._("%s: the power of attorney isn't kept here.", name))
        if self.authority_until and self.authority_until < day:
            found.append(
                self.env._("%(who)s: authorised until %(day)s only.", who=name, day=self._day(self.authority_until))
            )
        limit = known(self.authority_limit)
        if limit is not None and amount is not None and self.currency_id.compare_amounts(amount, limit) > 0:
            found.append(
                self.env._(
                    "%(who)s: authorised up to %(limit)s only.",
                    who=name,
                    limit=formatLang(self.env, limit, currency_obj=self.currency_id),
                )
            )
        return found

    def _day(self, day):
        return format_date(self.env, day)
