from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
