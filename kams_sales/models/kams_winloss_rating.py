from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..tools.winloss import weighted_gap
from .blank import BlankFloat, BlankInteger, known

CRITERIA = [
    ("price", "Price"),
    ("technical", "Technical Solution"),
    ("qualification", "Qualification and References"),
    ("relationship", "Relationship and Trust"),
    ("service", "Service and Delivery"),
    ("contract", "Contract Terms"),
    ("other", "Other"),
]
USUAL = ("price", "technical", "qualification", "relationship", "service", "contract")


class KamsWinlossRating(models.Model):
    """How we and a competitor stood in one thing that the customer looked at, and how much it counted (9)."""

    _name = "kams.winloss.rating"
    _description = "Rating in a win or loss review"
    _inherit = ["kams.winloss.line"]
    _order = "winloss_id, sequence, id"

    sequence = fields.Integer(default=10)
    criterion = fields.Selection(CRITERIA, string="What the Customer Looks At", required=True)
    importance = BlankInteger(string="Importance (1–5)", aggregator="avg")
    us = BlankInteger(string="We (1–5)", aggregator="avg")
    competitor = BlankInteger(string="They (1–5)", aggregator="avg")
    competitor_id = fields.Many2one(
        "kams.competitor",
        string="Compared With",
        ondelete="set null",
        index="btree_not_null",
        help="Which competitor; empty: whoever won, or came second to us.",
    )
    gap = BlankInteger(
        compute="_compute_gap", store=True, string="We Less They", aggregator="avg", help="Below 0 they were better."
    )
    note = fields.Char(string="What It Rests On")

    # COMPUTES
    @api.depends("us", "competitor")
    def _compute_gap(self):
        for line in self:
            us, them = known(line.us), known(line.competitor)
            line.gap = None if us is None or them is None else us - them

    # CONSTRAINTS
    @api.constrains("importance", "us", "competitor")
    def _check_scale(self):
        for line in self:
            for name in ("importance", "us", "competitor"):
                if not 1 <= (known(line[name]) or 1) <= 5 or known(line[name]) == 0:
                    raise ValidationError(
                        self.env._(
                            "“%(review)s”: “%(field)s” is a number from 1 to 5.",
                            review=line.winloss_id.display_name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("competitor_id", "winloss_id")
    def _check_competitor(self):
        for line in self:
            if line.competitor_id and line.competitor_id.lead_id != line.winloss_id.lead_id and not self.env.su:
                raise ValidationError(
                    self.env._(
                        "“%(competitor)s” is a competitor on another deal than “%(review)s”.",
                        competitor=line.competitor_id.display_name,
                        review=line.winloss_id.display_name,
                    )
                )


class KamsWinloss(models.Model):
    """What the customer looked at stands in each review, to be rated."""

    _inherit = "kams.winloss"

    criterion_ids = fields.One2many(
        "kams.winloss.rating",
        "winloss_id",
        string="We and They",
        copy=True,
        default=lambda self: [
            Command.create({"sequence": place, "criterion": criterion}) for place, criterion in enumerate(USUAL, 1)
        ],
    )
    criteria_gap = BlankFloat(
        string="Ahead or Behind",
        compute="_compute_criteria_gap",
        digits=(16, 2),
        help="Our ratings less the competitor's, by importance. Below 0 they were better.",
    )

    # COMPUTES
    @api.depends("criterion_ids.importance", "criterion_ids.us", "criterion_ids.competitor")
    def _compute_criteria_gap(self):
        for review in self:
            review.criteria_gap = weighted_gap(
                [(known(one.importance), known(one.us), known(one.competitor)) for one in review.criterion_ids]
            )

    # BUSINESS
    def _is_untouched(self):
        rated = self.criterion_ids.filtered(
            lambda one: any(known(one[name]) is not None for name in ("importance", "us", "competitor")) or one.note
        )
        return super()._is_untouched() and not rated and not self.action_ids
