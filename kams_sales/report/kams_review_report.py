from odoo import api, models

ABOUT = (
    *("applicant_id", "submitted_at", "level", "policy_id", "amount", "date_deadline", "p_win"),
    *("procurement_mode", "legal_regime", "budget_state", "budget_amount", "budget_source"),
)
MONEY = ("est_revenue", "est_cost", "est_margin", "margin_pct")
COSTS = (
    *("presales_days", "presales_day_cost", "presales_travel", "presales_documents", "presales_samples"),
    *("presales_budget", "bond_tied_up"),
)
TEXTS = ("background", "need", "strategy", "risks", "payment_expectation", "resource_request")
TONES = {"agree": "good", "conditional": "fair", "reject": "bad", "abstain": "muted"}


class ReportReview(models.AbstractModel):
    """A review on paper: what was applied for, what was known, who said what, what was decided (4.3 售前立项评审)."""

    _name = "report.kams_sales.report_review"
    _description = "Review"
    _inherit = ["kams.paper"]
    _paper_model = "kams.review"

    @api.model
    def _title(self):
        return self.env._("Review")

    @api.model
    def _sheets(self, records):
        opinions = self._lines_of("kams.review.opinion", records, "review_id")
        conditions = self._lines_of("kams.review.condition", records, "review_id")
        facts = records._fact_sections()
        marks = {"draft": self.env._("Draft"), "cancelled": self.env._("Cancelled")}
        return {
            review.id: {
                "title": self._value(review, "kind"),
                "mark": marks.get(review.state, ""),
                "sections": [
                    self._section_facts(self.env._("Decision"), self._decision(review)),
                    self._section_texts("", [(self._label(review, "minutes"), review.minutes)]),
                    self._section_facts(self.env._("Application"), [self._fact(review, name) for name in ABOUT]),
                    *self._money_sections(review),
                    self._section_texts("", [(self._label(review, name), review[name]) for name in TEXTS]),
                    self._opinions(opinions[review]),
                    *self._score(review),
                    *self._conditions(conditions[review]),
                    *self._facts(facts.get(review.id, ())),
                ],
            }
            for review in records
        }

    @api.model
    def _name_of(self, record):
        return record._subject_name()

    def _decision(self, review):
        label = self._label
        pairs = [(label(review, "state"), self._value(review, "state"))]
        if review.decided_at:
            pairs += [self._fact(review, name) for name in ("decided_at", "decided_by_id", "is_valid")]
        elif review.state == "open":
            pairs.append((label(review, "proposed"), self._value(review, "proposed")))
        if review.state != "draft":
            pairs.append((label(review, "vote_count"), f"{review.vote_count} / {review.seat_count}"))
            pairs.append((label(review, "score"), self._number(review.score, 1)))
        if review.rereview_due:
            pairs.append((label(review, "rereview_reason"), review.rereview_reason))
        return pairs

    def _money_sections(self, review):
        if review.kind != "initiation" or not review._tells_margins():
            return []
        return [
            self._section_facts(self.env._("What It Brings"), [self._fact(review, name) for name in MONEY]),
            self._section_facts(self.env._("What Winning It Costs"), [self._fact(review, name) for name in COSTS]),
        ]

    def _opinions(self, opinions):
        label = self._label
        columns = [
            (label(opinions, "role"), 16, ""),
            (label(opinions, "user_id"), 18, ""),
            (label(opinions, "vote"), 18, ""),
            (label(opinions, "opinion"), 34, ""),
            (label(opinions, "voted_at"), 14, ""),
        ]
        rows = []
        for opinion in opinions:
            notes = [opinion.veto and label(opinion, "veto"), opinion.required and label(opinion, "required")]
            tone = "muted" if opinion.replaced else TONES.get(opinion.vote, "")
            rows.append(
                [
                    self._cell(self._value(opinion, "role"), note=" · ".join(filter(None, notes))),
                    self._cell(
                        opinion.user_id.name,
                        tone="muted" if opinion.replaced else "",
                        note=self.env._("Replaced: %s", opinion.replaced_why or "–") if opinion.replaced else "",
                    ),
                    self._cell(self._value(opinion, "vote") or "–", tone=tone),
                    opinion.opinion or "",
                    self._date(opinion.voted_at),
                ]
            )
        return self._section_table(self.env._("Committee"), columns, rows)

    def _score(self, review):
        card = review.scorecard_id.sudo()  # sudo: the committee's own card, for whoever may read the review
        lines = card.line_ids
        columns = [
            (self.env._("Criterion"), 60, ""),
            (self.env._("Weight"), 13, "right"),
            (self.env._("Answer"), 13, "right"),
            (self.env._("Counts"), 14, "right"),
        ]
        total = sum(line.weight for line in lines) or 1.0
        rows = [
            [
                self._cell(line.name, note=line.comment or ""),
                self._figure(line.weight),
                self._figure(line.value) if line.answered else "–",
                self._number(line.score * line.weight / total, 1) if line.answered else "–",
            ]
            for line in lines
        ]
        if card.answered_count:
            rows.append(
                [
                    self._cell(card.band or "", tone="strong"),
                    "",
                    "",
                    self._cell(self._number(card.rating, 1), tone="strong"),
                ]
            )
        return [self._section_table(self.env._("Scorecard"), columns, rows, together=True)] if rows else []

    def _conditions(self, conditions):
        label = self._label
        columns = [
            (label(conditions, "name"), 36, ""),
            (label(conditions, "user_id"), 16, ""),
            (label(conditions, "date_due"), 12, ""),
            (label(conditions, "state"), 10, ""),
            (label(conditions, "closure_note"), 26, ""),
        ]
        rows = [
            [
                condition.name,
                condition.user_id.name,
                self._date(condition.date_due),
                self._cell(
                    self._value(condition, "state"),
                    tone="good" if condition.state == "closed" else "fair",
                    note=self._date(condition.closed_on),
                ),
                condition.closure_note or "",
            ]
            for condition in conditions
        ]
        return [self._section_table(self.env._("Conditions"), columns, rows)] if rows else []

    def _facts(self, sections):
        """What Odoo knew, by topic."""
        columns = [(self.env._("Fact"), 34, ""), (self.env._("Value"), 22, "right"), (self.env._("About It"), 44, "")]
        rows = []
        for section in sections:
            rows.append([self._cell(section["title"], tone="strong")])
            rows += [
                [row["label"], self._cell(row["value"], tone=row["tone"]), self._cell("", note=row["note"])]
                for row in section["rows"]
            ]
        return [self._section_table(self.env._("What Odoo Knows"), columns, rows)] if rows else []
