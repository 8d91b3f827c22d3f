from datetime import date

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase


class ValueCase(KamsCase):
    """A company with books, a customer with a key account, and short words for invoices and payments."""

    PERIOD = {"date_from": "2025-01-01", "date_to": "2025-12-31"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.write({"standard_price": 650.0, "taxes_id": [Command.clear()]})
        cls.account = cls._account(cls.customer)

    @classmethod
    def _account(cls, partner=None, **vals):
        partner = partner or cls.env["res.partner"].create({"name": "Another customer", "is_company": True})
        return cls.env["kams.account"].create({"partner_id": partner.id, "manager_id": cls.manager.id, **vals})

    @classmethod
    def _invoice(cls, partner=None, amount=1000.0, day="2025-06-15", kind="out_invoice", **vals):
        """A posted invoice of one line; line values by ``line_…``."""
        line = {
            "product_id": cls.product.id,
            "quantity": 1.0,
            "price_unit": amount,
            "tax_ids": [Command.clear()],
            **{name.removeprefix("line_"): vals.pop(name) for name in list(vals) if name.startswith("line_")},
        }
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": (partner or cls.customer).id,
                "invoice_date": day,
                "date": day,
                "invoice_date_due": day,
                "invoice_line_ids": [Command.create(line)],
                **vals,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _pay(cls, move, day, **vals):
        wizard = cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        return wizard.create({"payment_date": day, **vals})._create_payments()

    @classmethod
    def _analysis(cls, account=None, **vals):
        return cls.env["kams.account.value"].create({"account_id": (account or cls.account).id, **cls.PERIOD, **vals})

    def _type(self, analysis, why="Told by the customer", **figures):
        for line in analysis.figure_ids:
            if line.key in figures:
                line.write({"typed_value": figures[line.key], "why": why})

    def _totals(self, account=None, date_from="2025-01-01", date_to="2025-12-31", **options):
        account = account or self.account
        period = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        return account._totals(*period, **options)[account.id]


@tagged("post_install", "-at_install")
class TestValueByTheBook(ValueCase):
    """The worked examples of method.md."""

    def _c14(self):
        """C14 as it would lie in the books: sales 10 M, discounts 8 %, goods at 65 %, 2.5 M owed all year."""
        self._invoice(amount=2_500_000.0, day="2024-12-31", line_discount=0.0)
        move = self._invoice(amount=1000.0, line_quantity=10_000, line_discount=8.0, day="2025-06-01")
        self._pay(move, "2025-06-01")
        for activity, amount in (("visits", 300e3), ("presales", 200e3), ("service", 250e3), ("complaints", 350e3)):
            self.env["kams.account.cost"].create(
                {"account_id": self.account.id, "activity": activity, "amount": amount, "date": "2025-03-01"}
            )

    def test_C14_profitability_from_the_books(self):
        self._c14()
        analysis = self._analysis()
        self.assertEqual(analysis.net_sales, 9_200_000)
        self.assertEqual(analysis.gross_margin, 2_700_000)
        self.assertAlmostEqual(analysis.gross_margin_pct, 29.35)
        self.assertEqual(analysis.cost_to_serve, 1_250_000)
        self.assertEqual(analysis.contribution, 1_450_000)
        self.assertAlmostEqual(analysis.contribution_pct, 15.76)
        self.assertAlmostEqual(analysis.price_realisation, 92.0)
        self.assertAlmostEqual(analysis.cts_ratio, 13.59)
        analysis.sudo().basis = {**analysis.basis, "median_price": 90.0, "median_cts": 12.0}
        self.assertEqual(analysis.shapiro, "carriage")

    def test_C15_lifetime_value_under_each_convention(self):
        self._invoice(amount=1_000_000.0, line_product_id=False)
        self._pay(self.env["account.move"].search([("partner_id", "=", self.customer.id)]), "2025-06-15")
        analysis = self._analysis(retention_rate=80.0, discount_rate=10.0, clv_convention="year_end")
        self.assertEqual(analysis.contribution, 1_000_000)
        self.assertAlmostEqual(analysis.clv, 2_666_666.67)
        analysis.clv_convention = "year_start"
        self.assertAlmostEqual(analysis.clv, 3_666_666.67)
        analysis.write({"clv_convention": "horizon", "horizon_years": 3})
        self.assertAlmostEqual(analysis.clv, 1_640_871.53)
        analysis.write({"clv_convention": "year_end", "acquisition_cost": 200_000})
        self.assertAlmostEqual(analysis.clv, 2_466_666.67)
        analysis.write({"retention_rate": 100.0, "discount_rate": 0.0})
        self.assertIs(analysis.clv, False)

    def test_C16_wallet_share_and_gap(self):
        self._invoice(amount=3_000_000.0)
        analysis = self._analysis(target_share=40.0)
        self.assertIs(analysis.wallet_share, False)
        self.assertIs(analysis.potential_gap, False)
        self._type(analysis, category_spend=12_000_000)
        self.assertEqual(analysis.wallet_share, 25.0)
        self.assertEqual(analysis.potential_gap, 1_800_000)

    def test_C19_value_score_and_grade(self):
        scores = {"current": 70, "potential": 90, "strategic": 80, "risk": 60}
        ranges = {"net_sales_12m": [0, 100], "contribution_12m": [0, 100], "potential_gap_12m": [0, 100]}
        ranges |= {"cts_ratio_12m": [0, 100], "dso_12m": [0, 100]}
        basis = self.env["kams.account"]._value_basis(self.env.company)[self.env.company.id] | {"ranges": ranges}
        found = self.env["kams.account"]._sub_scores(
            basis,
            net_sales=70,
            contribution=70,
            potential_gap=90,
            strategic=80,
            cts_ratio=40,
            dso=40,
            late=40,
        )
        self.assertEqual(found, scores)
        analysis = self._analysis()
        analysis.sudo().basis = basis
        self._type(analysis, strategic=80)
        self.assertEqual(analysis.score_strategic, 80)
        self.assertEqual(analysis.basis["weights"], [30, 30, 25, 15])

    def test_C22_fiocca_positions(self):
        analysis = self._analysis()
        self.assertFalse(analysis.fiocca)
        self._type(analysis, importance=7.5, difficulty=6.5)
        self.assertEqual(analysis.fiocca, "key_difficult")
        self.assertFalse(analysis.fiocca_cell)
        self._type(analysis, attractiveness=7.4, relationship=7.3)
        self.assertEqual(analysis.fiocca_cell, "hh")
        self._type(analysis, importance=5.0)
        self.assertEqual(analysis.fiocca, "nonkey_difficult")
        self.assertFalse(analysis.fiocca_cell, "the nine cells are for key accounts only")


@tagged("post_install", "-at_install")
class TestValueFigures(ValueCase):
    """From Odoo or typed, and who typed."""

    def test_a_typed_figure_says_so_by_whom_and_needs_a_source(self):
        self._invoice(amount=1000.0)
        analysis = self._analysis().with_user(self.manager)
        line = analysis.figure_ids.filtered(lambda figure: figure.key == "cogs")
        self.assertEqual((line.odoo_value, line.value, line.is_typed), (650, 650, False))
        with self.assertRaisesRegex(ValidationError, "say where it comes from"):
            line.typed_value = 500
        line.invalidate_recordset()
        line.write({"typed_value": 500, "why": "Purchase contract 7"})
        self.assertEqual((line.value, line.is_typed, line.typed_by_id), (500, True, self.manager))
        self.assertTrue(line.typed_on)
        self.assertEqual((analysis.gross_margin, analysis.typed_count), (500, 1))
        line.action_use_odoo()
        self.assertEqual((line.value, line.is_typed, line.why), (650, False, False))
        self.assertFalse(line.typed_by_id)
        self.assertEqual(analysis.gross_margin, 350)

    def test_scorecards_place_the_account_and_people_may_see_it_otherwise(self):
        """C22: importance and difficulty by their scorecards."""
        for code, answers in (("fiocca_importance", (8, 7, 9, 6)), ("fiocca_difficulty", (6, 8, 5))):
            template = self.env["kams.scorecard.template"].search([("code", "=", code)])
            card = self.env["kams.scorecard"].create({"template_id": template.id, "account_id": self.account.id})
            card._answer(dict(zip(template.criterion_ids.mapped("code"), answers, strict=True)))
            card.action_done()
        analysis = self._analysis()
        figures = analysis._figures()
        self.assertEqual((figures["importance"], figures["difficulty"]), (7.5, 6.5))
        self.assertEqual(analysis.fiocca, "key_difficult")
        self._type(analysis, difficulty=3)
        self.assertEqual(analysis.fiocca, "key_easy")

    def test_naught_typed_is_a_figure_and_not_nothing(self):
        analysis = self._analysis()
        line = analysis.figure_ids.filtered(lambda figure: figure.key == "category_spend")
        self.assertIs(line.value, False)
        line.write({"typed_value": 0.0, "why": "It buys nothing of the kind"})
        self.assertTrue(line.is_typed)
        self.assertEqual(line.value, 0.0)
        self.assertIs(analysis.wallet_share, False)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(line.is_typed)
        self.assertIs(analysis.wallet_share, False)

    def test_nobody_writes_what_odoo_says(self):
        analysis = self._analysis().with_user(self.director)
        with self.assertRaises(AccessError):
            analysis.figure_ids[0].odoo_value = 5
        with self.assertRaises(UserError):
            analysis.net_sales = 5
        with self.assertRaises(AccessError):
            self.account.with_user(self.director).net_sales_12m = 5
        with self.assertRaises(AccessError):
            self._account(self.env["res.partner"].create({"name": "X", "is_company": True})).with_user(
                self.director
            ).create({"partner_id": self.customer.id, "value_grade": "a"})

    def test_a_done_analysis_keeps_its_figures(self):
        self._invoice(amount=1000.0)
        analysis = self._analysis().with_user(self.manager)
        analysis.action_done()
        self._invoice(amount=500.0)
        for attempt in (
            analysis.action_refresh,
            analysis.unlink,
            lambda: analysis.write({"capital_rate": 1}),
            lambda: analysis.figure_ids[0].write({"typed_value": 1, "why": "x"}),
            lambda: analysis.write({"state": "draft"}),
        ):
            with self.assertRaises(UserError):
                attempt()
            self.env.invalidate_all()
        self.assertEqual((analysis.net_sales, analysis.done_by_id), (1000, self.manager))
        policy = self.env.ref("kams_sales.value_policy_default")
        policy.write({"weight_current": 40, "weight_risk": 5})
        self.assertEqual(analysis.basis["weights"], [30, 30, 25, 15])

    def test_read_again_takes_new_invoices_and_leaves_typed_figures(self):
        analysis = self._analysis()
        self._type(analysis, cogs=5.0)
        self._invoice(amount=1000.0)
        analysis.with_user(self.manager).action_refresh()
        self.assertEqual((analysis.net_sales, analysis.gross_margin), (1000, 995))

    def test_one_open_analysis_a_period(self):
        self._analysis()
        with self.assertRaisesRegex(ValidationError, "open analysis of that period"):
            self._analysis()

    def test_recorded_capital_replaces_the_computed_one(self):
        self._invoice(amount=365.0, day="2025-12-31")  # one day of 365: 1 on the average
        analysis = self._analysis(capital_rate=10.0)
        self.assertAlmostEqual(analysis.cost_to_serve, 0.1)
        self.env["kams.account.cost"].create(
            {"account_id": self.account.id, "activity": "capital", "amount": 7, "date": "2025-03-01"}
        )
        analysis.action_refresh()
        self.assertEqual(analysis.cost_to_serve, 7)

    def test_each_figure_from_odoo_opens_its_rows(self):
        move = self._invoice(amount=1000.0)
        analysis = self._analysis().with_user(self.director)
        for line in analysis.figure_ids:
            with self.subTest(figure=line.key):
                if line.odoo_value is False and line.key != "payment_days":
                    if line.key in ("category_spend", "strategic", "relationship"):
                        with self.assertRaises(UserError):
                            line.action_open()
                    continue
                action = line.action_open()
                rows = self.env[action["res_model"]].with_user(self.director).search(action["domain"])
                if line.key in ("gross_sales", "discounts", "cogs", "invoiced", "overdue", "receivables"):
                    self.assertEqual(rows.move_id, move)

    def test_weights_that_do_not_sum_to_100_are_refused(self):
        policy = self.env.ref("kams_sales.value_policy_default")
        with self.assertRaisesRegex(ValidationError, "sum to 110"):
            policy.weight_current = 40
        with self.assertRaisesRegex(ValidationError, "out of order"):
            policy.grade_b = 80

    def test_a_cost_is_quantity_times_rate_or_an_amount_and_says_by_whom(self):
        cost = self.env["kams.account.cost"].with_user(self.manager)
        driven = cost.create(
            {"account_id": self.account.id, "activity": "visits", "driver_qty": 12, "driver_rate": 500}
        )
        self.assertEqual((driven.amount, driven.user_id), (6000, self.manager))
        self.assertEqual(cost.create({"account_id": self.account.id, "activity": "visits", "amount": 3}).amount, 3)
        with self.assertRaisesRegex(ValidationError, "below zero"):
            driven.amount = -1

    def test_the_default_period_is_the_last_twelve_full_months(self):
        first, last = self.env["kams.account.value"]._default_period()
        today = date.today()
        self.assertEqual(first, date(today.year - 1, today.month, 1))
        self.assertEqual((last - date(today.year, today.month, 1)).days, -1)
        self.assertEqual(self._analysis(date_from=first, date_to=last)._years(), 1)
