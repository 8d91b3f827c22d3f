from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import KamsCase

LANGS = ("en_US", "zh_CN")
# per question of the four: points of five answers of 0 to 4, for blocks of 80, 60, 50 and 70 %
C25 = {
    "opportunity": (4, 4, 3, 3, 2),
    "compete": (4, 2, 2, 2, 2),
    "win": (4, 2, 2, 1, 1),
    "worth": (4, 4, 2, 2, 2),
}


class QualificationCase(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.deal = cls._deal(expected_revenue=1_000_000.0, partner_id=cls.customer.id)

    @classmethod
    def _template(cls, code):
        return cls.env["kams.scorecard.template"]._of(code)

    @classmethod
    def _card(cls, code, answers, **vals):
        """A card of our deal with the answers in the order of its questions."""
        card = cls.env["kams.scorecard"].create({"template_id": cls._template(code).id, "lead_id": cls.deal.id, **vals})
        for line, answer in zip(card.line_ids, answers, strict=True):
            line.answer = False if answer is None else str(answer)
        return card

    @classmethod
    def _judge(cls, deal=None, answers=C25, **vals):
        judgement = cls.env["kams.qualification"].create({"lead_id": (deal or cls.deal).id, **vals})
        cls._answer(judgement, answers)
        return judgement

    @classmethod
    def _answer(cls, judgement, answers):
        points = [point for block in answers.values() for point in block]
        for line, point in zip(judgement.line_ids, points, strict=True):
            line.answer = False if point is None else str(point)


@tagged("post_install", "-at_install")
class TestOpportunityTemplates(QualificationCase):
    """The four shipped cards do the method's arithmetic, whatever the language."""

    def test_c25_blocks_of_80_60_50_and_70_make_64(self):
        for lang in LANGS:
            with self.subTest(lang=lang):
                card = self._card("four_questions", [p for block in C25.values() for p in block])
                card = card.with_context(lang=lang)
                self.assertEqual([round(block["score"], 6) for block in card.block_scores], [80, 60, 50, 70])
                self.assertAlmostEqual(card.score, 64.0, 6)
                self.assertEqual((card.band_code, card.vetoed_by), ("go", False))

    def test_c25_any_block_below_40_is_a_no_go(self):
        for place, block in enumerate(C25):
            answers = {**C25, block: (2, 2, 2, 1, 0)}  # 35 %
            card = self._card("four_questions", [p for points in answers.values() for p in points])
            with self.subTest(block=block):
                self.assertAlmostEqual(card.block_scores[place]["score"], 35.0, 6)
                self.assertEqual(card.band_code, "no_go")
                self.assertEqual(card.vetoed_by, card.block_scores[place]["name"])
        at_limit = {**C25, "win": (2, 2, 2, 1, 1)}  # 40 %
        self.assertFalse(self._card("four_questions", [p for b in at_limit.values() for p in b]).vetoed_by)

    def test_c25_confidence_is_90_percent_with_18_of_20(self):
        answers = [p for block in C25.values() for p in block]
        answers[4] = answers[9] = None
        self.assertAlmostEqual(self._card("four_questions", answers).confidence, 90.0, 6)

    def test_c25_meddpicc(self):
        for lang in LANGS:
            card = self._card("meddpicc", (2, 1, 2, 1, 1, 2, 1, 1)).with_context(lang=lang)
            self.assertEqual((card.rating, card.score, card.band_code), (11.0, 68.75, "partial"))

    def test_c25_scotsman(self):
        for lang in LANGS:
            card = self._card("scotsman", (0, 1, 1, 0, 0, 2, 1, 1)).with_context(lang=lang)
            self.assertEqual((card.rating, card.band_code), (6.0, "work"))
        bands = {
            total: self._card("scotsman", [2] * (total // 2) + [total % 2] * (total // 2 < 8) + [0] * (7 - total // 2))
            for total in (0, 5, 6, 10, 11, 16)
        }
        self.assertEqual(
            {total: card.band_code for total, card in bands.items()},
            {0: "good", 5: "good", 6: "work", 10: "work", 11: "review", 16: "review"},
        )

    def test_the_four_questions_are_twenty_in_four_blocks_of_25_25_30_20(self):
        template = self._template("four_questions")
        self.assertEqual(template.block_ids.sorted("sequence").mapped("weight"), [25, 25, 30, 20])
        self.assertEqual(template.block_ids.mapped("veto_below"), [40.0] * 4)
        self.assertEqual([len(block.criterion_ids) for block in template.block_ids], [5] * 4)
        self.assertTrue(all(template.criterion_ids.mapped("hint")))

    def test_bant_takes_named_answers_only(self):
        template = self._template("bant")
        self.assertEqual(template.criterion_ids.mapped("code"), ["budget", "authority", "need", "timing"])
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._card("bant", (1.5, 1, 1, 1))


@tagged("post_install", "-at_install")
class TestQualification(QualificationCase):
    """A judgement: numbers, advice, verdict, and that it stays."""

    def test_c26_win_chance_expected_value_and_break_even(self):
        judgement = self._judge(p_go=70, p_get=40, pursuit_cost=120_000)
        self.assertEqual(judgement.value, 1_000_000)
        self.assertAlmostEqual(judgement.p_win, 28.0, 6)
        self.assertEqual(judgement.expected_value, 160_000)
        self.assertAlmostEqual(judgement.break_even, 12.0, 6)

    def test_what_is_unknown_stays_unknown(self):
        deal = self._deal()
        judgement = self._judge(deal, p_go=70)
        for name in ("p_get", "p_win", "value", "expected_value", "break_even"):
            self.assertIs(judgement[name], False, name)
        judgement.p_get = 0
        self.assertEqual((judgement.p_win, judgement.p_win is False), (0.0, False))

    def test_chances_are_percentages_and_money_is_not_negative(self):
        for vals in ({"p_go": 101}, {"p_get": -1}, {"value": -5}, {"pursuit_cost": -5}):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                self._judge(**vals)

    def test_verdict_is_proposed_from_score_veto_confidence_and_value(self):
        half = {block: (points[0], points[1], None, None, None) for block, points in C25.items()}
        weak = {block: (2, 2, 2, 2, 1) for block in C25}  # 45 each
        cases = [
            (C25, {}, "go"),
            (C25, {"p_go": 10, "p_get": 50, "pursuit_cost": 120_000}, "no_go"),
            ({**C25, "win": (2, 2, 2, 1, 0)}, {}, "no_go"),
            (half, {}, "nurture"),
            (weak, {}, "nurture"),
        ]
        for answers, vals, verdict in cases:
            with self.subTest(answers=answers, **vals):
                judgement = self._judge(answers=answers, **vals)
                self.assertEqual(judgement.proposed, verdict)
                self.assertTrue(judgement.advice)

    def test_advice_names_what_is_weak_and_what_is_missing(self):
        judgement = self._judge()
        self.assertIn(judgement.line_ids.sorted("score")[0].name, judgement.advice)
        self.assertIn("pursuit costs", judgement.advice)

    def test_done_takes_the_proposal_and_locks_it_with_its_cards(self):
        judgement = self._judge(p_go=70, p_get=40)
        judgement.with_context(kams_card="scotsman_id").action_open_card()
        unanswered = judgement.scotsman_id
        judgement.action_done()
        self.assertEqual((judgement.state, judgement.verdict, judgement.scorecard_id.state), ("done", "go", "done"))
        self.assertFalse(unanswered.exists())
        for attempt in (
            lambda: judgement.write({"p_go": 90}),
            lambda: judgement.write({"line_ids": [Command.update(judgement.line_ids[0].id, {"answer": "0"})]}),
            lambda: judgement.unlink(),
            lambda: judgement.scorecard_id.unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()

    def test_another_verdict_than_proposed_needs_a_reason(self):
        judgement = self._judge(verdict="no_go")
        with self.assertRaisesRegex(UserError, "Reason"), self.cr.savepoint():
            judgement.action_done()
        judgement.reason = "Their group owns a rival"
        judgement.action_done()
        self.assertEqual((judgement.proposed, judgement.verdict), ("go", "no_go"))

    def test_nothing_answered_nothing_done(self):
        judgement = self.env["kams.qualification"].create({"lead_id": self.deal.id})
        self.assertFalse(judgement.proposed)
        with self.assertRaises(UserError), self.cr.savepoint():
            judgement.action_done()

    def test_answers_may_be_given_on_the_judgement_itself(self):
        judgement = self.env["kams.qualification"].with_user(self.salesperson).create({"lead_id": self.deal.id})
        judgement.write({"line_ids": [Command.update(line.id, {"answer": "3"}) for line in judgement.line_ids]})
        self.assertAlmostEqual(judgement.score, 75.0, 6)
        judgement.action_done()
        self.assertEqual(judgement.verdict, "go")

    def test_score_and_verdict_follow_while_one_answers(self):
        judgement = self.env["kams.qualification"].with_user(self.salesperson).create({"lead_id": self.deal.id})
        with Form(judgement) as form:
            for place in range(10):
                with form.line_ids.edit(place) as line:
                    line.answer = "3"
            self.assertEqual((form.score, form.confidence, form.proposed), (75.0, 50.0, "go"))
            with form.line_ids.edit(10) as line:
                line.answer = "1"
            self.assertEqual(form.proposed, "no_go")
            self.assertIn("Can we win?", form.advice)
            self.assertIs(judgement.score, False, "nothing is saved yet")
            form.p_go, form.p_get = 70, 40
        self.assertEqual((judgement.proposed, judgement.p_win), ("no_go", 28.0))

    def test_judging_again_starts_from_the_last(self):
        first = self._judge(p_go=70, p_get=40, pursuit_cost=5)
        first.action_done()
        action = first.action_judge_again()
        second = self.env["kams.qualification"].browse(action["res_id"])
        self.assertNotEqual(second, first)
        self.assertEqual((second.p_go, second.p_get, second.pursuit_cost), (70, 40, 5))
        self.assertEqual(second.line_ids.mapped("answer"), first.line_ids.mapped("answer"))
        self.assertEqual(first.action_judge_again()["res_id"], second.id, "the draft is opened again")

    def test_the_latest_is_marked_and_the_trend_is_against_the_one_before(self):
        first = self._judge(date=fields.Date.today() - relativedelta(days=9))
        first.action_done()
        second = self._judge(answers={**C25, "win": (4, 4, 4, 4, 4)})
        self.assertTrue(first.is_latest)
        second.action_done()
        self.assertEqual((first.is_latest, second.is_latest), (False, True))
        self.assertEqual((second.previous_id, first.previous_id), (first, self.env["kams.qualification"]))
        self.assertAlmostEqual(second.trend, 15.0, 6)
        self.assertEqual((second.trend_label, first.trend_label), ("▲ 15.0", False))

    def test_the_phase_at_that_time_is_kept(self):
        judgement = self._judge()
        judgement.action_done()
        self._advance(self.deal, "initiation")
        self.assertEqual(judgement.phase_code, "development")
        self.assertEqual(self._judge().phase_code, "initiation")

    def test_phase_cards_and_mark_are_nobodys_to_write(self):
        judgement = self._judge().with_user(self.salesperson)
        for vals in ({"phase_code": "x"}, {"is_latest": True}, {"bant_id": judgement.scorecard_id.id}):
            with self.subTest(vals), self.assertRaises(AccessError), self.cr.savepoint():
                judgement.write(vals)

    def test_bant_is_proposed_from_the_deal(self):
        today = fields.Date.today()
        self.deal.write(
            {
                "kams_budget_state": "approved",
                "kams_need": "Less coal per kilowatt hour",
                "kams_compelling_event": "New emission limits on 1 July",
                "date_deadline": today + relativedelta(months=8),
            }
        )
        self.env["kams.stakeholder"].create(
            {
                "lead_id": self.deal.id,
                "partner_id": self.env["res.partner"].create({"name": "Ms Li", "parent_id": self.customer.id}).id,
                "mh_role": "eb",
                "coverage": "brief",
            }
        )
        judgement = self._judge()
        judgement.with_context(kams_card="bant_id").action_open_card()
        self.assertEqual(
            {line.code: line.answer for line in judgement.bant_id.line_ids},
            {"budget": "2", "authority": "1", "need": "2", "timing": "2"},
        )
        judgement.action_done()
        self.assertEqual(judgement.bant_id.state, "done")

    def test_a_plain_deal_is_not_judged(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity"})
        plain.kams_process_id = False
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["kams.qualification"].create({"lead_id": plain.id})

    def test_merged_deals_keep_their_judgements_and_one_is_the_latest(self):
        other = self._deal(name="Twin", partner_id=self.customer.id)
        for deal in (self.deal, other):
            self._judge(deal).action_done()
        deals = self.deal | other
        kept = deals.merge_opportunity(auto_unlink=True)
        self._settle()
        self.assertEqual(len(kept.kams_qualification_ids), 2)
        self.assertEqual(len(kept.kams_qualification_ids.filtered("is_latest")), 1)

    def test_a_deal_can_be_deleted_with_its_judgements(self):
        judgement = self._judge()
        judgement.action_done()
        self.deal.unlink()
        self.env.flush_all()
        self.assertFalse(judgement.exists())

    def test_a_deal_that_changes_company_keeps_the_judgements_amount_and_currency(self):
        judgement = self._judge(p_go=70, p_get=40, pursuit_cost=1)
        judgement.action_done()
        before = judgement.value, judgement.currency_id
        euro = self.env.ref("base.EUR")
        euro.active = True
        there = self.env["res.company"].create({"name": "Abroad", "currency_id": euro.id})
        self.deal.write({"company_id": there.id, "user_id": False})
        self._settle()
        self.assertEqual(judgement.company_id, there)
        self.assertEqual((judgement.value, judgement.currency_id), before)

    def test_the_deals_buttons_count_in_their_one_statement(self):
        self._judge().action_done()
        self.env.flush_all()
        self.env.invalidate_all()
        self.deal.kams_process_id  # noqa: B018
        with self.assertQueryCount(1):
            self.assertEqual((self.deal.kams_qualification_count, self.deal.kams_judged_score), (1, 64))

    def test_trend_and_advice_of_many_cost_constant_statements(self):
        deals = self.env["crm.lead"].union(*(self._deal(name=f"Deal {n}") for n in range(6)))
        for deal in deals:
            self._judge(deal).action_done()
        judgements = self.env["kams.qualification"].search([("lead_id", "in", deals.ids)])
        counts = []
        for some in (judgements[:1], judgements):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("trend_label")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_results_are_written_by_nobody_and_of_no_day_to_come(self):
        """S1-6: score and day are what they are."""
        judgement = self._judge(date=fields.Date.today() + relativedelta(days=400))
        mine = judgement.with_user(judgement.lead_id.user_id)
        for name in ("score", "confidence", "p_win", "expected_value"):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "follows from other entries"):
                mine.write({name: 90})
        with self.assertRaisesRegex(UserError, "follows from other entries"):
            mine.scorecard_id.write({"rating": 90})
        with self.assertRaises(AccessError):
            mine.with_context(default_is_latest=True).create({"lead_id": mine.lead_id.id})
        with self.assertRaises(AccessError):
            mine.with_context(default_scorecard_id=mine.scorecard_id.id).create({"lead_id": mine.lead_id.id})
        judgement.verdict = judgement.proposed
        judgement.action_done()
        self.assertEqual(judgement.date, fields.Date.today())


@tagged("post_install", "-at_install")
class TestQualificationOnPaper(QualificationCase):
    """The opportunity assessment."""

    def _sections(self, judgements):
        found = self.env["report.kams_sales.report_qualification"]._sheets(judgements)
        return {id_: [section["title"] for section in sheet["sections"]] for id_, sheet in found.items()}

    def _rival(self, deal, name="Siemens"):
        partner = self.env["res.partner"].create({"name": name, "is_company": True})
        return self.env["kams.competitor"].create({"lead_id": deal.id, "partner_id": partner.id, "threat": "3"})

    def test_cards_rivals_numbers_verdict_and_trend_are_on_it(self):
        self._rival(self.deal)
        judgement = self._judge(p_go=70, p_get=40, pursuit_cost=120_000)
        judgement.with_context(kams_card="scotsman_id").action_open_card()
        judgement.scotsman_id._answer({"money": 2})
        judgement.action_done()
        titles = self._sections(judgement)[judgement.id]
        self.assertEqual(titles[:2], ["Judgement", "Chances and Money"])
        self.assertIn("The four questions · 64.0 · Go", titles)
        self.assertIn("Side by Side", titles)
        self.assertIn("Trend by Phase", titles)
        self.assertTrue(any(title.startswith("SCOTSMAN") for title in titles))

    def test_it_prints_for_the_seller_with_what_people_typed_as_text(self):
        self._rival(self.deal, "<script>Rival</script>").strengths = "<b>Cheap</b> 🚀 مرحبا " + "x" * 10_000
        judgement = self._judge(verdict="no_go", reason="<i>Enough</i>")
        judgement.action_done()
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.salesperson)
            ._render_qweb_html("kams_sales.report_qualification", judgement.ids)
        )
        for marked in (b"<script>Rival", b"<b>Cheap", b"<i>Enough"):
            self.assertNotIn(marked, html)
        self.assertIn(b"&lt;i&gt;Enough", html)

    def test_many_cost_as_many_statements_as_one(self):
        deals = self.env["crm.lead"].union(*(self._deal(name=f"Deal {n}") for n in range(5)))
        for deal in deals:
            self._rival(deal, f"Rival of {deal.name}")
            self._judge(deal).action_done()
        judgements = self.env["kams.qualification"].search([("lead_id", "in", deals.ids)])
        counts = []
        for some in (judgements[:1], judgements[:1], judgements):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._sections(some)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
