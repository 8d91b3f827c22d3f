from odoo import api, fields, models
from odoo.exceptions import ValidationError

SIDES = [("us", "Our Side"), ("customer", "Customer's Side"), ("expert", "Invited Expert")]


class KamsAcceptanceMember(models.Model):
    """Who sits on the committee that accepts, for which side, and whether they signed (8.3; 政府采购法 41)."""

    _name = "kams.acceptance.member"
    _description = "Member of an acceptance committee"
    _inherit = ["kams.computed.mixin"]
    _order = "acceptance_id, side, id"

    acceptance_id = fields.Many2one(
        "kams.acceptance", string="Acceptance", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="acceptance_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(related="acceptance_id.customer_id")
    side = fields.Selection(SIDES, string="Sits For", required=True, default="customer")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('type', '!=', 'private')]",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Our Member",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
    )
    name = fields.Char(
        string="Member", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    office = fields.Char(string="Office or Specialty")
    signed = fields.Boolean(string="Has Signed", copy=False)

    # COMPUTES
    @api.depends("partner_id", "user_id")
    def _compute_name(self):
        """sudo: what somebody is called, to whoever named them."""
        for member in self:
            member.name = member.name or member.partner_id.sudo().name or member.user_id.sudo().name

    # CONSTRAINTS
    @api.constrains("side", "user_id")
    def _check_side(self):
        for member in self:
            if member.user_id and member.side != "us":
                raise ValidationError(
                    self.env._("%s works with us and sits on the committee for our side.", member.user_id.name)
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members.acceptance_id._check_free()
        return members

    def write(self, vals):
        (self.acceptance_id | self.acceptance_id.browse(vals.get("acceptance_id") or ()))._check_free()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_free(self):
        self.acceptance_id._check_free()
