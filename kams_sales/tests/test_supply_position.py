from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestSupplyPosition(KamsCase):
    """Section 2.2: how the customer buys a category, what it is to them, what they are to us."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.account = cls._account()
        cls.category = cls.env["product.category"].create({"name": "Turbines"})
        cls.gas = cls.env["product.category"].create({"name": "Gas turbines", "parent_id": cls.category.id})
        cls.turbine, cls.gas_turbine = cls.env["product.product"].create(
            [{"name": "Turbine", "categ_id": cls.category.id}, {"name": "Gas turbine", "categ_id": cls.gas.id}]
        )
        cls.position = cls._position()

    @classmethod
    def _position(cls, **vals):
        return cls.env["kams.supply.position"].create(
            {"account_id": cls.account.id, "category_id": cls.category.id, "as_of": cls.today, **vals}
        )

    def _judge(self, which, answers, best=None, done=True):
        action = getattr(self.position, f"action_judge_{which}")()
        card = self.env["kams.scorecard"].browse(action["res_id"])
        card._answer(answers)
        for line in card.line_ids.filtered(lambda line: line.code in (best or {})):
            line.best_competitor = best[line.code]
        if done:
            card.action_done()
        return card

    # SALES
    def test_nobody_types_what_the_books_say(self):
        position = self.position.with_user(self.manager)
        for name in ("our_sales", "account_sales", "company_sales", "figures_on"):
            with self.subTest(field=name), self.assertRaisesRegex(AccessError, "books"):
                position.write({name: False})
        with self.assertRaisesRegex(AccessError, "books"):
            position.create({"account_id": self.account.id, "category_id": self.gas.id, "our_sales": 5})
        self._invoice(500, self.turbine)
        position.action_take_sales()
        self.assertEqual(position.our_sales, 500)

    def test_c16_wallet_share_and_gap(self):
        self._invoice(2_000_000, self.turbine)
        self._invoice(1_000_000, self.gas_turbine)
        self._invoice(9_000_000, self.product)
        self.position.write({"annual_spend": 12_000_000, "target_share": 40})
        self.position.action_take_sales()
        self.assertEqual(self.position.our_sales, 3_000_000)
        self.assertEqual(self.position.our_share, 25)
        self.assertEqual(self.position.share_gap, 1_800_000)

    def test_sales_are_net_posted_and_of_the_twelve_months_before(self):
        self._invoice(500, self.turbine)
        self._invoice(200, self.turbine, refund=True)
        self._invoice(7000, self.turbine, day=self.today - timedelta(days=400))
        self._invoice(9000, self.turbine).button_draft()
        self._invoice(50, self.turbine, partner=self._company("Datang"))
        self.position.action_take_sales()
        self.assertEqual((self.position.our_sales, self.position.account_sales), (300, 300))
        self.assertTrue(self.position.figures_on)
        self.position.as_of = self.today - timedelta(days=380)
        self.assertEqual(self.position.our_sales, 7000)

    def test_without_spend_or_sales_nothing_is_divided(self):
        self.position.as_of = "2001-01-01"
        self.assertEqual(self.position.company_sales, 0)
        for name in ("our_share", "share_gap", "relative_value", "value_level", "preferencing", "kraljic", "advice"):
            with self.subTest(field=name):
                self.assertIs(self.position[name], False)

    # QUADRANTS
    def test_c23_kraljic_leverage(self):
        self._judge("impact", {"cost": 4, "quality": 5, "result": 3})
        self._judge("risk", {"suppliers": 2, "competition": 4, "substitution": 2, "logistics": 3})
        self.assertAlmostEqual(self.position.profit_impact, 4.0)
        self.assertAlmostEqual(self.position.supply_risk, 2.8)
        self.assertEqual(self.position.kraljic, "leverage")

    def test_c23_preferencing_core(self):
        """4.5 of our 60 million are 7.5 %: of value; attractiveness 3.6: core."""
        day = fields.Date.to_date("2001-06-30")
        self._invoice(4_500_000, self.turbine, day=day)
        self._invoice(55_500_000, self.turbine, day=day, partner=self._company("The rest"))
        self.position.write({"as_of": day, "attractiveness": 3.6})
        self.assertAlmostEqual(self.position.relative_value, 7.5)
        self.assertEqual((self.position.value_level, self.position.preferencing), ("moderate", "core"))

    def test_the_cuts_are_dated_configuration(self):
        self._judge("impact", {"cost": 3, "quality": 3, "result": 3})
        self._judge("risk", {"suppliers": 3, "competition": 3, "substitution": 3, "logistics": 3})
        self.assertEqual(self.position.kraljic, "strategic", "The cut itself counts as high.")
        cut = self.env.ref("kams_sales.rule_kraljic_cut")
        cut.valid_to = self.today
        cut.copy({"valid_from": self.today + timedelta(days=1), "valid_to": False, "value": 4})
        self.position.as_of = self.today + timedelta(days=1)
        self.assertEqual(self.position.kraljic, "noncritical")
        self._invoice(100, self.turbine)
        self.position.attractiveness = 4
        self.assertTrue(self.position.preferencing)
        self.env["kams.legal.rule"].search([("key", "=like", "%cut")]).unlink()
        self.env.invalidate_all()
        self.position.as_of = self.today + timedelta(days=2)
        self.assertEqual((self.position.kraljic, self.position.preferencing), (False, False), "No cut, no telling.")

    def test_only_cards_that_are_done_count_and_the_latest_wins(self):
        first = self._judge("impact", {"cost": 4, "quality": 4, "result": 4})
        draft = self._judge("impact", {"cost": 1, "quality": 1, "result": 1}, done=False)
        self.assertNotEqual(first, draft)
        self.assertEqual(self.position.profit_impact, 4)
        self.assertEqual(self.position.action_judge_impact()["res_id"], draft.id, "The draft is opened again.")
        draft.action_done()
        self.assertEqual(self.position.profit_impact, 1)

    # THE CUSTOMER'S SCORECARD
    def test_c16_supplier_scorecard_with_us_against_the_best_competitor(self):
        self._judge(
            "supplier",
            {"quality": 90, "delivery": 85, "price": 70, "service": 80},
            best={"quality": 80, "delivery": 80, "price": 90, "service": 80},
        )
        self.assertAlmostEqual(self.position.supplier_score, 83.25)
        self.assertAlmostEqual(self.position.competitor_score, 82)

    def test_without_a_rivals_answer_the_rival_is_unknown_not_0(self):
        self._judge("supplier", {"quality": 90})
        self.assertIs(self.position.competitor_score, False)

    # ADVICE
    def test_the_joint_reading_is_told_in_words(self):
        expected = {
            ("strategic", "core"): "partnership plan",
            ("leverage", "core"): "switching costs",
            ("bottleneck", "nuisance"): "assurance of supply",
            ("noncritical", "core"): "Simplify",
            ("leverage", "nuisance"): "Bid selectively",
            ("strategic", "nuisance"): "Invest or exit; never drift",
        }
        advice = self.env["kams.supply.advice"]._by_place()
        for (kraljic, preferencing), words in expected.items():
            with self.subTest(kraljic=kraljic, preferencing=preferencing):
                self.assertIn(words, advice.get((kraljic, preferencing)) or advice[kraljic, False])
        self.test_c23_kraljic_leverage()
        self.assertIs(self.position.advice, False, "Half of the reading is no reading.")
        self.test_c23_preferencing_core()
        self.assertIn("raise what switching costs them", self.position.advice)

    # REFUSED
    def test_what_is_off_its_scale_is_refused_by_name(self):
        for vals in ({"attractiveness": 6}, {"attractiveness": 0}, {"target_share": 101}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, "Turbines – Huaneng Power: "):
                self.position.write(vals)

    @mute_logger("odoo.sql_db")
    def test_one_position_per_category_and_no_negative_spend(self):
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self._position()
        with self.assertRaises(CheckViolation), self.cr.savepoint():
            self.position.annual_spend = -1
            self.env.flush_all()

    def test_a_card_is_about_a_position_of_its_own_account(self):
        other = self._account(self._company("Datang"))
        card = self._judge("impact", {"cost": 4}, done=False)
        with self.assertRaisesRegex(ValidationError, "belongs to another account"):
            card.account_id = other

    def test_readers_judge_nothing(self):
        for action in ("action_judge_impact", "action_take_sales"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(self.position.with_user(self.auditor), action)()

    # COST
    def test_taking_sales_is_two_statements_for_any_number(self):
        categories = self.env["product.category"].create([{"name": f"C{n}"} for n in range(30)])
        many = self.env["kams.supply.position"].create(
            [{"account_id": self.account.id, "category_id": category.id} for category in categories]
        )
        counts = []
        for positions in (many[:1], many):
            self.env.flush_all()
            before = self.cr.sql_log_count
            positions._take_sales()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts, [2, 2])
