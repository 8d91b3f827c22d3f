from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import negotiation as arithmetic
from .blank import BlankFloat, BlankMonetary, known

VARIANTS = [("opening", "We Begin With"), ("target", "What We Want"), ("agreed", "What Was Agreed")]
RATE = "terms_discount_rate_pct"


class KamsNegotiationTerm(models.Model):
    """A payment of a variant: so much of the price, so long after signing (7.3)."""

    _name = "kams.negotiation.term"
    _description = "Payment in a negotiation"
    _inherit = ["kams.negotiation.part"]
    _order = "negotiation_id, variant desc, months, id"
    _rec_name = "variant"

    variant = fields.Selection(VARIANTS, required=True, default="target")
    name = fields.Char(string="Payment", help="Down payment, on arrival, after acceptance.")
    pct = BlankFloat(string="Share (%)", digits=(16, 4))
    months = BlankFloat(string="Months After Signing", digits=(16, 2))

    # CONSTRAINTS
    @api.constrains("pct", "months")
    def _check_numbers(self):
        for term in self:
            if not 0 <= (known(term.pct) or 0.0) <= 100 or (known(term.months) or 0.0) < 0:
                raise ValidationError(
                    self.env._(
                        "%s: a payment is between 0 and 100 %% of the price, and not before the contract is signed.",
                        term.negotiation_id.display_name,
                    )
                )

    # BUSINESS
    def _is_plan(self, vals):
        """What was agreed is noted while we negotiate; what we want is the plan."""
        variants = {*self.mapped("variant"), vals.get("variant", "agreed")}
        return variants != {"agreed"}


class KamsNegotiation(models.Model):
    """What the terms of payment are worth on the day of signing: late money is less money (7.3)."""

    _inherit = "kams.negotiation"

    terms_price = BlankMonetary(
        string="Price for the Terms",
        compute="_compute_terms_price",
        store=True,
        readonly=False,
        precompute=True,
        help="Of what the shares are taken.",
    )
    terms_rate = BlankFloat(
        string="Rate (% a Year)",
        compute="_compute_terms",
        digits=(16, 2),
        help="Dated parameter “terms_discount_rate_pct”.",
    )
    terms_opening_pct = BlankFloat(string="We Begin With (% Today)", compute="_compute_terms", digits=(16, 4))
    terms_target_pct = BlankFloat(string="What We Want (% Today)", compute="_compute_terms", digits=(16, 4))
    terms_agreed_pct = BlankFloat(string="What Was Agreed (% Today)", compute="_compute_terms", digits=(16, 4))
    terms_opening = BlankMonetary(string="We Begin With, Worth Today", compute="_compute_terms")
    terms_target = BlankMonetary(string="What We Want, Worth Today", compute="_compute_terms")
    terms_agreed = BlankMonetary(string="What Was Agreed, Worth Today", compute="_compute_terms")
    terms_given_up = BlankMonetary(
        string="Lost by Later Payment", compute="_compute_terms", help="What we wanted, less what was agreed."
    )

    # COMPUTES
    @api.depends("tender_id")
    def _compute_terms_price(self):
        """What we bid, until somebody enters another price."""
        for negotiation in self:
            bid = known(negotiation.tender_id.bid_price)
            before = known(negotiation.terms_price)
            negotiation.terms_price = bid if before is None else before

    @api.depends("term_ids.variant", "term_ids.pct", "term_ids.months", "terms_price", "approved_at")
    def _compute_terms(self):
        """At the rate that held when the plan was approved, or holds today."""
        rate_on = self.env["kams.legal.rule"]._value
        for negotiation in self:
            day = negotiation.approved_at
            rate = rate_on(RATE, fields.Datetime.context_timestamp(negotiation, day).date() if day else None)
            negotiation.terms_rate = rate
            price, by_variant = known(negotiation.terms_price), negotiation.term_ids.grouped("variant")
            worth = {}
            for variant, _label in VARIANTS:
                terms = by_variant.get(variant) or ()
                share = arithmetic.present_share([(known(term.pct), known(term.months)) for term in terms], rate)
                worth[variant] = None if share is None or price is None else price * share / 100
                negotiation[f"terms_{variant}_pct"] = share
                negotiation[f"terms_{variant}"] = worth[variant]
            both = None not in (worth["target"], worth["agreed"])
            negotiation.terms_given_up = worth["target"] - worth["agreed"] if both else None
