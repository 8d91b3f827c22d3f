from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import KamsCase

WEIRD = "‏שלב ראשון 🚧 " + "长" * 10_000


class DeliveryCase(KamsCase):
    """A delivery of four phases of 250,000 each, with a project of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.pm = new_test_user(
            cls.env,
            login="kams_pm",
            groups="base.group_user,kams_sales.group_delivery,project.group_project_user",
            name="Project manager",
        )
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.delivery, cls.phases = cls._delivery(cls.deal)

    @classmethod
    def _delivery(cls, deal):
        account = cls.env["account.analytic.account"].create(
            {"name": "Boilers", "plan_id": cls.env.ref("analytic.analytic_plan_projects").id}
        )
        project = cls.env["project.project"].create(
            {"name": "Boilers", "account_id": account.id, "allow_milestones": True, "user_id": cls.pm.id}
        )
        delivery = cls.env["kams.delivery"].create(
            {"lead_id": deal.id, "user_id": cls.pm.id, "project_id": project.id, "name": "Boilers"}
        )
        start = cls.today - timedelta(days=19)
        phases = cls.env["kams.delivery.phase"].create(
            [
                {
                    "delivery_id": delivery.id,
                    "name": f"Phase {number}",
                    "sequence": number,
                    "weight": 25.0,
                    "budget": 250_000.0,
                    "baseline_start": start + timedelta(days=10 * number),
                    "baseline_end": start + timedelta(days=10 * number + 9),
                }
                for number in range(4)
            ]
        )
        return delivery, phases

    @classmethod
    def _tasks(cls, phase, *states, hours=None):
        return cls.env["project.task"].create(
            [
                {
                    "name": f"Task {number}",
                    "project_id": phase.delivery_id.project_id.id,
                    "milestone_id": phase.milestone_id.id,
                    "state": state,
                    "allocated_hours": hours[number] if hours else 0.0,
                }
                for number, state in enumerate(states)
            ]
        )

    def _confirm(self):
        self.delivery.write(
            {
                "plan_confirmed_by_id": self.customer.id,
                "plan_confirmed_at": self.today,
                "plan_file_ids": [Command.create({"name": "plan.pdf", "raw": b"signed"})],
            }
        )
        self.delivery.action_confirm_plan()


@tagged("post_install", "-at_install")
class TestDeliveryPhase(DeliveryCase):
    def test_a_phase_is_a_milestone_of_the_project(self):
        self.assertEqual(len(self.phases.milestone_id), 4)
        self.assertEqual(self.phases.milestone_id.project_id, self.delivery.project_id)
        first = self.phases[0]
        self.assertEqual(first.milestone_id.deadline, first.baseline_end)
        first.with_user(self.salesperson).write({"name": WEIRD[:200], "forecast_end": self.today})
        self.assertEqual(first.milestone_id.name, WEIRD[:200])
        self.assertEqual(first.milestone_id.deadline, self.today)

    def test_a_reached_milestone_is_a_finished_phase_and_the_other_way_round(self):
        first, second = self.phases[:2]
        self.assertEqual(first.state, "planned")
        first.milestone_id.is_reached = True
        self.assertEqual((first.state, first.pct, first.ended_on), ("done", 100.0, self.today))
        second.action_done()
        self.assertTrue(second.milestone_id.is_reached)
        second.action_not_done()
        self.assertFalse(second.milestone_id.is_reached)
        self.assertEqual(second.state, "planned")

    def test_progress_is_by_hours_where_all_tasks_have_some(self):
        first, second, third, fourth = self.phases
        self._tasks(first, "1_done", "01_in_progress", "1_canceled", hours=[30.0, 10.0, 99.0])
        self._tasks(second, "1_done", "01_in_progress", "04_waiting_normal", hours=[30.0, 0.0, 0.0])
        third.typed_pct = 40.0
        self.assertEqual((first.pct, first.task_count, first.state), (75.0, 2, "running"))
        self.assertAlmostEqual(second.pct, 100 / 3)
        self.assertEqual((third.pct, third.state), (40.0, "running"))
        self.assertEqual((fourth.pct, fourth.state), (0.0, "planned"))
        fourth.actual_start = self.today
        self.assertIs(fourth.pct, False, "it began, and nobody says how far it is")

    def test_status_is_found_and_grouped_as_it_is_shown(self):
        first, second, third, fourth = self.phases
        first.milestone_id.is_reached = True
        self._tasks(second, "1_done", "01_in_progress")
        self._tasks(third, "1_canceled")
        third.actual_start = self.today
        mine = [("delivery_id", "=", self.delivery.id)]
        model = self.env["kams.delivery.phase"]
        for state in ("planned", "running", "done"):
            shown = self.phases.filtered(lambda phase, state=state: phase.state == state)
            self.assertEqual(model.search([*mine, ("state", "=", state)]), shown, state)
            self.assertEqual(model.search([*mine, ("state", "!=", state)]), self.phases - shown, state)
            self.assertEqual(self.phases.filtered_domain([("state", "=", state)]), shown)
        groups = dict(model._read_group(mine, ["state"], ["__count"]))
        self.assertEqual(groups, {"done": 1, "running": 2, "planned": 1})
        self.assertEqual(fourth.state, "planned")

    def test_lateness_counts_from_the_baseline(self):
        first, second, third, fourth = self.phases
        first.actual_end = first.baseline_end - timedelta(days=2)
        second.write({"forecast_end": second.baseline_end + timedelta(days=7)})
        third.baseline_end = third.forecast_end = False
        self.assertEqual(first.lateness_days, -2)
        self.assertEqual(second.lateness_days, 7)
        self.assertIs(third.lateness_days, False)
        self.assertEqual(fourth.lateness_days, 0)
        first.actual_end = False
        self.assertEqual(first.lateness_days, 10, "it should have ended ten days ago, and nothing says that it did")

    def test_what_the_customer_confirmed_moves_by_a_signed_change_only(self):
        first = self.phases[0]
        self._confirm()
        for values in ({"baseline_end": self.today}, {"weight": 30.0}, {"budget": 1.0}, {"first_end": self.today}):
            with self.subTest(values=values), self.assertRaises(UserError):
                first.write(values)
        with self.assertRaises(UserError):
            first.unlink()
        with self.assertRaises(UserError):
            self.env["kams.delivery.phase"].create({"delivery_id": self.delivery.id, "name": "More"})
        first.write({"weight": 25.0, "baseline_end": str(first.baseline_end), "name": "Renamed"})
        first.write({"forecast_end": self.today, "actual_start": self.today})
        before = first.baseline_end
        change = self.env["kams.change"].create({"delivery_id": self.delivery.id, "name": "Later"})
        first._rebaseline(first.baseline_start, self.today, change, cost=50_000.0)
        first._rebaseline(first.baseline_start, self.today + timedelta(days=1), change)
        self.assertEqual(first.baseline_end, self.today + timedelta(days=1))
        self.assertEqual(first.first_end, before, "what was promised first stays readable")
        self.assertEqual(first.budget, 300_000.0)
        self.assertIn("Later", self.delivery.message_ids[0].body)

    def test_a_phase_cant_come_after_itself_nor_after_another_deliverys(self):
        first, second, third, _fourth = self.phases
        second.predecessor_ids = first
        third.predecessor_ids = second
        with self.assertRaises(ValidationError), self.cr.savepoint():
            first.predecessor_ids = third
        _delivery, others = self._delivery(self._deal(name="Other"))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            first.predecessor_ids = others[0]
        with self.assertRaises(ValidationError), self.cr.savepoint():
            first.milestone_id = others[0].milestone_id

    def test_a_phase_that_begins_before_its_predecessor_ends_says_so(self):
        first, second = self.phases[:2]
        second.predecessor_ids = first
        self.assertFalse(second.waits_for)
        first.forecast_end = second.baseline_start + timedelta(days=3)
        self.assertTrue(second.waits_for)
        first.action_done()
        self.assertFalse(second.waits_for)

    def test_dates_are_in_order_and_what_happened_isnt_to_come(self):
        first = self.phases[0]
        for values in (
            {"baseline_end": first.baseline_start - timedelta(days=1)},
            {"forecast_start": self.today, "forecast_end": self.today - timedelta(days=1)},
            {"actual_start": self.today + timedelta(days=2)},
            {"weight": 101.0},
            {"typed_pct": 101.0},
            {"budget": -1.0},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.cr.savepoint():
                first.write(values)

    def test_a_deleted_project_leaves_the_phases(self):
        first = self.phases[0]
        first.milestone_id.is_reached = True
        first.actual_end = self.today
        self._tasks(self.phases[1], "1_done")
        self.delivery.project_id.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.phases.mapped("state"), ["done", "planned", "planned", "planned"])
        with self.assertRaises(UserError):
            first.action_tasks()
        self.assertTrue(first.action_not_done())

    def test_a_project_manager_without_sales_rights_works_on_phases(self):
        phases = self.phases.with_user(self.pm)
        phases[0].action_begin()
        phases[0].action_done()
        self.assertEqual(phases[0].state, "done")
        self.assertEqual(phases[0].action_tasks()["res_model"], "project.task")
        self.assertTrue(phases.delivery_id.action_phases())
        with self.assertRaises(AccessError):
            phases[1].with_user(self.auditor).action_begin()

    def test_a_plain_milestone_costs_nothing(self):
        project = self.env["project.project"].create({"name": "Plain", "allow_milestones": True})
        milestone = self.env["project.milestone"].create({"name": "Plain", "project_id": project.id})
        task = self.env["project.task"].create({"name": "Plain", "project_id": project.id})
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            milestone.is_reached = True
            task.state = "1_done"
            self.env.flush_all()
        self.assertTrue([line for line in logs.output if "project_milestone" in line])
        self.assertFalse([line for line in logs.output if "kams_delivery" in line])


@tagged("post_install", "-at_install")
class TestDeliverable(DeliveryCase):
    def _deliverable(self, **vals):
        return self.env["kams.delivery.deliverable"].create(
            {"phase_id": self.phases[0].id, "name": "Drawings", "standard": WEIRD, **vals}
        )

    def test_what_was_handed_in_stays(self):
        drawings = self._deliverable()
        self.assertEqual(drawings.delivery_id, self.delivery)
        with self.assertRaises(UserError):
            drawings.action_hand_in()
        drawings.file_ids = [Command.create({"name": "drawings.pdf", "raw": b"v1"})]
        drawings.with_user(self.pm).action_hand_in()
        for values in ({"name": "x"}, {"standard": "x"}, {"file_ids": [Command.clear()]}, {"state": "open"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                drawings.write(values)
        with self.assertRaises(UserError):
            drawings.file_ids.with_user(self.pm).write({"raw": b"v2"})
        with self.assertRaises(UserError):
            drawings.unlink()
        drawings.action_accept()
        self.assertEqual(drawings.accepted_on, self.today)
        note = self.env["kams.delivery.note"].with_context(drawings.action_reopen()["context"]).with_user(self.pm)
        with self.assertRaises(UserError):
            note.create({"reason": " "}).action_confirm()
        note.create({"reason": "Two valves are missing"}).action_confirm()
        for words in ("drawings.pdf", "Two valves are missing"):
            self.assertIn(words, self.delivery.message_ids[0].body)
        with self.assertRaises(UserError):
            drawings.action_reopen()
        drawings.name = "As-built drawings"

    def test_it_isnt_born_accepted(self):
        self.assertEqual(self._deliverable(state="accepted", accepted_on=self.today).state, "open")
