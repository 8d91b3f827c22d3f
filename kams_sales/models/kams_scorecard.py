from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import scoring
from .blank import BlankFloat
from .kams_scorecard_template import MEASURES


class KamsScorecard(models.Model):
    """What we think of a customer, a deal or a competitor on one day: answers, score, and how much they rest on.

    Book section 0.3 管理方法; formulas C16, C19, C21 to C25. The card copies scales, weights and bands from its
    template. Once done it never changes: judging anew makes a new card, and the trend tells the two apart.
    """

    _name = "kams.scorecard"
    _description = "Scorecard"
    _inherit = ["kams.deal.part", "kams.state.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["template_id.name", "account_id.name", "lead_id.name"]

    _state_transitions = {"draft": {"done"}}
    # what a card is about, besides its template: two cards of one subject are compared by the trend
    _subject_fields = ("account_id", "lead_id", "competitor_id")

    # What is judged, by whom
    template_id = fields.Many2one(
        "kams.scorecard.template",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('state', '=', 'active')]",
    )
    account_id = fields.Many2one("kams.account", ondelete="cascade", index="btree_not_null")
    competitor_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: the card judges us. The same questions answered for a competitor stand beside ours.",
    )
    target = fields.Selection(related="template_id.target")
    with_competitor = fields.Boolean(related="template_id.with_competitor")
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    user_id = fields.Many2one(
        "res.users", string="Judged By", default=lambda self: self.env.user, required=True, index=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], default="draft", required=True, copy=False, index=True
    )
    note = fields.Text()
    problems = fields.Text(compute="_compute_problems")
    has_figures = fields.Boolean(compute="_compute_has_figures")
    # The answers, and what was copied to judge them
    line_ids = fields.One2many("kams.scorecard.line", "scorecard_id", string="Answers")
    measure = fields.Selection(MEASURES, compute="_compute_copies", store=True)
    bands = fields.Json(compute="_compute_copies", store=True)
    # What they say
    asked_count = fields.Integer(compute="_compute_result", store=True, string="Asked")
    answered_count = fields.Integer(compute="_compute_result", store=True, string="Answered")
    score = BlankFloat(compute="_compute_result", store=True, digits=(16, 4), aggregator="avg")
    rating = BlankFloat(
        compute="_compute_result",
        store=True,
        digits=(16, 4),
        aggregator="avg",
        help="The result on the scale of the template's bands: score, mean or sum of the answers.",
    )
    confidence = BlankFloat(
        compute="_compute_result",
        store=True,
        string="Confidence (%)",
        digits=(16, 4),
        aggregator="avg",
        help="Answered of what was asked. The score is over what was answered.",
    )
    block_scores = fields.Json(compute="_compute_result", store=True)
    block_summary = fields.Char(compute="_compute_block_summary", string="By Block")
    vetoed_by = fields.Char(compute="_compute_result", store=True)
    band_id = fields.Many2one(
        "kams.scorecard.band", compute="_compute_result", store=True, ondelete="set null", index="btree_not_null"
    )
    band_code = fields.Char(compute="_compute_result", store=True)
    band = fields.Char(compute="_compute_result", store=True, string="Grade")
    verdict = fields.Char(compute="_compute_result", store=True)
    color = fields.Integer(compute="_compute_result", store=True, aggregator=None)

    @api.depends("template_id", "account_id", "lead_id", "competitor_id")
    def _compute_display_name(self):
        for card in self:
            subject = card.account_id.name or card.lead_id.name or ""
            if card.competitor_id:
                subject = f"{subject} ({card.competitor_id.name})"
            card.display_name = " · ".join(filter(None, (card.template_id.name, subject)))

    @api.depends("account_id.company_id", "lead_id")
    def _compute_company_id(self):
        """A deal that changes company says so itself (crm_lead_parts.py), plain deals are not asked."""
        for card in self:
            card.company_id = card.account_id.company_id or card.lead_id.company_id

    @api.depends("template_id")
    def _compute_copies(self):
        """Copied once: that the template changes later is no reason to compute again."""
        for card in self:
            card.measure = card.template_id.measure
            card.bands = card.template_id._bands() if card.template_id else []

    @api.depends("line_ids.value", "line_ids.answered", "bands", "measure")
    def _compute_result(self):
        bands = {band["id"] for card in self for band in card.bands or ()}
        # a band may have been deleted since the card copied it
        bands = set(self.env["kams.scorecard.band"].browse(bands).exists().ids)
        for card in self:
            lines = card.line_ids
            result = scoring.score([line._scored() for line in lines], card._blocks(), card.measure or "percent")
            card.asked_count = len(lines)
            card.answered_count = len(lines.filtered("answered"))
            card.score, card.rating, card.confidence = result.score, result.rating, result.confidence
            names = {line.block_key: line.block for line in lines}
            card.block_scores = [
                {"key": key, "name": names[key], "score": score} for key, score in result.blocks.items()
            ]
            vetoes = [lines[position].name for position in result.vetoed]
            vetoes += [names[key] for key in result.vetoed_blocks]
            card.vetoed_by = ", ".join(vetoes) or False
            card._judge(result.rating, bool(vetoes), bands)

    @api.depends("line_ids.figure")
    def _compute_has_figures(self):
        for card in self:
            card.has_figures = any(card.line_ids.mapped("figure"))

    @api.depends("line_ids.answer", "line_ids.best_answer")
    def _compute_problems(self):
        """What would be refused on saving, said while one answers."""
        for card in self:
            found = [
                f"{line.name}: {problem}"
                for line in card.line_ids
                for problem in map(line._problem, (line.answer, line.best_answer))
                if problem
            ]
            card.problems = "\n".join(found)

    @api.depends("block_scores")
    def _compute_block_summary(self):
        for card in self:
            card.block_summary = " · ".join(
                f"{block['name']} {block['score']:.0f} %"
                for block in card.block_scores or ()
                if block["score"] is not None
            )

    @api.onchange("template_id", "account_id", "lead_id")
    def _onchange_template_id(self):
        """Show the questions at once. What is saved is copied from the template again, on the server."""
        if self._origin or not self.template_id:
            return
        figures = self._figure_values(self.template_id.criterion_ids)
        answers = {line.criterion_id.id: {"answer": line.answer} for line in self.line_ids if line.source != "odoo"}
        self.line_ids = [Command.clear()] + [
            Command.create(vals) for vals in self._line_values(answers, figures.get(self._figure_account().id, {}))
        ]

    @api.constrains(lambda self: ("template_id", *self._subject_fields))
    def _check_subject(self):
        for card in self:
            if bool(card.account_id) == bool(card.lead_id):
                raise ValidationError(
                    self.env._(
                        "Scorecard %(card)s is about one thing: choose either its account or its deal.",
                        card=card.display_name,
                    )
                )
            if card.template_id.target == "competitor" and not card.competitor_id:
                raise ValidationError(
                    self.env._("Scorecard %(card)s judges a competitor: choose which.", card=card.display_name)
                )
            if card.template_id.target in ("account", "lead") and not card[f"{card.template_id.target}_id"]:
                raise ValidationError(
                    self.env._(
                        "%(template)s is about %(target)s, so choose that for scorecard %(card)s.",
                        template=card.template_id.name,
                        target=dict(card._fields["target"]._description_selection(self.env))[card.template_id.target],
                        card=card.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """Ask what the template asks. Of the lines that come along only the answers are taken."""
        given = [self._answers_in(vals.get("line_ids")) for vals in vals_list]
        cards = super().create([{**vals, "line_ids": []} for vals in vals_list])
        cards._check_template()
        figures = cards._figure_values(cards.template_id.criterion_ids)
        lines = [
            {**values, "scorecard_id": card.id}
            for card, answers in zip(cards, given, strict=True)
            for values in card._line_values(answers, figures.get(card._figure_account().id, {}))
        ]
        # sudo: the lines of a card that the user may make; what they copy is the template's
        self.env["kams.scorecard.line"].sudo().create(lines)
        return cards

    def write(self, vals):
        self.check_access("write")
        # deals or accounts are merged: only what a card hangs on changes
        if not (self.env.su and len(vals) == 1 and vals.keys() <= {"lead_id", "account_id"}):
            self._check_open()
        if "template_id" in vals and self.filtered(lambda card: card.template_id.id != vals["template_id"]):
            raise UserError(self.env._("A scorecard keeps its template: make a new card for other questions."))
        if vals.get("state") == "done":
            result = super().write({key: value for key, value in vals.items() if key != "state"})
            self._check_answered()
            return super().write({"state": "done"}) and result
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_open()

    # ACTIONS
    def action_done(self):
        """Close cards: from now on they say what was thought on their day."""
        return self.write({"state": "done"})

    def action_score_again(self):
        """Judge the same thing anew, starting from these answers, and open the new card."""
        self.ensure_one()
        return self._score_again()._get_records_action(name=self.template_id.name)

    def action_fill_figures(self):
        """Take Odoo's figures as they are now; what somebody typed stays."""
        self.check_access("write")
        self._check_open()
        figures = self._figure_values(self.line_ids.criterion_id)
        for card in self:
            known = figures.get(card._figure_account().id, {})
            for line in card.line_ids.filtered("figure"):
                line._fill(known.get(line.figure))
        return True

    # BUSINESS
    def _blocks(self):
        return {
            line.block_key: scoring.Block(line.block_weight, line.block_veto_below)
            for line in self.line_ids
            if line.block_key
        }

    def _judge(self, rating, vetoed, existing):
        """Find the band of a rating; a veto gives the band of the worst that could be answered."""
        self.ensure_one()
        bands = self.bands or []
        if vetoed and bands:
            less_is_better = self.measure != "percent" and "cost" in self.line_ids.mapped("direction")
            found = bands[-1 if less_is_better else 0]
        else:
            position = scoring.band(rating, [band["lower"] for band in bands])
            found = bands[position] if position is not None else {}
        self.band_id = found.get("id") if found.get("id") in existing else False
        self.band_code, self.band = found.get("code"), found.get("name")
        self.verdict, self.color = found.get("verdict") or found.get("name"), found.get("color", 0)

    @api.model
    def _answers_in(self, commands):
        """``{criterion id: answer}`` in the lines that a client sends along with a new card."""
        wanted = self.env["kams.scorecard.line"]._answer_fields
        return {
            command[2]["criterion_id"]: {name: command[2][name] for name in wanted if name in command[2]}
            for command in commands or ()
            if command[0] == Command.CREATE and command[2].get("criterion_id")
        }

    def _line_values(self, answers, figures):
        """The lines of a card: questions from the template, answers as given, else as Odoo knows them."""
        self.ensure_one()
        template = self.template_id
        line = self.env["kams.scorecard.line"]
        return [
            line._with_answer(
                criterion._line_values(weight), answers.get(criterion.id, {}), figures.get(criterion.figure)
            )
            for criterion, weight in template._weights().items()
        ]

    def _answer(self, answers):
        """Answer by the criteria's codes, ``{code: value}``; None takes an answer back."""
        for card in self:
            for line in card.line_ids.filtered(lambda line: line.code in answers):
                value = answers[line.code]
                line.answer = False if value is None else scoring.text(value)
        return self

    def _score_again(self):
        """New cards that start from the answers of these. Odoo's figures are taken anew."""
        return self.create(
            [
                {
                    "template_id": card.template_id.id,
                    **{name: card[name].id for name in self._subject_fields},
                    "line_ids": [
                        Command.create({"criterion_id": line.criterion_id.id, **line._answer_values()})
                        for line in card.line_ids
                        if line.criterion_id and line.source != "odoo"
                    ],
                }
                for card in self
            ]
        )

    def _check_open(self):
        for card in self:
            if card.state == "done":
                raise UserError(
                    self.env._(
                        "Scorecard %(card)s of %(date)s is done and stays as it is. Use “Score Again” for a new one.",
                        card=card.display_name,
                        date=card.date,
                    )
                )

    def _check_template(self):
        for template in self.template_id:
            if template.state != "active":
                raise UserError(
                    self.env._(
                        "Scorecard template %(template)s is not in use. Let a director activate it first.",
                        template=template.name,
                    )
                )

    def _check_answered(self):
        for card in self:
            if not card.answered_count:
                raise UserError(
                    self.env._(
                        "Scorecard %(card)s has no answer yet, so it says nothing. Answer at least one question.",
                        card=card.display_name,
                    )
                )
