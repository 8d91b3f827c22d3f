from odoo import api, fields, models

from ..tools import scoring
from .blank import BlankFloat, known


class KamsScorecard(models.Model):
    """A score says more beside another: the best competitor's answers, and the last time we judged the same."""

    _inherit = "kams.scorecard"

    # Against the best competitor, and against the last time
    competitor_rating = BlankFloat(
        compute="_compute_competitor", store=True, string="Best Competitor", digits=(16, 4), aggregator="avg"
    )
    relative = BlankFloat(
        compute="_compute_competitor",
        store=True,
        string="Against the Best",
        digits=(16, 4),
        aggregator="avg",
        help="Our rating divided by the best competitor's, over what was answered for both.",
    )
    previous_id = fields.Many2one(
        "kams.scorecard", compute="_compute_previous_id", store=True, ondelete="set null", index="btree_not_null"
    )
    previous_date = fields.Date(related="previous_id.date", string="Previous Date")
    trend = BlankFloat(
        compute="_compute_trend",
        store=True,
        digits=(16, 4),
        aggregator="avg",
        help="By how much the score moved since the last card that is done.",
    )

    @api.depends("line_ids.value", "line_ids.answered", "line_ids.best_competitor", "line_ids.best_answered")
    def _compute_competitor(self):
        for card in self:
            both = card.line_ids.filtered(lambda line: line.answered and line.best_answered)
            blocks, measure = card._blocks(), card.measure or "percent"
            ours = scoring.score([line._scored() for line in both], blocks, measure).rating
            theirs = scoring.score([line._scored("best_competitor") for line in both], blocks, measure).rating
            card.competitor_rating = theirs
            card.relative = scoring.ratio(ours, theirs)

    @api.depends(lambda self: ("template_id", "state", "date", *self._subject_fields))
    def _compute_previous_id(self):
        """The last done card of the same template and subject, by one search for all."""
        domain = [("state", "=", "done"), ("template_id", "in", self.template_id.ids)]
        subjects = [
            ("account_id", "in", [*self.account_id.ids, False]),
            ("lead_id", "in", [*self.lead_id.ids, False]),
        ]
        earlier = {}
        for card in self.search(domain + subjects, order="date, id"):
            earlier.setdefault(card._subject(), []).append(card)
        for card in self:
            before = [
                other
                for other in earlier.get(card._subject(), ())
                if card.date and (other.date, other.id) < (card.date, card._origin.id or float("inf"))
            ]
            card.previous_id = before[-1] if before else False

    @api.depends("score", "previous_id")
    def _compute_trend(self):
        for card in self:
            card.trend = scoring.trend(known(card.score), known(card.previous_id.score))

    # ACTIONS
    def action_open_previous(self):
        """Open the card that the trend is against."""
        self.ensure_one()
        return self.previous_id._get_records_action(name=self.template_id.name)

    # BUSINESS
    def _subject(self):
        self.ensure_one()
        return (self.template_id.id, *(self[name].id for name in self._subject_fields))
