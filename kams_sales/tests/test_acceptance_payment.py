from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_acceptance import AcceptanceCase


@tagged("post_install", "-at_install")
class TestPaidUponAcceptance(AcceptanceCase):
    """A signed acceptance makes its payment fall due, and its invoice where that is wished."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payments = cls._milestones(30, 30, 30, 10)
        for payment, trigger in zip(cls.payments, ("arrival", "preliminary", "final", "warranty_end"), strict=True):
            payment.trigger = trigger
        cls.arrival, cls.first, cls.final, cls.end = cls.payments
        cls.contract.warranty_months = 12

    def _again_days(self):
        return self.payments.mapped("trigger_date")

    def test_each_kind_releases_its_own_payment(self):
        self._sign(self._acceptance("arrival"))
        self.assertEqual(self._again_days(), [self.today, False, False, False])
        self._sign(self._acceptance("trial"))
        self._sign(self._acceptance("preliminary"))
        self.assertEqual(self._again_days(), [self.today, self.today, False, False])
        self._sign(self._acceptance("final"))
        self.assertEqual(self._again_days()[2], self.today)
        self.assertTrue(self.end.trigger_date, "the warranty's end follows from the final acceptance")
        self.assertEqual(self.delivery.warranty_end, self.end.trigger_date)
        self.assertEqual(self.final.with_user(self.finance).state, "due")

    def test_a_refused_acceptance_pays_nothing_and_the_next_attempt_does(self):
        one = self._acceptance(planned_on=self.today)
        self.assertEqual((self.final.acceptance_id, self.final.trigger_planned), (one, self.today))
        self._refuse(one)
        two = self._again(one)
        self.assertEqual(self.final.acceptance_id, two)
        self._refuse(two)
        three = self._again(two)
        self.assertFalse(self.final.trigger_date)
        self._sign(three)
        self.assertEqual((self.final.acceptance_id, self.final.trigger_date), (three, self.today))
        self.assertEqual(three.payment_ids, self.final)

    def test_with_conditions_it_pays_when_they_are_met(self):
        day = self.today - timedelta(days=9)
        one = self._acceptance(held_on=day)
        line = self._rectification(one, user_id=self.builder.id, date_due=self.today, evidence="Sealed")
        self._sign(one, "conditional", signed_at=day)
        self.assertFalse(self.final.trigger_date)
        line.action_close()
        self.assertEqual(self.final.trigger_date, self.today, "from the day on which the last condition is met")

    def test_with_conditions_it_pays_at_once_if_the_contract_says_so(self):
        one = self._acceptance(pays_anyway=True)
        self._rectification(one, user_id=self.builder.id, date_due=self.today)
        self._sign(one, "conditional")
        self.assertEqual(self.final.trigger_date, self.today)

    def test_two_projects_for_one_contract_pay_when_both_are_accepted(self):
        other = self._delivery(name="Unit 2")
        one = self._acceptance()
        self._sign(one)
        self.assertFalse(self.final.trigger_date, "the other delivery has no final acceptance yet")
        two = self._acceptance(delivery=other)
        self.assertFalse(self.final.acceptance_id, "it waits for both")
        self._sign(two)
        self.assertEqual(self.final.trigger_date, self.today)
        self.assertEqual((one.payment_ids, two.payment_ids), (self.final, self.final))

    def test_a_cancelled_delivery_is_not_waited_for(self):
        other = self._delivery(name="Unit 2")
        other._engine().state = "cancelled"
        self._sign(self._acceptance())
        self.assertEqual(self.final.trigger_date, self.today)

    def test_payments_that_name_their_acceptance_wait_for_that_one(self):
        payment = self._milestones(0, trigger="manual", name="Trial")
        one, two = self._acceptance("trial"), self._acceptance("trial")
        payment.acceptance_id = two
        self._sign(one)
        self.assertFalse(payment.trigger_date)
        self._sign(two)
        self.assertEqual(payment.trigger_date, self.today)

    def test_the_customers_day_that_somebody_entered_stays(self):
        self.final.trigger_date = self.today - timedelta(days=3)
        one = self._sign(self._acceptance())
        self.assertEqual(self.final.trigger_date, self.today - timedelta(days=3))
        self._reopen(one, self.director)
        self.assertEqual(self.final.trigger_date, self.today - timedelta(days=3))

    def test_reopening_takes_back_what_is_not_invoiced(self):
        one, two = self._sign(self._acceptance("arrival")), self._sign(self._acceptance("final"))
        self._bill(self.arrival)
        self._reopen(one, self.director)
        self.assertEqual(self.arrival.trigger_date, self.today, "invoiced: stays")
        self.assertIn(self.arrival.name, one.message_ids[0].body)
        self._reopen(two, self.director)
        self.assertFalse(self.final.trigger_date or self.end.trigger_date or self.delivery.warranty_end)

    def test_a_terminated_contract_asks_for_nothing(self):
        one = self._ready(self._acceptance())
        self.contract.write({"terminated_why": "Gave up"})
        self.contract.action_terminate()
        one.action_sign()
        self.assertFalse(self.final.trigger_date)

    # INVOICE
    def test_a_salesperson_who_signs_makes_the_draft_invoice(self):
        self.delivery.invoice_on_acceptance = True
        one = self._acceptance("arrival", user=self.salesperson)
        self._ready(one, signed_file_ids=[Command.set(self._file(user=self.salesperson).ids)])
        one.action_sign()
        bill = self._invoices(self.arrival)
        self.assertEqual((bill.state, bill.amount_total), ("draft", 2_070_000.0))
        self.assertTrue(self.arrival.has_draft)

    def test_a_project_manager_without_sales_rights_signs_and_finance_invoices(self):
        self.delivery.invoice_on_acceptance = True
        self.payments.user_id = self.builder
        one = self._acceptance("arrival")
        self.assertFalse(self.env["sale.advance.payment.inv"].with_user(self.builder).has_access("create"))
        with self.assertRaises(AccessError):
            self.arrival.with_user(self.builder).trigger_date = self.today
        self._sign(one)
        self.assertEqual(self.arrival.trigger_date, self.today)
        self.assertFalse(self._invoices(self.arrival))
        activity = self.arrival.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertTrue(activity.user_id.has_group("kams_sales.group_finance"))
        self.arrival.with_user(self.finance).action_invoice()
        self.assertEqual(self._invoices(self.arrival).amount_total, 2_070_000.0)

    def test_the_collector_is_asked_if_they_may_invoice(self):
        self.delivery.invoice_on_acceptance = True
        self.payments.user_id = self.finance
        self._sign(self._acceptance("arrival"))
        self.assertEqual(self.arrival.activity_ids.user_id, self.finance)

    def test_an_order_that_is_not_confirmed_leaves_the_signature_standing(self):
        self.delivery.invoice_on_acceptance = True
        self.contract.order_id = self._order(self.deal, 6_900_000.0, confirm=False)
        one = self._acceptance("arrival", user=self.salesperson)
        self._ready(one, signed_file_ids=[Command.set(self._file(user=self.salesperson).ids)])
        one.action_sign()
        self.assertEqual(one.state, "signed")
        self.assertIn("isn't confirmed", self.arrival.activity_ids.note)

    def test_what_a_project_manager_sees(self):
        """The form of an acceptance opens for who has neither sales nor accounting rights, with its payments."""
        one = self._sign(self._acceptance())
        view = self.env["kams.acceptance"].with_user(self.builder).get_view(view_type="form")
        names = [name for name in view["models"]["kams.acceptance"] if name in one._fields]
        self.env.invalidate_all()
        self.assertTrue(one.with_user(self.builder).read(names))
        self.assertEqual(one.payment_count, 1)

    def test_planning_from_phases(self):
        phases = self.env["kams.delivery.phase"]
        if "acceptance_kind" not in phases._fields:
            return
        phases.create(
            [
                {
                    "delivery_id": self.delivery.id,
                    "name": name,
                    "acceptance_kind": kind,
                    "needs_acceptance": bool(kind),
                    "baseline_end": self.today,
                }
                for name, kind in (("Ship", "arrival"), ("Install", False), ("Finish", "final"))
            ]
        )
        self.delivery.with_user(self.builder)._plan_acceptances()
        self.delivery._plan_acceptances()
        found = self.delivery.acceptance_ids
        self.assertEqual(sorted(found.mapped("kind")), ["arrival", "final"])
        self.assertEqual(self.final.acceptance_id, found.filtered(lambda one: one.kind == "final"))
        self.assertEqual(self.final.trigger_planned, self.today)

    def test_plain_payments_ask_nothing(self):
        """A contract without a delivery, and money of plain orders, know nothing of acceptances."""
        deal = self._deal(partner_id=self.customer.id)
        contract = self._contract(deal)
        payment = self._milestones(100, contract=contract, trigger="final")
        payment.trigger_date = self.today
        self.assertFalse(payment.acceptance_id)
