from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_delivery import DeliveryCase


@tagged("post_install", "-at_install")
class TestDeliveryMoves(DeliveryCase):
    """A delivered deal that changes company or is merged, and a project that goes."""

    def _full(self):
        """A delivery with phases, an acceptance, a risk, an issue and a change."""
        delivery = self._make()
        for name, vals in (
            ("kams.acceptance", {"kind": "final", "name": "Final"}),
            ("kams.risk", {"name": "Rain", "lead_id": delivery.lead_id.id}),
            ("kams.issue", {"name": "No crane", "lead_id": delivery.lead_id.id}),
            ("kams.change", {"name": "A wider gate"}),
            ("kams.training", {"name": "Operators"}),
            ("kams.delivery.line", {"name": "Pump"}),
        ):
            self.env[name].create({"delivery_id": delivery.id, **vals})
        return delivery.sudo()

    def _parts(self, delivery):
        names = ("kams.acceptance", "kams.risk", "kams.issue", "kams.change", "kams.training", "kams.delivery.line")
        parts = [self.env[name].search([("delivery_id", "=", delivery.id)]) for name in names]
        return [delivery, *delivery.phase_ids, *delivery.role_ids, *(part for found in parts for part in found)]

    def test_all_of_a_delivery_follows_its_deal_into_another_company(self):
        delivery = self._full()
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        delivery.project_id.company_id = False
        self.deal.write({"company_id": there.id, "user_id": False, "team_id": False})
        self._settle()
        for part in self._parts(delivery):
            with self.subTest(part=part._name):
                self.assertEqual(part.company_id, there)

    def test_a_merge_takes_the_delivery_along_whichever_deal_stays(self):
        delivery = self._full()
        handover, contract, before = self.handover, self.contract, self._parts(delivery)
        other = self._deal(name="Twin", partner_id=self.customer.id)
        for older, newer in ((self.deal, other), (other, self.deal)):
            with self.subTest(older=older.name), self.cr.savepoint() as savepoint:
                merged = (newer | older).with_context(active_test=False).merge_opportunity(auto_unlink=False)
                self._settle()
                parts = self._parts(delivery)
                for part in parts:
                    if "lead_id" in part._fields:
                        self.assertEqual(part.lead_id, merged, part._name)
                self.assertEqual((handover.lead_id, contract.lead_id), (merged, merged))
                self.assertEqual(parts, before)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_both_deals_of_a_merge_may_have_deliveries(self):
        delivery = self._full()
        other = self._deal(name="Twin", partner_id=self.customer.id)
        second = self.env["kams.delivery"].create({"lead_id": other.id, "name": "Second hall"})
        final = self.env["kams.acceptance"].create({"delivery_id": second.id, "kind": "final"})
        merged = (self.deal | other).merge_opportunity(auto_unlink=False)
        self._settle()
        self.assertEqual((delivery | second).lead_id, merged)
        self.assertEqual((final.lead_id, final.delivery_id), (merged, second))

    def test_a_project_with_updates_and_costs_is_archived_and_the_delivery_goes_on(self):
        """Odoo deletes no project with updates; archived, the delivery says so and goes on."""
        delivery = self._make()
        project = delivery.sudo().project_id
        delivery.action_project_update()
        self.env["project.update"].create({"project_id": project.id, "name": "Week 1", "status": "on_track"})
        self.env["account.analytic.line"].create(
            {"name": "Crane", "account_id": project.account_id.id, "amount": -500.0}
        )
        delivery.invalidate_recordset()
        cost = delivery.actual_cost
        self.assertEqual(cost, 500.0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            project.unlink()
        project.action_archive()
        delivery.invalidate_recordset()
        self.assertEqual(delivery.project_state, "archived")
        self.assertTrue(delivery.read())
        phase = delivery.phase_ids[0]
        phase.action_begin()
        phase.action_done()
        self.assertEqual(phase.state, "done")
        final = self.env["kams.acceptance"].with_env(delivery.env).create({"delivery_id": delivery.id, "kind": "final"})
        self.assertEqual(final.delivery_id, delivery)
        self.assertEqual(delivery.actual_cost, cost)
        project.action_unarchive()
        delivery.invalidate_recordset()
        self.assertEqual(delivery.project_state, "active")

    def test_a_project_is_made_from_the_deal_or_the_handover(self):
        for record, method in ((self.deal, "action_kams_make_delivery"), (self.handover, "action_make_delivery")):
            action = getattr(record.with_user(self.manager_of_project), method)()
            self.assertEqual(action["res_model"], "kams.delivery.make")
            self.assertEqual(action["context"]["default_lead_id"], self.deal.id)

    # PAYMENTS
    def test_a_payment_waits_for_no_acceptance_of_another_kind_or_contract(self):
        delivery = self._make().sudo()
        payment = self.env["kams.payment.milestone"].create(
            {"contract_id": self.contract.id, "kind": "final", "pct": 100, "trigger": "final"}
        )
        arrival, final = self.env["kams.acceptance"].create(
            [{"delivery_id": delivery.id, "kind": kind} for kind in ("arrival", "final")]
        )
        stranger = self.env["kams.acceptance"].create(
            {
                "delivery_id": self.env["kams.delivery"].create({"lead_id": self.deal.id, "name": "Another"}).id,
                "kind": "final",
            }
        )
        for wrong in (arrival, stranger):
            with self.assertRaisesRegex(ValidationError, "another acceptance"), self.cr.savepoint():
                payment.with_user(self.salesperson).acceptance_id = wrong
        payment.acceptance_id = final
        self.assertEqual(payment.acceptance_id, final)

    # CONTACTS
    def test_contacts_typed_for_past_days_do_not_raise_the_rate(self):
        today = fields.Date.today()
        plan = self.env["kams.plan"].create(
            {"kind": "communication", "lead_id": self.deal.id, "delivery_id": self._make().id}
        )
        line = self.env["kams.comm.line"].create(
            {
                "plan_id": plan.id,
                "partner_id": self.engineer.id,
                "content": "Progress",
                "channel": "call",
                "frequency": "week",
                "user_id": self.manager_of_project.id,
                "date_from": today - timedelta(days=30),
            }
        )
        plan.state = "active"
        logs = self.env["kams.comm.log"]
        logs.create({"line_id": line.id, "date_due": today - timedelta(days=9), "state": "missed"})
        logs.with_user(self.manager_of_project).create(
            {
                "line_id": line.id,
                "date_due": today - timedelta(days=20),
                "state": "held",
                "summary": "All well",
                "is_planned": True,
            }
        )
        counted = logs.search([("plan_id", "=", plan.id), ("is_planned", "=", True)])
        self.assertEqual(len(logs.search([("plan_id", "=", plan.id)]) - counted), 1)
        self.assertEqual(plan.comm_held, len(counted.filtered(lambda one: one.state == "held")))
        self.assertEqual(plan.comm_rate, 0.0)
