from odoo.tests import HttpCase, tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestTours(KamsCase, HttpCase):
    def _open(self, tour, deal, login):
        self._settle()
        self.start_tour(f"/odoo/crm.lead/{deal.id}", tour, login=login, timeout=120)
        self.env.invalidate_all()

    def test_a_salesperson_advances_a_deal_by_supplying_what_is_missing(self):
        self._known_account(self.customer)
        deal = self._deal()
        self._open("kams_advance_a_deal", deal, "kams_sales_user")
        self.assertEqual(deal.kams_phase_id.code, "initiation")
        self.assertEqual(self._history(deal, "reason", "gate_result")[-1], ("forward", "pass"))
        self.assertHistoryWhole(deal.ids)

    def test_a_director_waives_a_point_and_the_deal_moves_on(self):
        self._known_account(self.customer)
        deal = self._deal(partner_id=self.customer.id)
        self._open("kams_waive_a_point", deal, "kams_director")
        self.assertEqual(deal.kams_phase_id.code, "initiation")
        self.assertEqual(self._history(deal, "reason", "gate_result")[-1], ("waived", "waived"))
        waived = deal.kams_waived_check_ids
        self.assertEqual(waived.point_id.code, "S1-O2")
        self.assertEqual(waived.waiver_approver_id, self.director)
