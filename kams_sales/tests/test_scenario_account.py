from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestScenarioAccount(KamsCase):
    """Chapter 2, told top to bottom: from an address to a customer one knows, and a deal that came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls._person("kams_accountant", "account.group_account_invoice")
        cls.turbines = cls.env["product.category"].create({"name": "Turbines", "kams_is_offering": True})
        cls.service = cls.env["product.category"].create({"name": "Service", "kams_is_offering": True})
        cls.turbine, cls.contract = cls.env["product.product"].create(
            [
                {"name": "Turbine", "categ_id": cls.turbines.id, "standard_price": 650.0},
                {"name": "Service contract", "categ_id": cls.service.id, "standard_price": 200.0},
            ]
        )

    def test_a_customer_becomes_known(self):
        today = fields.Date.today()
        account = self._the_manager_opens_an_account()
        self._the_profile_is_filled(account, today)
        self._finance_has_the_figures(account, today)
        value = self._the_value_is_judged(account)
        self._the_director_gives_it_a_tier(account, value)
        self._the_customer_is_selected(account)
        self._a_plan_is_made(account, today)
        self._an_empty_cell_becomes_a_deal(account)
        self._others_see_what_they_may(account)

    def _the_manager_opens_an_account(self):
        account = self.env["kams.account"].with_user(self.manager).create({"partner_id": self.customer.id})
        self.assertEqual(account.manager_id, self.manager)
        self.assertFalse(account.tier)
        self.assertLess(account.completeness, 10, "Nothing is known of it yet.")
        with self.assertRaises(AccessError):
            account.tier = "a"  # that is for a director
        return account

    def _the_profile_is_filled(self, account, today):
        account.write(
            {
                "ownership": "state",
                "employees": 12000,
                "mission": "Replace coal by wind within ten years",
                "pest_ids": [Command.create({"factor": "political", "trend": "Subsidies end", "impact": "-1"})],
                "swot_ids": [Command.create({"quadrant": "2w", "statement": "No service staff of its own"})],
                "year_ids": [Command.create({"year": str(today.year - 1), "revenue": 900.0, "net_profit": 45.0})],
            }
        )
        account.action_confirm_profile()
        self.assertAlmostEqual(account.year_ids.net_margin, 5.0)
        self.assertGreater(account.valid_until, today)
        item = self.env["kams.profile.item"].with_user(self.manager)
        items = item.create(
            [
                {
                    "account_id": account.id,
                    "category": "purchasing",
                    "key": "Framework agreement",
                    "value": "ends next spring",
                    "source": "Their buyer",
                    "collected_at": today - timedelta(days=30),
                    "expires_at": today + timedelta(days=days),
                    "confidentiality": "secret" if days < 0 else "internal",
                }
                for days in (-1, 90)
            ]
        )
        self.assertEqual(account.freshness, 50)
        self.assertEqual(
            item.with_user(self.auditor).search([("account_id", "=", account.id)]),
            items[1],
            "Secret items are for the account's people and directors.",
        )

    def _finance_has_the_figures(self, account, today):
        day = today.replace(day=1) - timedelta(days=40)
        self._invoice(10_000, self.turbine, day=day)
        self._invoice(1_000, self.turbine, day=day, refund=True)
        account.sudo()._refresh_figures()
        self.assertEqual(account.net_sales_12m, 9_000)

    def _the_value_is_judged(self, account):
        value = self.env["kams.account.value"].with_user(self.manager).create({"account_id": account.id})
        figures = {line.key: line for line in value.figure_ids}
        self.assertEqual(figures["gross_sales"].odoo_value, 10_000 - 1_000)
        figures["category_spend"].write({"typed_value": 36_000, "why": "Their annual report"})
        self.assertEqual(figures["category_spend"].typed_by_id, self.manager)
        self.assertEqual(value.wallet_share, 25)
        value.action_done()
        with self.assertRaises(UserError):
            figures["category_spend"].typed_value = 1
        return value

    def _the_director_gives_it_a_tier(self, account, value):
        wizard = self.env["kams.tier.change"]
        with self.assertRaises(AccessError):
            wizard.with_user(self.manager).create({"account_id": account.id, "tier": "b", "reason": "Big"})
        wizard = wizard.with_user(self.director).create(
            {"account_id": account.id, "tier": "b", "reason": "Ten years of service to come"}
        )
        wizard.action_confirm()
        self.assertEqual(account.tier, "b")
        history = account.tier_history_ids
        self.assertEqual(
            (history.tier_from, history.tier_to, history.user_id, history.reason),
            (False, "b", self.director, "Ten years of service to come"),
        )

    def _the_customer_is_selected(self, account):
        selection = self.env["kams.account.selection"].with_user(self.manager).create({"account_id": account.id})
        for answer, open_card in (("9", selection.action_score_attractiveness), ("8", selection.action_score_strength)):
            card = self.env["kams.scorecard"].with_user(self.manager).browse(open_card()["res_id"])
            for line in card.line_ids:
                line.value = answer
            card.action_done()
        selection.action_decide()
        self.assertEqual((selection.decision, selection.decided_by_id), ("invest", self.manager))

    def _a_plan_is_made(self, account, today):
        plan = (
            self.env["kams.plan"]
            .with_user(self.manager)
            .create(
                {
                    "account_id": account.id,
                    "date_from": today - timedelta(days=90),
                    "date_to": today + timedelta(days=270),
                    "goal": "Win the service of all stations",
                    "objective_ids": [Command.create({"name": "Sell", "measure": "net_sales", "target": 18_000})],
                    "action_ids": [
                        Command.create(
                            {
                                "name": "Show the control room",
                                "user_id": self.salesperson.id,
                                "date_due": today + timedelta(days=7),
                            }
                        )
                    ],
                }
            )
        )
        plan.action_activate()
        activity = plan.sudo().action_ids.activity_id
        self.assertEqual((activity.user_id, activity.date_deadline), (self.salesperson, today + timedelta(days=7)))
        self.assertEqual(plan.objective_ids.progress, 50, "Invoices in the period count, 9,000 of 18,000.")
        activity.with_user(self.salesperson).action_done()
        self.assertEqual((plan.action_ids.state, plan.action_ids.done_on), ("done", today))

    def _an_empty_cell_becomes_a_deal(self, account):
        unit = (
            self.env["kams.account.unit"]
            .with_user(self.manager)
            .create({"account_id": account.id, "name": "Generation"})
        )
        cells = {cell.offering_id: cell for cell in unit.cell_ids}
        action = cells[self.service].action_make_deal()
        deal = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual(
            (deal.partner_id, deal.kams_account_id, deal.kams_unit_id, deal.kams_offering_id),
            (self.customer, account, unit, self.service),
        )
        self.assertTrue(deal.kams_process_id)
        self.env.invalidate_all()
        self.assertEqual(cells[self.service].state, "current")
        self.assertEqual(cells[self.service].action_make_deal()["res_id"], deal.id, "Asked twice, it is the same deal.")

    def _others_see_what_they_may(self, account):
        everybody = {
            self.manager: True,
            self.director: True,
            self.auditor: True,
            self.colleague: False,
            self.accountant: False,
        }
        for user, sees in everybody.items():
            with self.subTest(user=user.login):
                self.assertEqual(account.with_user(user).has_access("read"), sees)
        with self.assertRaises(AccessError):
            account.with_user(self.auditor).write({"mission": "x"})
