from odoo import api, models

from ..models.blank import known
from ..models.kams_qualification_card import CARDS

FACTS = ("lead_id", "phase_id", "date", "user_id", "score", "confidence", "proposed", "verdict")
MONEY = ("p_go", "p_get", "p_win", "break_even", "value", "pursuit_cost", "expected_value")
TONES = {"go": "good", "nurture": "fair", "no_go": "bad"}


class ReportQualification(models.AbstractModel):
    """A judgement on paper, for whoever decides whether to go on: numbers, answers, rivals, trend (3.6)."""

    _name = "report.kams_sales.report_qualification"
    _description = "Opportunity assessment"
    _inherit = ["kams.paper"]
    _paper_model = "kams.qualification"

    @api.model
    def _title(self):
        return self.env._("Opportunity Assessment")

    @api.model
    def _sheets(self, records):
        cards = self.env["kams.scorecard"].union(*(records.mapped(name) for name in CARDS))
        lines = self._lines_of("kams.scorecard.line", cards, "scorecard_id")
        judged = self._lines_of(
            "kams.qualification", records.lead_id, "lead_id", [("state", "=", "done")], order="date, id"
        )
        rivals = records.lead_id._kams_rivals()
        return {
            judgement.id: {
                "mark": self.env._("Draft") if judgement.state == "draft" else "",
                "sections": [
                    self._section_facts(self.env._("Judgement"), [self._fact(judgement, name) for name in FACTS]),
                    self._section_facts(
                        self.env._("Chances and Money"), [self._fact(judgement, name, zero=True) for name in MONEY]
                    ),
                    self._section_texts(
                        "", [(self._label(judgement, name), judgement[name]) for name in ("advice", "reason")]
                    ),
                    self._trend(judged[judgement.lead_id]),
                    *self._cards(judgement, lines, ["scorecard_id"]),
                    *self._rivals(judgement, rivals),
                    *self._cards(judgement, lines, [name for name in CARDS if name != "scorecard_id"]),
                ],
            }
            for judgement in records
        }

    def _cards(self, judgement, lines, names):
        return [self._card(judgement[name], lines[judgement[name]]) for name in names if judgement[name]]

    def _card(self, card, lines):
        """The answers of a card, block by block, and what they mean."""
        columns = [
            (self.env._("Question"), 30, ""),
            (self.env._("Answer"), 10, "center"),
            (self.env._("It Means"), 32, ""),
            (self.env._("Comment"), 28, ""),
        ]
        rows, block = [], False
        blocks = {found["key"]: known(found["score"]) for found in card.block_scores or ()}
        for line in lines:
            if line.block and line.block_key != block:
                block = line.block_key
                score = blocks.get(block)
                rows.append([self._cell(f"{line.block} {self._number(score)} %" if score is not None else line.block)])
            rows.append(
                [
                    line.name,
                    self._figure(line.value) if line.answered else "–",
                    line.meaning or "",
                    line.comment or "",
                ]
            )
        result = [self._number(card.score, 1), card.band]
        if card.measure == "sum":
            result[0] = f"{self._number(card.rating)} / {self._number(sum(lines.mapped('scale_max')))}"
        result = result if card.answered_count else []
        veto = self.env._("Decided by a veto: %s", card.vetoed_by) if card.vetoed_by else ""
        return self._section_table(
            " · ".join(filter(None, [card.template_id.name, *result])), columns, rows, legend=veto
        )

    def _rivals(self, judgement, rivals):
        """Us and the competitors side by side, then what they will do and what we do about it."""
        table = judgement.lead_id._kams_side_by_side(judgement.scorecard_id, rivals)
        sides = table["columns"]
        if len(sides) == 1:
            return []
        share = 70 / len(sides)
        columns = [("", 30, ""), *((side["name"], share, "center") for side in sides)]
        rows = [
            [
                self._cell(self.env._("In all"), tone="strong"),
                *(
                    self._cell(
                        self._number(side["score"], 1) or "–",
                        tone="good" if side["best"] else "strong",
                        note=self.env._("vetoed") if side["vetoed"] else "",
                    )
                    for side in sides
                ),
            ]
        ]
        for row in table["rows"]:
            tone = "strong" if row["block"] else ""
            rows.append(
                [
                    self._cell(row["name"], tone=tone),
                    *(
                        self._cell(
                            f"★ {cell['text']}" if cell["best"] else cell["text"] or "–",
                            tone="good" if cell["best"] else tone,
                        )
                        for cell in row["cells"]
                    ),
                ]
            )
        moves = [[self._cell(move["name"], tone="strong"), *move["texts"]] for move in table["moves"]]
        sections = [
            self._section_table(
                self.env._("Side by Side"), columns, rows, legend=self.env._("★ best of those scored"), together=True
            )
        ]
        if moves:
            share = 80 / (len(sides) - 1)
            columns = [("", 20, ""), *((side["name"], share, "") for side in sides[1:])]
            sections.append(self._section_table(self.env._("What They Do, and We"), columns, moves))
        return sections

    def _trend(self, judged):
        """How the deal was judged from phase to phase."""
        label = self._label
        columns = [
            (label(judged, "date"), 14, ""),
            (label(judged, "phase_id"), 24, ""),
            (label(judged, "score"), 12, "right"),
            (label(judged, "trend_label"), 12, "right"),
            (label(judged, "confidence"), 14, "right"),
            (label(judged, "p_win"), 12, "right"),
            (label(judged, "verdict"), 12, ""),
        ]
        rows = [
            [
                self._date(one.date),
                one.phase_id.name or "",
                self._number(one.score, 1),
                one.trend_label or "",
                self._number(one.confidence),
                self._number(one.p_win, 1),
                self._cell(self._value(one, "verdict"), tone=TONES.get(one.verdict, "")),
            ]
            for one in judged
        ]
        return self._section_table(
            self.env._("Trend by Phase"), columns, rows, empty=self.env._("Not judged to the end yet.")
        )
