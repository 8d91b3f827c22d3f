from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import scoring

LARGEST = 10  # criteria compared at once: Saaty's table of random indexes ends there
SAATY = [*range(9, 1, -1), 1, *(-n for n in range(2, 10))]


class KamsScorecardComparison(models.Model):
    """How much more one criterion matters than another, on Saaty's scale of 1/9 to 9.

    Formula C24 (AHP): a complete and consistent set of these gives a template its weights. One pair is judged
    once; the other way round it is the reciprocal.
    """

    _name = "kams.scorecard.comparison"
    _description = "Pairwise comparison of criteria"
    _inherit = ["kams.scorecard.template.part"]
    _order = "template_id, id"

    template_id = fields.Many2one("kams.scorecard.template", required=True, ondelete="cascade", index=True)
    row_id = fields.Many2one("kams.scorecard.criterion", string="Criterion", required=True, ondelete="cascade")
    column_id = fields.Many2one("kams.scorecard.criterion", string="Against", required=True, ondelete="cascade")
    value = fields.Float(help="How many times more the first matters than the second. 0: not judged yet.")
    judgement = fields.Selection(
        selection=lambda self: self._selection_judgement(),
        compute="_compute_judgement",
        inverse="_inverse_judgement",
        help="Odd steps have names; the even ones lie between.",
    )

    _pair_uniq = models.UniqueIndex(
        "(template_id, LEAST(row_id, column_id), GREATEST(row_id, column_id))",
        "Two criteria are compared once: change the judgement that is there.",
    )

    @api.model
    def _selection_judgement(self):
        names = {
            1: self.env._("equal"),
            3: self.env._("somewhat more"),
            5: self.env._("clearly more"),
            7: self.env._("very much more"),
            9: self.env._("extremely more"),
            -3: self.env._("somewhat less"),
            -5: self.env._("clearly less"),
            -7: self.env._("very much less"),
            -9: self.env._("extremely less"),
        }
        labels = {step: f"{step}" if step > 0 else f"1/{-step}" for step in SAATY}
        return [(str(step), f"{labels[step]} {names.get(step, '')}".strip()) for step in SAATY]

    @api.depends("value")
    def _compute_judgement(self):
        for pair in self:
            step = round(pair.value if pair.value >= 1 else -1 / pair.value) if pair.value else 0
            pair.judgement = str(step) if step in SAATY else False

    def _inverse_judgement(self):
        for pair in self:
            step = int(pair.judgement or 0)
            pair.value = step if step >= 0 else -1.0 / step

    @api.depends("row_id", "column_id")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = f"{pair.row_id.name} : {pair.column_id.name}"

    @api.constrains("value", "row_id", "column_id", "template_id")
    def _check_pair(self):
        for pair in self:
            if pair.value and not 1 / 9 - 1e-6 <= pair.value <= 9 + 1e-6:
                raise ValidationError(
                    self.env._(
                        "%(pair)s is judged %(value)s: the scale goes from 1/9 to 9.",
                        pair=pair.display_name,
                        value=f"{pair.value:g}",
                    )
                )
            if pair.row_id == pair.column_id:
                raise ValidationError(
                    self.env._("%(criterion)s can't be compared with itself.", criterion=pair.row_id.name)
                )
            if (pair.row_id | pair.column_id).template_id != pair.template_id:
                raise ValidationError(
                    self.env._(
                        "%(pair)s are not both criteria of %(template)s.",
                        pair=pair.display_name,
                        template=pair.template_id.name,
                    )
                )


class KamsScorecardTemplate(models.Model):
    """Weights of a template that follow from comparing its criteria in pairs."""

    _inherit = "kams.scorecard.template"

    comparison_ids = fields.One2many("kams.scorecard.comparison", "template_id", string="Comparisons")
    consistency_ratio = fields.Float(
        compute="_compute_consistency_ratio",
        digits=(16, 6),
        help="How far the pairwise comparison contradicts itself: above 0.1 it should be thought over.",
    )

    @api.depends("comparison_ids.value", "criterion_ids.block_id")
    def _compute_consistency_ratio(self):
        for template in self:
            found = template._ahp().values()
            known = [weights.consistency_ratio for weights in found if weights and weights.consistency_ratio]
            template.consistency_ratio = max(known, default=0.0)

    # ACTIONS
    def action_compare(self):
        """Lay out the pairs of criteria that are still to be compared."""
        self.check_access("write")
        pairs = []
        for template in self:
            known = {frozenset((pair.row_id.id, pair.column_id.id)) for pair in template.comparison_ids}
            for criteria in template._groups().values():
                for position, row in enumerate(criteria):
                    pairs += [
                        {"template_id": template.id, "row_id": row.id, "column_id": column.id}
                        for column in criteria[position + 1 :]
                        if frozenset((row.id, column.id)) not in known
                    ]
        self.env["kams.scorecard.comparison"].create(pairs)
        return True

    # BUSINESS
    @api.model
    def _ahp_parameters(self):
        """``(limit of the consistency ratio, {number of criteria: random index})``, dated parameters."""
        value = self.env["kams.legal.rule"]._value
        indexes = {size: value(f"ahp_random_index_{size}") for size in range(3, LARGEST + 1)}
        return value("ahp_consistency_limit") or 0.0, {size: index for size, index in indexes.items() if index}

    def _ahp(self):
        """``{block: Weights, or None while its comparison is incomplete}``."""
        self.ensure_one()
        judged = {}
        for pair in self.comparison_ids.filtered("value"):
            judged[pair.row_id, pair.column_id] = pair.value
            judged[pair.column_id, pair.row_id] = 1.0 / pair.value
        random_index = self._ahp_parameters()[1] if judged else {}
        found = {}
        for block, criteria in self._groups().items():
            matrix = [[1.0 if row == column else judged.get((row, column)) for column in criteria] for row in criteria]
            complete = all(None not in row for row in matrix)
            found[block] = scoring.ahp(matrix, random_index) if complete else None
        return found

    def _weigh_by_comparison(self):
        """Give criteria the weights that their comparison yields, as far as it is complete."""
        for template in self.filtered(lambda template: template.weighting == "ahp"):
            groups = template._groups()
            for block, found in template._ahp().items():
                for criterion, weight in zip(groups[block], found.weights if found else (), strict=False):
                    criterion.with_context(kams_template_in_hand=True).weight = 100.0 * weight

    def _check_comparison(self):
        if self.weighting != "ahp" or self.measure == "sum":
            return
        limit = self._ahp_parameters()[0]
        for block, found in self._ahp().items():
            label = f"{self.name}, {block.name}" if block else self.name
            if not found:
                raise ValidationError(
                    self.env._(
                        "The pairwise comparison of %(template)s is incomplete. Lay out the pairs with “Compare” and "
                        "judge each, or give the weights by hand.",
                        template=label,
                    )
                )
            if found.consistency_ratio is None:
                raise ValidationError(
                    self.env._(
                        "%(template)s compares %(count)s criteria at once, more than consistency can be told for. "
                        "Divide them into blocks.",
                        template=label,
                        count=len(found.weights),
                    )
                )
            if found.consistency_ratio > limit:
                raise ValidationError(
                    self.env._(
                        "The pairwise comparison of %(template)s contradicts itself: its consistency ratio is "
                        "%(ratio)s, and at most %(limit)s is accepted. Think the judgements over.",
                        template=label,
                        ratio=f"{found.consistency_ratio:.4f}",
                        limit=f"{limit:g}",
                    )
                )
