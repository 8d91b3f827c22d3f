import doctest
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..tools import evm
from .test_delivery_phase import DeliveryCase


@tagged("post_install", "-at_install")
class TestEvm(TransactionCase):
    def test_examples(self):
        self.assertFalse(doctest.testmod(evm).failed)

    def test_c34_earned_value(self):
        value = evm.value(1_000_000, 500_000, 400_000, 450_000)
        self.assertEqual((value.sv, value.cv, value.spi), (-100_000, -50_000, 0.8))
        self.assertAlmostEqual(value.cpi, 0.8889, 4)
        self.assertAlmostEqual(value.eac, 1_125_000, 6)
        self.assertAlmostEqual(value.etc, 675_000, 6)
        self.assertAlmostEqual(value.vac, -125_000, 6)
        self.assertAlmostEqual(value.tcpi, 1.0909, 4)
        sample = evm.value(None, 50_000, 40_000, 45_000)
        self.assertEqual((sample.spi, round(sample.cpi, 2)), (0.8, 0.89))

    def test_nothing_to_divide_by_is_blank(self):
        self.assertIsNone(evm.value(100, 0, 0, 0).spi)
        self.assertIsNone(evm.value(100, 50, 50, -5).cpi, "credit notes only")
        self.assertIsNone(evm.value(100, 50, 50, 100).tcpi, "all is spent")
        self.assertEqual(evm.value(None, None, None, None), (None,) * 12)


