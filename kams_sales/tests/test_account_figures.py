import doctest
from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.kams_sales.tools import finance, uscc

from .common import KamsCase

# X = .20, .15, .10, .80, 1.10
C13 = {
    "current_assets": 50.0,
    "current_liabilities": 30.0,
    "total_assets": 100.0,
    "total_liabilities": 60.0,
    "retained_earnings": 15.0,
    "ebit": 10.0,
    "market_value": 48.0,
    "revenue": 110.0,
}


@tagged("post_install", "-at_install")
class TestAccountFigures(KamsCase):
    """The customer's books, and the numbers that a policy sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account()

    def _year(self, year="2025", **vals):
        return self.env["kams.account.year"].create({"account_id": self.account.id, "year": year, **vals})

    def test_the_arithmetic_is_as_its_examples_say(self):
        for module in (finance, uscc):
            self.assertFalse(doctest.testmod(module).failed, module.__name__)

    def test_c13_altman_z(self):
        line = self._year(**C13)
        self.assertAlmostEqual(line.altman_z, 2.36)
        self.assertEqual(line.altman_zone, "grey")

    def test_altman_z_follows_the_parameters_that_were_in_force(self):
        line, old = self._year(**C13), self._year("2019", **C13)
        rule = self.env.ref("kams_sales.rule_altman_x5")
        rule.valid_to = date(2024, 12, 31)
        rule.copy({"valid_from": date(2025, 1, 1), "valid_to": False, "value": 2.0})
        self.env.invalidate_all()
        self.assertAlmostEqual(old.altman_z, 2.36)
        self.assertAlmostEqual(line.altman_z, 3.46)
        self.assertEqual(line.altman_zone, "safe")

    def test_without_a_figure_there_is_no_z_and_never_a_zero(self):
        for name in C13:
            with self.subTest(missing=name):
                line = self._year(**{**C13, name: False})
                self.assertIs(line.altman_z, False)
                self.assertFalse(line.altman_zone)
                line.unlink()

    def test_a_figure_of_nought_is_a_figure(self):
        line = self._year(**{**C13, "ebit": 0.0})
        self.assertAlmostEqual(line.altman_z, 2.03)
        for name in ("total_assets", "total_liabilities"):
            line[name] = 0.0
            self.assertIs(line.altman_z, False)

    def test_ratios(self):
        self._year("2024", revenue=100.0)
        line = self._year(**C13, gross_profit=33.0, net_profit=11.0, receivables=22.0)
        names = ("growth", "gross_margin", "net_margin", "current_ratio", "debt_ratio", "roe", "receivable_days")
        found = {name: round(line[name], 4) for name in names}
        self.assertEqual(
            found,
            {
                "growth": 10.0,
                "gross_margin": 30.0,
                "net_margin": 10.0,
                "current_ratio": 1.67,
                "debt_ratio": 60.0,
                "roe": 27.5,
                "receivable_days": 73.0,
            },
        )

    def test_an_empty_year_has_empty_ratios(self):
        line = self._year()
        names = [name for name, field in line._fields.items() if type(field).__name__ == "BlankFloat"]
        self.assertEqual(len(names), 8)
        self.assertEqual(line.read(names)[0], {"id": line.id, **dict.fromkeys(names, False)})

    def test_a_loss_on_negative_equity_is_no_return(self):
        line = self._year(total_assets=50.0, total_liabilities=60.0, net_profit=-5.0)
        self.assertIs(line.roe, False)

    def test_who_typed_a_figure_is_who_typed_it(self):
        line = self._year(revenue=1.0, typed_by_id=self.director.id)
        self.assertEqual(line.typed_by_id, self.env.user)
        line.with_user(self.manager).write({"revenue": 2.0, "typed_by_id": self.director.id})
        self.assertEqual(line.typed_by_id, self.manager)

    def test_a_year_is_four_digits(self):
        for year in ("25", "20x5", "0025", "9999"):
            with self.subTest(year=year), self.assertRaisesRegex(ValidationError, "Huaneng Power"), self.cr.savepoint():
                self._year(year)

    def test_a_parameter_is_looked_up_by_day_regime_and_mode(self):
        rule = self.env["kams.legal.rule"]
        vals = {"name": "Period", "key": "period", "valid_from": date(2020, 1, 1), "source": "Act"}
        rule.create({**vals, "value": 20})
        rule.create({**vals, "value": 30, "regime": "bidding_law"})
        rule.create({**vals, "value": 40, "regime": "bidding_law", "mode": "tender_open"})
        rule.create({**vals, "value": 50, "mode": "inquiry"})
        for expected, arguments in (
            (20, {}),
            (30, {"regime": "bidding_law"}),
            (30, {"regime": "bidding_law", "mode": "inquiry"}),
            (40, {"regime": "bidding_law", "mode": "tender_open"}),
            (50, {"mode": "inquiry"}),
            (20, {"regime": "enterprise"}),
            (None, {"on_date": date(2019, 12, 31)}),
        ):
            with self.subTest(**arguments):
                self.assertEqual(rule._value("period", **arguments), expected)
        self.assertIsNone(rule._value("no such key"))

    def test_a_parameter_has_one_value_a_day(self):
        rule = self.env["kams.legal.rule"]
        vals = {"name": "Period", "key": "period", "value": 1, "source": "Act"}
        first = rule.create({**vals, "valid_from": date(2020, 1, 1)})
        with self.assertRaisesRegex(ValidationError, "period"), self.cr.savepoint():
            rule.create({**vals, "valid_from": date(2021, 1, 1)})
        first.valid_to = date(2020, 12, 31)
        rule.create({**vals, "valid_from": date(2021, 1, 1), "value": 2})
        self.assertEqual([rule._value("period", date(year, 6, 1)) for year in (2020, 2021)], [1, 2])
