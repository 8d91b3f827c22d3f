from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, known

GROUPS = [("price", "Price"), ("technical", "Technical"), ("business", "Commercial")]


class KamsTenderCriterion(models.Model):
    """One line of the tender's scoring table: how many points there are, by which rule, and how many we expect.

    Book section 6.4 分析招标书, 评分标准. Our expected points make our own line of the score simulation.
    """

    _name = "kams.tender.criterion"
    _description = "Scoring criterion"
    _inherit = ["kams.import.mixin"]
    _order = "tender_id, sequence, id"

    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    # What the tender says
    group = fields.Selection(GROUPS, string="Part of the Score", required=True, default="technical")
    name = fields.Char(string="Criterion", required=True)
    full_score = fields.Float(string="Full Marks", digits=(16, 2), required=True)
    rule_type = fields.Selection(
        [
            ("formula", "Formula"),
            ("step", "Steps"),
            ("itemised", "Item by Item"),
            ("subjective", "Judgement of the Committee"),
        ],
        string="Kind of Rule",
    )
    rule_text = fields.Text(string="Rule", help="How points are given, in the tender's words.")
    # What we expect
    our_expected = BlankFloat(
        string="We Expect", digits=(16, 2), help="Points that we expect to get; empty: nobody has judged it yet."
    )
    confidence = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High")], help="How sure we are of these points."
    )
    action = fields.Char(string="What to Do", help="What brings us the points that are still missing.")
    lost_points = BlankFloat(
        string="Points Given Away",
        compute="_compute_lost_points",
        digits=(16, 2),
        help="Full marks less what we expect.",
    )

    # COMPUTES
    @api.depends("full_score", "our_expected")
    def _compute_lost_points(self):
        for criterion in self:
            expected = known(criterion.our_expected)
            criterion.lost_points = None if expected is None else criterion.full_score - expected

    # CONSTRAINTS
    @api.constrains("full_score", "our_expected")
    def _check_points(self):
        for criterion in self:
            if criterion.full_score < 0:
                raise ValidationError(self.env._("“%(name)s”: full marks can't be negative.", name=criterion.name))
            if not 0 <= (known(criterion.our_expected) or 0) <= criterion.full_score:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” gives %(full)s points at most: we can't expect %(ours)s.",
                        name=criterion.name,
                        full=f"{criterion.full_score:g}",
                        ours=f"{criterion.our_expected:g}",
                    )
                )

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("tender_id", self.env._("Example Tender")),
            ("group", "technical"),
            ("name", self.env._("Technical solution")),
            ("full_score", "20"),
            ("rule_type", "step"),
            ("rule_text", self.env._("Excellent 20, good 15, fair 10")),
            ("our_expected", "15"),
            ("confidence", "medium"),
            ("action", self.env._("Add the test report")),
        ]
