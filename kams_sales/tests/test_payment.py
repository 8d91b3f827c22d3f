import doctest
import random
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..tools import collections as arithmetic
from .common import KamsCase

FINANCE = "base.group_user,kams_sales.group_finance,account.group_account_invoice"


class PaymentCase(KamsCase):
    """A contract over 6,900,000 with tax, its order of one line, and a finance person without any right to deals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.product.write({"taxes_id": [Command.clear()], "invoice_policy": "order", "standard_price": 1.0})
        cls.order = cls._order(cls.deal, 6_900_000.0)
        cls.contract = cls._contract(cls.deal, order_id=cls.order.id)
        cls.finance = new_test_user(cls.env, login="kams_finance", groups=FINANCE)
        cls.today = fields.Date.today()

    @classmethod
    def _order(cls, deal, price, confirm=True, **vals):
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "opportunity_id": deal.id,
                "user_id": cls.salesperson.id,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "product_uom_qty": 1, "price_unit": price})
                ],
                **vals,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _contract(cls, deal, total=6_900_000.0, **vals):
        return cls.env["kams.contract"].create(
            {"lead_id": deal.id, "name": "Boiler retrofit", "amount_total": total, **vals}
        )

    @classmethod
    def _milestones(cls, *shares, contract=None, **vals):
        contract = contract or cls.contract
        return cls.env["kams.payment.milestone"].create(
            [
                {"contract_id": contract.id, "sequence": place, "pct": share, "days": 30, **vals}
                for place, share in enumerate(shares)
            ]
        )

    def _happened(self, milestones, day=None):
        milestones.trigger_date = day or self.today
        return milestones

    def _invoices(self, milestones):
        return milestones.sudo().invoice_ids

    def _bill(self, milestones, user=None):
        """Invoice, as finance does, and post."""
        milestones.with_user(user or self.finance).action_invoice()
        move = self._invoices(milestones).filtered(lambda one: one.state == "draft")
        move.action_post()
        return move

    def _pay(self, moves, amount=None, day=None, **vals):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        if amount is not None:
            vals["amount"] = amount
        return wizard.create({"payment_date": day or self.today, **vals})._create_payments()

    def _money(self, milestones, user=None):
        """``[(state, invoiced, received, still to come)]`` as somebody sees it."""
        self.env.flush_all()
        milestones.invalidate_recordset()
        seen = milestones.with_user(user or self.finance)
        return [(one.state, one.invoiced, one.received, one.residual) for one in seen]


@tagged("post_install", "-at_install")
class TestCollections(PaymentCase):
    """The arithmetic of collecting (C36, L13)."""

    def test_examples_of_the_arithmetic_hold(self):
        self.assertEqual(doctest.testmod(arithmetic).failed, 0)

    def test_c36_collection_rate_days_outstanding_and_effectiveness(self):
        self.assertEqual(round(arithmetic.collection_rate(6.5, 7.0), 2), 92.86)
        self.assertEqual(arithmetic.days_sales_outstanding(2.5, 10), 91.25)
        self.assertEqual(round(arithmetic.collection_effectiveness(100, 1000, 120, 100), 6), 98.0)

    def test_l13_default_interest(self):
        self.assertEqual(round(arithmetic.default_interest(1_000_000, 0.05, 40), 6), 20_000.0)

    def test_cents_are_split_so_that_they_add_up(self):
        chance = random.Random(6)
        for _round in range(300):
            total = chance.randint(0, 10**9) / 100
            shares = [chance.choice([1, 5, 10, 30, 33.333333, 12.5]) for _number in range(chance.randint(1, 7))]
            parts = arithmetic.split(total, shares)
            self.assertEqual(round(sum(parts), 2), total)
            for part, share in zip(parts, shares, strict=True):
                self.assertLess(abs(part - total * share / sum(shares)), 0.011)

    def test_years_between_grow_with_the_end(self):
        start = date(2026, 1, 31)
        before = 0.0
        for number in range(1, 1500):
            years = arithmetic.years_between(start, start + timedelta(days=number))
            self.assertGreaterEqual(years, before, number)
            self.assertAlmostEqual(years, number / 365.25, delta=0.01)
            before = years


@tagged("post_install", "-at_install")
class TestSchedule(PaymentCase):
    """Shares and amounts of a contract's payments."""

    def test_share_and_amount_follow_from_each_other(self):
        one, two = self._milestones(30, 40)
        self.assertEqual((one.amount, two.amount), (2_070_000.0, 2_760_000.0))
        two.amount = 3_450_000.0
        self.assertAlmostEqual(two.pct, 50, 6)
        two.pct = 10
        self.assertEqual(two.amount, 690_000.0)
        other = self.env["kams.payment.milestone"].create({"contract_id": self.contract.id, "amount": 69_000.0})
        self.assertAlmostEqual(other.pct, 1, 6)

    def test_a_blank_amount_is_not_naught(self):
        contract = self._contract(self.deal, total=None)
        one = self._milestones(30, contract=contract)
        self.assertIs(one.amount, False)
        contract.amount_total = 1000.0
        self.assertEqual(one.amount, 300.0)

    def test_all_payments_are_the_contract_to_the_cent(self):
        self.contract.amount_total = 100.0
        thirds = self._milestones(33.333333, 33.333333, 33.333334)
        self.assertEqual(thirds.mapped("amount"), [33.33, 33.33, 33.34])
        self.contract.amount_total = 1000.01
        self.assertEqual(round(sum(thirds.mapped("amount")), 2), 1000.01)
        self.assertIs(self.contract.payment_findings, False)

    def test_amounts_typed_to_the_cent_are_left_alone(self):
        self.contract.amount_total = 6_900_000.01
        amounts = [1_000_000.0, 2_345_678.9, 3_554_321.11]
        milestones = self.env["kams.payment.milestone"].create(
            [{"contract_id": self.contract.id, "amount": amount, "days": 0} for amount in amounts]
        )
        self.assertEqual(milestones.mapped("amount"), amounts)
        self.assertIs(self.contract.payment_findings, False)

    def test_never_more_than_all_of_it(self):
        self._milestones(60)
        with self.assertRaises(ValidationError):
            self._milestones(41)

    def test_what_is_missing_is_told(self):
        self.assertIn("No payments", self.contract.payment_findings)
        self._milestones(30, 30)
        self.assertIn("60 %", self.contract.payment_findings)

    def test_a_scheme_is_taken_over(self):
        self.contract.payment_template_id = self.env.ref("kams_sales.payment_template_3331")
        self.contract.action_take_payment_scheme()
        self.assertEqual(self.contract.milestone_ids.mapped("pct"), [30, 30, 30, 10])
        self.assertEqual(
            self.contract.milestone_ids.mapped("trigger"), ["signature", "arrival", "final", "warranty_end"]
        )
        self.assertEqual(sum(self.contract.milestone_ids.mapped("amount")), 6_900_000.0)
        self.assertIs(self.contract.payment_findings, False)
        self.contract.payment_template_id = self.env.ref("kams_sales.payment_template_whole")
        self.contract.action_take_payment_scheme()
        self.assertEqual(self.contract.milestone_ids.mapped("amount"), [6_900_000.0])

    def test_every_scheme_comes_to_a_hundred(self):
        for scheme in self.env["kams.payment.template"].search([]):
            self.assertEqual(sum(scheme.line_ids.mapped("pct")), 100, scheme.name)
        with self.assertRaises(ValidationError):
            self.env["kams.payment.template"].create(
                {"name": "Short", "line_ids": [Command.create({"name": "x", "pct": 30})]}
            )

    def test_what_was_reviewed_stays_on_every_route(self):
        milestone = self._milestones(100)
        self.contract.milestone_ids.trigger = "signature"
        self.env.cr.execute("UPDATE kams_contract SET state = 'signed' WHERE id = %s", [self.contract.id])
        self.contract.invalidate_recordset()
        for vals in ({"pct": 90}, {"amount": 5.0}, {"days": 90}, {"condition": "x"}, {"kind": "final"}):
            with self.assertRaises(UserError):
                milestone.write(vals)
        with self.assertRaises(UserError):
            milestone.unlink()
        with self.assertRaises(UserError):
            self.env["kams.payment.milestone"].create({"contract_id": self.contract.id, "pct": 1})
        with self.assertRaises(UserError):
            self.contract.write({"milestone_ids": [Command.update(milestone.id, {"amount": 1.0})]})
        loaded = self.env["kams.payment.milestone"].load([".id", "amount"], [[str(milestone.id), "5"]])
        self.assertFalse(loaded["ids"])
        milestone.write({"trigger_planned": self.today, "note": "<b>أهلا 🙂</b>" * 700})

    def test_days_follow_the_contract(self):
        one = self._milestones(30, trigger="signature")
        last = self._milestones(10, trigger="warranty_end")
        final = self._milestones(60, trigger="final", trigger_planned="2026-06-30")
        self.assertFalse(one.date_due)
        self.contract.write({"signed_at": "2026-01-10", "warranty_months": 12})
        self.assertEqual(one.date_due, date(2026, 2, 9))
        self.assertEqual((last.trigger_planned, last.date_due), (date(2027, 6, 30), date(2027, 7, 30)))
        self.assertFalse(last.trigger_date)
        final.trigger_date = "2026-07-31"
        self.assertEqual(last.trigger_date, date(2027, 7, 31))
        fixed = self.env["kams.payment.milestone"].create(
            {"lead_id": self.deal.id, "trigger": "date", "trigger_planned": "2026-03-01"}
        )
        self.assertEqual(fixed.date_due, date(2026, 3, 1), "a day that is agreed needs no days besides")

    def test_c32_present_value_of_a_schedule(self):
        contract = self._contract(self.deal, total=10_100_000.0)
        for share, day in ((30, "2026-01-15"), (60, "2026-07-15"), (10, "2027-07-15")):
            self.env["kams.payment.milestone"].create(
                {"contract_id": contract.id, "pct": share, "trigger": "date", "trigger_planned": day}
            )
        self.env["kams.legal.rule"].search([("key", "=", "terms_discount_rate_pct")]).unlink()
        contract.signed_at = "2026-01-15"
        self.assertIs(contract.present_value, False, "no rate, no value")
        self.env["kams.legal.rule"].create(
            {
                "name": "Rate",
                "key": "terms_discount_rate_pct",
                "value": 6,
                "valid_from": "2005-01-01",
                "source": "Own choice",
            }
        )
        contract.invalidate_recordset(["present_value", "present_value_pct"])
        self.assertAlmostEqual(contract.present_value, 9_841_462.82, 2)
        self.assertAlmostEqual(contract.present_value_pct, 97.4402, 4)

    def test_time_to_pay_is_judged_by_the_matrix(self):
        self.contract.user_id = self.salesperson
        self.assertEqual(self.contract.payment_state, "unknown")
        milestones = self._milestones(30, 70)
        authority = self.env["kams.authority"]
        authority.search([("aspect", "=", "payment_days")]).unlink()
        authority.create(
            [
                {"aspect": "payment_days", "value_from": 0, "value_to": 31, "role": "sales"},
                {"aspect": "payment_days", "value_from": 31, "value_to": 91, "role": "director"},
            ]
        )
        self.assertEqual((self.contract.payment_days, self.contract.payment_state), (30, "within"))
        milestones[1].days = 60
        self.assertEqual(self.contract.payment_state, "beyond")
        self.contract.with_user(self.salesperson).action_ask_agreement()
        approval = self.env["kams.authority.approval"].search([("contract_id", "=", self.contract.id)])
        approval.with_user(self.director)._answer("approved", "A good customer")
        self.assertEqual(self.contract.payment_state, "approved")
        milestones[1].days = 45
        self.assertEqual(self.contract.payment_state, "approved", "better than what was agreed to")
        milestones[1].days = 61
        self.assertEqual(self.contract.payment_state, "beyond")
        milestones[1].days = None
        self.assertEqual(self.contract.payment_state, "unknown")

    def test_without_milestones_the_orders_terms_count(self):
        term = self.env["account.payment.term"].create(
            {"name": "45", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 45})]}
        )
        order = self._order(self.deal, 5.0, confirm=False, payment_term_id=term.id)
        contract = self._contract(self.deal, order_id=order.id)
        self.assertEqual(contract.payment_days, 45)
        order.payment_term_id = False
        self.assertIs(contract.payment_days, False)

    def test_the_form_keeps_share_and_amount_together(self):
        with Form(self.env["kams.payment.milestone"].with_context(default_contract_id=self.contract.id)) as form:
            form.name = "Advance"
            form.pct = 30
            self.assertEqual(form.amount, 2_070_000.0)
            form.amount = 690_000.0
            self.assertAlmostEqual(form.pct, 10, 4)

    def test_import_with_a_bad_row_named(self):
        columns = ["contract_id/.id", "name", "pct", "trigger", "days"]
        good = [str(self.contract.id), "Advance", "30", "signature", "15"]
        result = self.env["kams.payment.milestone"].load(
            columns, [good, [str(self.contract.id), "Rest", "90", "x", "1"]]
        )
        self.assertFalse(result["ids"])
        result = self.env["kams.payment.milestone"].load(columns, [good])
        self.assertEqual(self.env["kams.payment.milestone"].browse(result["ids"]).amount, 2_070_000.0)