@tagged("post_install", "-at_install")
class TestDeliveryValue(DeliveryCase):
    def _c34(self):
        """PV 500,000: two of four phases of 250,000 are over. EV 400,000: 100 % and 60 %. AC 450,000."""
        first, second = self.phases[:2]
        first.milestone_id.is_reached = True
        self._tasks(second, "1_done", "01_in_progress", hours=[60.0, 40.0])
        self._book(-300_000.0)
        self._book(-100_000.0)
        first.other_cost = 50_000.0

    def _book(self, amount, delivery=None, **vals):
        project = (delivery or self.delivery).project_id
        return self.env["account.analytic.line"].create(
            {"name": "Work", "account_id": project.account_id.id, "amount": amount, "date": self.today, **vals}
        )

    def test_c34_earned_value_of_a_delivery(self):
        self._c34()
        delivery = self.delivery
        self.assertEqual(delivery.bac, 1_000_000)
        self.assertAlmostEqual(delivery.planned_value, 500_000)
        self.assertAlmostEqual(delivery.earned_value, 400_000)
        self.assertAlmostEqual(delivery.actual_cost, 450_000)
        self.assertAlmostEqual(delivery.sv, -100_000)
        self.assertAlmostEqual(delivery.cv, -50_000)
        self.assertAlmostEqual(delivery.spi, 0.8)
        self.assertAlmostEqual(delivery.cpi, 0.8889, 4)
        self.assertAlmostEqual(delivery.eac, 1_125_000)
        self.assertAlmostEqual(delivery.etc_cost, 675_000)
        self.assertAlmostEqual(delivery.vac, -125_000)
        self.assertAlmostEqual(delivery.tcpi, 1.0909, 4)
        self.assertAlmostEqual(delivery.progress, 40.0)
        self.assertAlmostEqual(delivery.planned_progress, 50.0)
        self.assertEqual(delivery.track, "off_track")

    def test_costs_are_what_is_booked_until_the_day_but_revenue(self):
        self._c34()
        accounts = self.env["account.account"]
        income = accounts.search([("account_type", "=", "income")], limit=1)
        expense = accounts.search([("account_type", "=", "expense")], limit=1)
        self._book(900_000.0, general_account_id=income.id)
        self._book(-7_000.0, general_account_id=income.id)  # a credit note to the customer
        self._book(900_000.0)  # revenue booked by hand
        self._book(-40_000.0, general_account_id=expense.id)
        self._book(10_000.0, general_account_id=expense.id)  # a supplier's credit note
        self._book(-5_000.0, date=self.today + timedelta(days=1))
        value = self.delivery._evm(self.today)[self.delivery.id]
        self.assertAlmostEqual(value.ac, 480_000)
        self.assertAlmostEqual(self.delivery._evm(self.today + timedelta(days=1))[self.delivery.id].ac, 485_000)

    def test_a_vendor_bill_counts(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.today,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Crane",
                            "price_unit": 1_000.0,
                            "tax_ids": [],
                            "analytic_distribution": {str(self.delivery.project_id.account_id.id): 50},
                        }
                    )
                ],
            }
        )
        bill.action_post()
        self.assertAlmostEqual(self.delivery.with_user(self.pm).actual_cost, 500.0)

    def test_what_isnt_known_is_blank(self):
        delivery = self.delivery
        self.phases[3].budget = False
        self.assertIs(delivery.bac, False)
        self.assertIs(delivery.cpi, False)
        self.assertIs(delivery.eac, False)
        self.assertEqual(delivery.actual_cost, 0.0, "its account says that nothing was spent")
        self.assertEqual(delivery.spi, 0.0, "by weights: nothing done of a half")
        self.phases.write({"weight": False, "budget": False})
        self.assertIs(delivery.progress, False)
        self.assertIs(delivery.spi, False)
        delivery.project_id.account_id = False
        self.env.invalidate_all()
        self.assertIs(delivery.actual_cost, False)
        empty = self.env["kams.delivery"].create({"lead_id": self.deal.id})
        self.assertEqual([empty[name] for name in ("bac", "progress", "spi", "track", "late_days")], [False] * 5)

    def test_an_account_of_two_projects_is_nobodys_cost(self):
        self._c34()
        other, _phases = self._delivery(self._deal(name="Second"))
        other.project_id.account_id = self.delivery.project_id.account_id
        self.env.invalidate_all()
        self.assertAlmostEqual(self.delivery.actual_cost, 50_000, msg="what its phases say beside the books")
        self.assertTrue(self.delivery.costs_shared)
        self.assertIs(other.actual_cost, False)

    def test_another_currency_is_changed(self):
        self._c34()
        currency = self.env["res.currency"].create(
            {
                "name": "ABC",
                "symbol": "A",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 2.0})],
            }
        )
        contract = self.env["kams.contract"].create({"lead_id": self.deal.id, "currency_id": currency.id})
        self.delivery.contract_id = contract
        self.env.invalidate_all()
        self.assertAlmostEqual(self.delivery.actual_cost, 400_000 * 2 + 50_000)

    def test_eighty_deliveries_take_as_many_statements_as_two(self):
        names = ["progress", "bac", "cpi", "track"]
        counts = []
        deliveries = self.delivery
        for number in (2, 20):
            while len(deliveries) < number:
                delivery, _phases = self._delivery(self._deal(name=f"Deal {len(deliveries)}"))
                self._book(-5.0, delivery)
                deliveries |= delivery
            self.env.flush_all()
            self.env.invalidate_all()
            deliveries.with_user(self.pm).read(names)
            self.env.invalidate_all()
            self.pm.read(["tz", "company_id", "partner_id"])
            before = self.cr.sql_log_count
            deliveries.with_user(self.pm).read(names)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 16)

    def test_an_update_says_how_it_does(self):
        self._c34()
        delivery = self.delivery.with_user(self.pm)
        action = delivery.action_project_update()
        update = self.env["project.update"].browse(action["res_id"])
        self.assertEqual((update.status, update.progress, update.project_id), ("off_track", 40, delivery.project_id))
        self.assertEqual(delivery.project_id.sudo().last_update_status, "off_track")
        for words in ("Phase 1", "1.09", "Earned Value"):
            self.assertIn(words, update.description)
        self.phases.milestone_id.is_reached = True
        self.env.invalidate_all()
        self.assertEqual(self.env["project.update"].browse(delivery.action_project_update()["res_id"]).status, "done")
        self.delivery.project_id = False
        with self.assertRaises(UserError):
            delivery.action_project_update()
        with self.assertRaises(AccessError):
            self.delivery.with_user(self.auditor).action_project_update()

    def test_the_worst_of_what_is_known_says_the_status(self):
        self.assertEqual(self.delivery.track, "off_track", "nothing of a half is done")
        self.phases[:2].milestone_id.is_reached = True
        self.env.invalidate_all()
        self.assertEqual(self.delivery.track, "on_track")
        self.phases[2].forecast_end = self.phases[2].baseline_end + timedelta(days=3)
        self.assertEqual((self.delivery.late_days, self.delivery.track), (3, "at_risk"))
        rule = self.env.ref("kams_sales.rule_track_off_days")
        rule.value = 3
        self.env.invalidate_all()
        self.assertEqual(self.delivery.track, "off_track")
