from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .insiders import INSIDERS

KINDS = [
    ("initiation", "Initiation Review"),
    ("proposal_pink", "Proposal Review, Pink Team"),
    ("proposal_red", "Proposal Review, Red Team"),
    ("proposal_gold", "Proposal Review, Gold Team"),
    ("bid", "Bid Review"),
    ("bid_technical", "Bid Document Review, Technical"),
    ("bid_business", "Bid Document Review, Business"),
    ("bid_overall", "Bid Document Review, Overall"),
    ("contract", "Contract Review"),
    ("change", "Change Review"),
    ("price", "Price Review"),
    ("account_plan", "Account Plan Review"),
]
ROLES = [
    ("director", "Sales Director"),
    ("technical", "Technical"),
    ("delivery", "Delivery"),
    ("finance", "Finance"),
    ("legal", "Legal"),
    ("commercial", "Commercial"),
]
LEVELS = [("a", "A Company"), ("b", "B Division"), ("c", "C Department")]
# Whoever reviews or closes a condition must have one of these rights
REVIEWER_GROUPS = ("salesperson", "bid_desk", "legal", "finance", "delivery", "auditor")


class KamsReviewPolicy(models.Model):
    """Who decides on what: from which amount on which committee sits, and what makes its yes.

    Book section 4.3 售前立项评审. A review copies what it needs when it is submitted, so a change here holds for
    reviews from then on.
    """

    _name = "kams.review.policy"
    _description = "Review policy"
    _order = "kind, amount_from desc, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company that has none of its own.")
    kind = fields.Selection(KINDS, required=True, default="initiation")
    level = fields.Selection(LEVELS, string="Project Level")
    amount_from = fields.Float(
        string="From Amount", digits=(16, 2), help="In the currency of the deal's company. It holds up to the next one."
    )
    template_id = fields.Many2one(
        "kams.scorecard.template",
        string="Scorecard",
        domain="[('target', '=', 'lead'), ('state', '=', 'active')]",
        help="What the committee scores before it decides. Empty: votes alone decide.",
    )
    quorum_pct = fields.Float(
        string="Quorum (%)", default=66.7, digits=(16, 1), help="So many of the members must vote."
    )
    pass_pct = fields.Float(
        string="Passes Above (%)",
        default=50.0,
        digits=(16, 1),
        help="More than so many of those who took a side must say yes.",
    )
    margin_floor = fields.Float(
        string="Margin Floor (%)", digits=(16, 1), help="Below it, finance is asked to veto.", groups=INSIDERS
    )
    role_ids = fields.One2many("kams.review.policy.role", "policy_id", string="Committee", copy=True)
    source = fields.Char(default=lambda self: self.env._("Own choice, to be set by each company"))

    _percent = models.Constraint(
        "CHECK (quorum_pct BETWEEN 0 AND 100 AND pass_pct BETWEEN 0 AND 100)",
        "Quorum and majority are between 0 and 100 %.",
    )
    _amount_positive = models.Constraint("CHECK (amount_from >= 0)", "A policy begins at an amount of 0 or more.")

    @api.constrains("kind", "amount_from", "company_id", "active")
    def _check_one_per_amount(self):
        """On any amount one policy speaks."""
        others = self.search([("kind", "in", self.mapped("kind"))])
        for policy in self.filtered("active"):
            for other in others - policy:
                if (other.kind, other.company_id) == (policy.kind, policy.company_id) and (
                    round(other.amount_from - policy.amount_from, 2) == 0
                ):
                    raise ValidationError(
                        self.env._(
                            "%(policy)s and %(other)s both begin at %(amount)s. Let one begin somewhere else.",
                            policy=policy.name,
                            other=other.name,
                            amount=f"{policy.amount_from:,.2f}",
                        )
                    )

    # BUSINESS
    @api.model
    def _for(self, kind, amount, company):
        """The policy for a review of that kind about that amount; the company's own ones go before the general."""
        company = company or self.env.company
        # sudo: which committee sits doesn't depend on who applies
        policies = self.sudo().search(
            [("kind", "=", kind), ("company_id", "in", (company.id, False))], order="amount_from desc, id"
        )
        own = policies.filtered("company_id") or policies
        return own.filtered(lambda policy: policy.amount_from <= (amount or 0.0))[:1]


class KamsReviewPolicyRole(models.Model):
    """A seat on the committee: what it is there for, whether it must vote, and whether its no decides alone."""

    _name = "kams.review.policy.role"
    _description = "Seat on a review committee"
    _order = "policy_id, sequence, id"
    _rec_name = "role"

    policy_id = fields.Many2one("kams.review.policy", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    role = fields.Selection(ROLES, required=True)
    required = fields.Boolean(string="Must Vote", help="Without this vote nothing can be decided.")
    veto = fields.Boolean(help="A no from here rejects the whole.")
    user_id = fields.Many2one("res.users", string="Usual Reviewer", domain="[('share', '=', False)]")

    _role_uniq = models.UniqueIndex("(policy_id, role)", "A committee has each seat once.")
