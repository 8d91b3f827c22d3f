from odoo.tests import HttpCase, tagged

from .test_decision_chain import ChainCase


@tagged("post_install", "-at_install")
class TestDecisionChainTour(ChainCase, HttpCase):
    def test_a_salesperson_draws_a_decision_chain(self):
        for name, function in (("Chen Guoqiang", "General Manager"), ("Li Ming", "Chief Engineer"), ("Sun Hong", "")):
            self._contact(name, function=function)
        self._settle()
        self.start_tour(
            f"/odoo/crm.lead/{self.deal.id}", "kams_draw_a_decision_chain", login="kams_sales_user", timeout=180
        )
        self.env.invalidate_all()
        people = {person.display_name: person for person in self.deal.kams_stakeholder_ids}
        self.assertEqual(people["Sun Hong"].reports_to_id, people["Li Ming"])
        self.assertEqual(people["Li Ming"].reports_to_id, people["Chen Guoqiang"])
        self.assertEqual((people["Chen Guoqiang"].mh_role, people["Chen Guoqiang"].influence), ("eb", "5"))
        self.assertEqual(self.deal.kams_map_status, "green")
        self.assertEqual(self.deal.kams_coverage, 100)
