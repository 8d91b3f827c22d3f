from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import KamsCase

DEVELOPMENT = 8
INITIATION = 8
SHIPPED = {
    "development": DEVELOPMENT,
    "initiation": INITIATION,
    "proposal": 8,
    "tendering": 13,
    "negotiation": 12,
    "delivery": 11,
}


@tagged("post_install", "-at_install")
class TestKeyTasks(KamsCase):
    """A deal that enters a phase gets the phase's key tasks, once, without paying for it in the move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plans = {code: cls.env.ref(f"kams_sales.plan_{code}") for code in ("development", "initiation")}
        cls.plans = plans
        tasked = cls.process.copy({"name": "With tasks"})
        for phase in tasked.phase_ids:
            phase.activity_plan_id = plans.get(phase.code, False)
        tasked.point_ids.unlink()  # gates are not what is tested here
        tasked.action_activate()
        cls.tasked = tasked
        cls.team.kams_process_id = tasked
        cls.stages = {phase.code: phase.stage_id for phase in tasked.phase_ids}
        lead = cls.env["crm.lead"]  # deals of the demo data are not what is looked at
        while batch := lead._kams_deals_to_launch():
            lead._kams_mark_launched([row[:2] for row in batch])

    def _launch(self):
        self._settle()
        return self._run_cron("crm.lead", "_cron_kams_key_tasks")

    def _tasks(self, deal):
        activities = self.env["mail.activity"].with_context(active_test=False)
        return activities.search([("res_model", "=", "crm.lead"), ("res_id", "=", deal.id)], order="date_deadline, id")

    def _shipped_plans(self):
        return {code: self.env.ref(f"kams_sales.plan_{code}") for code in SHIPPED}

    def test_the_shipped_plans_have_their_tasks_for_the_salesperson(self):
        for code, plan in self._shipped_plans().items():
            tasks = plan.template_ids
            self.assertEqual(len(tasks), SHIPPED[code], code)
            self.assertEqual(set(tasks.mapped("responsible_type")), {"kams_salesperson"})
            self.assertTrue(all(task.kams_role and task.kams_deliverable and task.kams_task for task in tasks))
            self.assertEqual(tasks.mapped("delay_count"), sorted(tasks.mapped("delay_count")))
            self.assertFalse(plan.company_id)

    def test_the_shipped_phases_lead_to_their_plans(self):
        for code, plan in self._shipped_plans().items():
            self.assertEqual(self.env.ref(f"kams_sales.phase_{code}").activity_plan_id, plan)

    def test_a_new_version_of_an_older_process_takes_them(self):
        older = self.process.copy({"name": "Older"})
        older.phase_ids.activity_plan_id = False
        older.with_user(self.director).action_add_shipped_points()
        plans = {phase.code: phase.activity_plan_id for phase in older.phase_ids}
        self.assertEqual({code: plan for code, plan in plans.items() if plan}, self._shipped_plans())

    # Launched on entry
    def test_a_new_deal_gets_the_tasks_of_its_first_phase(self):
        deal = self._deal()
        self._launch()
        tasks = self._tasks(deal)
        self.assertEqual(len(tasks), DEVELOPMENT)
        self.assertEqual(tasks.user_id, self.salesperson)
        first, today = tasks[0], fields.Date.context_today(deal)
        self.assertEqual(
            (first.summary, first.date_deadline), ("Choose the target customer", today + timedelta(days=1))
        )
        self.assertIn("target list", first.note)
        self.assertIn("Sales", first.note)

    def test_moving_forward_adds_the_next_and_moving_back_and_forth_none(self):
        deal = self._deal()
        self._launch()
        deal.stage_id = self.stages["initiation"]
        self._launch()
        self.assertEqual(len(self._tasks(deal)), DEVELOPMENT + INITIATION)
        for code in ("development", "initiation"):
            deal.stage_id = self.stages[code]
            self._launch()
        self.assertEqual(len(self._tasks(deal)), DEVELOPMENT + INITIATION)

    def test_a_phase_that_was_passed_by_is_not_launched(self):
        deal = self._deal(stage_id=self.stages["proposal"].id)
        self._launch()
        self.assertFalse(self._tasks(deal))
        quick = self._deal()
        self._settle()
        quick.stage_id = self.stages["initiation"]
        self._launch()
        self.assertEqual(len(self._tasks(quick)), INITIATION, "It is past its first phase already.")

    def test_what_is_lost_won_or_imported_gets_none_and_what_is_reopened_does(self):
        lost, won, imported = self._deal(), self._deal(), self._deal(kams_imported=True)
        lost.action_set_lost()
        won.action_set_won()
        self._launch()
        self.assertFalse(self._tasks(lost) | self._tasks(won) | self._tasks(imported))
        lost.action_unarchive()
        self._launch()
        self.assertEqual(len(self._tasks(lost)), DEVELOPMENT)

    def test_delivery_begins_with_the_signature_and_has_its_tasks_then(self):
        process = self.process.copy({"name": "With delivery"})
        plan = self.env.ref("kams_sales.plan_delivery")
        for phase in process.phase_ids:
            phase.activity_plan_id = plan if phase.code == "delivery" else False
        process.point_ids.unlink()
        process.action_activate()
        self.team.kams_process_id = process
        won, through = self._deal(), self._deal()
        won.action_set_won()
        through.stage_id = self.stages["delivery"]
        self._launch()
        self.assertEqual([len(self._tasks(deal)) for deal in (won, through)], [11, 11])
        self._launch()
        self.assertEqual(len(self._tasks(won)), 11)

    def test_what_is_adopted_gets_none(self):
        deal = self._deal()
        self._settle()
        deal.with_user(self.director).action_kams_leave()
        self._settle()
        deal.with_user(self.director).action_kams_join()
        self._launch()
        self.assertEqual(self._history_reason(deal), "adopted")
        self.assertFalse(self._tasks(deal))

    def _history_reason(self, deal):
        return self.env["kams.deal.history"].search([("lead_id", "=", deal.id), ("valid_to", "=", False)]).reason

    def test_a_converted_lead_gets_them(self):
        self.team.use_leads = True
        lead = self._deal(type="lead")
        self._settle()
        self._launch()
        self.assertFalse(self._tasks(lead))
        self._clock(self.cr.now() + timedelta(days=1))
        lead.convert_opportunity(self.customer)
        self._launch()
        self.assertEqual(len(self._tasks(lead)), DEVELOPMENT)

    def test_merged_deals_have_each_task_once(self):
        head, tail = self._deal(probability=50), self._deal(probability=10)
        self._launch()
        call = tail.activity_schedule("mail.mail_activity_data_call", summary="Call Ms Wang")
        (head | tail).merge_opportunity()
        self._launch()
        self.assertEqual(len(self._tasks(head)), DEVELOPMENT + 1)
        self.assertEqual(call.res_id, head.id)

    def test_without_a_salesperson_they_wait_for_one(self):
        deal = self._deal(user_id=False)
        deal.user_id = False
        self._launch()
        self.assertFalse(self._tasks(deal))
        deal.user_id = self.colleague
        self._launch()
        self.assertEqual(self._tasks(deal).user_id, self.colleague)

    def test_a_director_switches_it_off_for_a_phase_of_an_active_process(self):
        phase = self.tasked.phase_ids[0].with_user(self.director)
        phase.launch_tasks = False
        deal = self._deal()
        self._launch()
        self.assertFalse(self._tasks(deal))
        with self.assertRaises(UserError):
            phase.activity_plan_id = False
        with self.assertRaises(UserError):
            phase.write({"launch_tasks": True, "goal": "Another"})

    def test_each_salesperson_reads_their_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        task = self.plans["development"].template_ids[0]
        task.with_context(lang="zh_CN").write({"kams_task": "目标筛选", "kams_deliverable": "名单"})
        self.salesperson.lang = "zh_CN"
        deal = self._deal()
        self._launch()
        self.assertEqual(self._tasks(deal)[0].summary, "目标筛选")
        self.assertIn("名单", self._tasks(deal)[0].note)

    def test_words_of_a_task_are_text(self):
        task = self.plans["development"].template_ids[0]
        task.kams_deliverable = "<script>alert(1)</script>"
        self.assertIn("&lt;script&gt;", task._kams_words("en_US")[1])

    def test_a_director_designs_the_plans_of_deals_and_of_nothing_else(self):
        self.plans["development"].with_user(self.director).template_ids[0].kams_task = "Choose well"
        other = self.env["mail.activity.plan"].create({"name": "Of contacts", "res_model": "res.partner"})
        with self.assertRaises(AccessError):
            other.with_user(self.director).name = "Mine"
        with self.assertRaises(AccessError):
            self.plans["development"].with_user(self.manager).name = "Mine"

    # By hand
    def test_the_button_plans_what_is_left_and_the_job_nothing_more(self):
        deal = self._deal()
        self._settle()
        template = self.plans["development"].template_ids[1]
        deal.activity_schedule(summary=template.summary, activity_type_id=template.activity_type_id.id)
        action = deal.with_user(self.salesperson).action_kams_key_tasks()
        dialog = Form(self.env["mail.activity.schedule"].with_user(self.salesperson).with_context(**action["context"]))
        self.assertEqual(dialog.plan_id, self.plans["development"])
        wizard = dialog.save()
        self.assertEqual(len(wizard.plan_schedule_line_ids), DEVELOPMENT - 1)
        wizard.action_schedule_plan()
        self.assertEqual(len(self._tasks(deal)), DEVELOPMENT)
        self._launch()
        self.assertEqual(len(self._tasks(deal)), DEVELOPMENT)
        with self.assertRaisesRegex(UserError, "All key tasks"):
            deal.action_kams_key_tasks()

    def test_after_the_job_there_is_nothing_left_to_plan_even_of_what_is_done(self):
        deal = self._deal()
        self._launch()
        self._tasks(deal)[0].action_done()
        with self.assertRaisesRegex(UserError, "All key tasks"):
            deal.action_kams_key_tasks()

    def test_other_plans_and_plain_deals_are_planned_by_odoo(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        plain.team_id.kams_process_id = False
        wizard = self.env["mail.activity.schedule"].create(
            {"res_model": "crm.lead", "res_ids": repr(plain.ids), "plan_id": self.plans["development"].id}
        )
        self.assertEqual(len(wizard.plan_schedule_line_ids), DEVELOPMENT)
        wizard.action_schedule_plan()
        self.assertEqual(len(self._tasks(plain)), DEVELOPMENT)

    # What it costs
    def test_the_move_takes_no_statement_and_wakes_the_job_once(self):
        deals = self.env["crm.lead"].union(*(self._deal() for _each in range(3)))
        self._settle()
        self.cr.postcommit.clear()
        counts = {}
        for launches in (False, True, False, True):
            self.tasked.phase_ids.with_user(self.director).launch_tasks = launches
            for code in ("initiation", "development"):
                self._settle()
                self.env["kams.process.phase"]._launches(self.tasked.phase_ids[0].id)
                self.env["kams.process.phase"]._launches(self.tasked.phase_ids[1].id)
                before = self.cr.sql_log_count
                deals.stage_id = self.stages[code]
                self._settle()
                counts[launches, code] = self.cr.sql_log_count - before
        self.assertEqual(counts[True, "initiation"], counts[False, "initiation"])
        opened = []
        with patch.object(
            type(self.env.registry), "cursor", lambda registry: opened.append(1) or self.registry._none()
        ):
            with self.assertLogs("odoo.addons.kams_sales.models.crm_lead_key_tasks", "WARNING"):
                self.cr.postcommit.run()
        self.assertEqual(len(opened), 1)

    def test_the_job_takes_a_constant_number_of_statements(self):
        counts = {}
        for number in (10, 10, 100):
            self.env["crm.lead"].create(
                [
                    {
                        "name": f"Deal {n}",
                        "type": "opportunity",
                        "team_id": self.team.id,
                        "user_id": self.salesperson.id,
                    }
                    for n in range(number)
                ]
            )
            self._settle()
            mails = self.env["mail.mail"].search_count([])
            before = self.cr.sql_log_count
            self._launch()
            counts[number] = self.cr.sql_log_count - before
            self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        # the ORM inserts a hundred rows by one statement: 800 activities and their followers
        self.assertLessEqual(counts[100], counts[10] + 2 * 8, counts)

    def test_the_job_goes_on_where_it_was_stopped(self):
        deals = self.env["crm.lead"].union(*(self._deal() for _each in range(5)))
        self._settle()
        with patch("odoo.addons.kams_sales.models.crm_lead_key_tasks.BATCH", 2):
            lead = self.env["crm.lead"]
            lead._kams_launch(lead._kams_deals_to_launch())
            self.assertEqual(sum(bool(self._tasks(deal)) for deal in deals), 2)
            self._launch()
        self.assertEqual([len(self._tasks(deal)) for deal in deals], [DEVELOPMENT] * 5)
