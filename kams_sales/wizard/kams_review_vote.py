from odoo import Command, api, fields, models

from ..models.kams_review_decision import OUTCOMES
from ..models.kams_review_opinion import VOTES


class KamsReviewVote(models.TransientModel):
    """A reviewer's own vote, with what they want to say and what they ask for."""

    _name = "kams.review.vote"
    _description = "Vote on a review"

    review_id = fields.Many2one("kams.review", required=True, readonly=True, ondelete="cascade")
    opinion_id = fields.Many2one("kams.review.opinion", string="Seat", required=True, readonly=True, ondelete="cascade")
    applicant_id = fields.Many2one(related="review_id.applicant_id")
    vote = fields.Selection(VOTES, required=True, default="agree")
    opinion = fields.Text()
    condition_ids = fields.One2many("kams.review.new.condition", "vote_id", string="Conditions")

    @api.model
    def default_get(self, fnames):
        """Who votes anew starts from the conditions they asked for before."""
        values = super().default_get(fnames)
        seat = self.env["kams.review.opinion"].browse(values.get("opinion_id"))
        if "condition_ids" in fnames and seat:
            values["condition_ids"] = [Command.create(wish) for wish in seat.condition_ids._wishes()]
        return values

    def action_confirm(self):
        self.ensure_one()
        self.opinion_id._cast(
            self.vote, self.opinion, self.condition_ids._wishes() if self.vote == "conditional" else ()
        )
        return {"type": "ir.actions.act_window_close"}


class KamsReviewDecision(models.TransientModel):
    """The chair's decision, with its minutes."""

    _name = "kams.review.decision"
    _description = "Decide a review"

    review_id = fields.Many2one("kams.review", required=True, readonly=True, ondelete="cascade")
    applicant_id = fields.Many2one(related="review_id.applicant_id")
    proposed = fields.Selection(related="review_id.proposed")
    still_missing = fields.Text(related="review_id.still_missing")
    outcome = fields.Selection(OUTCOMES, required=True)
    minutes = fields.Text()
    asked_count = fields.Integer(string="Conditions of Reviewers", related="review_id.open_condition_count")
    condition_ids = fields.One2many("kams.review.new.condition", "decision_id", string="More Conditions")

    def action_confirm(self):
        self.ensure_one()
        self.review_id._decide(
            self.outcome, self.minutes, self.condition_ids._wishes() if self.outcome == "conditional" else ()
        )
        return {"type": "ir.actions.act_window_close"}


class KamsReviewNewCondition(models.TransientModel):
    """A condition while it is being asked for."""

    _name = "kams.review.new.condition"
    _description = "Condition being asked for"

    vote_id = fields.Many2one("kams.review.vote", ondelete="cascade")
    decision_id = fields.Many2one("kams.review.decision", ondelete="cascade")
    name = fields.Text(string="Condition", required=True)
    user_id = fields.Many2one("res.users", string="Owner", required=True, domain="[('share', '=', False)]")
    date_due = fields.Date(string="Due", required=True)

    def _wishes(self):
        return [{"name": one.name, "user_id": one.user_id.id, "date_due": one.date_due} for one in self]


class KamsReviewScore(models.TransientModel):
    """The committee's scorecard, answered together in a dialog."""

    _name = "kams.review.score"
    _description = "Score a review"

    review_id = fields.Many2one("kams.review", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many("kams.review.score.line", "score_id", string="Questions")

    @api.model
    def default_get(self, fnames):
        values = super().default_get(fnames)
        review = self.env["kams.review"].browse(values.get("review_id"))
        if "line_ids" in fnames and review:
            review._check_may_score()
            # sudo: whoever may score is shown the questions of this one card
            values["line_ids"] = [
                Command.create({"card_line": line.id, "name": line.name, "hint": line.hint, "answer": line.answer})
                for line in review.sudo().scorecard_id.line_ids
            ]
        return values

    def action_confirm(self):
        self.ensure_one()
        self.review_id._score({line.card_line: line.answer for line in self.line_ids})
        return {"type": "ir.actions.act_window_close"}


class KamsReviewScoreLine(models.TransientModel):
    """A question of the committee's scorecard while it is being answered."""

    _name = "kams.review.score.line"
    _description = "Question being scored"

    score_id = fields.Many2one("kams.review.score", required=True, ondelete="cascade")
    card_line = fields.Integer(string="Line of the Card")
    name = fields.Char(string="Question")
    hint = fields.Text()
    answer = fields.Char()
