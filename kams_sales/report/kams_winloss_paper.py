from odoo import api, models

from ..models.blank import known

DEAL = ("lead_id", "tender_id", "result", "decision_date", "amount", "owner_id", "user_id")
OUTCOME = ("winner", "our_price", "winner_price", "price_gap", "our_rank", "bidder_count")
INTERVIEW = ("interviewer_id", "interviewed_id", "interviewed_at", "method")
TEXTS = ("customer_voice", "turning_point", "lessons", "again")


class ReportWinloss(models.AbstractModel):
    """A win or loss review on paper: for whoever is to learn from it, and to be signed (9 赢单/丢单复盘)."""

    _name = "report.kams_sales.report_winloss"
    _description = "Win or loss review on paper"
    _inherit = ["kams.paper"]
    _paper_model = "kams.winloss"

    @api.model
    def _title(self):
        return self.env._("Win/Loss Review")

    @api.model
    def _sheets(self, records):
        reasons = self._lines_of("kams.winloss.reason", records, "winloss_id")
        ratings = self._lines_of("kams.winloss.rating", records, "winloss_id")
        gaps = self._lines_of("kams.winloss.gap", records, "winloss_id")
        points = self._lines_of("kams.winloss.point", records, "winloss_id")
        actions = self._lines_of("kams.winloss.action", records, "winloss_id")
        return {
            review.id: {
                "subtitle": self._value(review, "state"),
                "mark": "" if review.state == "done" else self.env._("Draft"),
                "sections": self._sections_of(
                    review, reasons[review], ratings[review], gaps[review], points[review], actions[review]
                ),
            }
            for review in records
        }

    @api.model
    def _sections_of(self, review, reasons, ratings, gaps, points, actions):
        label = self._label
        outcome = [self._fact(review, name) for name in OUTCOME if known(review[name]) not in (None, "", 0)]
        sections = [
            self._section_facts(self.env._("Deal"), [self._fact(review, name) for name in DEAL if review[name]]),
            self._section_facts(self.env._("Interview"), [self._fact(review, name) for name in INTERVIEW]),
            self._section_table(
                self.env._("Reasons"),
                [
                    (label(reasons, "category"), 28, ""),
                    (label(reasons, "source"), 24, ""),
                    (label(reasons, "note"), 48, ""),
                ],
                [
                    [
                        self._cell(self._value(reason, "category"), tone="" if place else "strong"),
                        self._value(reason, "source"),
                        reason.note or "",
                    ]
                    for place, reason in enumerate(reasons)
                ],
                legend=self.env._("The weightiest first."),
            ),
            self._section_texts("", [(label(review, name), review[name]) for name in TEXTS]),
            self._ratings(review, ratings),
        ]
        if outcome:
            sections.insert(1, self._section_facts(self.env._("Who Won, and at What Price"), outcome))
        if gaps:
            shares = {"group": 30, "ours": 15, "theirs": 15, "gap": 12, "note": 28}
            sections.append(self._section_fields(label(review, "gap_ids"), gaps, shares))
        sections += [self._points(review, points), self._actions(review, actions), self._confirmation(review)]
        return sections

    @api.model
    def _ratings(self, review, ratings):
        """What was rated; criteria that nobody rated say nothing."""
        rated = ratings.filtered(
            lambda one: any(known(one[name]) is not None for name in ("importance", "us", "competitor")) or one.note
        )
        label = self._label
        columns = [
            (label(ratings, "criterion"), 24, ""),
            (label(ratings, "importance"), 15, "right"),
            (label(ratings, "us"), 14, "right"),
            (label(ratings, "competitor"), 14, "right"),
            (label(ratings, "gap"), 14, "right"),
            (label(ratings, "note"), 19, ""),
        ]
        rows = [
            [
                self._cell(self._value(one, "criterion"), note=one.competitor_id.display_name or ""),
                self._number(known(one.importance)),
                self._number(known(one.us)),
                self._number(known(one.competitor)),
                self._cell(
                    self._number(known(one.gap)),
                    tone="" if not known(one.gap) else "bad" if one.gap < 0 else "good",
                ),
                one.note or "",
            ]
            for one in rated
        ]
        overall = known(review.criteria_gap)
        legend = "" if overall is None else f"{label(review, 'criteria_gap')}: {self._number(overall, 2)}"
        return self._section_table(label(review, "criterion_ids"), columns, rows, legend=legend)

    @api.model
    def _points(self, review, points):
        label = self._label
        columns = [
            (label(points, "phase_code"), 18, ""),
            (label(points, "point_id"), 40, ""),
            (label(points, "state"), 12, ""),
            (label(points, "approver_id"), 30, ""),
        ]
        rows = [
            [
                self._value(point, "phase_code"),
                self._cell(point.point_id.display_name or f"{point.code or ''} {point.name or ''}".strip()),
                self._cell(self._value(point, "state"), tone="bad" if point.state == "missing" else "fair"),
                self._cell(self._value(point, "approver_id"), note=point.reason or ""),
            ]
            for point in points
        ]
        return self._section_table(
            label(review, "point_ids"), columns, rows, empty=self.env._("No control point was skipped.")
        )

    @api.model
    def _actions(self, review, actions):
        shares = {"name": 46, "user_id": 22, "date_due": 16, "done_on": 16}
        return self._section_fields(self._label(review, "action_ids"), actions, shares)

    @api.model
    def _confirmation(self, review):
        """Who stands for it; while nobody does, room to sign."""
        if review.state == "done":
            pairs = [self._fact(review, name) for name in ("confirmed_by_id", "confirmed_at")]
        else:
            pairs = [(self.env._("Name"), " "), (self.env._("Date"), " "), (self.env._("Signature"), "\n\n")]
        return self._section_facts(self.env._("Confirmed by Somebody Other Than the Deal's Owner"), pairs)
