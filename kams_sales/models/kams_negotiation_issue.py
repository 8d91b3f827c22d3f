from odoo import api, fields, models

from .blank import BlankFloat

KINDS = [
    ("price", "Price"),
    ("subject", "Subject and Quantity"),
    ("quality", "Quality"),
    ("payment", "Payment"),
    ("delivery", "Time of Delivery"),
    ("warranty", "Warranty"),
    ("acceptance", "Acceptance Test"),
    ("damages", "Damages"),
    ("training", "Training"),
    ("service", "Service"),
    ("ip", "Intellectual Property"),
    ("exclusivity", "Exclusivity"),
    ("other", "Something Else"),
]


class KamsNegotiationIssue(models.Model):
    """One thing to negotiate about: where we begin, what we want, where we stop, and what we think they want.

    Book section 7.3 谈判准备. What the law keeps to the bid is locked: it ends as it was bid, on every route.
    """

    _name = "kams.negotiation.issue"
    _description = "Issue of a negotiation"
    _order = "negotiation_id, sequence, id"

    negotiation_id = fields.Many2one("kams.negotiation", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="What About", required=True, default="price")
    name = fields.Char(string="Issue", compute="_compute_name", store=True, readonly=False, precompute=True)
    unit = fields.Char(string="Counted In", help="What the numbers count: yuan, days, months, %.")
    better = fields.Selection(
        [("higher", "More")] + [("lower", "Less")],
        string="Better for Us",
        required=True,
        default="higher",
    )
    # Ours
    opening = BlankFloat(string="We Begin At", digits=(16, 2))
    target = BlankFloat(string="We Want", digits=(16, 2))
    reservation = BlankFloat(string="We Stop At", digits=(16, 2), help="The worst that we still accept.")
    weight = BlankFloat(string="Weight (%)", digits=(16, 2), help="All issues together: 100.")
    # Theirs, as we think
    est_their_target = BlankFloat(string="They Want (Estimate)", digits=(16, 2))
    est_their_reservation = BlankFloat(string="They Stop At (Estimate)", digits=(16, 2))
    tradable_against_ids = fields.Many2many(
        "kams.negotiation.issue",
        "kams_negotiation_issue_trade_rel",
        "issue_id",
        "other_id",
        string="Can Be Traded For",
        domain="[('negotiation_id', '=', negotiation_id), ('id', '!=', id)]",
    )
    # What the bid says
    locked = fields.Boolean(compute="_compute_locked", store=True, precompute=True, string="Locked to the Bid")
    bid_value = BlankFloat(string="In Our Bid", digits=(16, 2))
    bid_text = fields.Text(string="Words of Our Bid")
    # What came of it
    agreed = BlankFloat(string="Agreed At", digits=(16, 2))
    agreed_text = fields.Text(string="Agreed in Words")

    # COMPUTES
    @api.depends("kind")
    def _compute_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for issue in self:
            issue.name = issue.name or labels.get(issue.kind)

    @api.depends("kind", "negotiation_id.locked_kinds")
    def _compute_locked(self):
        """What is locked stays locked, whatever is changed later."""
        for issue in self:
            issue.locked = issue.locked or issue.kind in (issue.negotiation_id.locked_kinds or "").split(",")
