from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamsCase

MONDAY = date(2026, 3, 2)


class CommunicationCase(KamsCase):
    """A delivery whose steering committee hears of its progress every week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery_user = cls._person("kams_delivery_comm", "kams_sales.group_delivery,project.group_project_user")
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.delivery = cls.env["kams.delivery"].create({"lead_id": cls.deal.id, "user_id": cls.delivery_user.id})
        cls.today = fields.Date.today()

    @classmethod
    def _plan(cls, *lines, **vals):
        return cls.env["kams.plan"].create(
            {
                "kind": "communication",
                "lead_id": cls.deal.id,
                "delivery_id": cls.delivery.id,
                "date_from": "2026-01-01",
                "date_to": "2031-12-31",
                "line_ids": [
                    Command.create(
                        {
                            "content": "Progress",
                            "audience": "Steering committee",
                            "user_id": cls.salesperson.id,
                            **line,
                        }
                    )
                    for line in lines or ({},)
                ],
                **vals,
            }
        )

    def _day(self, day):
        """Let it be noon of a day, and let the daily job have run."""
        self._on(day)
        return self._run_cron("kams.comm.line", "_cron_contacts")

    def _on(self, day):
        """Let it be noon of a day."""
        self._settle()
        if hasattr(self, "_frozen"):
            self._frozen.stop()
        else:
            self.addCleanup(lambda: self._frozen.stop())
        self._frozen = freeze_time(f"{day} 12:00:00")
        self._frozen.start()


@tagged("post_install", "-at_install")
class TestCommunication(CommunicationCase):
    """Who hears what falls due by itself, and what was held of it is the execution rate (8.5)."""

    def _weekly(self, **vals):
        self._on(MONDAY)
        plan = self._plan({"date_from": MONDAY, "frequency": "week", **vals})
        plan.action_activate()
        return plan

    def test_a_draft_asks_nobody_and_an_empty_plan_isnt_activated(self):
        plan = self._plan({})
        self.assertFalse(plan.log_ids)
        self.assertEqual(plan.name, "Communication Plan")
        plan.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "isn't ready"):
            plan.action_activate()

    def test_contacts_fall_due_by_their_rhythm_and_the_rate_counts_them(self):
        """Five weeks: due 5, held 4 – 80 %."""
        plan = self._weekly()
        for week in range(5):
            day = MONDAY + timedelta(weeks=week)
            self._day(day)
            log = plan.log_ids.filtered(lambda one, day=day: one.date_due == day)
            self.assertEqual((log.state, log.user_id), ("due", plan.line_ids.user_id))
            if week != 1:
                log.write({"summary": "All is well", "state": "held"})
        self._day(MONDAY + timedelta(weeks=4, days=1))
        self.assertEqual((plan.comm_due, plan.comm_held, plan.comm_rate), (5, 4, 80.0))
        self.assertEqual(plan.log_ids.filtered(lambda one: one.state == "missed").date_due, MONDAY + timedelta(weeks=1))

    def test_nothing_due_is_no_rate(self):
        plan = self._weekly()
        self.assertIs(plan.comm_rate, False)
        self.assertEqual(plan.comm_due, 0)

    def test_a_contact_due_today_isnt_late_until_tomorrow(self):
        plan = self._weekly()
        self._day(MONDAY)
        self.assertIs(plan.comm_rate, False)
        self._day(MONDAY + timedelta(days=1))
        self.assertEqual(plan.comm_rate, 0.0)

    def test_the_job_that_slept_makes_up_for_it_once(self):
        plan = self._weekly()
        for _twice in range(2):
            self._day(MONDAY + timedelta(weeks=3))
            self.assertEqual(sorted(plan.log_ids.mapped("state")), ["due", "missed", "missed", "missed"])
        self.assertEqual(plan.line_ids.next_due, MONDAY + timedelta(weeks=4))

    def test_days_are_working_days_and_months_keep_their_day(self):
        self._on(date(2026, 1, 30))  # a Friday
        plan = self._plan(
            {"date_from": date(2026, 1, 30), "frequency": "day", "content": "Site"},
            {"date_from": date(2026, 1, 30), "frequency": "month", "content": "Report"},
        )
        plan.action_activate()
        self._day(date(2026, 3, 30))
        daily, monthly = plan.line_ids
        self.assertEqual(
            sorted(monthly.log_ids.mapped("date_due")), [date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 30)]
        )
        days = daily.log_ids.mapped("date_due")
        self.assertIn(date(2026, 2, 2), days)
        self.assertNotIn(date(2026, 1, 31), days)

    def test_activated_late_it_doesnt_blame_anybody_for_what_was_before(self):
        self._on(MONDAY + timedelta(weeks=10, days=1))
        plan = self._plan({"date_from": MONDAY, "frequency": "week"})
        plan.action_activate()
        self._day(MONDAY + timedelta(weeks=11))
        self.assertEqual(plan.log_ids.date_due, MONDAY + timedelta(weeks=11))

    def test_a_line_ends_with_its_last_day_and_with_the_plan(self):
        plan = self._weekly(date_to=MONDAY + timedelta(weeks=1))
        self._day(MONDAY + timedelta(weeks=5))
        self.assertEqual(len(plan.log_ids), 2)
        self.assertFalse(plan.line_ids.next_due)
        other = self._plan({"date_from": MONDAY}, date_to=MONDAY + timedelta(weeks=6))
        other.action_activate()
        self._day(MONDAY + timedelta(weeks=9))
        self.assertEqual(max(other.log_ids.mapped("date_due")), MONDAY + timedelta(weeks=6))

    def test_a_reached_milestone_is_told_once_on_each_line(self):
        project = self.env["project.project"].create({"name": "Plant", "allow_milestones": True})
        self.delivery.project_id = project
        milestone = self.env["project.milestone"].create({"name": "Installed", "project_id": project.id})
        self._on(MONDAY)
        phase = self.env["kams.delivery.phase"].create(
            {"delivery_id": self.delivery.id, "name": "Installation", "milestone_id": milestone.id}
        )
        plan = self._plan({"frequency": "milestone", "date_from": MONDAY})
        plan.action_activate()
        self._day(MONDAY + timedelta(days=2))
        self.assertFalse(plan.log_ids)
        milestone.is_reached = True
        milestone.reached_date = MONDAY + timedelta(days=3)
        for days in (4, 5):
            self._day(MONDAY + timedelta(days=days))
            self.assertEqual((plan.log_ids.phase_id, plan.log_ids.date_due), (phase, MONDAY + timedelta(days=6)))

    def test_its_owner_has_it_among_their_activities_and_marks_it_done_there(self):
        plan = self._weekly(user_id=self.salesperson.id)
        activity = plan.log_ids.activity_id
        self.assertEqual((activity.user_id, activity.date_deadline), (self.salesperson, MONDAY))
        with self.assertRaisesRegex(UserError, "Write down what came of"):
            activity.with_user(self.salesperson).action_feedback()
        activity.with_user(self.salesperson).action_feedback(feedback="All is well 🙂")
        self.assertEqual(
            (plan.log_ids.state, plan.log_ids.held_on, plan.log_ids.summary), ("held", MONDAY, "All is well 🙂")
        )
        self.assertEqual(plan.comm_rate, 100.0)

    def test_a_new_owner_takes_the_contact_over(self):
        plan = self._weekly(user_id=self.salesperson.id)
        plan.line_ids.user_id = self.colleague
        self.assertEqual(plan.log_ids.activity_id.user_id, self.colleague)
        plan.log_ids.activity_id.user_id = self.salesperson
        self.assertEqual(plan.log_ids.user_id, self.salesperson)

    def test_what_was_due_is_neither_moved_nor_deleted(self):
        plan = self._weekly()
        self._day(MONDAY + timedelta(weeks=1))
        user = self.env.ref("base.user_admin")
        missed = plan.log_ids.filtered(lambda one: one.state == "missed").with_user(user)
        for attempt in (
            lambda: missed.write({"date_due": "2031-01-01"}),
            missed.unlink,
            lambda: plan.line_ids.with_user(user).unlink(),
            lambda: plan.with_user(user).unlink(),
            lambda: plan.line_ids.with_user(user).write({"next_due": "2031-01-01"}),
            lambda: plan.with_user(user).write({"comm_rate": 100.0}),
        ):
            with self.assertRaises(UserError), mute_logger("odoo.models.unlink"), self.cr.savepoint():
                attempt()
        self.assertEqual(plan.comm_rate, 0.0)

    def test_held_needs_a_day_that_is_over_and_what_came_of_it(self):
        plan = self._weekly()
        with self.assertRaisesRegex(ValidationError, "Write down what came of"):
            plan.log_ids.action_held()
        with self.assertRaisesRegex(ValidationError, "after today"):
            plan.log_ids.write({"state": "held", "summary": "x", "held_on": MONDAY + timedelta(days=9)})

    def test_a_contact_typed_in_counts_and_stands_once_a_day(self):
        plan = self._weekly()
        vals = {"line_id": plan.line_ids.id, "date_due": MONDAY - timedelta(days=9), "state": "held", "summary": "x"}
        log = self.env["kams.comm.log"].create(vals)
        self.assertEqual((log.held_on, plan.comm_rate), (log.date_due, 100.0))

    def _asks(self, plan):
        waiting = plan.log_ids.filtered(lambda one: one.state == "due")
        return bool(waiting.activity_id.filtered("active"))

    def test_a_closed_plan_a_lost_deal_and_a_cancelled_delivery_ask_nobody(self):
        def to(state):
            self.delivery._engine().state = state

        plan = self._weekly()
        self.assertTrue(self._asks(plan))
        for weeks, stop, again in (
            (1, plan.action_close, plan.action_reopen),
            (2, self.deal.action_archive, self.deal.action_unarchive),
            (3, lambda: to("cancelled"), lambda: to("planned")),
        ):
            contacts = len(plan.log_ids)
            stop()
            self._day(MONDAY + timedelta(weeks=weeks))
            self.assertFalse(self._asks(plan), stop)
            self.assertEqual(len(plan.log_ids), contacts)
            again()
            self._day(MONDAY + timedelta(weeks=weeks, days=1))
            self.assertTrue(self._asks(plan), again)

    def test_who_delivers_keeps_communication_plans_and_only_reads_others(self):
        plan = self._plan({"user_id": self.delivery_user.id}).with_user(self.delivery_user)
        plan.action_activate()
        plan.log_ids.write({"summary": "x", "state": "held", "held_on": False})
        made = self.env["kams.plan"].with_user(self.delivery_user)
        made.create({"kind": "communication", "delivery_id": self.delivery.id})
        with self.assertRaises(AccessError):
            made.create({"kind": "project_marketing", "lead_id": self.deal.id})
        marketing = self.env["kams.plan"].create({"kind": "project_marketing", "lead_id": self.deal.id})
        self.assertTrue(marketing.with_user(self.delivery_user).name)
        with self.assertRaises(AccessError):
            marketing.with_user(self.delivery_user).goal = "x"

    def test_a_meeting_planned_for_a_contact_holds_it_once_its_record_is_submitted(self):
        plan = self._weekly()
        action = plan.log_ids.action_plan_meeting()
        self.assertEqual(action["context"]["default_kams_delivery_id"], self.delivery.id)
        event = (
            self.env["calendar.event"]
            .with_context(**{key: value for key, value in action["context"].items() if not key.startswith("search")})
            .create({"name": "Steering", "start": f"{MONDAY} 09:00:00", "stop": f"{MONDAY} 10:00:00"})
        )
        self.assertEqual(plan.log_ids.event_id, event)
        event.write({"kams_minutes": "Foundation is ready"})
        event.action_kams_submit()
        log = plan.log_ids
        self.assertEqual((log.state, log.held_on, log.summary), ("held", MONDAY, "Foundation is ready"))

    def test_the_decision_chain_is_taken_once(self):
        plan = self._plan()
        engineer = self.env["res.partner"].create({"name": "Zhao", "parent_id": self.customer.id})
        zhao = self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": engineer.id})
        for _twice in range(2):
            plan.with_user(self.delivery_user).action_take_stakeholders()
            self.assertEqual(len(plan.line_ids), 2)
        line = plan.line_ids.filtered("stakeholder_id")
        self.assertEqual((line.stakeholder_id, line.partner_id), (zhao, engineer))

    def test_people_are_of_the_plans_deal(self):
        engineer = self.env["res.partner"].create({"name": "Zhao", "parent_id": self.customer.id})
        other = self.env["kams.stakeholder"].create(
            {"lead_id": self._deal(name="Another").id, "partner_id": engineer.id}
        )
        with self.assertRaises(ValidationError):
            self._plan({"stakeholder_id": other.id})
        with self.assertRaises(ValidationError):
            self._plan({"audience": False})

    def test_a_point_on_communication_opens_communication_plans(self):
        action = self.deal.action_kams_comm_plans()
        self.assertIn(("kind", "=", "communication"), action["domain"])
        self._plan()
        self.assertEqual(self.deal.kams_comm_plan_count, 1)

    def test_the_job_takes_few_statements_for_each_line(self):
        self._on(MONDAY)

        def statements(number):
            plan = self._plan(*({"content": f"{number}.{row}", "date_from": MONDAY} for row in range(number)))
            plan.action_activate()
            self._day(MONDAY + timedelta(weeks=1))
            self._on(MONDAY + timedelta(weeks=2))
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._run_cron("kams.comm.line", "_cron_contacts")
            count = self.cr.sql_log_count - before
            plan.action_close()
            self._on(MONDAY)
            return count

        few, many = statements(3), statements(33)
        self.assertLess((many - few) / 30, 6)
