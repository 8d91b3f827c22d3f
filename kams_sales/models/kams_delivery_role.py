from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, refuse_beyond, refuse_negative

SIDES = [("us", "Our Side"), ("customer", "Customer's Side"), ("other", "Somebody Else")]


class KamsDeliveryRole(models.Model):
    """Who does what in a delivery: a place in its organisation, with the person, the duty and the share of their time.

    Book section 8.2 项目实施组织: 角色, 人, 职责, 投入%.
    """

    _name = "kams.delivery.role"
    _description = "Role in a delivery"
    _inherit = ["kams.computed.mixin"]
    _order = "delivery_id, side_order, is_steering desc, sequence, id"

    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="delivery_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="delivery_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    side = fields.Selection(SIDES, string="On Whose Side", required=True, default="us")
    side_order = fields.Integer(compute="_compute_side_order", store=True)
    role_id = fields.Many2one(
        "project.role",
        string="Project Role",
        ondelete="set null",
        index="btree_not_null",
        help="The role that tasks of templates are given to.",
    )
    name = fields.Char(
        string="Role in the Project",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Colleague", domain="[('share', '=', False)]", ondelete="set null", index="btree_not_null"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Their Person",
        ondelete="set null",
        index="btree_not_null",
        help="Who of the customer, or of somebody else, has the role.",
    )
    person = fields.Char(string="Who", compute="_compute_person")
    is_steering = fields.Boolean(string="Steering Committee", help="Sits on the steering committee.")
    duty = fields.Text(string="Duty", help="What they answer for.")
    share = BlankFloat(string="Share of Time (%)", digits=(5, 1))

    # COMPUTES
    @api.depends("side")
    def _compute_side_order(self):
        order = {side: place for place, (side, _label) in enumerate(SIDES)}
        for role in self:
            role.side_order = order.get(role.side, len(order))

    @api.depends("role_id")
    def _compute_name(self):
        for role in self:
            role.name = role.name or role.sudo().role_id.name  # sudo: what a role is called is no secret

    @api.depends("user_id.name", "partner_id.name")
    def _compute_person(self):
        for role in self:
            role.person = role.user_id.name or role.partner_id.name

    @api.depends("name", "person")
    def _compute_display_name(self):
        for role in self:
            role.display_name = ": ".join(filter(None, (role.name, role.person)))

    # CONSTRAINTS
    @api.constrains("share")
    def _check_share(self):
        refuse_negative(self, "share")
        refuse_beyond(self, 100, "share")

    @api.constrains("side", "user_id", "partner_id")
    def _check_person(self):
        for role in self:
            if role.user_id and role.side != "us":
                raise ValidationError(
                    self.env._(
                        "“%(role)s” isn't on our side, and %(person)s is a colleague: choose a contact instead.",
                        role=role.name,
                        person=role.user_id.name,
                    )
                )
