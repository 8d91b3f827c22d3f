from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .blank import BlankFloat

# the card of each template that a judgement rests on
CARDS = {
    "scorecard_id": "four_questions",
    "bant_id": "bant",
    "scotsman_id": "scotsman",
    "meddpicc_id": "meddpicc",
}


def _card(label):
    return fields.Many2one(
        "kams.scorecard", string=label, readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )


class KamsQualification(models.Model):
    """The cards that a judgement rests on: the four questions (TAS) always, BANT, SCOTSMAN and MEDDPICC if wanted.

    Book section 3.6, formula C25. They are closed with the judgement.
    """

    _inherit = "kams.qualification"

    scorecard_id = _card("Four Questions")
    bant_id = _card("BANT")
    scotsman_id = _card("SCOTSMAN")
    meddpicc_id = _card("MEDDPICC")
    line_ids = fields.One2many(related="scorecard_id.line_ids", readonly=False, string="Answers")
    card_state = fields.Selection(related="scorecard_id.state", string="State of the Four Questions")
    block_summary = fields.Char(compute="_compute_block_summary", string="By Question")
    score = BlankFloat(compute="_compute_judged", store=True, digits=(16, 4), aggregator="avg")
    confidence = BlankFloat(
        compute="_compute_judged", store=True, string="Confidence (%)", digits=(16, 4), aggregator="avg"
    )

    @api.depends("scorecard_id.score", "scorecard_id.confidence")
    def _compute_judged(self):
        for judgement in self:
            judgement.score = judgement.scorecard_id.score
            judgement.confidence = judgement.scorecard_id.confidence

    @api.depends("scorecard_id.block_summary")
    def _compute_block_summary(self):
        for judgement in self:
            judgement.block_summary = judgement.scorecard_id.block_summary

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        """Score and advice while one answers; what is saved is computed from the saved answers."""
        card = self.scorecard_id.new(origin=self.scorecard_id)
        card.line_ids = self.line_ids
        self.score, self.confidence, self.block_summary = card.score, card.confidence, card.block_summary
        found = self._proposal(card)
        self.proposed = found[0] if found else False
        self.advice = "\n".join(self._advice(card))

    # ORM
    def write(self, vals):
        """Answers given on the judgement are its card's."""
        if "line_ids" not in vals:
            return super().write(vals)
        self.check_access("write")
        self._check_open()
        self.scorecard_id.write({"line_ids": vals["line_ids"]})
        return super().write({name: value for name, value in vals.items() if name != "line_ids"})

    # ACTIONS
    def action_open_card(self):
        """Open one of the judgement's cards, named in the context; start it if it isn't there yet."""
        self.ensure_one()
        name = self.env.context.get("kams_card")
        name = name if name in CARDS else "scorecard_id"
        if not self[name]:
            self._check_open()
            self._start_card(name)
        return self[name]._get_records_action(name=self[name].template_id.name)

    # BUSINESS
    def _start_card(self, name):
        """Start a card for each judgement: from the deal's last one if there is one, else from what the deal says."""
        cards = self.env["kams.scorecard"]
        template = self.env["kams.scorecard.template"]._of(CARDS[name])
        last = {
            card.lead_id: card
            for card in cards.search(
                [
                    ("template_id", "=", template.id),
                    ("lead_id", "in", self.lead_id.ids),
                    ("competitor_id", "=", False),
                    ("state", "=", "done"),
                ],
                order="date, id",
            )
        }
        for judgement in self:
            before = last.get(judgement.lead_id)
            card = (
                before._score_again()
                if before
                else cards.create(
                    {
                        "template_id": template.id,
                        "lead_id": judgement.lead_id.id,
                        "line_ids": [
                            Command.create({"criterion_id": criterion.id, "answer": answers[criterion.code]})
                            for answers in [judgement._answers_of_deal(name)]
                            for criterion in template.criterion_ids
                            if criterion.code in answers
                        ],
                    }
                )
            )
            judgement.sudo()[name] = card  # sudo: a judgement's own cards are nobody's to choose by hand

    def _answers_of_deal(self, name):
        """What the deal itself says to the questions of a card, ``{code: answer}``: budget, need, people and time."""
        self.ensure_one()
        if name != "bant_id":
            return {}
        lead, today = self.lead_id, fields.Date.context_today(self)
        found = {}
        if lead.kams_budget_state:
            found["budget"] = {"none": "0", "estimated": "1", "approved": "2", "funded": "3"}[lead.kams_budget_state]
        if lead.kams_need:
            found["need"] = "2" if lead.kams_compelling_event else "1"
        if deadline := lead.date_deadline:
            ends = [today + relativedelta(months=months) for months in (12, 6)]
            found["timing"] = str(1 + sum(deadline <= end for end in ends))
        deciders = lead.kams_stakeholder_ids.filtered(
            lambda person: (
                person.mh_role == "eb" or {"decider", "approver"} & set(person.buying_role_ids.mapped("code"))
            )
        )
        if deciders:
            met = deciders.filtered(lambda person: person.coverage not in (False, "none"))
            found["authority"] = str(bool(met) + any(person.attitude in ("1", "2") for person in met))
        return found

    def _close(self):
        """Close the cards that say something, drop those that don't, and settle the verdict."""
        cards = [name for name in CARDS if name != "scorecard_id"]
        for judgement in self:
            if not judgement.scorecard_id:
                raise UserError(
                    self.env._("%s has no four questions any more: open them anew.", judgement.display_name)
                )
            drafts = self.env["kams.scorecard"].union(*(judgement[name] for name in cards))
            drafts = drafts.filtered(lambda card: card.state == "draft")
            drafts.filtered(lambda card: not card.answered_count).unlink()
            (drafts.exists() | judgement.scorecard_id).filtered(lambda card: card.state == "draft").action_done()
            if not judgement.verdict:
                judgement.verdict = judgement.proposed
            if judgement.verdict != judgement.proposed and not (judgement.reason or "").strip():
                raise UserError(
                    self.env._(
                        "%(deal)s: the numbers propose “%(proposed)s”. Say in “Reason” why you decide otherwise.",
                        deal=judgement.display_name,
                        proposed=dict(self._fields["proposed"]._description_selection(self.env)).get(
                            judgement.proposed, "?"
                        ),
                    )
                )
        self._take_from_deal()
