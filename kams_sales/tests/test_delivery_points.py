from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from . import evidence
from .common import ShippedCase

NUMBERS = range(1, 9)


@tagged("post_install", "-at_install")
class TestDeliveryPoints(ShippedCase):
    """What a deal needs before it is finished (method 8, S6-1 to S6-8), point by point."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        evidence.committee(cls.env)
        cls.customer.child_ids = [Command.create({"name": "Ms Chen"})]
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls._settle()

    def assertPoint(self, number, state):
        self.assertEqual(self._state(self.deal, f"S6-{number}"), state, f"S6-{number}")

    def test_s6_1_a_manager_and_a_kick_off_with_minutes(self):
        self.assertPoint(1, "fail")
        delivery = evidence.delivery(self.deal, confirmed=False)
        self.assertPoint(1, "fail")
        event = evidence.kickoff(delivery)
        self.assertPoint(1, "pass")
        second = evidence.delivery(self.deal, confirmed=False, name="Second lot")
        self.assertPoint(1, "fail")
        self.env["kams.delivery.note"].create(
            {"delivery_id": second.id, "step": "cancel", "reason": "They do it themselves"}
        ).action_confirm()
        self.assertPoint(1, "pass")
        event.action_kams_reopen()
        self.assertPoint(1, "fail")

    def test_s6_2_the_customer_signed_the_plan(self):
        delivery = evidence.delivery(self.deal, confirmed=False)
        self.assertPoint(2, "fail")
        evidence.confirm_plan(delivery)
        self.assertPoint(2, "pass")

    def test_s6_3_phases_accepted_and_what_was_to_rectify_is_closed(self):
        delivery = evidence.delivery(self.deal)
        self.assertPoint(3, "fail")
        acceptance = evidence.acceptance(delivery)
        self.assertPoint(3, "pass")
        planned = self.env["kams.acceptance"].create({"delivery_id": delivery.id, "kind": "trial"})
        self.assertPoint(3, "fail")
        planned.action_cancel()
        self.assertPoint(3, "pass")
        self.env["kams.acceptance"].create({"delivery_id": delivery.id, "kind": "warranty"})
        self.assertPoint(3, "pass")
        self.assertTrue(acceptance.is_done)

    def test_s6_3_each_phase_that_has_to_be_accepted(self):
        delivery = evidence.delivery(self.deal, confirmed=False)
        evidence.acceptance(delivery)
        self.assertPoint(3, "pass")
        arrival = self.env["kams.delivery.phase"].create(
            {
                "delivery_id": delivery.id,
                "name": "Arrival",
                "acceptance_kind": "arrival",
                "needs_acceptance": True,
            }
        )
        self.assertPoint(3, "fail")
        arrival.needs_acceptance = False
        self.assertPoint(3, "pass")

    def test_s6_3_with_conditions_only_once_they_are_met(self):
        delivery = evidence.delivery(self.deal)
        acceptance = self.env["kams.acceptance"].create(
            {
                "delivery_id": delivery.id,
                "phase_id": delivery.phase_ids.id,
                "kind": "final",
                "criterion_ids": [Command.create({"item": "Noise", "result": False})],
            }
        )
        acceptance.action_hold()
        acceptance.criterion_ids.result = "fail"
        acceptance.write(
            {
                "conclusion": "conditional",
                "signed_by_id": self.customer.child_ids[:1].id,
                "signed_at": fields.Date.today(),
                "signed_file_ids": [Command.create({"name": "Signed.txt", "raw": b"Signed"})],
                "rectification_ids": [
                    Command.create(
                        {
                            "issue": "Too loud",
                            "user_id": self.env.uid,
                            "date_due": fields.Date.today() + timedelta(days=9),
                        }
                    )
                ],
            }
        )
        acceptance.action_sign()
        self.assertPoint(3, "fail")
        acceptance.rectification_ids.evidence = "Insulated; the customer listened"
        acceptance.rectification_ids.action_close()
        self.assertPoint(3, "pass")

    def test_s6_4_nine_in_ten_came_and_eight_in_ten_passed(self):
        delivery = evidence.delivery(self.deal)
        self.assertPoint(4, "fail")
        for invited, came, passed, state in ((10, 9, 8, "pass"), (10, 8, 8, "fail"), (10, 10, 7, "fail")):
            with self.subTest(came=came, passed=passed):
                training = evidence.training(delivery, invited, came, passed)
                self.assertPoint(4, state)
                training.reopen_why = "Again"
                training.with_user(self.director).action_reopen()
                self.assertPoint(4, "fail")
                training.action_reopen()
                training.action_cancel()

    def test_s6_3_a_confirmed_plan_keeps_what_is_to_be_accepted(self):
        delivery = evidence.delivery(self.deal)
        phase = delivery.phase_ids
        other = evidence.delivery(self.deal, confirmed=False, name="Second lot").phase_ids
        for values in ({"needs_acceptance": False}, {"acceptance_kind": "warranty"}):
            with self.assertRaisesRegex(UserError, "was confirmed by the customer"):
                phase.write(values)
        with self.assertRaisesRegex(UserError, "was confirmed by the customer"):
            other.delivery_id = delivery

    def test_s6_2_no_default_in_a_context_confirms_a_plan(self):
        stamps = {"plan_state": "confirmed", "plan_hash": "abc", "closed_on": "2026-01-01"}
        delivery = (
            self.env["kams.delivery"]
            .with_context(**{f"default_{name}": value for name, value in stamps.items()})
            .create({"lead_id": self.deal.id, **stamps})
        )
        self.assertEqual((delivery.plan_state, delivery.plan_hash, delivery.closed_on), ("open", False, False))

    def test_s6_6_a_plan_whose_contacts_count_stays_a_communication_plan_of_its_deal(self):
        plan = self.env["kams.plan"].create(
            {
                "lead_id": self.deal.id,
                "kind": "communication",
                "line_ids": [Command.create({"audience": "All", "content": "Progress"})],
            }
        )
        self.env["kams.comm.log"].create(
            {"line_id": plan.line_ids.id, "date_due": fields.Date.today() - timedelta(days=3), "state": "missed"}
        )
        other = self._deal(name="Another", partner_id=self.customer.id)
        for values in ({"kind": "relationship"}, {"lead_id": other.id}):
            with self.assertRaisesRegex(UserError, "these count"):
                plan.with_user(self.director).write(values)

    def test_a_planned_delivery_keeps_what_was_signed_under_it(self):
        delivery = evidence.delivery(self.deal, confirmed=False)
        evidence.acceptance(delivery)
        with self.assertRaisesRegex(UserError, "was inspected and stays"):
            delivery.unlink()

    def test_s6_4_is_not_asked_where_nobody_is_to_be_trained(self):
        delivery = evidence.delivery(self.deal, training_needed=False, training_why_not="They run twenty of these")
        self.assertPoint(4, "na")
        delivery.training_why_not = False
        self.assertPoint(4, "fail")
        delivery.training_needed = True
        self.assertPoint(4, "fail")

    def test_s6_5_high_risks_have_an_owner_an_action_and_time(self):
        self.assertPoint(5, "fail")
        risk = evidence.risk(self.deal)
        self.assertPoint(5, "pass")
        for values in (
            {"user_id": False},
            {"action": False},
            {"date_due": fields.Date.today() - timedelta(days=1)},
        ):
            before = {name: risk[name] for name in values}
            with self.subTest(**values):
                risk.write(values)
                self.assertPoint(5, "fail")
                risk.write({name: getattr(value, "id", value) for name, value in before.items()})
                self.assertPoint(5, "pass")
        risk.write({"user_id": False, "probability": "1"})
        self.assertPoint(5, "pass")

    def test_s6_5_changes_are_signed_by_both_sides(self):
        delivery = evidence.delivery(self.deal)
        evidence.risk(self.deal)
        change = self.env["kams.change"].create(
            {"delivery_id": delivery.id, "name": "One more pump", "request": "One more pump"}
        )
        self.assertPoint(5, "fail")
        change.unlink()
        self.assertPoint(5, "pass")

    def test_s6_6_four_in_five_contacts_were_held(self):
        self.assertPoint(6, "fail")
        today = fields.Date.today()
        plan = self.env["kams.plan"].create(
            {
                "kind": "communication",
                "lead_id": self.deal.id,
                "date_from": today - timedelta(days=60),
                "date_to": today + timedelta(days=60),
                "line_ids": [
                    Command.create(
                        {
                            "content": "Progress",
                            "partner_id": self.customer.child_ids[:1].id,
                            "date_from": today - timedelta(days=60),
                        }
                    )
                ],
            }
        )
        logs = self.env["kams.comm.log"].create(
            [{"line_id": plan.line_ids.id, "date_due": today - timedelta(days=5 * days)} for days in range(1, 6)]
        )
        logs[:3].write({"state": "held", "summary": "They are content"})
        self.assertPoint(6, "fail")
        logs[3].write({"state": "held", "summary": "They are content"})
        self.assertEqual(plan.comm_rate, 80)
        self.assertPoint(6, "pass")

    def test_s6_7_finally_accepted_and_nothing_due_is_open(self):
        evidence.close_contract(self.deal)
        delivery = evidence.delivery(self.deal)
        first, final = self.deal.kams_milestone_ids.sorted("sequence")
        self.assertPoint(7, "fail")
        # accepted today, to be paid in 15 days: nothing is due yet
        acceptance = evidence.acceptance(delivery)
        self.assertEqual(final.trigger_date, fields.Date.today())
        self.assertPoint(7, "pass")
        # accepted 15 days ago, it is due today and open
        self.env["kams.acceptance.note"].create(
            {"acceptance_id": acceptance.id, "step": "reopen", "reason": "The day was wrong"}
        ).action_confirm()
        self.assertPoint(7, "fail")
        day = fields.Date.today() - timedelta(days=15)
        acceptance.write({"held_on": day, "signed_at": day})
        acceptance.action_sign()
        self.assertEqual((final.trigger_date, final.date_due), (day, fields.Date.today()))
        for values in ({"trigger_date": False}, {"acceptance_id": False}):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                final.with_user(self.director).write(values)
        self.assertPoint(7, "fail")
        # somebody has it under control
        final.write({"promised_on": fields.Date.today() + timedelta(days=9), "collection_plan": "Their board meets"})
        self.assertPoint(7, "pass")
        final.promised_on = fields.Date.today() - timedelta(days=1)
        self.assertPoint(7, "fail")
        self.assertFalse(first.invoice_ids)

    def test_s6_8_content_when_last_asked_and_a_lead_that_follows(self):
        evidence.satisfaction(self.deal, "5")
        self.assertPoint(8, "fail")
        lead = self.env["crm.lead"].create({"name": "A third boiler", "kams_origin_lead_id": self.deal.id})
        self.assertPoint(8, "pass")
        lead.unlink()
        self.assertPoint(8, "fail")
        self.env["crm.lead"].create({"name": "A third boiler", "kams_origin_lead_id": self.deal.id})
        evidence.satisfaction(self.deal, "2")  # the same person, asked again
        self.assertPoint(8, "fail")
        self.deal.kams_satisfaction_ids.filtered("is_latest").action_reopen()
        self.assertPoint(8, "pass")

    def test_they_say_what_is_missing(self):
        states = [self._state(self.deal, f"S6-{number}") for number in NUMBERS]
        self.assertEqual(states, ["fail"] * 3 + ["na"] + ["fail"] * 4)
        with self.assertRaisesRegex(UserError, "isn't won"):
            self.deal.action_kams_finish()

    def test_each_leads_to_where_it_is_recorded(self):
        for check in self.deal.kams_check_ids.filtered(lambda one: one.point_id.phase_id.code == "delivery"):
            action = check.action_open_evidence()
            self.assertTrue(action.get("res_model"), check.point_id.code)
