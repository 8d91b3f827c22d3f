from odoo import api, fields, models
from odoo.exceptions import ValidationError

ROLES = [
    ("lead", "Lead Negotiator"),
    ("second", "Second Negotiator"),
    ("technical", "Technical"),
    ("legal", "Legal"),
    ("recorder", "Recorder"),
]
STYLES = [
    ("collaborate", "Collaborating"),
    ("compete", "Competing"),
    ("compromise", "Compromising"),
    ("yield", "Yielding"),
    ("avoid", "Avoiding"),
]
POWERS = [
    ("decides", "Decides"),
    ("recommends", "Recommends"),
    ("reports", "Only Reports Back"),
    ("unknown", "Not Known"),
]


class KamsNegotiationMember(models.Model):
    """Who of ours sits at the table, and as what (7.3): one speaks, one watches, one writes down."""

    _name = "kams.negotiation.member"
    _description = "Member of a negotiation team"
    _inherit = ["kams.negotiation.part"]
    _rec_name = "user_id"

    role = fields.Selection(ROLES, required=True, default="second")
    user_id = fields.Many2one(
        "res.users", string="Person", required=True, domain="[('share', '=', False)]", ondelete="restrict", index=True
    )

    # BUSINESS
    def _is_plan(self, vals):
        """People come and go; what was approved stays."""
        return False


class KamsNegotiationCounterpart(models.Model):
    """Who sits on the other side, how they negotiate, and what they may decide (7.3)."""

    _name = "kams.negotiation.counterpart"
    _description = "Counterpart in a negotiation"
    _inherit = ["kams.negotiation.part"]
    _rec_name = "stakeholder_id"

    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        required=True,
        domain="[('lead_id', '=', lead_id)]",
        ondelete="cascade",
        index=True,
    )
    style = fields.Selection(STYLES)
    authority = fields.Selection(POWERS, string="May Decide", default="unknown")
    notes = fields.Text(help="What moves them, what they fear, how they went about it last time.")

    # CONSTRAINTS
    @api.constrains("stakeholder_id")
    def _check_same_deal(self):
        """Who sits opposite is of this deal's decision chain."""
        for part in self:
            # sudo: of which deal somebody is, to compare only
            if part.stakeholder_id.sudo().lead_id != part.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(person)s” is of another deal than “%(negotiation)s”: choose one of this deal.",
                        person=part.stakeholder_id.display_name,
                        negotiation=part.negotiation_id.display_name,
                    )
                )

    # BUSINESS
    def _is_plan(self, vals):
        """People come and go; what was approved stays."""
        return False
