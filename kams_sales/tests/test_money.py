from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_money_history import MoneyCase


@tagged("post_install", "-at_install")
class TestMoney(MoneyCase):
    """One invoice, several deals: who gets what of it, whatever becomes of it, and who sees that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.list_price = 1.0  # nobody grants a discount here
        cls.finance = cls._person("kams_finance", "kams_sales.group_finance,account.group_account_invoice")

    def _order(self, *lines, deal=None, **vals):
        """A confirmed order with lines ``(deal or None, price)``."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "opportunity_id": (deal or self.deals[0]).id,
                "user_id": self.director.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "price_unit": price,
                            "kams_lead_id": line_deal and line_deal.id,
                            "tax_ids": [Command.set(self.tax.ids)],
                        }
                    )
                    for line_deal, price in lines
                ],
                **vals,
            }
        )
        order.state = "sale"
        return order

    def _deal_line(self, deal, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["kams.deal.money"].with_user(user or self.env.user).browse(deal.id)

    # ONE INVOICE, SEVERAL DEALS
    def test_an_invoice_over_three_deals_is_split_to_the_cent(self):
        move = self._bill(*((deal, 100.0) for deal in self.deals), post=False)
        move.invoice_line_ids.tax_ids = False
        move.action_post()
        self._pay(move, 100.0)
        found = self._sums("collected", "outstanding", "invoiced")
        self.assertEqual([round(found[deal]["collected"], 2) for deal in self.deals], [33.34, 33.33, 33.33])
        self.assertEqual([round(found[deal]["outstanding"], 2) for deal in self.deals], [66.66, 66.67, 66.67])
        self._pay(move)
        found = self._sums("collected", "outstanding", "invoiced")
        self.assertEqual([round(found[deal]["collected"], 2) for deal in self.deals], [100.0] * 3)
        self.assertEqual([round(found[deal]["outstanding"], 2) for deal in self.deals], [0.0] * 3)

    def test_an_order_with_lines_of_two_deals_is_for_both_and_so_is_its_invoice(self):
        self.product.invoice_policy = "order"
        order = self._order((None, 600.0), (self.deals[1], 400.0))
        invoice = order._create_invoices()
        invoice.action_post()
        found = self._sums("quoted", "ordered", "invoiced")
        for deal, amount in zip(self.deals[:2], (600.0, 400.0), strict=True):
            self.assertEqual(found[deal], {"quoted": amount, "ordered": amount, "invoiced": amount})
            self.assertEqual(deal.kams_invoice_ids, invoice)
        self.assertEqual(invoice.kams_lead_ids, self.deals[:2])
        refund = invoice._reverse_moves([{"invoice_date": "2026-01-01", "date": "2026-01-01"}])
        refund.action_post()
        self.assertEqual(refund.kams_lead_ids, self.deals[:2])
        self.assertEqual(self._sums("credited")[self.deals[1]], {"credited": 400.0})

    def test_a_question_about_kinds_and_days_reads_less_and_says_the_same(self):
        """What isn't asked about isn't read: each question is answered as its rows add up."""
        self.product.invoice_policy = "order"
        self._order((None, 600.0), (self.deals[1], 400.0))._create_invoices().action_post()
        moves = [
            self._bill((self.deals[0], 100.0), (None, 7.0), day="2025-02-01"),
            self._bill((self.deals[1], 40.0), day="2025-02-28"),
            self._bill((self.deals[1], 30.0), day="2025-03-01", kind="out_refund"),
        ]
        self._pay(moves[0], 50.0, day="2025-02-15")
        self._pay(moves[1], lost=True, amount=10.0, day="2025-03-02")
        self.env.flush_all()
        self.env.invalidate_all()
        names = ("quoted", "ordered", "forecast", "net_invoiced", "collected", "written_off", "outstanding")
        rows = self.money.search([])
        self.assertEqual(len(rows), self.money.search_count([]))
        days = (
            [],
            [("date", ">=", date(2025, 2, 1)), ("date", "<=", date(2025, 2, 28))],
            [("date", ">", "2025-02-01"), ("date", "<", "2025-03-02")],
            ["|", ("date", "=", False), ("date", ">=", date(2025, 3, 1))],
        )
        kinds = (
            [("kind", "in", ("invoice", "refund"))],
            [("kind", "=", "refund")],
            [("kind", "in", ("invoice", "payment"))],
            [("kind", "in", ("order", "quotation", "forecast"))],
            [("kind", "=", "nothing")],
            [("kind", "!=", "payment")],
            ["|", ("kind", "=", "payment"), ("kind", "=", "invoice")],
        )
        for kind in kinds:
            for when in days:
                with self.subTest(kind=kind, when=when):
                    domain = [*kind, *when]
                    found = rows.filtered_domain(domain)
                    for by in ([], ["kind"], ["lead_id"], ["deal_team_id"]):
                        groups = self.money._read_group(domain, by, [*(f"{name}:sum" for name in names), "__count"])
                        if by and by != ["kind"]:  # else nothing is divided by deal, and a payment is one row
                            self.assertEqual(sum(group[-1] for group in groups), len(found), by)
                        for place, name in enumerate(names, len(by)):
                            self.assertAlmostEqual(
                                sum(group[place] or 0 for group in groups),
                                sum(row[name] or 0 for row in found),
                                2,
                                (by, name),
                            )

    def test_a_line_of_a_deal_is_not_sold_past_the_authority_by_an_order_without_one(self):
        order = self._order((self.deals[1], 400.0))
        order.state = "draft"
        with self.assertRaisesRegex(ValidationError, "belongs to no deal"):
            order.opportunity_id = False
        order.order_line.kams_lead_id = False
        order.opportunity_id = False
        with self.assertRaisesRegex(ValidationError, "belongs to no deal"):
            order.order_line.kams_lead_id = self.deals[1]

    def test_an_invoice_without_order_is_linked_by_hand_also_when_posted_and_locked(self):
        move = self._bill((None, 500.0))
        self.assertNotIn(self.deals[0], self._sums("invoiced", domain=[("move_id", "=", move.id)]))
        self.env.company.sale_lock_date = self.env.company.fiscalyear_lock_date = "2025-12-31"
        move.invoice_line_ids.with_user(self.finance).kams_lead_id = self.deals[0]
        found = self._sums("invoiced", "outstanding", domain=[("move_id", "=", move.id)])
        self.assertEqual(found, {self.deals[0]: {"invoiced": 500.0, "outstanding": 565.0}})
        self.assertEqual(move.state, "posted")

    def test_what_somebody_linked_comes_before_the_order(self):
        self.product.invoice_policy = "order"
        invoice = self._order((None, 600.0))._create_invoices()
        invoice.action_post()
        invoice.invoice_line_ids.kams_lead_id = self.deals[2]
        self.assertEqual(invoice.kams_lead_ids, self.deals[2])
        self.assertEqual(self._sums("invoiced", domain=[("move_id", "=", invoice.id)])[self.deals[2]]["invoiced"], 600)

    # WHATEVER BECOMES OF IT
    def test_a_cancelled_invoice_counts_for_nothing_and_comes_back_with_its_number(self):
        move = self._bill((self.deals[0], 500.0))
        move.button_draft()
        self.assertNotIn(self.deals[0], self._sums("invoiced", domain=[("kind", "=", "invoice")]))
        move.button_cancel()
        self.assertNotIn(self.deals[0], self._sums("outstanding", domain=[("kind", "=", "outstanding")]))
        move.button_draft()
        move.action_post()
        self.assertEqual(self._sums("invoiced", domain=[("kind", "=", "invoice")])[self.deals[0]]["invoiced"], 500.0)

    def test_a_credit_note_larger_than_its_invoice_leaves_us_owing(self):
        move = self._bill((self.deals[0], 100.0))
        refund = self._bill((self.deals[0], 150.0), kind="out_refund")
        self._settle_by(move, refund)
        figures = self._deal_line(self.deals[0])
        self.assertEqual((figures.invoiced, figures.credited), (100.0, 150.0))
        self.assertEqual(round(figures.outstanding, 2), -56.5)
        self.assertFalse(figures.set_off)  # what the invoice got, the credit note gave
        self.assertFalse(figures.overdue)  # nobody owes us anything
        self.assertAsOracle(move | refund)

    def test_a_payment_in_another_currency_reconciled_and_unreconciled(self):
        move = self._bill((self.deals[0], 800.0), (self.deals[1], 200.0), currency=self.away)
        self._pay(move, day="2025-07-01", currency=self.away)
        self.assertAsOracle(move, "paid at a better rate")
        found = self._sums("collected", "exchange", "outstanding", domain=[("move_id", "=", move.id)])
        total = sum(round(part, 2) for row in found.values() for part in row.values())
        self.assertEqual(round(total, 2), round(move.amount_total_signed, 2))
        self.assertTrue(all(row["exchange"] < 0 < row["collected"] for row in found.values()), found)
        move.line_ids.remove_move_reconcile()
        found = self._sums("collected", "exchange", "outstanding", domain=[("move_id", "=", move.id)])
        self.assertFalse(any(row["collected"] or row["exchange"] for row in found.values()))
        self.assertAsOracle(move, "unreconciled")

    def test_a_discount_for_early_payment_is_written_off_and_no_cash(self):
        moves = self._bill((self.deals[0], 1000.0)) | self._bill((self.deals[1], 500.0))
        self._pay(moves, 1661.1, lost=True, group_payment=True)
        found = self._sums("collected", "written_off", domain=[("move_id", "in", moves.ids)])
        self.assertEqual(round(sum(row["collected"] for row in found.values()), 2), 1661.1)
        self.assertEqual(round(sum(row["written_off"] for row in found.values()), 2), 33.9)
        self.assertEqual(round(found[self.deals[0]]["written_off"], 2), 22.6)

    def test_a_bad_debt_by_journal_entry_is_written_off(self):
        move = self._bill((self.deals[0], 100.0))
        term = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        entry = self.env["account.move"].create(
            {
                "date": "2025-05-01",
                "line_ids": [
                    Command.create({"account_id": term.account_id.id, "credit": 113.0, "partner_id": self.customer.id}),
                    Command.create({"account_id": self.expense.id, "debit": 113.0}),
                ],
            }
        )
        entry.action_post()
        (term | entry.line_ids.filtered(lambda line: line.account_id == term.account_id)).reconcile()
        figures = self._deal_line(self.deals[0])
        self.assertEqual((figures.written_off, figures.collected, figures.outstanding), (113.0, False, False))

    def test_a_merged_deal_takes_its_invoices_along_and_a_deleted_one_leaves_them(self):
        linked = self._bill((self.deals[0], 100.0), (self.deals[1], 50.0))
        (self.deals[0] | self.deals[1]).merge_opportunity()
        left = (self.deals[0] | self.deals[1]).exists()
        self.assertEqual(len(left), 1)
        self.assertEqual(linked.kams_lead_ids, left)
        self.assertEqual(self._sums("invoiced", domain=[("move_id", "=", linked.id)])[left]["invoiced"], 150.0)
        left.unlink()
        found = self._sums("invoiced", domain=[("move_id", "=", linked.id)])
        self.assertEqual([row["invoiced"] for row in found.values()], [150.0])
        self.assertFalse(linked.kams_lead_ids)

    # ONE DEAL, ONE LINE
    def test_a_deals_line_says_what_nobody_knows_by_saying_nothing(self):
        figures = self._deal_line(self.deals[2])
        for name in ("planned", "ordered", "invoiced", "collected", "erosion", "realised_margin", "days_to_pay"):
            self.assertIs(figures[name], False, name)

    def test_days_to_pay_are_weighed_by_what_was_paid(self):
        move = self._bill((self.deals[0], 100.0), day="2025-02-01")
        self._pay(move, 28.25, day="2025-02-11")
        self._pay(move, 84.75, day="2025-03-03")
        self.assertAlmostEqual(self._deal_line(self.deals[0]).days_to_pay, 0.25 * 10 + 0.75 * 30)

    def test_a_margin_is_known_when_the_cost_of_all_lines_is(self):
        self.product.standard_price = 60.0
        move = self._bill((self.deals[0], 100.0))
        move.button_draft()
        move.invoice_line_ids.write({"product_id": self.product.id, "price_unit": 100.0})
        move.action_post()
        figures = self._deal_line(self.deals[0])
        self.assertEqual((figures.realised_margin, figures.realised_margin_pct), (40.0, 40.0))
        self._bill((self.deals[0], 10.0))  # work whose cost nobody knows
        self.assertIs(self._deal_line(self.deals[0]).realised_margin, False)

    # WHO SEES IT
    def test_who_sees_the_deal_but_not_the_invoice_sees_no_number_of_it_nor_the_other_way_round(self):
        mine = self._deal(name="Mine", user_id=self.salesperson.id)
        theirs = self._bill((mine, 100.0), invoice_user_id=self.colleague.id)
        own = self._bill((self.deals[0], 70.0), invoice_user_id=self.salesperson.id)
        money = self.money.with_user(self.salesperson)
        self.assertFalse(money.search([("move_id", "in", (theirs | own).ids)]))
        self.assertIs(self._deal_line(mine, self.salesperson).invoiced, False)
        self.assertIs(self._deal_line(mine, self.salesperson).outstanding, False)
        self.assertEqual(self._deal_line(mine).invoiced, 100.0)
        self.assertFalse(mine.with_user(self.salesperson).kams_invoice_ids)
        self.assertEqual(own.with_user(self.salesperson).kams_lead_count, 0)
        with self.assertRaises(AccessError):
            self._deal_line(self.deals[0], self.salesperson).read(["invoiced"])
        theirs.invoice_user_id = self.salesperson
        self.assertEqual(self._deal_line(mine, self.salesperson).invoiced, 100.0)
        self.assertFalse(self._deal_line(mine, self.auditor).invoiced)  # reads deals, but no invoices

    def test_what_somebody_read_is_not_shown_to_the_next_in_the_same_transaction(self):
        mine = self._deal(name="Mine", user_id=self.salesperson.id)
        move = self._bill((mine, 100.0), invoice_user_id=self.colleague.id)
        self.assertEqual((mine.sudo().kams_invoice_ids, move.sudo().kams_lead_ids), (move, mine))
        self.assertEqual(mine.with_user(self.salesperson).kams_invoice_count, 0)
        self.assertEqual(move.with_user(self.colleague).kams_lead_count, 0)

    def test_an_accountant_without_deals_has_odoos_own_page(self):
        accountant = self._person("plain_accountant", "account.group_account_invoice")
        view = self.env.ref("account.view_move_form").id
        for user, found in ((accountant, False), (self.finance, True)):
            arch = self.env["account.move"].with_user(user).get_view(view, "form")["arch"]
            self.assertEqual("kams" in arch, found, user.login)

    def test_finance_needs_no_crm_rights(self):
        move = self._bill((self.deals[0], 100.0))
        self.assertFalse(self.finance.has_group("sales_team.group_sale_salesman"))
        figures = self._deal_line(self.deals[0], self.finance)
        self.assertEqual(figures.invoiced, 100.0)
        rows = self.money.with_user(self.finance)._read_group([("lead_id", "!=", False)], ["lead_id"], ["invoiced:sum"])
        self.assertIn((self.deals[0].with_user(self.finance), 100.0), rows)
        self.assertEqual(move.with_user(self.finance).kams_lead_ids, self.deals[0])
        self.assertEqual(self.deals[0].with_user(self.finance).action_kams_money()["res_id"], self.deals[0].id)
        self.assertEqual(self.deals[0].with_user(self.finance).kams_invoice_ids, move)

    def test_companies_are_apart_and_together_in_one_currency_as_odoo_has_it(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere", "currency_id": self.away.id})
        self.env["account.chart.template"].try_loading("generic_coa", company=elsewhere, install_demo=False)
        self._bill((self.deals[0], 100.0))
        self.env["account.move"].with_company(elsewhere).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2025-02-01",
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 300.0, "tax_ids": [Command.clear()]})],
            }
        ).action_post()
        self.director.group_ids |= self.env.ref("account.group_account_readonly")
        here = self.env.company
        self.director.company_ids |= elsewhere
        for companies in (here, elsewhere, here | elsewhere, elsewhere | here):
            env = self.env(user=self.director, context={**self.env.context, "allowed_company_ids": companies.ids})
            self.env.invalidate_all()
            sold = [("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted")]
            odoo = env["account.invoice.report"]._read_group(sold, [], ["price_subtotal:sum", "price_total:sum"])
            ours = env["kams.money"]._read_group(
                [("kind", "in", ("invoice", "refund"))], [], ["net_invoiced:sum", "invoiced_total:sum"]
            )
            with self.subTest(companies=companies.mapped("name")):
                for one, other in zip(ours[0], odoo[0], strict=True):
                    self.assertAlmostEqual(one, other, places=2)

    # A GOOD GUEST
    def test_a_plain_deals_page_asks_nothing_about_invoices(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(plain.kams_invoice_count)

    def test_invoices_of_many_deals_are_counted_at_once(self):
        for deal in self.deals:
            self._bill((deal, 10.0))
        self.env.flush_all()
        self.env.invalidate_all()
        self.deals.mapped("kams_process_id")
        with self.assertQueryCount(4):
            self.assertEqual(self.deals.mapped("kams_invoice_count"), [1, 1, 1])
