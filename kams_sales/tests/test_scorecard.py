from contextlib import contextmanager

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..tools import scoring
from .common import KamsCase


class ScorecardCase(KamsCase):
    """One account, and short words for templates and cards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["kams.account"].create(
            {"partner_id": cls.customer.id, "manager_id": cls.manager.id, "since": "2020-01-01"}
        )
        cls.Card = cls.env["kams.scorecard"]

    @classmethod
    def _template(cls, weights=(60, 40), activate=True, **vals):
        """A template that asks q1, q2, … on a scale of 0 to 10."""
        template = cls.env["kams.scorecard.template"].create(
            {
                "name": "Fitness",
                "code": f"fitness_{cls.env['kams.scorecard.template'].search_count([])}",
                "criterion_ids": [
                    Command.create(
                        {"code": f"q{n}", "name": f"Question {n}", "weight": weight, "scale_min": 0, "scale_max": 10}
                    )
                    for n, weight in enumerate(weights, 1)
                ],
                "band_ids": [
                    Command.create({"lower": lower, "name": name, "code": name.lower()})
                    for lower, name in ((0, "Weak"), (50, "Fair"), (75, "Good"))
                ],
                **vals,
            }
        )
        if activate:
            template.action_activate()
        return template

    def _card(self, template, answers=None, **vals):
        if isinstance(template, str):
            template = self.env["kams.scorecard.template"]._of(template)
        subject = {} if "lead_id" in vals else {"account_id": self.account.id}
        return self.Card.create({"template_id": template.id, **subject, **vals})._answer(answers or {})

    @contextmanager
    def assertSays(self, *words, error=ValidationError):
        """Refused in one message that has these words in it."""
        with self.assertRaises(error) as caught, self.cr.savepoint():
            yield
            self.env.flush_all()
        for word in words:
            self.assertIn(word, str(caught.exception))


@tagged("post_install", "-at_install")
class TestScorecardExamples(ScorecardCase):
    """The worked examples of the method, on the templates that the addon brings."""

    def test_c19_customer_value_of_77_is_an_a(self):
        card = self._card("account_value", {"current": 70, "potential": 90, "strategic": 80, "cost_risk": 60})
        self.assertAlmostEqual(card.score, 77.0)
        self.assertEqual((card.band, card.confidence), ("A", 100.0))
        for score, band in ((75, "A"), (74.9, "B"), (60, "B"), (59.9, "C"), (40, "C"), (39.9, "D"), (0, "D")):
            card._answer(dict.fromkeys(("current", "potential", "strategic", "cost_risk"), score))
            self.assertEqual(card.band, band, score)

    def test_c16_supplier_scorecard(self):
        card = self._card("supplier_scorecard", {"quality": 90, "delivery": 85, "price": 70, "service": 80})
        self.assertAlmostEqual(card.score, 83.25)
        self.assertEqual(card.band_code, "b")

    def test_c21_selection_matrix(self):
        attractiveness = self._card("selection_attractiveness", {"volume": 8, "profit": 6, "fit": 7, "access": 5})
        self.assertAlmostEqual(attractiveness.rating, 6.65)
        strength = self._card("selection_strength", {"offer": 7, "price": 8, "service": 6, "relationship": 5})
        for line, mark in zip(strength.line_ids, (8, 7, 7, 8), strict=True):
            line.best_competitor = mark
        self.assertAlmostEqual(strength.rating, 6.75)
        self.assertAlmostEqual(strength.competitor_rating, 7.45)
        self.assertAlmostEqual(strength.relative, 0.9060, 4)
        self.assertEqual((attractiveness.band_code, strength.band_code), ("mid", "mid"))
        self.assertEqual(scoring.selection(attractiveness.rating, strength.rating, 4, 7)[2], "selective")
        attractiveness._answer({"volume": 9, "profit": 7, "fit": 7, "access": 6})
        strength._answer({"offer": 8, "price": 7, "service": 7, "relationship": 7})
        self.assertAlmostEqual(attractiveness.rating, 7.40)
        self.assertAlmostEqual(strength.rating, 7.30)
        self.assertEqual((attractiveness.band_code, strength.band_code), ("high", "high"))
        self.assertEqual(scoring.selection(attractiveness.rating, strength.rating, 4, 7)[2], "invest")

    def test_c22_fiocca(self):
        importance = self._card("fiocca_importance", {"volume": 8, "potential": 7, "leadership": 9, "desirability": 6})
        difficulty = self._card("fiocca_difficulty", {"product": 6, "behaviour": 8, "competition": 5})
        self.assertAlmostEqual(importance.rating, 7.5)
        self.assertAlmostEqual(difficulty.rating, 6.5)
        self.assertEqual((importance.band_code, difficulty.band_code), ("high", "high"))

    def test_c23_kraljic(self):
        impact = self._card("kraljic_impact", {"cost": 4, "quality": 5, "result": 3})
        risk = self._card("kraljic_risk", {"suppliers": 2, "competition": 4, "substitution": 2, "logistics": 3})
        self.assertAlmostEqual(impact.rating, 4.0)
        self.assertAlmostEqual(risk.rating, 2.8)
        self.assertEqual((impact.band_code, risk.band_code), ("high", "low"))

    def test_c24_weights_from_pairwise_comparison(self):
        template = self._template((0, 0, 0), activate=False, weighting="ahp")
        template.action_compare()
        self.assertEqual(len(template.comparison_ids), 3)
        for pair, value in zip(template.comparison_ids, (3, 5, 2), strict=True):
            pair.value = value
        template.action_activate()
        for criterion, weight in zip(template.criterion_ids, (64.8329, 22.9651, 12.2020), strict=True):
            self.assertAlmostEqual(criterion.weight, weight, 4)
        self.assertAlmostEqual(template.consistency_ratio, 0.003185, 6)
        card = self._card(template, {"q1": 10, "q2": 0, "q3": 0})
        self.assertAlmostEqual(card.score, 64.8329, 4)

    def test_c25_blocks_scored_by_themselves_and_a_block_that_vetoes(self):
        blocks = (("opportunity", 25, 80), ("compete", 25, 60), ("win", 30, 50), ("worth", 20, 70))
        template = self.env["kams.scorecard.template"].create({"name": "Four questions", "code": "four"})
        for name, weight, _score in blocks:
            block = self.env["kams.scorecard.block"].create(
                {"template_id": template.id, "name": name, "weight": weight, "veto_below": 40}
            )
            self.env["kams.scorecard.criterion"].create(
                [
                    {
                        "template_id": template.id,
                        "block_id": block.id,
                        "code": f"{name}{n}",
                        "name": f"{name} {n}",
                        "weight": 20,
                        "scale_min": 0,
                        "scale_max": 100,
                    }
                    for n in range(5)
                ]
            )
        self.env["kams.scorecard.band"].create(
            [{"template_id": template.id, "lower": low, "name": name} for low, name in ((0, "no-go"), (50, "go"))]
        )
        template.action_activate()
        answers = {f"{name}{n}": score for name, _weight, score in blocks for n in range(5)}
        card = self._card(template, answers)
        self.assertAlmostEqual(card.score, 64.0)
        self.assertEqual((card.band, card.vetoed_by), ("go", False))
        self.assertEqual([block["score"] for block in card.block_scores], [80, 60, 50, 70])
        card._answer({"win0": None, "worth4": None})
        self.assertEqual(card.confidence, 90.0)
        self.assertAlmostEqual(card.score, 64.0)
        card._answer({f"win{n}": 39 for n in range(5)})
        self.assertAlmostEqual(card.score, 60.7)
        self.assertEqual((card.band, card.vetoed_by), ("no-go", "win"))

    def test_c25_points_are_added_and_judged_as_a_sum(self):
        def points(code, direction, bands):
            template = self._template(
                (0,) * 8,
                activate=False,
                code=code,
                measure="sum",
                band_ids=[Command.create({"lower": lower, "name": name}) for lower, name in bands],
            )
            template.criterion_ids.write({"scale_max": 2, "direction": direction})
            template.action_activate()
            return template

        scotsman = points("s", "cost", ((0, "good"), (6, "work needed"), (11, "review")))
        card = self._card(scotsman, {f"q{n}": mark for n, mark in enumerate((0, 1, 1, 0, 0, 2, 1, 1), 1)})
        self.assertEqual((card.rating, card.band), (6.0, "work needed"))
        scotsman.criterion_ids[0].veto_below = 50
        card = self._card(scotsman, {"q1": 2, "q2": 0})
        self.assertEqual((card.vetoed_by, card.band), ("Question 1", "review"), "a veto gives the worst band")
        meddpicc = points("m", "benefit", ((0, "thin"),))
        card = self._card(meddpicc, {f"q{n}": mark for n, mark in enumerate((2, 1, 2, 1, 1, 2, 1, 1), 1)})
        self.assertEqual((card.rating, card.score), (11.0, 68.75))

    def test_relationship_stages_are_bands_of_the_sum_of_six_statements(self):
        codes = ("contact", "trust", "information", "status", "planning", "exit")
        card = self._card("relationship_stage")
        for total, stage in (
            *((6, "basic"), (10, "basic"), (11, "cooperative"), (16, "cooperative")),
            *((17, "interdependent"), (22, "interdependent"), (23, "integrated"), (24, "integrated")),
        ):
            marks = [1 + min(3, max(0, total - 6 - 3 * n)) for n in range(6)]
            card._answer(dict(zip(codes, marks, strict=True)))
            self.assertEqual((card.rating, card.band_code), (total, stage))


@tagged("post_install", "-at_install")
class TestScorecardAnswers(ScorecardCase):
    """What counts as an answer, and what the card makes of it."""

    def test_the_score_is_over_what_was_answered_and_confidence_says_how_much(self):
        card = self._card(self._template((60, 40)), {"q1": 5})
        self.assertEqual((card.score, card.confidence, card.answered_count, card.asked_count), (50.0, 50.0, 1, 2))
        card._answer({"q2": 10})
        self.assertAlmostEqual(card.score, 70.0)
        self.assertEqual((card.confidence, card.band), (100.0, "Fair"))

    def test_nought_is_an_answer_and_an_empty_field_is_none(self):
        card = self._card(self._template())
        self.assertFalse(card.answered_count)
        self.assertEqual((card.score, card.rating, card.relative, card.trend, card.band), (False,) * 5)
        card.line_ids[0].value = 0
        self.assertEqual((card.answered_count, card.line_ids[0].answer, card.band), (1, "0", "Weak"))
        card.line_ids[0].answer = False
        self.assertFalse(card.answered_count)
        self.assertEqual(card.line_ids[0].confidence, "unknown")

    def test_unknown_is_no_answer(self):
        line = self._card(self._template(), {"q1": 5}).line_ids[0]
        self.assertEqual(line.confidence, "assumed")
        line.confidence = "verified"
        line.answer = "6"
        self.assertEqual(line.confidence, "verified")
        line.confidence = "unknown"
        self.assertFalse(line.answered)

    def test_what_is_typed_counts_where_a_client_sends_both_text_and_number(self):
        line = self._card(self._template()).line_ids[0]
        line.write({"answer": "4", "value": 0.0, "best_answer": False, "best_competitor": 0.0})
        self.assertEqual((line.value, line.best_answered), (4.0, False))

    def test_a_comma_is_a_decimal_point(self):
        card = self._card(self._template())
        card.line_ids[0].answer = " 7,5"
        self.assertEqual(card.line_ids[0].value, 7.5)

    def test_less_is_better_where_the_criterion_says_so(self):
        template = self._template((100,))
        template.criterion_ids.direction = "cost"
        self.assertEqual(self._card(template, {"q1": 2}).score, 80.0)

    def test_an_answer_is_told_in_words(self):
        line = self._card("kraljic_risk", {"suppliers": 4}).line_ids[0]
        self.assertEqual(line.meaning, "two")
        self.assertEqual(line.option_id, self.env.ref("kams_sales.scorecard_kraljic_risk_suppliers_4"))
        line.answer = "4.5"
        self.assertEqual((line.meaning, bool(line.option_id)), ("two", False))
        self.assertIn("3 three to five", line.guide)

    def test_an_answer_off_its_scale_is_refused_with_question_and_card(self):
        card = self._card(self._template())
        for answer, reason in (("11", "off the scale of 0 to 10"), ("-1", "off the scale"), ("nan", "not a number")):
            with self.assertSays("Question 1", "Huaneng Power", reason):
                card.line_ids[0].answer = answer
        with self.assertSays("off the scale"):
            card.line_ids[0].value = 12
        self.assertFalse(card.answered_count)

    def test_only_the_listed_answers_are_taken_where_the_criterion_says_so(self):
        card = self._card("relationship_stage")
        with self.assertSays("none of its answers", "1 one seller and one buyer"):
            card._answer({"contact": 2.5})

    def test_a_scale_of_one_point_is_met_in_full(self):
        template = self._template((100,), activate=False)
        template.criterion_ids.write({"scale_min": 5, "scale_max": 5})
        template.action_activate()
        self.assertEqual(self._card(template, {"q1": 5}).score, 100.0)

    def test_the_form_asks_at_once_and_scores_while_one_answers(self):
        template = self._template((60, 40))
        form = Form(self.Card.with_user(self.manager).with_context(default_account_id=self.account.id))
        form.template_id = template
        self.assertEqual(len(form.line_ids), 2)
        with form.line_ids.edit(0) as line:
            line.answer = "10"
        self.assertEqual((form.score, form.band, form.answered_count), (100.0, "Good", 1))
        with form.line_ids.edit(1) as line:
            line.answer = "5"
        self.assertEqual((form.score, form.band), (80.0, "Good"))
        card = form.save()
        self.assertEqual(card.line_ids.mapped("answer"), ["10", "5"])
        self.assertEqual(card.line_ids.answered_by_id, self.manager)
        with Form(card) as form, form.line_ids.edit(1) as line:
            line.answer = "0"
        self.assertEqual((card.score, card.band), (60.0, "Fair"))


@tagged("post_install", "-at_install")
class TestScorecardLife(ScorecardCase):
    """Copying on use, closing, trend, figures that Odoo fills in."""

    def test_later_edits_of_the_template_never_rescore_the_past(self):
        template = self._template((60, 40))
        card = self._card(template, {"q1": 10, "q2": 5})
        card.action_done()
        before = card.read(["score", "rating", "confidence", "band", "verdict", "asked_count"])
        first, second = template.criterion_ids
        template.write(
            {
                "criterion_ids": [
                    Command.update(first.id, {"weight": 10, "name": "Otherwise", "scale_max": 100}),
                    Command.update(second.id, {"weight": 90, "direction": "cost"}),
                ],
                "band_ids": [Command.update(template.band_ids.sorted("lower")[2].id, {"lower": 99, "name": "Perfect"})],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        card.line_ids.modified(["answer"])
        card.modified(["score"])
        self.assertEqual(card.read(list(before[0])), before)
        self.assertEqual(card.line_ids[0].name, "Question 1")
        template.write({"criterion_ids": [Command.update(first.id, {"weight": 100}), Command.delete(second.id)]})
        self.assertEqual(card.read(list(before[0])), before)
        self.assertEqual(len(self._card(template).line_ids), 1)

    def test_a_done_card_never_changes_by_any_route(self):
        card = self._card(self._template(), {"q1": 5})
        card.action_done()
        for attempt in (
            lambda: card.write({"note": "x"}),
            lambda: card.write({"state": "draft"}),
            lambda: card.line_ids[0].write({"answer": "9"}),
            lambda: card.line_ids[1].write({"value": 1}),
            lambda: card.unlink(),
            lambda: card.line_ids.unlink(),
            lambda: card.action_fill_figures(),
        ):
            with self.assertSays("Huaneng Power", "Score Again", error=UserError):
                attempt()
        self.assertEqual((card.score, card.state), (50.0, "done"))

    def test_a_card_without_an_answer_cannot_be_done(self):
        card = self._card(self._template())
        for attempt in (card.action_done, lambda: card.write({"state": "done"})):
            with self.assertSays("no answer yet", error=UserError):
                attempt()
        with self.assertSays("Draft", error=UserError):
            self._card(self._template(), state="done")

    def test_how_a_question_was_asked_cannot_be_changed_on_the_card(self):
        line = self._card(self._template()).line_ids[0].with_user(self.manager)
        for vals in ({"weight": 1}, {"scale_max": 100}, {"figure_value": 3.0}, {"answered_by_id": self.director.id}):
            with self.assertSays("Question 1", error=UserError):
                line.write(vals)

    def test_what_a_client_sends_along_of_a_question_is_not_believed(self):
        template = self._template((60, 40))
        first, second = template.criterion_ids
        card = self.Card.with_user(self.manager).create(
            {
                "template_id": template.id,
                "account_id": self.account.id,
                "line_ids": [
                    Command.create({"criterion_id": first.id, "answer": "10", "weight": 1000, "name": "Mine"}),
                    Command.create({"criterion_id": second.id, "value": 0, "scale_max": 0}),
                ],
            }
        )
        self.assertEqual(card.line_ids.mapped("weight"), [60, 40])
        self.assertEqual(card.line_ids[0].name, "Question 1")
        self.assertAlmostEqual(card.score, 60.0)

    def test_scoring_again_starts_from_the_last_answers_and_shows_the_trend(self):
        template = self._template((50, 50))
        first = self._card(template, {"q1": 4, "q2": 6}, date="2026-01-10")
        first.line_ids[0].write({"comment": "heard from the buyer", "confidence": "verified"})
        first.action_done()
        self.assertFalse(first.previous_id)
        second = self.Card.browse(first.action_score_again()["res_id"])
        self.assertEqual(second.line_ids.mapped("answer"), ["4", "6"])
        self.assertEqual(
            (second.line_ids[0].comment, second.line_ids[0].confidence), ("heard from the buyer", "verified")
        )
        self.assertEqual((second.previous_id, second.trend, first.trend), (first, 0.0, False))
        second._answer({"q1": 9})
        self.assertEqual(second.trend, 25.0)
        second.action_done()
        self.assertEqual((first.score, second.score, second.trend), (50.0, 75.0, 25.0))

    def test_the_trend_is_against_the_last_done_card_of_the_same_subject_and_template(self):
        template, rival = self._template(), self.env["res.partner"].create({"name": "Rival", "is_company": True})
        late = self._card(template, {"q1": 9, "q2": 9}, date="2026-05-01")
        late.action_done()
        early = self._card(template, {"q1": 5, "q2": 5}, date="2026-03-01")
        early.action_done()
        self._card(template, {"q1": 1}, date="2026-06-01")  # a draft
        self._card(template, {"q1": 1}, date="2026-06-02", competitor_id=rival.id).action_done()
        self._card("account_value", {"current": 1}, date="2026-06-03").action_done()
        now = self._card(template, {"q1": 10, "q2": 10}, date="2026-07-01")
        self.assertEqual((now.previous_id, now.trend), (late, 10.0))
        self.assertFalse(early.previous_id)
        theirs = self._card(template, {"q1": 2}, date="2026-07-01", competitor_id=rival.id)
        self.assertEqual(theirs.previous_id.date, fields.Date.to_date("2026-06-02"))

    def test_odoo_fills_in_what_it_knows_and_says_so(self):
        template = self._template((50, 50))
        template.criterion_ids[0].write({"figure": "deals_won", "scale_max": 4})
        deal = self._deal(partner_id=self.customer.id)
        self.assertEqual(deal.kams_account_id, self.account)
        card = self._card(template)
        line = card.line_ids[0]
        self.assertEqual((line.answer, line.source, line.confidence), ("0", "odoo", "verified"))
        self.assertFalse(line.answered_by_id)
        line.with_user(self.manager).answer = "3"
        self.assertEqual((line.source, line.answered_by_id, line.figure_value), ("typed", self.manager, 0.0))
        self._advance(deal, "delivery")
        card.action_fill_figures()
        self.assertEqual((line.answer, line.source, line.figure_value), ("3", "typed", 1.0))
        line.answer = False
        card.action_fill_figures()
        self.assertEqual((line.answer, line.source, line.score), ("1", "odoo", 25.0))

    def test_a_figure_beyond_the_scale_counts_as_its_end_but_nobody_may_type_it(self):
        template = self._template((100,))
        template.criterion_ids.write({"figure": "account_years", "scale_max": 2})
        line = self._card(template).line_ids
        self.assertGreater(line.value, 2)
        self.assertEqual(line.score, 100.0)
        with self.assertSays("off the scale"):
            line.answer = "50"

    def test_scoring_again_takes_figures_anew(self):
        template = self._template((100,))
        template.criterion_ids.figure = "account_years"
        card = self._card(template)
        card.action_done()
        self.account.since = "2024-01-01"
        again = card._score_again()
        self.assertLess(again.line_ids.value, card.line_ids.value)
        self.assertEqual(again.line_ids.source, "odoo")

    def test_done_cards_go_along_when_accounts_are_merged(self):
        card = self._card(self._template(), {"q1": 4})
        card.action_done()
        other = self.env["res.partner"].create({"name": "Huaneng Group", "is_company": True})
        kept = self.env["kams.account"].create({"partner_id": other.id})
        self.account.sudo()._merge_into(kept)
        self.assertEqual((card.account_id, card.score, card.state), (kept, 40.0, "done"))

    def test_six_statements_set_the_relationship_stage_of_the_account(self):
        codes = ("contact", "trust", "information", "status", "planning", "exit")
        card = self._card("relationship_stage", dict.fromkeys(codes, 2), date="2026-01-10")
        self.assertFalse(self.account.relationship_stage)
        card.action_done()
        self.assertEqual(self.account.relationship_stage, "cooperative")
        later = card._score_again()._answer(dict.fromkeys(codes, 4))
        self.assertEqual(self.account.relationship_stage, "cooperative")
        later.action_done()
        self.assertEqual(self.account.relationship_stage, "integrated")

    def test_a_value_analysis_answers_the_value_scorecard(self):
        card = self._card("account_value")
        self.assertFalse(card.answered_count)
        value = self.env["kams.account.value"].create({"account_id": self.account.id})
        value.state = "done"
        self._settle()
        self.cr.execute("UPDATE kams_account_value SET score_current = 70 WHERE id = %s", [value.id])
        value.invalidate_recordset()
        card.action_fill_figures()
        self.assertEqual(card.line_ids.mapped("answer"), ["70", False, False, False])
        self.assertEqual((card.line_ids[0].source, card.score, card.confidence), ("odoo", 70.0, 25.0))

    def test_cards_follow_a_deal_that_changes_company(self):
        deal = self._deal(team_id=False, kams_process_id=self.process.id, user_id=False)
        card = self._card(self._template(target="lead"), {"q1": 4}, lead_id=deal.id)
        card.action_done()
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        deal.company_id = there
        self._settle()
        self.assertEqual((card.company_id, card.line_ids.company_id), (there, there))

    def test_cards_of_a_deal_go_with_it_into_a_merge_done_ones_too(self):
        template = self._template(target="lead")
        deals = self._deal(name="One") | self._deal(name="Other")
        cards = self._card(template, {"q1": 4}, lead_id=deals[0].id) | self._card(
            template, {"q1": 8}, lead_id=deals[1].id
        )
        cards.action_done()
        survivor = deals.merge_opportunity()
        self.assertEqual(cards.exists().lead_id, survivor)
        self.assertEqual(len(cards.exists()), 2)


@tagged("post_install", "-at_install")
class TestScorecardRefusals(ScorecardCase):
    """A template that could not be scored is not used; the message says why."""

    def test_weights_that_do_not_sum_to_100_are_refused(self):
        template = self._template((60, 30), activate=False)
        with self.assertSays("Fitness", "sum to 90", "Question 1 60, Question 2 30"):
            template.action_activate()
        self.assertEqual(template.state, "draft")
        template.criterion_ids[1].weight = 40
        template.action_activate()
        with self.assertSays("sum to 110"):
            template.criterion_ids[1].weight = 50
        with self.assertSays("sum to 60"):
            template.criterion_ids[1].unlink()
        with self.assertSays("sum to 101"):
            template.write({"criterion_ids": [Command.create({"name": "More", "weight": 1})]})

    def test_thirds_are_100_in_all(self):
        self.assertEqual(self._template((33.33, 33.33, 33.33)).state, "active")

    def test_weights_in_use_may_be_shifted_in_one_go(self):
        template = self._template((60, 40))
        first, second = template.criterion_ids
        template.write(
            {"criterion_ids": [Command.update(first.id, {"weight": 20}), Command.update(second.id, {"weight": 80})]}
        )
        self.assertEqual(template.criterion_ids.mapped("weight"), [20, 80])

    def test_a_template_that_asks_nothing_is_refused(self):
        with self.assertSays("Fitness", "asks nothing"):
            self._template(())

    def test_a_template_that_is_not_in_use_is_refused(self):
        template = self._template(activate=False)
        with self.assertSays("Fitness", "not in use", error=UserError):
            self._card(template)
        template.action_activate()
        template.action_retire()
        with self.assertSays("not in use", error=UserError):
            self._card(template)

    def test_a_scale_that_ends_before_it_begins_is_refused(self):
        with self.assertSays("Question 1", "ends at -1"):
            self._template().criterion_ids[0].scale_max = -1

    def test_an_answer_to_choose_that_lies_off_its_scale_is_refused(self):
        criterion = self._template().criterion_ids[0]
        with self.assertSays("11 too much", "Question 1", "0 to 10"):
            criterion.option_ids = [Command.create({"value": 11, "name": "too much"})]

    def test_bands_that_overlap_or_leave_a_gap_are_refused(self):
        template = self._template()
        with self.assertSays("Fair", "Twin", "overlap"):
            template.band_ids = [Command.create({"lower": 50, "name": "Twin"})]
        with self.assertSays("no band for results from 0 to 50"):
            template.band_ids.filtered(lambda band: not band.lower).unlink()

    def test_answers_of_different_scales_are_not_added(self):
        template = self._template(activate=False, measure="mean")
        template.criterion_ids[0].scale_max = 4
        with self.assertSays("differ in direction or scale"):
            template.action_activate()
        template.measure = "sum"
        template.action_activate()

    def test_an_incomplete_comparison_is_refused(self):
        template = self._template((0, 0, 0), activate=False, weighting="ahp")
        template.action_compare()
        template.comparison_ids[0].value = 3
        with self.assertSays("Fitness", "incomplete"):
            template.action_activate()

    def test_a_comparison_that_contradicts_itself_is_refused(self):
        template = self._template((0, 0, 0), activate=False, weighting="ahp")
        template.action_compare()
        for pair, value in zip(template.comparison_ids, (9, 1 / 9, 9), strict=True):
            pair.value = value
        with self.assertSays("Fitness", "contradicts itself", "at most 0.1"):
            template.action_activate()
        self.env.ref("kams_sales.rule_ahp_consistency_limit").value = 100
        template.action_activate()

    def test_a_judgement_is_on_saatys_scale_and_between_two_criteria_of_the_template(self):
        template = self._template((0, 0, 0), activate=False, weighting="ahp")
        template.action_compare()
        pair = template.comparison_ids[0]
        for value in (10, -2, 0.1):
            with self.assertSays("1/9 to 9"):
                pair.value = value
        with self.assertSays("itself"):
            pair.column_id = pair.row_id
        with self.assertSays("not both criteria"):
            pair.column_id = self._template().criterion_ids[0]
        pair.judgement = "-3"
        self.assertAlmostEqual(pair.value, 1 / 3)

    def test_a_card_is_about_one_thing_and_of_the_kind_that_its_template_judges(self):
        deal = self._deal()
        with self.assertSays("one thing"):
            self._card(self._template(), account_id=self.account.id, lead_id=deal.id)
        with self.assertSays("one thing"):
            self._card(self._template(), account_id=False)
        with self.assertSays("Fitness", "Deal"):
            self._card(self._template(target="lead"))
        with self.assertSays("competitor"):
            self._card(self._template(target="competitor"))
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        plain.kams_process_id = False
        with self.assertSays("Plain", "not under a KAMS process"):
            self._card(self._template(target="lead"), lead_id=plain.id)

    def test_a_copied_template_has_all_parts_of_its_own(self):
        template = self._template((0, 0), activate=False, weighting="ahp")
        block = self.env["kams.scorecard.block"].create({"template_id": template.id, "name": "All", "weight": 100})
        template.criterion_ids.block_id = block
        template.action_compare()
        template.comparison_ids.value = 4
        clone = template.copy()
        self.assertEqual(clone.criterion_ids.block_id, clone.block_ids)
        self.assertEqual(clone.comparison_ids.row_id | clone.comparison_ids.column_id, clone.criterion_ids)
        self.assertEqual(len(clone.band_ids), 3)
        clone.action_activate()
        self.assertEqual(clone.criterion_ids.mapped("weight"), [80, 20])
        self.assertEqual(template.state, "draft")


@tagged("post_install", "-at_install")
class TestScorecardAccess(ScorecardCase):
    """Cards are seen with their account or deal; templates are the directors'."""

    def test_who_sees_the_account_scores_it_and_nobody_else(self):
        card = self._card(self._template(), {"q1": 5})
        ours = card.with_user(self.manager)
        ours.line_ids[0].answer = "7"
        ours.action_done()
        self.assertEqual(ours.action_score_again()["res_model"], "kams.scorecard")
        stranger = self.Card.with_user(self.salesperson)
        self.assertFalse(stranger.search([("account_id", "=", self.account.id)]))
        with self.assertRaises(AccessError):
            card.with_user(self.salesperson).line_ids.read(["answer"])
        with self.assertRaises(AccessError):
            stranger.create({"template_id": card.template_id.id, "account_id": self.account.id})

    def test_an_auditor_reads_and_writes_nothing(self):
        card = self._card(self._template(), {"q1": 5}).with_user(self.auditor)
        self.assertEqual(card.line_ids[0].answer, "5")
        for attempt in (card.action_done, card.action_fill_figures, lambda: card.line_ids[0].write({"answer": "1"})):
            with self.assertRaises(AccessError):
                attempt()

    def test_only_a_director_changes_a_template(self):
        template = self._template()
        with self.assertRaises(AccessError):
            template.with_user(self.manager).action_retire()
        with self.assertRaises(AccessError):
            template.criterion_ids[0].with_user(self.manager).weight = 10
        template.with_user(self.director).action_retire()


