from odoo import fields, models

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
    _order = "negotiation_id, sequence, id"
    _rec_name = "user_id"

    negotiation_id = fields.Many2one("kams.negotiation", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    role = fields.Selection(ROLES, required=True, default="second")
    user_id = fields.Many2one(
        "res.users", string="Person", required=True, domain="[('share', '=', False)]", ondelete="restrict", index=True
    )


class KamsNegotiationCounterpart(models.Model):
    """Who sits on the other side, how they negotiate, and what they may decide (7.3)."""

    _name = "kams.negotiation.counterpart"
    _description = "Counterpart in a negotiation"
    _order = "negotiation_id, sequence, id"
    _rec_name = "stakeholder_id"

    negotiation_id = fields.Many2one("kams.negotiation", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
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
