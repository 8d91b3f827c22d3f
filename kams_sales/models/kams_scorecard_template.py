from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .insiders import INSIDERS

MEASURES = [
    ("percent", "Score, 0 to 100"),
    ("mean", "Weighted mean of the answers"),
    ("sum", "Sum of the answers"),
]


class KamsScorecardTemplate(models.Model):
    """The questions by which we judge a customer, a deal or a competitor, what each weighs, and what the score means.

    Book section 0.3 管理方法: one engine for every form that is scored. A scorecard copies all it needs from its
    template, so a change here holds for cards made from now on and never rescores the past.
    """

    _name = "kams.scorecard.template"
    _description = "Scorecard template"
    _inherit = ["kams.state.mixin"]
    _order = "sequence, name, id"

    _state_transitions = {"draft": {"active"}, "active": {"retired"}, "retired": {"active"}}

    # What it is for
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="The technical name by which other parts find this template.")
    sequence = fields.Integer(default=100)
    purpose = fields.Text(translate=True)
    target = fields.Selection(
        [("account", "Key account"), ("lead", "Deal"), ("competitor", "Competitor")], required=True, default="account"
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("retired", "Retired")],
        default="draft",
        required=True,
        copy=False,
        index=True,
    )
    # How it is scored
    measure = fields.Selection(
        MEASURES,
        string="Bands Are On",
        required=True,
        default="percent",
        help="The score of 0 to 100 is always computed; this says on which scale its bands are given. "
        "By the sum, every point counts alike and weights follow from the scales.",
    )
    weighting = fields.Selection(
        [("manual", "Given by hand"), ("ahp", "From pairwise comparison (AHP)")],
        string="Weights",
        required=True,
        default="manual",
    )
    with_competitor = fields.Boolean(
        string="Ask for the Best Competitor Too",
        help="Each question is answered twice, for us and for the best competitor, and the card compares the two.",
    )
    weight_total = fields.Float(compute="_compute_weight_total", string="Weights in All", digits=(16, 2))
    # Its parts
    block_ids = fields.One2many("kams.scorecard.block", "template_id", string="Blocks")
    criterion_ids = fields.One2many("kams.scorecard.criterion", "template_id", string="Criteria")
    band_ids = fields.One2many("kams.scorecard.band", "template_id", string="Bands", copy=True)
    scorecard_ids = fields.One2many("kams.scorecard", "template_id", string="Scorecards", groups=INSIDERS)

    _code_uniq = models.UniqueIndex("(code)", "Two scorecard templates cannot share one code.")

    @api.depends("criterion_ids.weight", "criterion_ids.block_id", "block_ids.weight")
    def _compute_weight_total(self):
        """What stands side by side is added up: the blocks, or without blocks the criteria."""
        for template in self:
            template.weight_total = sum((template.block_ids or template.criterion_ids).mapped("weight"))

    # ORM
    def write(self, vals):
        """A template in use stays fit for use, however its parts are changed."""
        result = super(KamsScorecardTemplate, self.with_context(kams_template_in_hand=True)).write(vals)
        self._weigh_by_comparison()
        self.filtered(lambda template: template.state == "active")._check_fit()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for template, vals in zip(self, vals_list, strict=True):
            if "code" not in (default or {}):
                vals["code"] = f"{template.code}_{self.search_count([]) + 1}"
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", template.name)
        return vals_list

    def copy(self, default=None):
        """Copy blocks, criteria and comparisons, each to its counterpart."""
        copies = super().copy(default)
        for template, clone in zip(self, copies, strict=True):
            blocks = dict(zip(template.block_ids, template.block_ids.copy({"template_id": clone.id}), strict=True))
            twins = {}
            for criterion in template.criterion_ids:
                block = blocks.get(criterion.block_id)
                twins[criterion] = criterion.copy({"template_id": clone.id, "block_id": block.id if block else False})
            for pair in template.comparison_ids:
                pair.copy(
                    {
                        "template_id": clone.id,
                        "row_id": twins[pair.row_id].id,
                        "column_id": twins[pair.column_id].id,
                    }
                )
        return copies

    # ACTIONS
    def action_activate(self):
        """Put templates into use. What is missing or doesn't add up is said at once."""
        self.write({"state": "active"})
        return True

    def action_retire(self):
        """Take templates out of use; their scorecards stay."""
        self.write({"state": "retired"})
        return True

    # BUSINESS
    @api.model
    def _of(self, code):
        """The template of that code."""
        return self.search([("code", "=", code)], limit=1)

    @api.model
    def _activate_shipped(self):
        """Put into use what the addon brings and nobody has decided on yet."""
        data = self.env["ir.model.data"].sudo()  # sudo: ids of our own records
        ours = data.search([("module", "=", "kams_sales"), ("model", "=", self._name)]).mapped("res_id")
        self.search([("id", "in", ours), ("state", "=", "draft")]).action_activate()

    def _groups(self):
        """Criteria that are weighed against each other, ``{block: criteria}``."""
        self.ensure_one()
        return self.criterion_ids.sorted(lambda criterion: (criterion.sequence, criterion.id)).grouped("block_id")

    def _weights(self):
        """``{criterion: weight}`` as a card takes them: by the sum, every point counts alike."""
        self.ensure_one()
        if self.measure != "sum":
            return {criterion: criterion.weight for criterion in self.criterion_ids}
        spans = {criterion: criterion.scale_max - criterion.scale_min for criterion in self.criterion_ids}
        total = sum(spans.values())
        return {criterion: 100.0 * span / total if total else 0.0 for criterion, span in spans.items()}

    def _bands(self):
        """The bands as a card copies them, lowest first."""
        self.ensure_one()
        return [
            {
                "id": band.id,
                "lower": band.lower,
                "code": band.code or "",
                "name": band.name,
                "verdict": band.verdict or "",
                "color": band.color,
            }
            for band in self.band_ids.sorted("lower")
        ]


