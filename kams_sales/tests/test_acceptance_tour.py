from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_acceptance import AcceptanceCase


@tagged("post_install", "-at_install")
class TestAcceptanceTour(AcceptanceCase, HttpCase):
    def test_a_refused_then_signed_acceptance_releases_an_invoice(self):
        payment = self._milestones(30, trigger="final")
        self.delivery.invoice_on_acceptance = True
        one = self._acceptance(user=self.salesperson, criterion_ids=[Command.create({"item": "Heat rate"})])

        def tour(acceptance, name):
            self._settle()
            url = f"/odoo/kams.acceptance/{acceptance.id}"
            self.start_tour(url, name, login="kams_sales_user", timeout=120)
            self.env.invalidate_all()

        tour(one, "kams_refuse_an_acceptance")
        self.assertEqual((one.state, one.refuse_reason), ("refused", "Pump 2 leaks"))
        again = one.next_ids
        self.assertEqual((again.attempt, payment.acceptance_id), (2, again))
        again.criterion_ids.result = "pass"
        self._ready(again, signed_file_ids=[Command.set(self._file(user=self.salesperson).ids)])
        tour(again, "kams_sign_an_acceptance")
        self.assertEqual((again.state, payment.trigger_date), ("signed", self.today))
        bill = self._invoices(payment)
        self.assertEqual((bill.state, bill.amount_total), ("draft", 2_070_000.0))
