from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from . import evidence
from .common import ShippedCase

NUMBERS = range(1, 9)


@tagged("post_install", "-at_install")
class TestScenarioDelivery(ShippedCase):
    """Chapter 8, told top to bottom: from the signature to the last payment, and the next deal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = evidence.committee(cls.env)
        cls.manager_there = cls.env["res.partner"].create({"name": "Ms Chen", "parent_id": cls.customer.id})
        if not cls.env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", cls.env.company.id)]):
            cls.env["account.chart.template"].try_loading("generic_coa", cls.env.company, install_demo=False)

    def _signed_deal(self):
        """A deal by direct purchase, its contract signed, in delivery; its order confirmed."""
        deal = self._deal(partner_id=self.customer.id)
        for code, following in (("development", "initiation"), ("initiation", "proposal"), ("proposal", "negotiation")):
            if code == "initiation":
                evidence.initiate(deal, "direct")
            else:
                self._supply(deal, code)
            self._settle()
            deal.stage_id = self.stages[following]
            self._settle()
        contract = evidence.close_contract(deal)
        contract.action_effective()
        self._settle()
        self.assertEqual((deal.kams_phase_id.code, deal.won_status), ("delivery", "won"))
        self.product.invoice_policy = "order"
        order = self._quotation(deal)
        order.action_confirm()
        contract.order_id = order
        contract.milestone_ids.order_id = order
        return deal

    def _states(self, deal, *numbers):
        return [self._state(deal, f"S6-{number}") for number in numbers or NUMBERS]

    def _pay(self, milestone):
        invoice = milestone.invoice_ids
        invoice.invoice_date = fields.Date.today()
        invoice.action_post()
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        )._create_payments()
        self.env.invalidate_all()

    def _make(self, deal):
        """One step from the contract to the project, as the wizard does it."""
        action = deal.kams_contract_ids.action_make_delivery()
        wizard = self.env["kams.delivery.make"].with_context(**action["context"]).create({})
        wizard.action_make()
        return deal.kams_delivery_ids

    def test_from_the_signature_to_the_last_payment(self):
        deal = self._signed_deal()
        today = fields.Date.today()
        first, final = deal.kams_milestone_ids.sorted("sequence")
        first.action_invoice()
        self._pay(first)
        self.assertEqual((first.state, final.state), ("paid", "planned"))
        self.assertTrue(deal.kams_is_unfinished)

        # One step: the project, its phases on milestones, tasks with people, what sales had promised
        delivery = self._make(deal)
        project = delivery.project_id
        self.assertTrue(project and delivery.phase_ids and project.milestone_ids and project.task_ids)
        self.assertEqual(delivery.phase_ids.milestone_id, project.milestone_ids)
        self.assertEqual(sum(delivery.phase_ids.mapped("weight")), 100)
        self.assertEqual(delivery.user_id, self.people["delivery"])
        self.assertEqual(self._states(deal, 1, 2, 3, 7), ["fail"] * 4)

        # The kick-off and the confirmed plan
        delivery.customer_manager_id = self.manager_there
        evidence.kickoff(delivery)
        evidence.confirm_plan(delivery)
        self.assertEqual(self._states(deal, 1, 2), ["pass", "pass"])
        with self.assertRaises(UserError), self.cr.savepoint():
            delivery.phase_ids[0].baseline_end = today + timedelta(days=400)

        # Risks are looked after
        evidence.risk(deal, delivery_id=delivery.id)
        self.assertEqual(self._states(deal, 5), ["pass"])

        # All phases are accepted; the final acceptance is refused once
        for phase in delivery.phase_ids.filtered("needs_acceptance"):
            if phase.acceptance_kind != "final":
                evidence.acceptance(delivery, phase.acceptance_kind)
        refused = delivery.acceptance_ids.filtered(lambda one: one.kind == "final")
        refused.criterion_ids = [Command.create({"item": "Output", "standard": "50 MW"})]
        refused.action_hold()
        self.env["kams.acceptance.note"].create(
            {"acceptance_id": refused.id, "step": "refuse", "reason": "Only 47 MW"}
        ).action_confirm()
        self.assertEqual(
            (refused.state, final.trigger_date, self._states(deal, 3, 7)), ("refused", False, ["fail"] * 2)
        )
        refused.action_again()
        again = refused.next_ids
        evidence.acceptance(delivery, "final")
        self.assertEqual((again.state, again.attempt, again.is_done), ("signed", 2, True))
        self.assertEqual(self._states(deal, 3), ["pass"])

        # It releases the last payment
        self.assertEqual((final.trigger_date, final.acceptance_id), (today, again))
        if not final.invoice_ids:
            final.action_invoice()
        self.assertEqual(final.invoice_ids.amount_total, 700)
        self._pay(final)
        self.assertEqual((final.state, self._states(deal, 7)), ("paid", ["pass"]))

        # Training is still missing: the deal isn't finished, and the message says so
        with self.assertRaisesRegex(UserError, "Training attended and passed") as lacking:
            deal.action_kams_finish()
        self.assertNotIn("S6-3", str(lacking.exception))
        evidence.training(delivery)
        self.assertEqual(self._states(deal, *range(1, 6), 7), ["pass"] * 6)

        # The customer is content, and wants more
        evidence.satisfaction(deal, "5")
        self.assertEqual(self._states(deal, 8), ["fail"])
        self.env["crm.lead"].create({"name": "A third boiler", "kams_origin_lead_id": deal.id})
        self.assertEqual(self._states(deal, 8), ["pass"])
        deal.with_user(self.salesperson).action_kams_finish()
        self.assertEqual((deal.kams_finished_on, deal.kams_is_unfinished), (today, False))

    def test_services_alone_are_delivered_likewise(self):
        deal = self._signed_deal()
        self.product.type = "service"
        delivery = self._make(deal)
        self.assertFalse(delivery.line_ids)
        evidence.kickoff(delivery)
        evidence.confirm_plan(delivery)
        for kind in delivery.phase_ids.filtered("needs_acceptance").mapped("acceptance_kind"):
            evidence.acceptance(delivery, kind)
        self.assertEqual(self._states(deal, 1, 2, 3), ["pass"] * 3)

    def test_two_projects_of_one_contract_are_two_deliveries(self):
        deal = self._signed_deal()
        first = self._make(deal)
        second = self._make(deal) - first
        self.assertTrue(second.project_id and second.project_id != first.project_id)
        for delivery in (first, second):
            evidence.kickoff(delivery)
            evidence.confirm_plan(delivery)
        final = deal.kams_milestone_ids.filtered(lambda one: one.trigger == "final")
        evidence.acceptance(first, "final")
        self.assertFalse(final.trigger_date, "The other project isn't accepted yet.")
        evidence.acceptance(second, "final")
        self.assertEqual(final.trigger_date, fields.Date.today())

    def test_a_project_that_is_gone_takes_nothing_along(self):
        deal = self._signed_deal()
        delivery = self._make(deal)
        evidence.kickoff(delivery)
        evidence.confirm_plan(delivery)
        project = delivery.project_id
        project.active = False
        self.assertEqual(self._states(deal, 1, 2), ["pass", "pass"])
        project.unlink()
        self.assertFalse(delivery.project_id)
        self.assertTrue(delivery.exists() and delivery.phase_ids)
        self.assertEqual(self._states(deal, 1, 2), ["pass", "pass"])
        evidence.acceptance(delivery, "final")
        self.assertTrue(delivery.acceptance_ids.filtered("is_done"))

    def test_nobody_writes_the_evidence_by_hand(self):
        deal = self._signed_deal()
        delivery = evidence.delivery(deal, confirmed=False)
        acceptance = self.env["kams.acceptance"].create({"delivery_id": delivery.id, "kind": "final"})
        training = self.env["kams.training"].create({"delivery_id": delivery.id, "name": "Operation"})
        change = self.env["kams.change"].create({"delivery_id": delivery.id, "name": "More", "request": "More"})
        tried = (
            (delivery, {"plan_state": "confirmed"}),
            (delivery, {"kickoff_state": "held"}),
            (acceptance, {"state": "signed"}),
            (acceptance, {"is_done": True}),
            (training, {"state": "signed"}),
            (training, {"attendance_rate": 100, "pass_rate": 100}),
            (change, {"state": "signed"}),
            (change, {"is_open": False}),
            (deal, {"kams_finished_on": fields.Date.today()}),
        )
        before = self._states(deal)
        for record, vals in tried:
            with self.subTest(record=record._name, vals=vals):
                try:
                    with self.cr.savepoint():
                        record.with_user(self.salesperson).write(vals)
                        self._settle()
                except (UserError, ValueError):
                    pass
                self.env.invalidate_all()
                self.assertEqual(self._states(deal), before)
                self.assertFalse(deal.kams_finished_on)
