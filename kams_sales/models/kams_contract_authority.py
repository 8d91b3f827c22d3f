from odoo import api, fields, models

from .blank import known
from .insiders import INSIDERS
from .kams_authority import RANKS
from .kams_authority_approval import KEPT


class KamsContract(models.Model):
    """What a contract grants past the authority of whoever drafts it, and who agreed to that (7.7 管理要点).

    The same matrix as for quotations: margin, payment term, warranty, cap on damages. Signing doesn't ask it; the
    control point on payment terms and the contract review do.
    """

    _inherit = "kams.contract"

    approval_ids = fields.One2many(
        "kams.authority.approval", "contract_id", string="Approvals of Terms", groups=INSIDERS
    )
    owner_set_by_id = fields.Many2one(
        "res.users",
        string="Owner Named By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Nobody borrows the authority of somebody else by making them the owner.",
    )
    authority_text = fields.Text(string="Past the Author's Authority", compute="_compute_authority_text")
    authority_asked = fields.Boolean(string="Somebody Was Asked", compute="_compute_authority_text")

    # COMPUTES
    @api.depends(
        *("margin_pct", "payment_days", "warranty_months", "damages_cap_pct", "amount_untaxed", "currency_id"),
        *("user_id", "owner_set_by_id", "company_id", "approval_ids.state"),
    )
    @api.depends_context("uid")  # who reads no margin is told of none
    def _compute_authority_text(self):
        authority, approvals = self.env["kams.authority"], self.env["kams.authority.approval"]
        for contract in self:
            values = contract._granted()
            beyond = authority._judge(contract.company_id, contract._whose_authority(), values)
            if beyond and approvals._agreed_for_contract(contract._origin, values):
                beyond = {}
            contract.authority_text = authority._told(beyond, values) or False
            # sudo: whether somebody was asked, not what
            contract.authority_asked = "asked" in contract.sudo().approval_ids.mapped("state")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._note_who_named_owner()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            self._note_who_named_owner()
        return result

    # ACTIONS
    def action_ask_agreement(self):
        """Ask whom the matrix names for the terms of these contracts."""
        self.check_access("write")
        for contract in self:
            self.env["kams.authority.approval"]._ask_for_contract(contract, contract._granted())
        return True

    # BUSINESS
    def _note_who_named_owner(self):
        if self:
            self._engine().write({"owner_set_by_id": self.env.uid})

    def _whose_authority(self):
        """The owner's, or that of who made them the owner where it is less."""
        self.ensure_one()
        role_of = self.env["kams.authority"]._role_of
        people = [user for user in (self.user_id, self.owner_set_by_id) if user]
        return min(people, key=lambda user: RANKS[role_of(user)], default=self.user_id)

    def _granted(self):
        """``{aspect of the matrix: value}`` of what this contract says; what it doesn't say isn't granted."""
        self.ensure_one()
        found = {
            "margin": self._margin_told(),
            "payment_days": known(self.payment_days),
            "warranty": known(self.warranty_months),
            "damages_cap": known(self.damages_cap_pct),
        }
        return {aspect: value for aspect, value in found.items() if aspect in KEPT and value is not None}
