from odoo.tests import HttpCase, tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestAccountTour(KamsCase, HttpCase):
    def test_an_account_manager_builds_a_profile(self):
        account = self._account()
        self._settle()
        self.start_tour(f"/odoo/key-accounts/{account.id}", "kams_build_a_profile", login="kams_manager", timeout=120)
        self.env.invalidate_all()
        self.assertEqual(account.uscc, "914403001922038216")
        self.assertEqual(account.swot_ids.statement, "Cheap credit")
        self.assertEqual(account.profile_item_ids.collector_id, self.manager)
        self.assertEqual(account.author_id, self.manager)
        self.assertGreater(account.completeness, 0)

    def test_an_account_manager_goes_from_the_portfolio_to_an_account_and_its_invoices(self):
        self.product.standard_price = 650.0
        day = self.env["kams.account.value"]._default_period()[1]
        for partner, amount in ((self.customer, 400.0), (self._company("Datang Power"), 5000.0)):
            self._account(partner)
            self._invoice(amount, partner=partner, day=day)
        self._run_cron("kams.account", "_cron_refresh_values")
        self._settle()
        self.start_tour("/odoo", "kams_open_the_portfolio", login="kams_manager", timeout=120)
