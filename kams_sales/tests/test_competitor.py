from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_qualification import C25, QualificationCase

NASTY = "<script>alert(1)</script> \u202bمرحبا\u202c 🚀 " + "x" * 10_000


class CompetitorCase(QualificationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.siemens, cls.abb = cls.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("Siemens", "ABB")]
        )

    @classmethod
    def _rival(cls, partner=None, deal=None, **vals):
        return cls.env["kams.competitor"].create(
            {"lead_id": (deal or cls.deal).id, "partner_id": (partner or cls.siemens).id, **vals}
        )


@tagged("post_install", "-at_install")
class TestCompetitor(CompetitorCase):
    """Sheets of competitors: on a deal, beside ours, and across deals."""

    def test_no_competitor_and_a_listed_one_exclude_each_other(self):
        self.deal.kams_no_competitor = True
        with self.assertRaisesRegex(ValidationError, "Siemens"), self.cr.savepoint():
            self._rival()
        self.deal.kams_no_competitor = False
        rival = self._rival()
        with self.assertRaisesRegex(ValidationError, "Siemens"), self.cr.savepoint():
            self.deal.kams_no_competitor = True
        rival.unlink()
        self.deal.kams_no_competitor = True

    def test_a_competitor_is_listed_once_on_a_deal(self):
        self._rival()
        with self.assertRaises(Exception), self.cr.savepoint():  # noqa: B017
            self._rival()

    def test_a_price_is_not_negative(self):
        with self.assertRaisesRegex(ValidationError, "Their Likely Price"):
            self._rival(price_estimate=-5)

    def test_an_empty_list_says_what_belongs_there(self):
        for name in ("competitors", "decision_steps", "surveys", "requirements", "conflict_checks", "marketing_plans"):
            action = getattr(self.deal.with_user(self.salesperson), f"action_kams_{name}")()
            with self.subTest(action=name):
                self.assertIn("o_view_nocontent", action["help"])

    def test_a_plain_deal_has_no_sheets(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity"})
        plain.kams_process_id = False
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._rival(deal=plain)

    def test_score_opens_the_same_card_for_the_competitor(self):
        rival = self._rival().with_user(self.salesperson)
        action = rival.action_score()
        card = self.env["kams.scorecard"].browse(action["res_id"])
        self.assertEqual((card.template_id.code, card.competitor_id), ("four_questions", self.siemens))
        self.assertEqual(rival.action_score()["res_id"], card.id)
        self.assertIs(rival.score, False)
        card._answer({line.code: 3 for line in card.line_ids})
        rival.invalidate_recordset()
        self.assertAlmostEqual(rival.score, 75.0, 6)
        card.action_done()
        again = self.env["kams.scorecard"].browse(rival.action_score()["res_id"])
        self.assertNotEqual(again, card)
        self.assertEqual(set(again.line_ids.mapped("answer")), {"3"})

    def test_side_by_side_marks_the_best_of_each_row(self):
        judgement = self._judge()
        self._rival(likely_strategy="flanking", our_counter="Show the reference")
        self._rival(self.abb)
        self._card("four_questions", [2] * 20, competitor_id=self.siemens.id)
        table = self.deal._kams_side_by_side(judgement.scorecard_id)
        self.assertEqual([column["name"] for column in table["columns"]][:1], ["We"])
        self.assertEqual({column["name"] for column in table["columns"][1:]}, {"Siemens", "ABB"})
        by_name = {column["name"]: column for column in table["columns"]}
        self.assertEqual((round(by_name["We"]["score"], 6), by_name["Siemens"]["score"]), (64.0, 50.0))
        self.assertEqual(
            (by_name["We"]["best"], by_name["Siemens"]["best"], by_name["ABB"]["score"]), (True, False, None)
        )
        self.assertEqual(len(table["rows"]), 24)
        blocks = [row for row in table["rows"] if row["block"]]
        place = [column["name"] for column in table["columns"]].index("Siemens")
        self.assertEqual([row["cells"][0]["text"] for row in blocks], ["80 %", "60 %", "50 %", "70 %"])
        self.assertEqual([row["cells"][place]["best"] for row in blocks], [False] * 4)
        self.assertEqual([row["cells"][0]["best"] for row in blocks], [True, True, False, True], "a draw has no best")
        moves = {row["name"]: row["texts"] for row in table["moves"]}
        self.assertIn("Show the reference", moves["Our Counter"])

    def test_side_by_side_escapes_what_people_typed(self):
        self.siemens.name = "<b>Siemens</b>"
        rival = self._rival(strengths=NASTY, our_counter=NASTY)
        judgement = self._judge()
        for html in (judgement.side_by_side, rival.side_by_side, self.siemens.kams_competitor_sheet):
            self.assertNotIn("<script>", html)
            self.assertNotIn("<b>Siemens", html)
            self.assertIn("&lt;script&gt;", html)

    def test_side_by_side_costs_the_same_for_many_competitors(self):
        judgement = self._judge()
        partners = self.env["res.partner"].create([{"name": f"Rival {n}", "is_company": True} for n in range(6)])
        counts = []
        for some in (partners[:1], partners[1:]):
            for partner in some:
                self._rival(partner)
                self._card("four_questions", [2] * 20, competitor_id=partner.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.deal._kams_side_by_side(judgement.scorecard_id)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_what_we_know_of_a_competitor_across_deals(self):
        deals = self.env["crm.lead"].union(*(self._deal(name=f"Deal {n}") for n in range(3)))
        for deal, result, threat in zip(deals, ("won", "lost", "withdrew"), ("5", "3", False), strict=True):
            self._rival(deal=deal, result=result, threat=threat, price_level="lower", strengths=f"Cheap on {deal.name}")
        figures = dict(
            self.siemens._fields
            and self.env["kams.competitor"].search([("partner_id", "=", self.siemens.id)])._summary()["figures"]
        )
        self.assertEqual(list(figures.values()), ["3", "2", "1", "0", "4.0"])
        self.assertTrue(self.siemens.kams_is_competitor)
        self.assertIn("Cheap on Deal 1", self.siemens.kams_competitor_sheet)
        self.assertIn("Lower Than Ours 3", self.siemens.kams_competitor_sheet)

    def test_a_seller_reads_of_a_competitor_what_their_deals_say(self):
        self._rival(strengths="Seen by the owner only")
        self.assertIn("Seen by the owner only", self.siemens.with_user(self.salesperson).kams_competitor_sheet)
        self.env.invalidate_all()
        self.assertFalse(self.siemens.with_user(self.colleague).kams_competitor_sheet)

    def test_other_contacts_ask_nothing(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.customer.read(["name", "kams_is_competitor"])
        with self.assertQueryCount(0):
            self.assertFalse(self.customer.kams_competitor_sheet)

    def test_the_mark_goes_with_the_last_sheet(self):
        rivals = self._rival() | self._rival(deal=self._deal(name="Another"))
        rivals[0].unlink()
        self.assertTrue(self.siemens.kams_is_competitor)
        rivals[1].partner_id = self.abb
        self.assertEqual((self.siemens.kams_is_competitor, self.abb.kams_is_competitor), (False, True))

    def test_a_closed_deal_asks_how_it_ended(self):
        rival = self._rival()
        self.assertFalse(rival.outcome_due)
        self.deal.action_set_lost()
        self.assertTrue(rival.outcome_due)
        rival.with_user(self.salesperson).action_they_won()
        self.assertEqual((rival.result, rival.outcome_due), ("won", False))

    def test_merged_competitors_keep_one_sheet_on_each_deal(self):
        twin = self.env["res.partner"].create({"name": "Siemens AG", "is_company": True})
        elsewhere = self._rival(twin, self._deal(name="Elsewhere"))
        kept = self._rival(threat="2", strengths="Brand")
        self._rival(twin, threat="4", strengths="Service", price_level="higher", result="withdrew")
        card = self._card("four_questions", [2] * 20, competitor_id=twin.id)
        card.action_done()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.siemens | twin).ids, self.siemens)
        self.env.invalidate_all()
        self.assertEqual(self.deal.kams_competitor_ids, kept)
        self.assertEqual(kept.strengths, "Brand\nService")
        self.assertEqual((kept.threat, kept.price_level, kept.result), ("4", "higher", "withdrew"))
        self.assertEqual(elsewhere.partner_id, self.siemens)
        self.assertEqual(card.competitor_id, self.siemens)
        self.assertTrue(self.siemens.kams_is_competitor)

    def test_merged_deals_keep_one_sheet_of_a_competitor(self):
        other = self._deal(name="Twin", partner_id=self.customer.id)
        self._rival(strengths="Brand")
        self._rival(deal=other, strengths="Service")
        self._rival(self.abb, other)
        kept = (self.deal | other).merge_opportunity(auto_unlink=True)
        self._settle()
        self.assertEqual(kept.kams_competitor_ids.partner_id, self.siemens | self.abb)
        self.assertEqual(len(kept.kams_competitor_ids), 2)
        self.assertEqual(
            set(kept.kams_competitor_ids.filtered(lambda one: one.partner_id == self.siemens).strengths.split("\n")),
            {"Brand", "Service"},
        )

    def test_a_deal_without_competitors_that_takes_over_one_has_one(self):
        other = self._deal(name="Twin", partner_id=self.customer.id)
        (self.deal | other).kams_no_competitor = True
        other.kams_no_competitor = False
        self._rival(deal=other)
        kept = (self.deal | other).merge_opportunity(auto_unlink=True)
        self._settle()
        self.assertEqual((len(kept.kams_competitor_ids), kept.kams_no_competitor), (1, False))

    def test_answers_of_c25_beside_a_vetoed_rival(self):
        self._judge()
        self._rival()
        low = [p for block in {**C25, "win": (1, 1, 1, 1, 1)}.values() for p in block]
        self._card("four_questions", low, competitor_id=self.siemens.id)
        columns = self.deal._kams_side_by_side()["columns"]
        self.assertEqual([column["vetoed"] for column in columns], [False, True])