@tagged("post_install", "-at_install")
class TestScorecardQueries(ScorecardCase):
    """A batch of cards takes a constant number of statements."""

    def _count(self, work):
        self._settle()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        work()
        self._settle()
        return self.cr.sql_log_count - before

    def test_creating_answering_and_closing_do_not_grow_with_the_batch(self):
        template = self._template((50, 50))
        template.criterion_ids[0].figure = "deals_won"
        partners = self.env["res.partner"].create([{"name": f"C{n}", "is_company": True} for n in range(42)])
        accounts = self.env["kams.account"].create([{"partner_id": partner.id} for partner in partners])
        counts = {}
        for name, batch in (("warm", accounts[:1]), ("one", accounts[1:2]), ("forty", accounts[2:])):
            made = []

            def make(batch=batch, made=made):
                made.append(
                    self.Card.create([{"template_id": template.id, "account_id": account.id} for account in batch])
                )

            def answer(made=made):
                made[0].line_ids.write({"answer": "7"})

            def close(made=made):
                made[0].action_done()

            def again(made=made):
                made[0]._score_again()

            counts[name] = [self._count(work) for work in (make, answer, close, again)]
        self.assertEqual(counts["one"], counts["forty"])
        # what accounts, supply positions and judgements read from cards included
        for found, most in zip(counts["forty"], (28, 13, 18, 30), strict=True):
            self.assertLessEqual(found, most, counts)
