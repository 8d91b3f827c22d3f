from odoo import api, fields, models

from .blank import BlankFloat, known

FOUR_QUESTIONS = "four_questions"


class CrmLead(models.Model):
    """We and each competitor, by the same twenty questions, side by side (3.6, the four questions)."""

    _inherit = "crm.lead"

    # BUSINESS
    def _kams_side_by_side_html(self, ours=None):
        """The table as it is shown, every value escaped by its template; nothing without a competitor."""
        self.ensure_one()
        values = self._kams_side_by_side(ours)
        return len(values["columns"]) > 1 and self.env["ir.qweb"]._render("kams_sales.kams_side_by_side", values)

    def _kams_side_by_side(self, ours=None, rivals=None):
        """Questions as rows, us and the competitors as columns, with who is best at each.

        :param ours: our card; the deal's last one with an answer when left out
        :param rivals: what ``_kams_rivals`` found, for whoever draws several of these
        :return: ``{"columns": […], "rows": […], "moves": […]}`` of plain values, for page and paper alike
        """
        self.ensure_one()
        sheets, cards = rivals or self._kams_rivals()
        sheets = sheets.get(self, self.env["kams.competitor"])
        nobody, nothing = self.env["res.partner"], self.env["kams.scorecard"]
        ours = ours or cards.get((self, nobody), nothing)
        sides = [ours, *(cards.get((self, sheet.partner_id), nothing) for sheet in sheets)]
        names = [self.env._("We"), *(sheet.partner_id.display_name for sheet in sheets)]
        scores = [known(card.score) if card.answered_count else None for card in sides]
        return {
            "columns": [
                {
                    "name": name,
                    "score": score,
                    "best": score is not None and _is_best(score, scores),
                    "vetoed": bool(card.vetoed_by),
                }
                for name, card, score in zip(names, sides, scores, strict=True)
            ],
            "rows": _rows(sides) if any(score is not None for score in scores) else [],
            "moves": self._kams_moves(sheets),
        }

    def _kams_rivals(self):
        """``{deal: sheets}`` and the last four-questions card with an answer, ``{(deal, competitor or nobody): card}``.

        Two searches for all deals.
        """
        sheets = self.env["kams.competitor"].search([("lead_id", "in", self.ids)])
        cards = self.env["kams.scorecard"].search(
            [
                ("lead_id", "in", self.ids),
                ("template_id.code", "=", FOUR_QUESTIONS),
                ("answered_count", ">", 0),
            ],
            order="date, id",
        )
        return sheets.grouped("lead_id"), {(card.lead_id, card.competitor_id): card for card in cards}

    def _kams_moves(self, sheets):
        """What each competitor will likely do and what we set against it, a row of texts per kind."""
        labels = dict(sheets._fields["likely_strategy"]._description_selection(self.env))
        threats = dict(sheets._fields["threat"]._description_selection(self.env))
        prices = dict(sheets._fields["price_level"]._description_selection(self.env))
        rows = [
            ("threat", [threats.get(sheet.threat, "") for sheet in sheets]),
            ("price_level", [prices.get(sheet.price_level, "") for sheet in sheets]),
            ("strengths", [sheet.strengths or "" for sheet in sheets]),
            ("weaknesses", [sheet.weaknesses or "" for sheet in sheets]),
            ("likely_strategy", [labels.get(sheet.likely_strategy, "") for sheet in sheets]),
            ("our_counter_strategy", [labels.get(sheet.our_counter_strategy, "") for sheet in sheets]),
            ("our_counter", [sheet.our_counter or "" for sheet in sheets]),
        ]
        return [
            {"name": sheets._fields[name]._description_string(self.env), "texts": texts}
            for name, texts in rows
            if any(texts)
        ]


class KamsCompetitor(models.Model):
    """A competitor judged by the questions that we ask of ourselves."""

    _inherit = "kams.competitor"

    card_id = fields.Many2one("kams.scorecard", compute="_compute_card", string="Scorecard")
    score = BlankFloat(compute="_compute_card", digits=(16, 1), help="By the four questions, as we judge ourselves.")
    our_score = BlankFloat(compute="_compute_card", digits=(16, 1), help="Our last score on this deal.")
    side_by_side = fields.Html(compute="_compute_side_by_side", sanitize=False)

    @api.depends("lead_id", "partner_id")
    def _compute_card(self):
        """The last cards with an answer, as the table beside ours has them."""
        cards = self.lead_id._origin._kams_rivals()[1]
        nobody, nothing = self.env["res.partner"], self.env["kams.scorecard"]
        for competitor in self:
            lead, partner = competitor.lead_id._origin, competitor.partner_id._origin
            card, ours = cards.get((lead, partner or None), nothing), cards.get((lead, nobody), nothing)
            competitor.card_id = card
            competitor.score = card.score if card else None
            competitor.our_score = ours.score if ours else None

    @api.depends("lead_id", "partner_id")
    def _compute_side_by_side(self):
        for competitor in self:
            lead = competitor.lead_id._origin
            competitor.side_by_side = lead and lead._kams_side_by_side_html()

    # ACTIONS
    def action_score(self):
        """Answer the four questions for this competitor: open the card that is being filled in, else start one."""
        self.ensure_one()
        cards = self.env["kams.scorecard"].search(
            [
                ("lead_id", "=", self.lead_id.id),
                ("competitor_id", "=", self.partner_id.id),
                ("template_id.code", "=", FOUR_QUESTIONS),
            ],
            order="date, id",
        )
        card = cards.filtered(lambda card: card.state == "draft")[-1:]
        if not card and cards:
            card = cards[-1]._score_again()
        elif not card:
            template = self.env["kams.scorecard.template"]._of(FOUR_QUESTIONS)
            card = cards.create(
                {"template_id": template.id, "lead_id": self.lead_id.id, "competitor_id": self.partner_id.id}
            )
        return card._get_records_action(name=card.display_name)


def _is_best(score, scores):
    """Whether it is the highest of those known, and there is another to compare with."""
    others = [other for other in scores if other is not None]
    return len(others) > 1 and score == max(others) and min(others) < score


def _rows(sides):
    """A row per block with its score, and below it a row per question; best marked by worth, not by the number."""
    answers = [{(line.block or "", line.code or line.name): line for line in card.line_ids} for card in sides]
    names = {place: line.name for lines in reversed(answers) for place, line in lines.items()}
    places = list(dict.fromkeys(place for lines in answers for place in lines))
    blocks = [{block["name"]: block["score"] for block in card.block_scores or ()} for card in sides]
    rows = []
    for block in dict.fromkeys(block for block, _question in places):
        scores = [found.get(block) for found in blocks]
        rows.append({"block": True, "name": block, "cells": _cells(scores, [_percent(score) for score in scores])})
        for place in (place for place in places if place[0] == block):
            found = [lines.get(place) for lines in answers]
            worth = [known(line.score) if line and line.answered else None for line in found]
            texts = [f"{line.value:g}" if line and line.answered else "" for line in found]
            rows.append({"block": False, "name": names[place], "cells": _cells(worth, texts)})
    return rows


def _percent(score):
    return "" if score is None else f"{score:.0f} %"


def _cells(scores, texts):
    return [
        {"text": text, "best": score is not None and _is_best(score, scores)}
        for score, text in zip(scores, texts, strict=True)
    ]
