from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import KamsCase


class ScoringCase(KamsCase):
    """A government tender for goods with a table of criteria, in which we are B of C28."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.desk = new_test_user(cls.env, "scoring_desk", groups="base.group_user,kams_sales.group_bid_desk")
        cls.tender = cls._tender()

    @classmethod
    def _tender(cls, **vals):
        return cls.env["kams.tender"].create(
            {
                "lead_id": cls.deal.id,
                "name": "Boilers",
                "legal_regime": "gov_procurement",
                "mode": "tender_open",
                "category": "goods",
                "issued_at": "2026-03-02",
                "criterion_ids": [
                    Command.create({"group": "price", "name": "Price", "full_score": 30}),
                    Command.create({"group": "technical", "name": "Solution", "full_score": 50, "our_expected": 43}),
                    Command.create({"group": "business", "name": "References", "full_score": 20, "our_expected": 16}),
                ],
                "bidder_ids": [
                    Command.create({"name": "A", "price": 100, "technical": 38, "business": 14}),
                    Command.create({"name": "B", "price": 110, "is_us": True}),
                    Command.create({"name": "C", "price": 125, "technical": 46, "business": 18}),
                ],
                **vals,
            }
        )

    def _bidder(self, name, tender=None):
        return (tender or self.tender).bidder_ids.filtered(lambda one: one.name == name)

    def _table(self, name="total", tender=None):
        return {one.name: round(one[name], 2) for one in (tender or self.tender).bidder_ids}

    def assertSays(self, text, tender=None):
        self.assertIn(text, (tender or self.tender).scoring_page)

    def assertSaysNot(self, text, tender=None):
        self.assertNotIn(text, (tender or self.tender).scoring_page or "")


@tagged("post_install", "-at_install")
class TestTenderScoring(ScoringCase):
    """Points, places and the price to beat, on records."""

    def test_c27_and_c28_stand_in_the_list_of_bidders(self):
        self.assertEqual(self._table("price_score"), {"A": 30.0, "B": 27.27, "C": 24.0})
        self.assertEqual(self._table(), {"A": 82.0, "B": 86.27, "C": 88.0})
        self.assertEqual(self._table("rank"), {"A": 3, "B": 2, "C": 1})
        self.assertEqual(round(self.tender.price_to_beat, 3), 103.448)
        self.assertSays("103.44")

    def test_c27_a_small_firms_deduction_counts_for_scoring_only(self):
        self.tender.sme_deduction = 10
        ours = self._bidder("B")
        ours.sme = True
        self.assertEqual(self._table("price_score"), {"A": 29.7, "B": 30.0, "C": 23.76})
        self.assertEqual((ours.price, self.tender.bid_price, ours.evaluated_price), (110, 110, 99))
        tests = {test: limit for test, limit, _rate in self.tender._low_bid_tests(self.tender._field())}
        self.assertAlmostEqual(tests["mean"], (100 + 110 + 125) / 6, 6, "Raw prices.")

    def test_c29_both_methods_with_their_usual_terms(self):
        tender = self._tender(
            scoring_method="engineering_deviation",
            legal_regime="bidding_law",
            category="works",
            criterion_ids=[Command.create({"group": "price", "name": "Price", "full_score": 60})],
            bidder_ids=[
                Command.create({"name": str(price), "price": price}) for price in (980, 1000, 1020, 1050, 1100)
            ],
        )
        self.assertEqual(list(self._table("price_score", tender).values()), [59.58, 59.77, 59.97, 59.48, 58.50])
        self.assertEqual(list(self._table("rank", tender).values()), [3, 2, 1, 4, 5])
        variant = self._tender(
            scoring_method="trimmed_mean",
            legal_regime="bidding_law",
            category="works",
            criterion_ids=[],
            bidder_ids=[Command.create({"name": str(price), "price": price}) for price in (950, 1000, 1050)],
        )
        self.assertEqual(list(self._table("price_score", variant).values()), [100.00, 93.68, 87.37])

    def test_c30_names_the_tests_that_trigger_and_the_rule(self):
        tender = self._tender(
            ceiling_price=100,
            criterion_ids=[],
            bidder_ids=[Command.create({"name": f"Bid {price}", "price": price}) for price in (40, 90, 100)],
        )
        page = tender.scoring_page
        self.assertIn("Bid 40", page)
        self.assertIn("50 % of the second lowest bid", page)
        self.assertIn("45 % of the ceiling price", page)
        self.assertNotIn("mean of the compliant bids", page)
        self.assertIn("财库〔2026〕2号", page)
        self.assertNotIn("Bid 90", page)
        earlier = self._tender(
            issued_at="2026-01-31",
            ceiling_price=100,
            criterion_ids=[],
            bidder_ids=[Command.create({"name": f"Bid {price}", "price": price}) for price in (40, 90, 100)],
        )
        self.assertSaysNot("abnormally low", earlier)
        tender.legal_regime = "enterprise"
        self.assertSaysNot("abnormally low", tender)

    def test_c31_best_price_by_expected_profit(self):
        self.tender.our_cost = 80
        self.tender.option_ids = [
            Command.create({"price": price, "probability": chance})
            for price, chance in ((90, 70), (95, 55), (100, 35), (105, 20))
        ]
        options = self.tender.option_ids.sorted("price")
        self.assertEqual([round(one.expected_profit, 2) for one in options], [7.00, 8.25, 7.00, 5.00])
        self.assertEqual(options.filtered("is_best").price, 95)
        self.assertSays("8.25")
        self.tender.our_cost = 90
        self.assertEqual(options.mapped("cost"), [90] * 4)

    def test_our_price_is_the_tenders_from_both_ends(self):
        ours = self._bidder("B")
        self.assertEqual(self.tender.bid_price, 110)
        self.tender.bid_price = 103
        self.assertEqual((ours.price, ours.rank), (103, 1))
        ours.price = 104
        self.assertEqual(self.tender.bid_price, 104)

    def test_our_points_follow_the_criteria(self):
        ours = self._bidder("B")
        self.assertEqual((ours.technical, ours.business, self.tender.our_points), (43, 16, 59))
        self.tender.criterion_ids[1].our_expected = 45
        self.assertEqual(ours.technical, 45)
        self.assertEqual((self.tender.price_weight, self.tender.full_score), (30, 100))

    def test_a_first_place_that_no_price_wins_is_said(self):
        self.tender.criterion_ids[1].our_expected = 0
        self.tender.criterion_ids[2].our_expected = 0
        self.assertEqual(self.tender.price_to_beat, 0)
        self.assertSays("no price of ours gets there")

    def test_up_to_the_ceiling_if_all_else_is_better(self):
        self.tender.ceiling_price = 130
        self._bidder("C").technical = 5
        self._bidder("A").technical = 5
        self.assertSays("any price up to the ceiling")

    def test_the_field_without_us_or_alone_says_what_to_do(self):
        tender = self._tender(bidder_ids=[Command.create({"name": "A", "price": 100})])
        self.assertSays("Add Ourselves", tender)
        tender.action_add_ourselves()
        tender.action_add_ourselves()
        self.assertEqual(len(tender.bidder_ids), 2)
        self.assertEqual(tender.bidder_ids.filtered("is_us").partner_id, self.env.company.partner_id)
        self.assertSays("Paste Criteria", self._tender(bidder_ids=[], criterion_ids=[]))
        other = self._tender(bidder_ids=[Command.create({"partner_id": self.env.company.partner_id.id})])
        other.action_add_ourselves()
        self.assertEqual((len(other.bidder_ids), other.bidder_ids.is_us), (1, True))

    def test_a_price_of_nothing_is_no_benchmark_and_a_negative_one_is_refused(self):
        self.tender.bidder_ids = [Command.create({"name": "Zero", "price": 0, "technical": 50, "business": 20})]
        self.assertEqual(self._table("rank"), {"A": 3, "B": 2, "C": 1, "Zero": 0})
        self.assertSays("Zero: a price of nothing")
        with self.assertRaises(ValidationError):
            self._bidder("A").price = -1

    def test_equal_offers_share_a_place(self):
        twin = {"price": 125, "technical": 46, "business": 18}
        self.tender.bidder_ids = [Command.create({"name": "D", **twin})]
        self.assertEqual(self._table("rank"), {"A": 4, "B": 3, "C": 1, "D": 1})

    def test_order_87_of_equal_totals_the_lower_price_goes_first(self):
        """C at 125 has 88; 24 points for the price. D at 150 gets 20, and makes up for it."""
        self.assertEqual(self.tender.tie_break, "lower_price")
        self.tender.bidder_ids = [Command.create({"name": "D", "price": 150, "technical": 48, "business": 20})]
        self.assertEqual(self._table(), {"A": 82.0, "B": 86.27, "C": 88.0, "D": 88.0})
        self.assertEqual(self._table("rank"), {"A": 4, "B": 3, "C": 1, "D": 2})
        self.tender.tie_break = "shared"
        self.assertEqual(self._table("rank"), {"A": 4, "B": 3, "C": 1, "D": 1})
        self.tender.scoring_method = "trimmed_mean"
        self.assertEqual(self.tender.tie_break, "shared")

    def test_others_above_the_ceiling_are_pointed_out(self):
        self.tender.ceiling_price = 120
        self.assertSays("C is above the ceiling")
        self._bidder("C").is_compliant = False
        self.assertSaysNot("is above the ceiling")

    def test_whose_points_are_unknown_takes_no_place_but_a_price_counts(self):
        self._bidder("C").technical = False
        self.assertEqual(self._table("rank"), {"A": 2, "B": 1, "C": 0})
        self._bidder("A").is_compliant = False
        self.assertEqual(self._bidder("B").price_score, 30, "The lowest of those that are left.")

    def test_the_lowest_bid_wins_where_nothing_is_scored(self):
        self.tender.evaluation_method = "lowest_evaluated"
        self.assertEqual(self._table("rank"), {"A": 1, "B": 2, "C": 3})
        self.assertEqual(round(self.tender.price_to_beat, 2), 100)
        self.assertFalse(self._bidder("A").total)

    def test_another_currency_than_the_companys(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        tender = self._tender(currency_id=euro.id)
        self.assertSays("€", tender)
        self.assertEqual(self._table("rank", tender), {"A": 3, "B": 2, "C": 1})

    def test_without_estimate_and_ceiling_two_tests_are_left(self):
        self.assertEqual([test[0] for test in self.tender._low_bid_tests(self.tender._field())], ["mean", "second"])
        self.tender.estimate = 200
        self.assertIn("ceiling", [test[0] for test in self.tender._low_bid_tests(self.tender._field())])

    # LAW
    def test_order_87_is_not_for_construction(self):
        tender = self._tender(legal_regime="bidding_law", category="works")
        self.assertSays("Order 87", tender)
        tender.scoring_method = "engineering_deviation"
        self.assertSaysNot("Order 87", tender)
        self.tender.scoring_method = "trimmed_mean"
        self.assertSays("Order 87, Art. 55")

    def test_the_weight_of_the_price_has_a_floor_by_category_and_mode(self):
        self.assertSaysNot("The price weighs")
        self.tender.price_weight = 20
        self.assertSays("The price weighs 22.22 % of the points; it must be 30 % at least")
        self.assertSays("90 points in all")
        self.tender.category = "services"
        self.assertSaysNot("The price weighs")
        self.tender.write({"mode": "competitive_consultation", "category": "services"})
        self.tender.price_weight = 70
        self.assertSays("it may be 30 % at most")

    def test_deductions_are_those_of_their_day(self):
        self.tender.sme_deduction = 8
        self.assertSays("it must be 10 % at least")
        self.tender.issued_at = "2022-03-01"
        self.assertSaysNot("deduction for small firms is")
        self.tender.sme_deduction = 12
        self.assertSays("it may be 10 % at most")
        self.tender.sme_deduction = False
        self._bidder("A").sme = True
        self.assertSays("no deduction is set")

    def test_a_price_to_beat_that_is_abnormally_low_is_said_to_be(self):
        self.assertSaysNot("At that price")
        tender = self._tender(
            bidder_ids=[
                Command.create({"name": "A", "price": 100, "technical": 50, "business": 14}),
                Command.create({"name": "B", "price": 110, "is_us": True}),
            ]
        )
        tender.criterion_ids[1].our_expected = 23
        self.assertAlmostEqual(tender.price_to_beat, 100 * 5 / 30, 6, "30 + 39 against 64 + 0.3 a unit of price.")
        self.assertSays("At that price our bid would be reviewed as abnormally low", tender)

    def test_rates_for_low_bids_may_be_raised_to_a_limit(self):
        self.tender.abnormal_mean = 65
        self.assertSaysNot("a tender may set")
        self.assertEqual(self.tender._low_bid_tests(self.tender._field())[0][2], 65)
        self.tender.abnormal_mean = 66
        self.assertSays("a tender may set 50 to 65 %")

    # HANDLING
    def test_take_competitors_brings_those_of_the_deal_with_their_price(self):
        rival = self._company("Datang Boilers")
        self.env["kams.competitor"].create({"lead_id": self.deal.id, "partner_id": rival.id, "price_estimate": 120})
        self.tender.with_user(self.desk).action_take_competitors()
        self.tender.action_take_competitors()
        self.assertEqual(self._bidder("Datang Boilers").mapped("price"), [120])

    def test_a_pasted_table_becomes_criteria(self):
        text = "评分项\t满分\n价格\t报价\t30\n技术\t总体方案\t40分\t优40 良30\t35\n\t实施计划\t10\n商务部分\n业绩\t20\n"
        wizard = self.env["kams.criterion.paste"].with_user(self.desk).create({"tender_id": self.tender.id})
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.write({"text": text, "replace": True})
        self.assertIn("4 criteria, 100 points", wizard.found)
        wizard.action_confirm()
        self.assertEqual(
            [(one.group, one.name, one.full_score, one.our_expected) for one in self.tender.criterion_ids],
            [
                ("price", "报价", 30, False),
                ("technical", "总体方案", 40, 35),
                ("technical", "实施计划", 10, False),
                ("business", "业绩", 20, False),
            ],
        )
        self.assertSays("2 criteria without points that we expect")

    def test_criteria_keep_points_within_full_marks(self):
        for vals in ({"our_expected": 51}, {"our_expected": -1}, {"full_score": -1, "our_expected": False}):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                self.tender.criterion_ids[1].write(vals)

    def test_criteria_are_imported(self):
        names = ["tender_id", "group", "name", "full_score", "our_expected"]
        rows = [["Boilers", "Technical", "Plan", "10", ""], ["Boilers", "Nonsense", "Team", "5", "4"]]
        result = self.env["kams.tender.criterion"].load(names, rows)
        self.assertIn("Nonsense", str(result["messages"]))
        self.assertFalse(result["ids"])

    def test_the_price_moves_in_the_dialog_at_once(self):
        wizard = self.tender.with_user(self.desk).action_what_if()
        with Form(self.env["kams.tender.what.if"].with_user(self.desk).with_context(**wizard["context"])) as form:
            self.assertEqual((form.price, form.step), (110, 1))
            self.assertIn("1.73 behind C", form.page)
            form.move = "-5"
            self.assertEqual((form.price, form.move), (105, False))
            form.move = "-1"
            form.move = "-1"
            self.assertEqual(form.price, 103)
            self.assertIn("ahead of C", form.page)
            self.assertEqual(self.tender.bid_price, 110, "Only tried.")
        form.record.action_apply()
        self.assertEqual(self.tender.bid_price, 103)

    def test_the_dialog_tells_margin_and_expected_profit(self):
        self.tender.our_cost = 80
        self.tender.option_ids = [
            Command.create({"price": 100, "probability": 60}),
            Command.create({"price": 120, "probability": 20}),
        ]
        wizard = self.env["kams.tender.what.if"].create({"tender_id": self.tender.id})
        rows = {row["price"]: row for row in wizard._rows(self.tender._field(110.0), 110.0)}
        ours = next(row for row in rows.values() if row["ours"])
        self.assertEqual((ours["chance"], ours["margin"]), ("40 %", "27.27 %"))
        self.assertIn("12.00", ours["expected"])
        self.assertEqual(len(rows), 9)

    def test_the_page_costs_the_same_for_any_number_of_bidders(self):
        def cost(tender):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(tender.scoring_page)
            return self.cr.sql_log_count - before

        many = self._tender(
            bidder_ids=[
                Command.create({"name": f"N{n}", "price": 100 + n, "technical": 40, "business": 10, "is_us": not n})
                for n in range(50)
            ]
        )
        cost(self.tender)
        self.assertEqual(cost(self.tender), cost(many))

    def test_text_of_any_kind_is_escaped(self):
        self._bidder("A").write({"name": "<script>alert(1)</script> 🔥 مرحبا", "price": 0})
        self.assertSays("&lt;script&gt;")
        self.assertSaysNot("<script>")
