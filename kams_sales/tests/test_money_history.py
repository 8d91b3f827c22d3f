import random
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from odoo import Command
from odoo.tests import tagged

from .common import KamsCase

LOST = ("income", "expense", "equity")


class MoneyCase(KamsCase):
    """Invoices, credit notes and payments of several deals, and what each deal should have of them, by brute force."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = cls.env["crm.lead"].union(
            *(cls._deal(name=f"Lot {n}", partner_id=cls.customer.id, user_id=cls.director.id) for n in range(3))
        )
        cls.home = cls.env.company.currency_id
        cls.away = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "in", ["EUR", "GBP", "USD"]), ("id", "!=", cls.home.id)], limit=1)
        )
        cls.away.active = True
        cls.away.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.away.id, "name": day, "rate": rate, "company_id": cls.env.company.id}
                for day, rate in (("2025-01-01", 0.8), ("2025-03-01", 0.937), ("2025-06-01", 0.713))
            ]
        )
        cls.tax = cls.env["account.tax"].create(
            {"name": "13 %", "amount": 13.0, "amount_type": "percent", "type_tax_use": "sale"}
        )
        cls.expense = cls.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        cls.bank = cls.env["account.journal"].search([("type", "=", "bank")], limit=1)
        cls.money = cls.env["kams.money"]

    # WHAT HAPPENS
    @classmethod
    def _bill(cls, *lines, currency=None, day="2025-02-01", kind="out_invoice", post=True, **vals):
        """An invoice of lines ``(deal or None, price)``, each with tax."""
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": cls.customer.id,
                "invoice_date": day,
                "date": day,
                "invoice_payment_term_id": False,
                "invoice_date_due": day,
                "currency_id": (currency or cls.home).id,
                "invoice_user_id": cls.director.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "price_unit": price,
                            "kams_lead_id": deal and deal.id,
                            "tax_ids": [Command.set(cls.tax.ids)],
                        }
                    )
                    for deal, price in lines
                ],
                **vals,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _pay(cls, moves, amount=None, day="2025-04-01", lost=False, currency=None, **vals):
        wizard = cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        values = {"payment_date": day, "journal_id": cls.bank.id, **vals}
        if currency:
            values["currency_id"] = currency.id
        if amount is not None:
            values["amount"] = amount
        if lost:
            values |= {"payment_difference_handling": "reconcile", "writeoff_account_id": cls.expense.id}
        return wizard.create(values)._create_payments()

    def _settle_by(self, move, refund):
        terms = (move | refund).line_ids.filtered(lambda line: line.display_type == "payment_term")
        terms.filtered(lambda line: not line.reconciled).reconcile()

    # WHAT IS EXPECTED
    def _sums(self, *names, domain=(), by="lead_id"):
        self.env.invalidate_all()
        rows = self.money._read_group(list(domain), [by], [f"{name}:sum" for name in names])
        return {key: dict(zip(names, (value or 0.0 for value in values), strict=True)) for key, *values in rows}

    def _shares(self, move):
        """``{deal: what it has in the total}``, of lines as the invoice's form shows them."""
        weights = defaultdict(Fraction)
        for line in move.invoice_line_ids.filtered(lambda line: line.display_type == "product"):
            deal = line.kams_lead_id or line.sale_line_ids[:1].kams_lead_id
            weights[deal or line.sale_line_ids[:1].order_id.opportunity_id] += Fraction(str(line.price_total))
        return weights

    def _largest_remainder(self, amount, weights):
        """``{deal: cents}``; ties go to the deal with the lower number, what has no deal last."""
        cents = int(Fraction(str(round(amount, 2))) * 100)
        total = sum(weights.values())
        exact = {
            deal: Fraction(cents) * weight / total if total else Fraction(cents, len(weights))
            for deal, weight in weights.items()
        }
        parts = {deal: value.numerator // value.denominator for deal, value in exact.items()}
        rest = cents - sum(parts.values())
        order = sorted(exact, key=lambda deal: (parts[deal] - exact[deal], deal.id or 10**9))
        for deal in order[:rest]:
            parts[deal] += 1
        return parts

    def _entries(self, move):
        """``[(kind, amount)]`` of an invoice in the order in which it happened, what is open last."""
        partials = self.env["account.partial.reconcile"]
        exchanges = partials.search([("exchange_move_id", "!=", False)]).exchange_move_id
        entries = []
        for term in move.line_ids.filtered(lambda line: line.display_type == "payment_term"):
            sides = [(one, one.credit_move_id, 1) for one in term.matched_credit_ids]
            sides += [(one, one.debit_move_id, -1) for one in term.matched_debit_ids]
            for partial, other, sign in sides:
                source, pieces = other.move_id, []
                gain = 0.0
                for line in partial.exchange_move_id.line_ids:
                    linked = line.matched_credit_ids if sign > 0 else line.matched_debit_ids
                    side = "credit_move_id" if sign > 0 else "debit_move_id"
                    gain += sum(one.amount for one in linked if one[side] == other)
                if source.move_type != "entry":
                    pieces = [("offset", partial.amount + gain)]
                elif source in exchanges:
                    pieces = [("exchange", partial.amount)]
                else:
                    cash, lost = self._cash_and_lost(source, partial)
                    pieces = [("payment", cash + gain), ("write_off", lost), ("offset", partial.amount - cash - lost)]
                pieces.append(("exchange", -gain))
                number = ["payment", "write_off", "exchange", "offset"].index
                entries += [
                    (partial.id, sign < 0, number(kind), kind, sign * round(amount, 2))
                    for kind, amount in pieces
                    if round(amount, 2)
                ]
        entries.sort()
        found = [(kind, amount) for *_key, kind, amount in entries]
        for term in move.line_ids.filtered(lambda line: line.display_type == "payment_term").sorted("id"):
            if term.amount_residual:
                found.append(("outstanding", term.amount_residual))
        return found

    def _cash_and_lost(self, source, partial):
        """What of a reconciliation with a payment was cash, and what was written off."""
        claims = source.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        settled = Fraction(str(round(-sum(claims.mapped("balance")), 2)))
        lost_lines = source.line_ids.filtered(lambda line: line.account_id.internal_group in LOST or line.tax_line_id)
        lost = Fraction(str(round(sum(lost_lines.mapped("balance")), 2)))
        if not lost:
            return partial.amount, 0.0
        used = (claims.matched_debit_ids | claims.matched_credit_ids).sorted("id")
        before = sum(Fraction(str(one.amount)) for one in used if one.id < partial.id)
        after = before + Fraction(str(partial.amount))

        def upto(amount, part):
            value = amount * part / settled * 100
            whole = abs(value)
            rounded = (2 * whole.numerator + whole.denominator) // (2 * whole.denominator)  # half away from zero
            return (rounded if value >= 0 else -rounded) / 100

        cash = settled - lost
        return upto(after, cash) - upto(before, cash), upto(after, lost) - upto(before, lost)

    def _expected(self, moves):
        """``{deal: {kind: amount}}`` of these invoices."""
        expected = defaultdict(lambda: defaultdict(int))
        for move in moves.filtered(lambda move: move.state == "posted"):
            weights = self._shares(move)
            upto, before = 0.0, defaultdict(int)
            for kind, amount in self._entries(move):
                upto = round(upto + amount, 2)
                parts = self._largest_remainder(upto, weights)
                for deal, cents in parts.items():
                    expected[deal][kind] += cents - before[deal]
                before = defaultdict(int, parts)
        return expected

    def assertAsOracle(self, moves, note=""):
        names = {
            "payment": "collected",
            "write_off": "written_off",
            "exchange": "exchange",
            "offset": "set_off",
            "outstanding": "outstanding",
        }
        self.env.flush_all()
        found = self._sums(*names.values(), domain=[("move_id", "in", moves.ids)])
        expected = self._expected(moves)
        for deal in {*expected, *found}:
            for kind, name in names.items():
                with self.subTest(note=note, deal=deal.name, figure=name):
                    self.assertEqual(round(found.get(deal, {}).get(name, 0.0), 2), expected[deal][kind] / 100)

    def assertAsOdoo(self, note=""):
        """The same totals as Odoo's invoice analysis, by whatever one groups."""
        sold = [("move_type", "in", ("out_invoice", "out_refund", "out_receipt")), ("state", "=", "posted")]
        pairs = (
            ("partner_id", "partner_id"),
            ("user_id", "invoice_user_id"),
            ("product_id", "product_id"),
            ("date:month", "invoice_date:month"),
            ("move_id", "move_id"),
        )
        self.env.invalidate_all()
        for ours, theirs in pairs:
            analysis = self.env["account.invoice.report"]._read_group(
                sold, [theirs], ["price_subtotal:sum", "price_total:sum", "__count"]
            )
            rows = self.money._read_group(
                [("kind", "in", ("invoice", "refund"))], [ours], ["net_invoiced:sum", "invoiced_total:sum", "__count"]
            )
            with self.subTest(note=note, by=ours):
                self.assertEqual(
                    {key: (round(net, 2), round(total, 2), count) for key, net, total, count in rows},
                    {key: (round(net, 2), round(total, 2), count) for key, net, total, count in analysis},
                )


@tagged("post_install", "-at_install")
class TestMoneyHistory(MoneyCase):
    """Random histories of invoices, refunds and payments against Odoo's own analysis and a brute-force allocation."""

    def _play(self, seed, steps):
        dice = random.Random(seed)
        day = date(2025, 1, 10)
        moves = self.env["account.move"]
        for step in range(steps):
            day += timedelta(days=dice.randrange(0, 9))
            due = moves.filtered(lambda m: m.state == "posted" and m.amount_residual > 0.05)
            what = dice.choice(["bill", "bill", "pay", "pay", "refund", "undo", "draft", "together", "link"])
            if what == "bill" or not due:
                lines = [
                    (dice.choice([*self.deals, None]), dice.randrange(1, 99999) / dice.choice([100, 100, 7]))
                    for _line in range(dice.randrange(1, 5))
                ]
                kind = dice.choice(["out_invoice"] * 4 + ["out_refund"])
                moves |= self._bill(*lines, currency=dice.choice([self.home, self.home, self.away]), day=day, kind=kind)
            elif what == "pay":
                move = dice.choice(due)
                part = dice.choice([1, 1, 0.5, 0.333, 0.97])
                lost = part == 0.97
                amount = round(move.amount_residual * part, 2)
                if amount:
                    self._pay(move, amount, day, lost=lost, currency=move.currency_id)
            elif what == "together" and len(due) > 1:
                some = due.filtered(lambda m: m.move_type == "out_invoice" and m.currency_id == self.home)[:3]
                if len(some) > 1:
                    total = sum(some.mapped("amount_residual"))
                    self._pay(some, round(total * 0.98, 2), day, lost=True, group_payment=True)
            elif what == "refund":
                move = dice.choice(due)
                if move.move_type == "out_invoice":
                    refund = move._reverse_moves([{"invoice_date": day, "date": day}])
                    refund.action_post()
                    self._settle_by(move, refund)
                    moves |= refund
            elif what == "undo":
                move = dice.choice(moves)
                move.line_ids.remove_move_reconcile()
            elif what == "draft":
                move = dice.choice(due)
                move.button_draft()
                if dice.random() < 0.5:
                    move.button_cancel()
                else:
                    move.action_post()
            elif what == "link":
                line = dice.choice(dice.choice(moves).invoice_line_ids)
                line.kams_lead_id = dice.choice(self.deals)
            note = f"seed {seed}, step {step}: {what}"
            self.assertAsOracle(moves, note)
        self.assertAsOdoo(f"seed {seed}")
        whole = self._sums("invoiced_total", domain=[("move_id", "in", moves.ids)], by="move_id")
        parts = self._sums(
            *("collected", "written_off", "exchange", "set_off", "outstanding"),
            domain=[("move_id", "in", moves.ids)],
            by="move_id",
        )
        for move in moves.filtered(lambda m: m.state == "posted"):
            with self.subTest(seed=seed, move=move.name):
                self.assertEqual(round(sum(parts[move].values()), 2), round(move.amount_total_signed, 2))
                self.assertAlmostEqual(
                    whole[move]["invoiced_total"], move.amount_total_signed, delta=0.05
                )  # tax of a foreign currency

    def test_random_histories_are_as_odoo_and_brute_force_have_them(self):
        for seed in (61, 62, 63):
            self._play(seed, 14)

    def test_a_deals_rows_are_the_same_asked_alone_and_with_all(self):
        """What is looked up by indexes for one deal is what a scan of all finds."""
        self._play(64, 12)
        names = ("invoiced", "credited", "invoiced_total", "collected", "written_off", "exchange", "outstanding")
        everything = self._sums(*names)
        for deal in self.deals:
            alone = self._sums(*names, domain=[("lead_id", "=", deal.id)])
            by_row = self.money.search([("lead_id", "=", deal.id)])
            self.assertEqual(
                alone.get(deal, dict.fromkeys(names, 0.0)), everything.get(deal, dict.fromkeys(names, 0.0))
            )
            for name in names:
                self.assertAlmostEqual(sum(row[name] or 0.0 for row in by_row), alone.get(deal, {}).get(name, 0.0))
            self.assertEqual(len(by_row), len(set(by_row.ids)))

    def test_groups_of_deals_are_the_sums_of_their_rows(self):
        """A group that asks for one figure reads just the documents which have it; it is the sum of the whole rows."""
        self._play(65, 12)
        report = self.env["kams.deal.money"]
        rows = report.search([("lead_id", "in", self.deals.ids)])
        whole = {row["id"]: row for row in rows.read()}
        fields_ = {name: field for name, field in report._fields.items() if field.type in ("monetary", "float")}
        seen = set()
        for name, field in fields_.items():
            with self.subTest(name=name):
                groups = report._read_group(
                    [("lead_id", "in", self.deals.ids)], ["lead_id"], [f"{name}:{field.aggregator or 'sum'}"]
                )
                for deal, figure in groups:
                    wanted = whole[deal.id][name]
                    self.assertAlmostEqual(figure or 0.0, wanted or 0.0, 6)
                    seen |= {name} if wanted else set()
                if field.aggregator != "avg":
                    ((total,),) = report._read_group([("id", "in", list(whole))], [], [f"{name}:sum"])
                    self.assertAlmostEqual(total or 0.0, sum(row[name] or 0.0 for row in whole.values()), 6)
                    # nobody names the deals: everything is read, by the documents
                    everything = report.search([])
                    ((total,),) = report._read_group([], [], [f"{name}:sum"])
                    self.assertAlmostEqual(total or 0.0, sum(row[name] or 0.0 for row in everything), 4)
        self.assertGreaterEqual(seen, {"invoiced", "invoiced_total", "collected", "days_to_pay"})
        found = report.search([("outstanding", ">", 0)])
        self.assertEqual(found & rows, rows.filtered(lambda row: (row.outstanding or 0) > 0))
        groups = report._read_group([("outstanding", ">", 0)], ["lead_id"], ["invoiced:sum"])
        self.assertEqual({deal.id for deal, _sum in groups}, set(found.ids))
        self.assertNotIn("kams_money_wanted", groups[0][0].env.context)

    def test_a_page_of_deals_is_found_before_its_sums_are_read(self):
        self._play(66, 8)
        report = self.env["kams.deal.money"]
        names = ["lead_id", "invoiced", "collected", "outstanding", "planned"]
        for domain, order in (([], None), ([("invoiced", ">", 0)], "invoiced desc, id"), ([], "lead_id desc")):
            whole = report.search(domain, order=order)
            self.env.invalidate_all()
            page = report.search_fetch(domain, names, offset=1, limit=3, order=order)
            self.assertEqual(page.ids, whole.ids[1:4])
            self.assertEqual(page.read(names), whole[1:4].read(names))

    def test_statements_of_a_pivot_dont_grow_with_the_deals(self):
        self._play(67, 6)
        report, counts = self.env["kams.deal.money"], []
        for deals in (self.deals[:1], self.deals):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            report._read_group([("lead_id", "in", deals.ids)], ["user_id"], ["invoiced:sum", "planned:sum"])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
