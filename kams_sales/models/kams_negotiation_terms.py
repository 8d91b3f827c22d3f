from odoo import fields, models

from .blank import BlankFloat

VARIANTS = [("opening", "We Begin With"), ("target", "What We Want"), ("agreed", "What Was Agreed")]


class KamsNegotiationTerm(models.Model):
    """A payment of a variant: so much of the price, so long after signing (7.3)."""

    _name = "kams.negotiation.term"
    _description = "Payment in a negotiation"
    _order = "negotiation_id, variant, months, id"
    _rec_name = "variant"

    negotiation_id = fields.Many2one("kams.negotiation", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    variant = fields.Selection(VARIANTS, required=True, default="target")
    name = fields.Char(string="Payment", help="Down payment, on arrival, after acceptance.")
    pct = BlankFloat(string="Share (%)", digits=(16, 4))
    months = BlankFloat(string="Months After Signing", digits=(16, 2))
