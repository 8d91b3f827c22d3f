from lxml import html

from odoo.tests import tagged

from .test_account_value import ValueCase


@tagged("post_install", "-at_install")
class TestPortfolio(ValueCase):
    """The picture of all accounts: 2.3, Shapiro and Fiocca."""

    def _place(self, accounts, figures):
        for account, values in zip(accounts, figures, strict=True):
            names = ("net_sales_12m", "contribution_12m", "contribution_pct_12m", "cts_ratio_12m")
            account.sudo().write(dict(zip((*names, "price_realisation_12m"), values, strict=True)))

    def setUp(self):
        super().setUp()
        self.env["kams.account"].search([]).sudo().net_sales_12m = 0
        partners = self.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("<b>Big</b>", "Small", "Sour")]
        )
        self.accounts = self.env["kams.account"].union(*(self._account(partner) for partner in partners))
        self._place(self.accounts, [(900, 300, 33.3, 10, 95), (100, 5, 5.0, 20, 85), (100, -9, -9.0, 30, 75)])

    def _bubbles(self, user=None, **vals):
        portfolio = self.env["kams.portfolio"].with_user(user or self.director).create(vals)
        return (
            html.fromstring(str(portfolio.chart)).xpath("//a[contains(@class, 'o_kams_bubble')]")
            if portfolio.chart
            else []
        )

    def _named(self, bubbles, name):
        return next(bubble for bubble in bubbles if bubble.get("title").startswith(name))

    def test_each_account_is_a_link_its_size_sales_and_its_colour_contribution(self):
        bubbles = self._bubbles()
        self.assertEqual({b.get("href") for b in bubbles}, {f"/odoo/key-accounts/{a.id}" for a in self.accounts})
        tones = {name: self._named(bubbles, name).get("class") for name in ("<b>Big", "Small", "Sour")}
        self.assertIn("good", tones["<b>Big"])
        self.assertIn("fair", tones["Small"])
        self.assertIn("bad", tones["Sour"])
        width = {n: float(self._named(bubbles, n).get("style").split("width:")[1][:-1]) for n in ("<b>Big", "Small")}
        self.assertAlmostEqual((width["<b>Big"] - 1) / (width["Small"] - 1), 3, places=1)  # √9

    def test_names_are_escaped(self):
        chart = str(self.env["kams.portfolio"].create({}).chart)
        self.assertNotIn("<b>Big", chart)
        self.assertIn("&lt;b&gt;Big", chart)

    def test_a_manager_sees_own_accounts_only_and_filters_narrow(self):
        self.accounts[0].manager_id = self.colleague
        self.assertEqual(len(self._bubbles(self.manager)), 2)
        self.assertEqual(len(self._bubbles(manager_id=self.colleague.id)), 1)

    def test_fiocca_places_come_from_done_analyses(self):
        self.assertFalse(self._bubbles(axes="fiocca"))
        analysis = self._analysis(self.accounts[0])
        self._type(analysis, importance=7.5, difficulty=6.5)
        self.assertFalse(self._bubbles(axes="fiocca"))
        analysis.action_done()
        self._place(self.accounts[0], [(900, 300, 33.3, 10, 95)])
        (bubble,) = self._bubbles(axes="fiocca")
        self.assertIn("7.5", bubble.get("title"))

    def test_an_empty_portfolio_says_so(self):
        self.accounts.sudo().net_sales_12m = 0
        for axes in ("shapiro", "fiocca", "profit"):
            self.assertFalse(self._bubbles(axes=axes))
            self.assertIn("Nothing to show yet", str(self.env["kams.portfolio"].create({"axes": axes}).chart))

    def test_the_picture_takes_the_same_statements_for_3_and_60_accounts(self):
        counts = []
        for _turn in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            portfolio = self.env["kams.portfolio"].create({"axes": "profit"})
            before = self.cr.sql_log_count
            portfolio._chart_values()
            counts.append(self.cr.sql_log_count - before)
            more = self.env["kams.account"]
            for n in range(57):
                more |= self._account(self.env["res.partner"].create({"name": f"M{n}", "is_company": True}))
            self._place(more, [(50, 5, 10, 10, 90)] * 57)
        self.assertEqual(*counts)
