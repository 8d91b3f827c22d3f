from odoo import api, fields, models
from odoo.exceptions import ValidationError

DIRECTIONS = [("benefit", "More is better"), ("cost", "Less is better")]


class KamsScorecardCriterion(models.Model):
    """One question of a template: its scale, its weight, and a hint for each answer."""

    _name = "kams.scorecard.criterion"
    _description = "Scorecard criterion"
    _inherit = ["kams.scorecard.template.part"]
    _order = "template_id, sequence, id"

    # What is asked
    template_id = fields.Many2one("kams.scorecard.template", required=True, ondelete="cascade", index=True)
    block_id = fields.Many2one(
        "kams.scorecard.block",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('template_id', '=', template_id)]",
    )
    sequence = fields.Integer(default=10)
    code = fields.Char(help="The technical name by which other parts answer this criterion.")
    name = fields.Char(required=True, translate=True)
    hint = fields.Text(translate=True, help="What to think of when answering.")
    # How an answer counts
    weight = fields.Float(string="Weight (%)", digits=(16, 4))
    direction = fields.Selection(DIRECTIONS, required=True, default="benefit")
    scale_min = fields.Float(string="Scale From", default=1.0)
    scale_max = fields.Float(string="Scale To", default=5.0)
    veto_below = fields.Float(
        string="Veto Below (%)",
        help="An answer worth less than this, of 0 to 100, decides the card, whatever the rest says. 0: no veto.",
    )
    # How it is answered
    option_ids = fields.One2many("kams.scorecard.option", "criterion_id", string="Answers", copy=True)
    options_only = fields.Boolean(
        string="These Answers Only", help="Otherwise the answers are marks on the scale, and values between count too."
    )
    figure = fields.Selection(
        selection=lambda self: self._selection_figure(),
        string="Filled In by Odoo",
        help="Odoo answers this itself from what it knows of the account. Who types another answer is named.",
    )

    _weight_positive = models.Constraint("CHECK(weight >= 0)", "A criterion cannot weigh less than nothing.")
    _veto_range = models.Constraint("CHECK(veto_below BETWEEN 0 AND 100)", "A veto lies between 0 and 100 %.")

    @api.model
    def _selection_figure(self):
        return sorted(self.env["kams.scorecard"]._figure_labels().items(), key=lambda item: item[1])

    @api.constrains("scale_min", "scale_max", "option_ids")
    def _check_scale(self):
        for criterion in self:
            if criterion.scale_max < criterion.scale_min:
                raise ValidationError(
                    self.env._(
                        "The scale of %(criterion)s ends at %(high)s, before it begins at %(low)s. "
                        "Put the smaller number first; whether less is better is its direction.",
                        criterion=criterion.name,
                        low=f"{criterion.scale_min:g}",
                        high=f"{criterion.scale_max:g}",
                    )
                )
            criterion.option_ids._check_on_scale()

    @api.constrains("block_id", "template_id")
    def _check_block(self):
        for criterion in self:
            if criterion.block_id and criterion.block_id.template_id != criterion.template_id:
                raise ValidationError(
                    self.env._(
                        "Block %(block)s belongs to another template than criterion %(criterion)s. "
                        "Choose a block of %(template)s.",
                        block=criterion.block_id.name,
                        criterion=criterion.name,
                        template=criterion.template_id.name,
                    )
                )

    # BUSINESS
    def _line_values(self, weight):
        """What a scorecard's line copies, so that later edits of the template don't touch it."""
        self.ensure_one()
        options = [
            {"id": option.id, "value": option.value, "name": option.name, "hint": option.hint or ""}
            for option in self.option_ids.sorted("value")
        ]
        return {
            "criterion_id": self.id,
            "sequence": self.sequence,
            "code": self.code,
            "name": self.name,
            "block_key": self.block_id.id,
            "block": self.block_id.name,
            "block_weight": self.block_id.weight,
            "block_veto_below": self.block_id.veto_below,
            "weight": weight,
            "direction": self.direction,
            "scale_min": self.scale_min,
            "scale_max": self.scale_max,
            "veto_below": self.veto_below,
            "hint": self.hint,
            "options": options,
            "options_only": self.options_only and bool(options),
            "figure": self.figure,
        }


class KamsScorecardOption(models.Model):
    """One answer to a criterion, and how to tell that it is the right one."""

    _name = "kams.scorecard.option"
    _description = "Scorecard answer"
    _inherit = ["kams.scorecard.template.part"]
    _order = "criterion_id, value, id"

    criterion_id = fields.Many2one("kams.scorecard.criterion", required=True, ondelete="cascade", index=True)
    template_id = fields.Many2one(related="criterion_id.template_id")
    value = fields.Float()
    name = fields.Char(required=True, translate=True)
    hint = fields.Text(translate=True)

    _value_uniq = models.UniqueIndex("(criterion_id, value)", "Two answers to one criterion cannot have one value.")

    @api.depends("value", "name")
    def _compute_display_name(self):
        for option in self:
            option.display_name = f"{option.value:g} {option.name or ''}"

    @api.constrains("value", "criterion_id")
    def _check_on_scale(self):
        for option in self:
            criterion = option.criterion_id
            if not criterion.scale_min <= option.value <= criterion.scale_max:
                raise ValidationError(
                    self.env._(
                        "Answer “%(answer)s” lies off the scale of %(criterion)s, which is %(low)s to %(high)s. "
                        "Change its value or the scale.",
                        answer=option.display_name,
                        criterion=criterion.name,
                        low=f"{criterion.scale_min:g}",
                        high=f"{criterion.scale_max:g}",
                    )
                )