class KamsScorecardBlock(models.Model):
    """Criteria that are scored together before they count in the whole, as the four questions of an opportunity."""

    _name = "kams.scorecard.block"
    _description = "Scorecard block"
    _inherit = ["kams.scorecard.template.part"]
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("kams.scorecard.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    weight = fields.Float(string="Weight (%)", default=0.0)
    veto_below = fields.Float(
        string="Veto Below (%)", help="A block that scores less decides the card, whatever the rest says. 0: no veto."
    )
    criterion_ids = fields.One2many("kams.scorecard.criterion", "block_id", string="Criteria")

    _weight_positive = models.Constraint("CHECK(weight >= 0)", "A block cannot weigh less than nothing.")
    _veto_range = models.Constraint("CHECK(veto_below BETWEEN 0 AND 100)", "A veto lies between 0 and 100 %.")


class KamsScorecardBand(models.Model):
    """What a result means: from its lower end up to the next band."""

    _name = "kams.scorecard.band"
    _description = "Scorecard band"
    _inherit = ["kams.scorecard.template.part"]
    _order = "template_id, lower desc, id"

    template_id = fields.Many2one("kams.scorecard.template", required=True, ondelete="cascade", index=True)
    lower = fields.Float(string="From", help="The band reaches from here up to the next one.")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="The technical name by which other parts read this band.")
    verdict = fields.Text(translate=True, help="What to do with a result in this band.")
    color = fields.Integer()

    @api.constrains("lower", "template_id")
    def _check_overlap(self):
        for template in self.template_id:
            lowers = template.band_ids.grouped(lambda band: round(band.lower, 6))
            if overlap := [bands for bands in lowers.values() if len(bands) > 1]:
                raise ValidationError(
                    self.env._(
                        "Bands %(bands)s of scorecard template %(template)s overlap: all begin at %(lower)s. "
                        "Let each begin somewhere else.",
                        bands=", ".join(overlap[0].mapped("name")),
                        template=template.name,
                        lower=f"{overlap[0][0].lower:g}",
                    )
                )
