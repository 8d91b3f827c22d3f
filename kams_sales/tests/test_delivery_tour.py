from odoo.tests import HttpCase, tagged

from .test_delivery import DeliveryCase


@tagged("post_install", "-at_install")
class TestDeliveryTour(DeliveryCase, HttpCase):
    def test_from_a_contract_to_its_project(self):
        self.template.sequence = -1
        self.env.cr.execute("UPDATE kams_contract SET state = 'effective' WHERE id = %s", (self.contract.id,))
        self.env.invalidate_all()
        self._settle()
        self.start_tour(f"/odoo/kams.contract/{self.contract.id}", "kams_contract_to_project", login="kams_pm")
        self.env.invalidate_all()
        delivery = self.contract.delivery_ids
        self.assertEqual((delivery.state, delivery.user_id), ("running", self.manager_of_project))
        self.assertEqual(len(delivery.project_id.task_ids), 5)
