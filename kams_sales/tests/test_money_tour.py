from odoo.tests import HttpCase, tagged

from .test_money_history import MoneyCase


@tagged("post_install", "-at_install")
class TestMoneyTour(MoneyCase, HttpCase):
    def test_from_an_invoice_to_its_deal_and_back_as_a_finance_user(self):
        self._person("kams_finance", "kams_sales.group_finance,account.group_account_invoice")
        self.deals[0].name = "Gas retrofit"
        move = self._bill((self.deals[0], 1000.0), currency=self.env.company.currency_id)
        self._pay(move, 565.0)
        self._settle()
        self.start_tour(
            f"/odoo/action-account.action_move_out_invoice_type/{move.id}",
            "kams_invoice_to_deal_and_back",
            login="kams_finance",
            timeout=120,
        )

    def test_finance_has_the_dashboard(self):
        finance = self._person("kams_finance", "kams_sales.group_finance")
        dashboard = self.env.ref("kams_sales.kams_money_dashboard")
        self.assertTrue(dashboard.with_user(finance).has_access("read"))
        self.assertIn(dashboard, self.env["spreadsheet.dashboard"].with_user(finance).search([]))
