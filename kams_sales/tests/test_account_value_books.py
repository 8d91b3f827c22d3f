import random
from collections import defaultdict
from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .test_account_value import ValueCase

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


@tagged("post_install", "-at_install")
class TestValueBooks(ValueCase):
    """Figures against the books, and what the books of real customers look like."""

    def test_a_random_year_in_three_currencies_is_as_added_up_by_hand(self):
        """Oracle: the same figures in Python, from the documents, without the report's SQL."""
        dice = random.Random(20251)  # a fixed year, the same on every run
        home = self.env.company.currency_id
        others = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "in", ["EUR", "GBP", "CNY"]), ("id", "!=", home.id)], limit=2)
        )
        others.active = True
        for currency in others:
            currency.rate_ids.unlink()
            self.env["res.currency.rate"].create(
                [
                    {"currency_id": currency.id, "name": day, "rate": rate, "company_id": self.env.company.id}
                    for day, rate in (("2024-01-01", dice.uniform(0.5, 2)), ("2025-06-01", dice.uniform(3, 9)))
                ]
            )
        products = self.env["product.product"].create(
            [{"name": f"P{n}", "standard_price": cost, "taxes_id": False} for n, cost in enumerate((0, 10, 25.5))]
        )
        partners = self.env["res.partner"].create([{"name": f"C{n}", "is_company": True} for n in range(3)])
        contacts = self.env["res.partner"].create([{"name": f"K{n}", "parent_id": partners[n].id} for n in range(3)])
        accounts = {partner: self._account(partner) for partner in partners}
        moves = self.env["account.move"]
        for _turn in range(30):
            pick = dice.randrange(3)
            day = date(2024, 10, 1) + timedelta(days=dice.randrange(550))
            moves |= self.env["account.move"].create(
                {
                    "move_type": dice.choice(["out_invoice", "out_invoice", "out_invoice", "out_refund"]),
                    "partner_id": (partners | contacts)[pick + dice.choice([0, 3])].id,
                    "invoice_date": day,
                    "date": day,
                    "invoice_payment_term_id": False,
                    "invoice_date_due": day + timedelta(days=dice.choice([0, 30, 60])),
                    "currency_id": dice.choice([home, *others]).id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": dice.choice(products).id,
                                "quantity": dice.randrange(1, 9),
                                "price_unit": dice.randrange(100, 90000) / 100,
                                "discount": dice.choice([0, 0, 5, 12.5, 100]),
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for _line in range(dice.randrange(1, 4))
                    ],
                }
            )
        moves.action_post()
        for move in moves.filtered(lambda m: m.move_type == "out_invoice" and m.amount_residual > 5):
            if dice.random() < 0.7:
                day = move.invoice_date + timedelta(days=dice.randrange(0, 90))
                part = dice.choice([1, 1, 0.5])
                self._pay(move, day, amount=round(move.amount_residual * part, 2))
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env["kams.account"].union(*accounts.values())._totals(FIRST, LAST)
        for partner, account in accounts.items():
            ours, oracle = found[account.id], self._oracle(partner)
            for name, value in oracle.items():
                with self.subTest(customer=partner.name, figure=name):
                    self.assertAlmostEqual(getattr(ours, name), value, delta=0.05)
            self.assertTrue(oracle["gross_sales"] and oracle["paid"] and oracle["receivables"])

    def _oracle(self, partner):
        sums = defaultdict(float)
        documents = self.env["account.move"].search([("partner_id", "child_of", partner.id), ("state", "=", "posted")])
        for move in documents.filtered(lambda m: m.move_type in ("out_invoice", "out_refund")):
            if not FIRST <= move.invoice_date <= LAST:
                continue
            sign = -1 if move.move_type == "out_refund" else 1
            for line in move.invoice_line_ids:
                listed = sign * line.quantity * line.price_unit / move.invoice_currency_rate
                sums["gross_sales"] += listed
                sums["discounts"] += listed * line.discount / 100
                sums["cogs"] += sign * line.quantity * line.product_id.standard_price
                sums["lines"] += 1
            sums["invoiced"] += move.amount_total_signed
        ledger = self.env["account.move.line"].search(
            [
                ("partner_id", "child_of", partner.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        for offset in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(days=offset)
            balance = sum(ledger.filtered(lambda line, day=day: line.date <= day).mapped("balance"))
            sums["receivables_average"] += balance / 365
            sums["receivables"] = balance
        for line in ledger.filtered(lambda line: line.debit and line.date <= LAST):
            parts = line.matched_credit_ids
            still_open = line.balance - sum(parts.filtered(lambda part: part.max_date <= LAST).mapped("amount"))
            if line.date_maturity < LAST:
                sums["overdue"] += max(still_open, 0)
            for part in parts:
                if part.credit_move_id.journal_id.type == "bank" and FIRST <= part.max_date <= LAST:
                    sums["paid"] += part.amount
                    sums["paid_days"] += part.amount * (part.credit_move_id.date - line.move_id.invoice_date).days
        return sums

    def test_a_customer_without_an_invoice_has_blanks_and_no_crash(self):
        analysis = self._analysis()
        self.assertEqual((analysis.net_sales, analysis.contribution), (0, 0))
        for name in (
            "gross_margin_pct",
            "contribution_pct",
            "price_realisation",
            "cts_ratio",
            "cogs_known",
            "dso",
            "payment_days",
            "wallet_share",
            "shapiro",
        ):
            with self.subTest(figure=name):
                self.assertFalse(analysis[name] or isinstance(analysis[name], float))
        self.account._refresh_figures()
        self.assertIs(self.account.contribution_pct_12m, False)
        self.assertEqual(self.account.net_sales_12m, 0)

    def test_only_refunds_leave_shares_blank(self):
        self._invoice(amount=1000.0, kind="out_refund")
        analysis = self._analysis()
        self.assertEqual((analysis.net_sales, analysis.gross_margin), (-1000, -350))
        self.assertIs(analysis.price_realisation, False)
        self.assertIs(analysis.gross_margin_pct, False)
        self.assertIs(analysis.dso, False)

    def test_zero_and_negative_margins_are_said_as_they_are(self):
        self._invoice(amount=650.0)
        analysis = self._analysis(capital_rate=0.0)
        self.assertEqual((analysis.gross_margin, analysis.gross_margin_pct), (0, 0.0))
        self.assertIsNot(analysis.gross_margin_pct, False)
        self._invoice(amount=325.0)
        analysis.action_refresh()
        self.assertEqual(analysis.gross_margin, -325)
        self.assertAlmostEqual(analysis.contribution_pct, -33.33)

    def test_drafts_and_cancelled_invoices_and_vendor_bills_do_not_count(self):
        self._invoice(amount=1000.0).button_draft()
        self._invoice(amount=1000.0, kind="in_invoice")
        moves = self._invoice(amount=1000.0)
        moves.button_draft()
        moves.button_cancel()
        self.assertEqual(self._totals().lines, 0)

    def test_a_gift_and_a_discount_line_are_discounts(self):
        self._invoice(amount=1000.0, line_discount=100.0)
        sums = self._totals()
        self.assertEqual((sums.gross_sales, sums.discounts, sums.net_sales, sums.cogs), (1000, 1000, 0, 650))
        rebate = self.env["product.product"].create({"name": "Rebate", "type": "service", "standard_price": 3})
        self.env.company.sale_discount_product_id = rebate
        self._invoice(
            amount=-100.0,
            line_product_id=rebate.id,
            kind="out_invoice",
            invoice_line_ids=[
                Command.create({"product_id": self.product.id, "price_unit": 900, "tax_ids": [Command.clear()]}),
                Command.create({"product_id": rebate.id, "price_unit": -100, "tax_ids": [Command.clear()]}),
            ],
        )
        sums = self._totals()
        self.assertEqual((sums.gross_sales, sums.discounts, sums.net_sales, sums.cogs), (1900, 1100, 800, 1300))

    def test_prices_with_tax_included_count_without_tax(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT incl", "amount": 25, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        self._invoice(amount=1250.0, line_discount=10.0, line_tax_ids=[Command.set(tax.ids)])
        sums = self._totals()
        self.assertAlmostEqual(sums.gross_sales, 1000)
        self.assertAlmostEqual(sums.net_sales, 900)
        self.assertAlmostEqual(sums.invoiced, 1125)

    def test_goods_sold_in_another_unit_cost_what_they_hold(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self._invoice(amount=12000.0, line_product_uom_id=dozen.id)
        self.assertEqual(self._totals().cogs, 12 * 650)

    def test_cost_sources_are_told_and_unknown_ones_counted(self):
        self._invoice(amount=1000.0)
        self._invoice(amount=3000.0, line_product_id=False)
        rows = self.env["kams.account.sales"].search([("account_id", "=", self.account.id)])
        self.assertEqual(sorted(rows.mapped("cogs_source")), ["product", "unknown"])
        self.assertEqual(self._analysis().cogs_known, 25.0)

    def test_overdue_is_as_it_was_on_the_last_day(self):
        move = self._invoice(amount=1000.0, day="2025-06-15")
        self._pay(move, "2026-01-20")
        sums = self._totals()
        self.assertEqual((sums.overdue, sums.receivables, sums.paid), (1000, 1000, 0))
        sums = self._totals(date_to="2026-01-31")
        self.assertEqual((sums.overdue, sums.receivables, sums.payment_days), (0, 0, 219))

    def test_payment_days_weigh_by_amount_and_refunds_are_no_payment(self):
        self._pay(self._invoice(amount=100.0, day="2025-03-01"), "2025-03-11")
        self._pay(self._invoice(amount=200.0, day="2025-03-01"), "2025-04-10")
        refunded = self._invoice(amount=500.0, day="2025-03-01")
        refund = self._invoice(amount=500.0, day="2025-05-01", kind="out_refund")
        lines = (refunded | refund).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self.assertEqual(self._totals().payment_days, 30)

    # WHOSE
    def test_two_companies_that_serve_one_customer_see_their_own_figures(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd", "currency_id": self.env.ref("base.EUR").id})
        self.env["account.chart.template"].try_loading("generic_coa", company=there, install_demo=False)
        abroad = self._account(self.customer, company_id=there.id)
        self._invoice(amount=1000.0)
        here_env = self.env
        type(self).env = self.env(context={**self.env.context, "allowed_company_ids": there.ids})
        try:
            self._invoice(amount=70.0)
        finally:
            type(self).env = here_env
        found = (self.account | abroad)._totals(FIRST, LAST)
        self.assertEqual(found[self.account.id].net_sales, 1000)
        self.assertEqual(found[abroad.id].net_sales, 70)
        self.assertEqual((found[self.account.id].cogs, found[abroad.id].cogs), (650, 0))
        rows = self.env["kams.account.sales"].with_user(self.director).search([("contact_id", "=", self.customer.id)])
        self.assertEqual(rows.account_id, self.account)

    def test_a_group_rolls_up_below_its_head_and_a_subsidiary_can_move(self):
        mother, other = self.env["res.partner"].create([{"name": n, "is_company": True} for n in ("Mother", "Other")])
        daughter = self.env["res.partner"].create({"name": "Daughter", "is_company": True, "parent_id": mother.id})
        grandchild = self.env["res.partner"].create({"name": "Small", "is_company": True, "parent_id": daughter.id})
        heads, below = self._account(mother), self._account(daughter)
        others, smallest = self._account(other), self._account(grandchild)
        self._set_parents({below: heads, smallest: below})
        for partner, amount in ((mother, 1), (daughter, 20), (grandchild, 300), (other, 4000)):
            self._invoice(partner, amount=amount)
        self.assertEqual(self._totals(heads).net_sales, 1)
        self.assertEqual(self._totals(heads, with_group=True).net_sales, 321)
        self.assertEqual(self._totals(below, with_group=True).net_sales, 320)
        analysis = self._analysis(heads, with_group=True)
        self.assertEqual(analysis.net_sales, 321)
        daughter.parent_id = other
        self._set_parents({below: others})
        self.assertEqual(self._totals(heads, with_group=True).net_sales, 1)
        self.assertEqual(self._totals(others, with_group=True).net_sales, 4320)

    def _set_parents(self, parents):
        if "parent_id" in self.env["kams.account"]._fields:
            for account, parent in parents.items():
                account.parent_id = parent

    def test_archived_customers_keep_their_figures(self):
        self._invoice(amount=1000.0)
        self.account.active = False
        self.customer.active = False
        self.assertEqual(self._totals().net_sales, 1000)

    def test_a_merged_customer_takes_its_invoices_along(self):
        double = self.env["res.partner"].create({"name": "Huaneng Power Ltd", "is_company": True})
        self._invoice(amount=1000.0)
        self._pay(self._invoice(double, amount=500.0), "2025-06-25")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | double).ids, self.customer)
        self.env.invalidate_all()
        sums = self._totals()
        self.assertEqual((sums.net_sales, sums.receivables, sums.payment_days), (1500, 1000, 10))

    def test_two_accounts_of_merged_customers_become_one_with_all_their_analyses(self):
        double = self.env["res.partner"].create({"name": "Huaneng Power Ltd", "is_company": True})
        other = self._account(double)
        self._recent(self.account, 1000.0)
        self._recent(other, 500.0)
        done, draft, twin = self._analysis(other), self._analysis(other, date_to="2025-06-30"), self._analysis()
        done.action_done()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.customer | double).ids, self.customer)
        self.env.invalidate_all()
        self.assertFalse(other.exists())
        self.assertEqual((done | draft | twin).account_id, self.account)
        self.assertEqual(done.figure_ids.account_id, self.account)
        self.assertEqual((done.state, self.account.net_sales_12m), ("done", 1500))

    def test_an_invoice_to_a_contact_counts_for_its_company(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self._pay(self._invoice(contact, amount=1000.0), "2025-07-15")
        sums = self._totals()
        self.assertEqual((sums.net_sales, sums.receivables, sums.payment_days), (1000, 0, 30))

    # NIGHTLY
    def _recent(self, account, amount):
        day = fields.Date.to_string(self.env["kams.account.value"]._default_period()[1])
        self._invoice(account.partner_id, amount=amount, day=day)

    def test_the_nightly_run_refreshes_all_accounts_and_proposes_tiers(self):
        self.env["kams.account"].search([]).active = False  # those of demo data aren't in this portfolio
        self.account.active = True
        accounts = self.account
        for n in range(9):
            accounts |= self._account(self.env["res.partner"].create({"name": f"N{n}", "is_company": True}))
        for rank, account in enumerate(accounts):
            self._recent(account, 1000.0 * (10 - rank))
        idle = self._account(self.env["res.partner"].create({"name": "Idle", "is_company": True}))
        done = self._run_cron("kams.account", "_cron_refresh_values")
        self.assertTrue(done)
        self.env.invalidate_all()
        self.assertEqual(self.account.net_sales_12m, 10_000)
        self.assertEqual(set((accounts | idle).mapped("value_date")), {fields.Date.context_today(self.account)})
        self.assertTrue(self.account.value_score > accounts[-1].value_score)
        tier, reason = self.account._propose_tier()[self.account.id]
        self.assertEqual(tier, self.account.proposed_tier)
        self.assertRegex(reason, "^A: value 100.0, contribution .*9,348.36.* in the top 10 %$")
        self.assertFalse(idle._propose_tier())
        again = self._run_cron("kams.account", "_cron_refresh_values")
        self.assertEqual(sum(processed for processed, _left in again), 0)

    def test_figures_and_standing_take_the_same_statements_for_10_and_200_accounts(self):
        many = self.env["kams.account"]
        for n in range(200):
            many |= self._account(self.env["res.partner"].create({"name": f"Q{n}", "is_company": True}))
        for account in many[:20]:
            self._recent(account, 100.0)
        counts = {}
        for size in (10, 200):
            batch = many[:size]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch._refresh_figures()
            basis = batch._value_basis(batch.company_id)
            batch._refresh_standing(basis, batch._contribution_ranks())
            self.env.flush_all()
            counts[size] = self.cr.sql_log_count - before
        self.assertEqual(counts[10], counts[200])
        self.assertLessEqual(counts[200], 18)

    def test_analyses_are_made_in_the_same_statements_for_2_and_20_accounts(self):
        many = self.env["kams.account"]
        for n in range(22):
            many |= self._account(self.env["res.partner"].create({"name": f"Q{n}", "is_company": True}))
        counts = []
        for batch in (many[:2], many[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch._totals(FIRST, LAST, with_group=True)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
