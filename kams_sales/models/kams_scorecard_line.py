from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import scoring
from .blank import BlankFloat
from .kams_scorecard_criterion import DIRECTIONS


class KamsScorecardLine(models.Model):
    """One question on a card and its answer. How it was asked is copied and stays; people write the answer only.

    An answer is kept as it was typed, so that 0 is an answer and an empty field is none.
    """

    _name = "kams.scorecard.line"
    _description = "Scorecard answer line"
    _order = "scorecard_id, sequence, id"

    _answer_fields = ("answer", "value", "confidence", "comment", "best_answer", "best_competitor")

    scorecard_id = fields.Many2one("kams.scorecard", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="scorecard_id.company_id", store=True)
    # The question, copied
    criterion_id = fields.Many2one(
        "kams.scorecard.criterion", ondelete="set null", index="btree_not_null", readonly=True
    )
    sequence = fields.Integer(readonly=True)
    code = fields.Char(readonly=True)
    name = fields.Char(string="Criterion Name", readonly=True)
    block_key = fields.Integer(readonly=True, aggregator=None)
    block = fields.Char(readonly=True)
    block_weight = fields.Float(readonly=True, aggregator=None)
    block_veto_below = fields.Float(readonly=True, aggregator=None)
    weight = fields.Float(string="Weight (%)", readonly=True, aggregator=None)
    direction = fields.Selection(DIRECTIONS, readonly=True, default="benefit")
    scale_min = fields.Float(readonly=True, aggregator=None)
    scale_max = fields.Float(readonly=True, aggregator=None)
    veto_below = fields.Float(readonly=True, aggregator=None)
    hint = fields.Text(readonly=True)
    options = fields.Json(readonly=True)
    options_only = fields.Boolean(readonly=True)
    # The answer
    answer = fields.Char()
    value = fields.Float(compute="_compute_value", inverse="_inverse_value", store=True, aggregator="avg")
    answered = fields.Boolean(compute="_compute_value", store=True)
    option_id = fields.Many2one(
        "kams.scorecard.option", compute="_compute_value", store=True, ondelete="set null", index="btree_not_null"
    )
    score = BlankFloat(compute="_compute_value", store=True, digits=(16, 4), aggregator="avg")
    confidence = fields.Selection(
        [("unknown", "Unknown"), ("assumed", "Assumed"), ("verified", "Verified")],
        compute="_compute_confidence",
        store=True,
        readonly=False,
    )
    comment = fields.Char()
    guide = fields.Text(compute="_compute_guide", string="Answers to Choose From")
    meaning = fields.Char(compute="_compute_meaning")
    is_off = fields.Boolean(compute="_compute_meaning", string="Off Its Scale")
    # The same for the best competitor
    best_answer = fields.Char(string="Best Competitor's Answer")
    best_competitor = fields.Float(
        compute="_compute_best_competitor", inverse="_inverse_best_competitor", store=True, aggregator="avg"
    )
    best_answered = fields.Boolean(compute="_compute_best_competitor", store=True)
    # Where it comes from
    figure = fields.Char(readonly=True)
    figure_known = fields.Boolean(readonly=True)
    figure_value = fields.Float(string="What Odoo Says", readonly=True, aggregator=None)
    source = fields.Selection(
        [("odoo", "Odoo"), ("typed", "Typed")],
        compute="_compute_source",
        store=True,
        help="Odoo: the figure as Odoo knows it. Typed: somebody's answer, over Odoo's figure if there is one.",
    )
    answered_by_id = fields.Many2one("res.users", string="Answered By", readonly=True, index="btree_not_null")

    _question_uniq = models.UniqueIndex("(scorecard_id, criterion_id)", "A scorecard asks each question once.")

    @api.depends("answer")
    def _compute_value(self):
        met = {}
        for line in self:
            value = line._number(line.answer)
            line.answered = value is not None
            line.value = value or 0.0
            line.score = scoring.normalise(value, line.scale_min, line.scale_max, line.direction)
            met[line] = next((option["id"] for option in line.options or () if value == option["value"]), False)
        # an option may have been deleted since the card copied it
        there = set(
            self.env["kams.scorecard.option"].browse({option for option in met.values() if option}).exists().ids
        )
        for line, option in met.items():
            line.option_id = option if option in there else False

    def _inverse_value(self):
        for line in self:
            line.answer = scoring.text(line.value)

    @api.depends("best_answer")
    def _compute_best_competitor(self):
        for line in self:
            value = line._number(line.best_answer)
            line.best_answered = value is not None
            line.best_competitor = value or 0.0

    def _inverse_best_competitor(self):
        for line in self:
            line.best_answer = scoring.text(line.best_competitor)

    @api.depends("answer", "figure_known", "figure_value")
    def _compute_source(self):
        for line in self:
            odoo = line.figure_known and line.answer == scoring.text(line.figure_value)
            line.source = ("odoo" if odoo else "typed") if line.answered else False

    @api.depends("answer", "source")
    def _compute_confidence(self):
        for line in self:
            if not line.answered:
                line.confidence = "unknown"
            elif line.source == "odoo":
                line.confidence = "verified"
            elif line.confidence not in ("assumed", "verified"):
                line.confidence = "assumed"

    @api.depends("options", "scale_min", "scale_max")
    def _compute_guide(self):
        for line in self:
            marks = [f"{option['value']:g} {option['name']}" for option in line.options or ()]
            line.guide = " · ".join(marks) or f"{line.scale_min:g} – {line.scale_max:g}"

    @api.depends("answer", "source")
    def _compute_meaning(self):
        """What the answer says in words: the mark it is or lies above; or what is wrong with it."""
        for line in self:
            problem = line._problem(line.answer)
            reached = [option for option in line.options or () if line.answered and option["value"] <= line.value]
            line.is_off = bool(problem)
            line.meaning = problem or (reached and (reached[-1]["hint"] or reached[-1]["name"])) or False

    @api.onchange("confidence")
    def _onchange_confidence(self):
        if self.confidence == "unknown":
            self.answer = False

    @api.constrains("answer", "best_answer")
    def _check_answers(self):
        for line in self:
            for answer in (line.answer, line.best_answer):
                if problem := line._problem(answer):
                    raise ValidationError(
                        self.env._(
                            "%(question)s on scorecard %(card)s: %(problem)s",
                            question=line.name,
                            card=line.scorecard_id.display_name,
                            problem=problem,
                        )
                    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """A question comes as its template asks it, whatever is sent along of it."""
        if not self.env.su:
            vals_list = [self._as_asked(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        self.scorecard_id._check_open()
        if not self.env.su and (fixed := set(vals) - set(self._answer_fields)):
            raise UserError(
                self.env._(
                    "How %(question)s is asked was copied from the template and stays (%(fields)s). "
                    "Only the answer can be changed.",
                    question=", ".join(self.mapped("name")),
                    fields=", ".join(self._fields[name].string for name in sorted(fixed) if name in self._fields),
                )
            )
        vals = self._agree(vals)
        if "answer" in vals and "answered_by_id" not in vals:
            vals["answered_by_id"] = self.env.uid
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self.scorecard_id._check_open()

    # BUSINESS
    @api.model
    def _as_asked(self, vals):
        card = self.env["kams.scorecard"].browse(vals.get("scorecard_id"))
        card._check_open()
        criterion = card.template_id.criterion_ids.filtered(lambda one: one.id == vals.get("criterion_id"))
        if not criterion:
            raise UserError(
                self.env._(
                    "Scorecard %(card)s asks what its template asks: choose one of its criteria.",
                    card=card.display_name,
                )
            )
        given = {name: vals[name] for name in self._answer_fields if name in vals}
        asked = criterion._line_values(card.template_id._weights()[criterion])
        return {**self._with_answer(asked, given, None), "scorecard_id": card.id}

    @api.model
    def _number(self, answer):
        try:
            return scoring.number(answer)
        except ValueError:
            return None

    @api.model
    def _agree(self, given):
        """A number is an answer too, where none is typed; unknown is no answer, and no answer is unknown."""
        vals = dict(given)
        for number, answer in (("value", "answer"), ("best_competitor", "best_answer")):
            value = vals.pop(number, None)
            if number in given and answer not in given:
                vals[answer] = False if value is None or value is False else scoring.text(value)
        if vals.get("confidence") == "unknown":
            if vals.get("answer"):
                vals.pop("confidence")
            else:
                vals["answer"] = False
        elif "answer" in vals and not vals["answer"]:
            vals.pop("confidence", None)
        return vals

    @api.model
    def _with_answer(self, values, given, figure):
        """A line's values with its answer: as given, else as Odoo knows it."""
        given = self._agree(given)
        known = figure is not None and figure is not False
        answered = bool(given.get("answer"))
        if not answered and known:
            given["answer"] = scoring.text(figure)
        return {
            **values,
            **given,
            "figure_known": known,
            "figure_value": figure if known else 0.0,
            "answered_by_id": self.env.uid if answered else False,
        }

    def _fill(self, figure):
        """Take Odoo's figure; an answer that somebody typed stays, and what Odoo says stands beside it."""
        self.ensure_one()
        known = figure is not None and figure is not False
        vals = {"figure_known": known, "figure_value": figure if known else 0.0}
        if self.source != "typed":
            vals |= {"answer": scoring.text(figure) if known else False, "answered_by_id": False}
        self.sudo().write(vals)  # sudo: what Odoo knows of the account, on a card that the user may write

    def _answer_values(self):
        return {name: self[name] for name in ("answer", "confidence", "comment", "best_answer")}

    def _scored(self, name="value"):
        """This line for the arithmetic; ``best_competitor`` in place of ``value`` for the competitor's card."""
        self.ensure_one()
        known = self.answered if name == "value" else self.best_answered
        return scoring.Line(
            self[name] if known else None,
            self.scale_min,
            self.scale_max,
            self.weight,
            self.direction,
            self.veto_below,
            self.block_key or None,
        )

    def _problem(self, answer):
        """Why an answer can't be taken, in words; False if it can. Odoo's own figure may lie beyond the scale."""
        self.ensure_one()
        if not answer or (self.figure_known and answer == scoring.text(self.figure_value)):
            return False
        value = self._number(answer)
        if value is None:
            return self.env._("“%(answer)s” is not a number.", answer=answer)
        if self.options_only and value not in [option["value"] for option in self.options or ()]:
            return self.env._("%(answer)s is none of its answers: %(answers)s.", answer=answer, answers=self.guide)
        if not self.scale_min <= value <= self.scale_max:
            return self.env._(
                "%(answer)s is off the scale of %(low)s to %(high)s.",
                answer=answer,
                low=f"{self.scale_min:g}",
                high=f"{self.scale_max:g}",
            )
        return False
