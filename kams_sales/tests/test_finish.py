from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestFinish(KamsCase):
    """A deal that is won isn't finished until the points of the last phase are met (8.8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls._known_account(cls.customer)
        cls.account = account
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls._settle()

    def _win(self, deal):
        self._advance(deal, "delivery")
        return deal

    def _deliver(self, deal):
        """The starter points of delivery: a project and a posted invoice."""
        order = deal.order_ids.filtered(lambda one: one.state == "sale")[:1]
        line = order.order_line[:1]
        self.env["project.project"].create(
            {"name": "Plant", "partner_id": self.customer.id, "allow_billable": True, "sale_line_id": line.id}
        )
        self._invoice_of(order)
        self._settle()

    def _invoice_of(self, order):
        order.order_line.product_id.invoice_policy = "order"
        order._create_invoices().action_post()

    def _unfinished(self):
        return self.env["crm.lead"].search([("kams_is_unfinished", "=", True), ("id", "=", self.deal.id)])

    def test_an_open_deal_has_nothing_to_finish(self):
        self.assertFalse(self.deal.kams_is_unfinished)
        with self.assertRaisesRegex(UserError, "Boiler retrofit” isn't won"):
            self.deal.action_kams_finish()

    def test_a_mark_written_past_the_stages_finishes_nothing(self):
        self.deal.with_user(self.director).write({"won_status": "won"})
        with self.assertRaisesRegex(UserError, "Boiler retrofit” isn't won"):
            self.deal.action_kams_finish()

    def test_what_is_won_is_unfinished_until_the_last_points_are_met(self):
        deal = self._win(self.deal)
        self.assertTrue(deal.kams_is_unfinished)
        self.assertEqual(self._unfinished(), deal)
        self.assertEqual((self.account.unfinished_count, self.account.unfinished_amount), (1, 1000))
        with self.assertRaisesRegex(UserError, "isn't finished yet. Missing:") as refused:
            deal.action_kams_finish()
        self.assertIn("S6-O1", str(refused.exception))
        self.assertIn("S6-O2", str(refused.exception))
        self._deliver(deal)
        deal.with_user(self.salesperson).action_kams_finish()
        self.assertEqual((deal.kams_finished_on, deal.kams_finished_by_id), (fields.Date.today(), self.salesperson))
        self.assertFalse(self._unfinished())
        self.account.invalidate_recordset()
        self.assertEqual((self.account.unfinished_count, self.account.unfinished_amount), (0, 0))

    def test_a_waiver_finishes_it_and_is_told(self):
        deal = self._win(self.deal)
        checks = deal.kams_check_ids.filtered(lambda check: check.point_id.phase_id.code == "delivery")
        checks.with_user(self.director).waive("They buy without a project", fields.Date.today() + timedelta(days=30))
        deal.action_kams_finish()
        self.assertTrue(deal.kams_finished_on)
        self.assertIn("S6-O1", deal.message_ids[0].body)

    def test_nobody_writes_it_by_hand(self):
        deal = self._win(self.deal)
        for values in ({"kams_finished_on": "2026-01-01"}, {"kams_finished_by_id": self.director.id}):
            with self.assertRaisesRegex(UserError, "finished by its button"):
                deal.with_user(self.director).write(values)
        made = self._deal(kams_finished_on="2026-01-01")
        self.assertFalse(made.kams_finished_on)
        copied = self.env["crm.lead"].with_context(default_kams_finished_on="2026-01-01").create({"name": "x"})
        self.assertFalse(copied.kams_finished_on)

    def test_a_deal_that_goes_back_is_no_longer_finished(self):
        deal = self._win(self.deal)
        self._deliver(deal)
        deal.action_kams_finish()
        deal.stage_id = self.stages["negotiation"]
        self._settle()
        self.assertFalse(deal.kams_finished_on)
        self.assertFalse(deal.kams_is_unfinished)

    def test_only_a_director_takes_it_up_again(self):
        deal = self._win(self.deal)
        self._deliver(deal)
        deal.action_kams_finish()
        with self.assertRaisesRegex(AccessError, "Only a sales director"):
            deal.with_user(self.salesperson).action_kams_reopen_finished()
        deal.with_user(self.director).action_kams_reopen_finished()
        self.assertTrue(deal.kams_is_unfinished)

    def test_a_deal_with_changes_is_merged(self):
        """A change goes where its delivery goes, whichever moves first."""
        other = self._deal(name="Second", partner_id=self.customer.id)
        delivery = self.env["kams.delivery"].create({"lead_id": other.id})
        change = self.env["kams.change"].create({"delivery_id": delivery.id, "name": "One more pump"})
        head = (self.deal + other).merge_opportunity()
        self.assertEqual((delivery.lead_id, change.lead_id), (head, head))

    def test_a_batch_is_finished_together_or_not_at_all(self):
        other = self._win(self._deal(name="Second", partner_id=self.customer.id))
        deal = self._win(self.deal)
        self._deliver(deal)
        with self.assertRaisesRegex(UserError, "Second isn't finished yet"):
            (deal + other).action_kams_finish()
        self.assertFalse(deal.kams_finished_on)

    def test_past_deals_that_were_imported_are_done_with(self):
        self.env.user.group_ids += self.env.ref("kams_sales.group_import_history")
        deal = self._deal(stage_id=self.stages["delivery"].id, kams_imported=True)
        self._settle()
        self.assertEqual((deal.won_status, deal.kams_is_unfinished), ("won", False))
