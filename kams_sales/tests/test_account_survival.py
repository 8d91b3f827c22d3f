import random
from collections import defaultdict

from lxml import etree

from odoo import Command
from odoo.tests import Form, tagged

from ..models.blank import BlankFloat, BlankMonetary
from .test_account_speed import _fields_of, specification
from .test_account_value import ValueCase

REPORTS = ("account_profile", "account_value", "supply")


@tagged("post_install", "-at_install")
class TestAccountSurvival(ValueCase):
    """Customers as they come: without an invoice, with refunds only, at a loss, in three currencies, archived, moved.

    Figures are those on the account, as the nightly run keeps them; expected ones are worked out by hand in the
    test, or by brute force where there are many.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kams.account"].search([]).sudo().write({"net_sales_12m": 0, "active": False})  # a company's first
        cls.account.active = True
        cls.env["kams.value.policy"].search([]).capital_rate = 0  # margins by hand, without the money tied up
        cls.product.categ_id = cls.env["product.category"].create({"name": "Turbine services"})
        cls.day = cls.env["kams.account.value"]._default_period()[1]

    # HELPERS
    def _customer(self, name, **vals):
        return self._account(self._company(name, **vals))

    def _sell(self, account, amount, day=None, **vals):
        return self._invoice(account.partner_id, amount=amount, day=day or self.day, **vals)

    def _refresh(self):
        self._run_cron("kams.account", "_cron_refresh_values")
        self.env.invalidate_all()

    def _rate(self, name, *rates):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [{"currency_id": currency.id, "name": day, "rate": rate} for day, rate in rates]
        )
        return currency

    def _known(self, record):
        """The figures of a record that may be unknown, and aren't."""
        names = [name for name, field in record._fields.items() if isinstance(field, (BlankFloat, BlankMonetary))]
        return {name: record[name] for name in names if record[name] is not False}

    def _look(self, account):
        """Open everything that shows an account, as its manager does."""
        account = account.with_user(self.manager)
        for kind in ("form", "list", "kanban", "hierarchy"):
            view = self.env.ref(f"kams_sales.kams_account_view_{kind}")
            arch = account.get_view(view.id, kind)["arch"]
            account.web_read(specification(account, _fields_of(etree.fromstring(arch))))
        for axes in ("shapiro", "fiocca", "profit"):
            self.assertTrue(self.env["kams.portfolio"].with_user(self.manager).create({"axes": axes}).chart)
        analysis = self.env["kams.account.value"].with_user(self.manager).create({"account_id": account.id})
        position = self.env["kams.supply.position"].with_user(self.manager)
        position = position.create({"account_id": account.id, "category_id": self.product.categ_id.id})
        printer = self.env["ir.actions.report"].with_user(self.manager)
        for name, record in zip(REPORTS, (account, analysis, position), strict=True):
            report = self.env.ref(f"kams_sales.action_report_{name}")
            record = record if record._name == report.model else account
            page = printer._render_qweb_html(report.report_name, record.ids)[0].decode()
            self.assertIn(account.name, page)
            self.assertNotRegex(page, r"\bnan\b|\binf\b|>False<|>None<")
        return analysis, position

    # ONE CUSTOMER
    def test_without_an_invoice_every_figure_is_blank_and_every_page_opens(self):
        self._refresh()
        analysis, position = self._look(self.account)
        self.assertEqual(self._known(self.account), {"completeness": 0})
        self.assertEqual(self._known(analysis), {"clv": analysis.clv})  # nothing a year for ever is worth nothing
        self.assertFalse(any(self._known(position).values()))  # of what we sell to others, it has nothing
        self.assertIs(position.our_share, False)
        self.assertEqual((self.account.value_grade, self.account.proposed_tier), (False, False))
        self.assertEqual((self.account.net_sales_12m, self.account.contribution_12m), (0, 0))

    def test_with_refunds_only_shares_are_blank_and_amounts_negative(self):
        self._sell(self.account, 400.0, kind="out_refund")
        self._refresh()
        self.assertEqual((self.account.net_sales_12m, self.account.gross_margin_12m), (-400, 250))  # 400 − 650
        for name in ("contribution_pct_12m", "price_realisation_12m", "cts_ratio_12m", "dso_12m", "contribution_top"):
            with self.subTest(figure=name):
                self.assertIs(self.account[name], False)
        self._look(self.account)

    def test_a_loss_and_a_margin_of_nought_are_told_apart_from_nothing(self):
        loss, nought = self._customer("Loss"), self._customer("Nought")
        self._sell(loss, 400.0)
        self._sell(nought, 650.0)
        self._refresh()
        self.assertEqual((loss.gross_margin_12m, loss.contribution_pct_12m), (-250, -62.5))
        self.assertEqual((nought.gross_margin_12m, nought.contribution_pct_12m), (0, 0.0))
        self.assertIsNot(nought.contribution_pct_12m, False)
        self.assertEqual((nought.contribution_top, loss.contribution_top), (50, 100))
        for account in (loss, nought):
            self._look(account)
        bubbles = self.env["kams.portfolio"].with_user(self.director).create({}).chart
        self.assertEqual(bubbles.count("o_kams_bubble o_kams_bubble_bad"), 2)

    def test_three_currencies_count_at_the_rate_of_each_invoice(self):
        names = [name for name in ("EUR", "GBP", "CNY", "USD") if name != self.env.company.currency_id.name][:2]
        first = self.day.replace(day=1)
        two = self._rate(names[0], ("2000-01-01", 2), (first, 4))
        half = self._rate(names[1], ("2000-01-01", 0.5))
        before = self.env["kams.account.value"]._default_period()[0]
        self._sell(self.account, 1000.0)  # 1000
        self._sell(self.account, 1000.0, day=before, currency_id=two.id)  # 500, at 2
        self._sell(self.account, 1000.0, currency_id=two.id)  # 250, at 4
        self._sell(self.account, 200.0, kind="out_refund", currency_id=two.id)  # −50
        self._sell(self.account, 300.0, currency_id=half.id)  # 600
        self._refresh()
        self.assertAlmostEqual(self.account.net_sales_12m, 2300, 2)
        self.assertAlmostEqual(self.account.receivables_now, 2300, 2)
        self.assertAlmostEqual(self.account.gross_margin_12m, 2300 - 3 * 650, 2)  # four sold, one came back
        rows = self.env["kams.account.sales"].search([("account_id", "=", self.account.id)])
        self.assertAlmostEqual(sum(rows.mapped("net_sales")), 2300, 2)

    def test_an_archived_account_keeps_its_figures_and_compares_with_nobody(self):
        other = self._customer("Other")
        self._sell(self.account, 1000.0)
        self._sell(other, 500.0)
        self.account.active = False
        self._refresh()
        self.assertEqual(self.account.net_sales_12m, 1000)
        self.assertEqual(other.contribution_top, 100)  # the only one there is
        basis = self.env["kams.account"]._value_basis(self.env.company)[self.env.company.id]
        self.assertEqual(basis["ranges"]["net_sales_12m"], [500, 500])

    def test_merged_people_of_one_customer_leave_its_figures_as_they_were(self):
        people = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.customer.id, "email": "li@huaneng.example"} for name in ("Li", "Ms Li")]
        )
        for person in people:
            self._invoice(person, amount=1000.0, day=self.day)
        self._refresh()
        before = self.account.net_sales_12m, self.account.receivables_now
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(people.ids, people[0])
        self.account.sudo().value_date = False
        self._refresh()
        self.assertEqual(before, (2000, 2000))
        self.assertEqual((self.account.net_sales_12m, self.account.receivables_now), before)
        self.assertEqual(self.account.contact_count, 1)

    # SEVERAL
    def test_two_companies_that_serve_a_group_see_their_own_figures(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self.env["account.chart.template"].try_loading("generic_coa", company=there, install_demo=False)
        plant = self._company("Plant", parent_id=self.customer.id)
        ours, theirs = self._account(plant), self._account(plant, company_id=there.id)
        above = self._account(self.customer, company_id=there.id)
        self._sell(self.account, 1000.0)
        self._sell(ours, 200.0)
        here_env = self.env
        type(self).env = self.env(context={**self.env.context, "allowed_company_ids": there.ids})
        try:
            self._sell(theirs, 70.0)
        finally:
            type(self).env = here_env
        self._refresh()
        self.assertEqual((self.account.net_sales_12m, self.account.group_net_sales_12m), (1000, 1200))
        self.assertEqual((above.net_sales_12m, above.group_net_sales_12m), (0, 70))
        self.assertEqual((ours.contribution_top, theirs.contribution_top), (100, 100))  # of each one's own portfolio
        seen = self.env["kams.account"].with_user(self.director).search([("partner_id", "child_of", self.customer.id)])
        self.assertEqual(seen, self.account | ours)

    def test_group_figures_are_those_of_all_below_and_follow_who_moves(self):
        """Oracle: each customer climbs to all of its parents, in Python."""
        dice = random.Random(7)
        partners = [self.customer]
        for number in range(14):
            above = dice.choice([*partners, None])
            partners.append(self._company(f"Group {number}", parent_id=above and above.id))
        accounts = {
            partner: self.account if partner == self.customer else self._account(partner)
            for partner in partners
            if partner == self.customer or dice.random() < 0.8  # some companies of a group have no account
        }
        sold = defaultdict(float)
        for partner, account in accounts.items():
            sold[partner] = 100.0 * dice.randrange(1, 99)
            self._sell(account, sold[partner])
            self._deal(partner_id=partner.id, expected_revenue=sold[partner] / 10)

        def check():
            self.env.invalidate_all()
            for partner, account in accounts.items():
                below = [one for one in accounts if one in self._with_below(partner)]
                with self.subTest(customer=partner.name):
                    self.assertEqual(account.is_group_head, len(below) > 1)
                    self.assertAlmostEqual(account.group_net_sales_12m, sum(sold[one] for one in below))
                    self.assertAlmostEqual(account.group_receivables_now, sum(sold[one] for one in below))
                    self.assertAlmostEqual(account.group_deal_amount, sum(sold[one] for one in below) / 10)

        self._refresh()
        self._settle()
        check()
        for _turn in range(3):
            moving, to = dice.sample(partners, 2)
            if to not in self._with_below(moving):
                moving.parent_id = to
                check()

    def _with_below(self, partner):
        return self.env["res.partner"].search([("id", "child_of", partner.id)])

    def test_group_figures_of_many_take_as_many_statements_as_of_one(self):
        heads = self.env["kams.account"]
        for number in range(12):
            head = self._customer(f"Head {number}")
            for below in range(2):
                self._customer(f"Below {number}.{below}", parent_id=head.partner_id.id)
            heads |= head
        counts = []
        for some in (heads[:1], heads):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("group_deal_amount")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_the_head_of_a_group_shows_its_total_to_who_sees_no_subsidiary(self):
        below = self._customer("Plant", parent_id=self.customer.id)
        below.manager_id = self.colleague
        self._sell(below, 300.0)
        self._refresh()
        account = self.account.with_user(self.manager)
        self.assertFalse(self.env["kams.account"].with_user(self.manager).search([("id", "=", below.id)]))
        self.assertEqual((account.is_group_head, account.group_net_sales_12m), (True, 300))

    # FORMS
    def test_an_analysis_made_on_screen_goes_by_the_policy_like_any_other(self):
        policy = self.env["kams.value.policy"].search([("company_id", "in", (False, self.env.company.id))], limit=1)
        policy.write({"capital_rate": 7.0, "retention_rate": 81.0, "target_share": 33.0})
        self._sell(self.account, 1000.0)
        form = Form(self.env["kams.account.value"].with_user(self.manager))
        form.account_id = self.account
        shown = form.save()
        made = self._analysis(date_from=shown.date_from, date_to=shown.date_to, with_group=True)
        for name in ("capital_rate", "retention_rate", "discount_rate", "clv_convention", "target_share"):
            with self.subTest(field=name):
                self.assertEqual(shown[name], made[name])
        self.assertEqual((shown.capital_rate, shown.retention_rate, shown.target_share), (7, 81, 33))
        self.assertEqual(shown.contribution, made.contribution)

    def test_without_a_policy_customers_are_valued_by_its_defaults(self):
        self.env["kams.value.policy"].search([]).unlink()
        self._sell(self.account, 1000.0, day=self.env["kams.account.value"]._default_period()[0])
        self._refresh()
        self.assertAlmostEqual(self.account.contribution_12m, 1000 - 650 - 60, 2)  # 6 % of 1000, owed all year
        self.assertEqual(self._analysis().capital_rate, 6)

    # WHITESPACE
    def test_fifty_units_by_forty_offerings_are_installed_where_something_was_sold(self):
        """Oracle: what each invoice line says, added up in Python."""
        dice = random.Random(50)
        offerings = self.env["product.category"].create(
            [{"name": f"Line {number}", "kams_is_offering": True} for number in range(40)]
        )
        self.env["product.category"].search([("id", "not in", offerings.ids)]).kams_is_offering = False
        products = self.env["product.product"].create(
            [{"name": one.name, "categ_id": one.id, "taxes_id": False} for one in offerings]
        )
        sites = self.env["res.partner"].create(
            [{"name": f"Site {n}", "parent_id": self.customer.id, "type": "delivery"} for n in range(50)]
        )
        units = self.env["kams.account.unit"].create(
            [{"account_id": self.account.id, "name": site.name, "partner_id": site.id} for site in sites]
        )
        self.assertEqual(len(self.account.cell_ids), 2000)
        sold = defaultdict(float)
        moves = self.env["account.move"]
        for _turn in range(40):
            place, sign = dice.randrange(50), dice.choice([1, 1, 1, -1])
            picked = dice.sample(range(40), 3)
            moves |= moves.create(
                {
                    "move_type": "out_invoice" if sign > 0 else "out_refund",
                    "partner_id": self.customer.id,
                    "partner_shipping_id": sites[place].id,
                    "invoice_date": self.day,
                    "invoice_line_ids": [
                        Command.create({"product_id": products[n].id, "price_unit": 100, "tax_ids": [Command.clear()]})
                        for n in picked
                    ],
                }
            )
            for number in picked:
                sold[units[place], offerings[number]] += 100 * sign
        moves.action_post()
        self.env.invalidate_all()
        installed = {(cell.unit_id, cell.offering_id) for cell in self.account.cell_ids if cell.state == "installed"}
        self.assertEqual(installed, {place for place, amount in sold.items() if amount > 0})
        self.assertEqual(self.account.cells_applicable, 2000)
        self.assertAlmostEqual(self.account.penetration, len(installed) / 20, 1)
        self.assertEqual(str(self.account.whitespace_grid).count("/kams-whitespace/"), 2000)
