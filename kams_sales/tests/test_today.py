from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_reminder import ReminderCase


@tagged("post_install", "-at_install")
class TestToday(ReminderCase):
    def _rows(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["kams.today"].with_user(user or self.salesperson).search([])
        return {(row.section, row.kind, row.res_model, row.res_id): row for row in rows if row.kind != "points"}

    def test_my_day_is_mine_and_live(self):
        mine, others = self._stands(5), self._stands(5, user=self.colleague)
        rows = self._rows()
        self.assertEqual(list(rows), [("6_lacking", "step", "crm.lead", mine.id)])
        self.assertEqual(list(rows.values())[0].text, "No next step is planned")
        late, today = self._plan(mine, -2), self._plan(mine, 0)
        self._plan(mine, 1)
        self._plan(others, -1, self.colleague)
        found = self._rows()
        self.assertEqual(
            {(section, row.severity, row.due) for (section, *_rest), row in found.items()},
            {("1_overdue", "3", late.date_deadline), ("2_today", "2", today.date_deadline)},
        )

    def test_each_row_opens_its_record_in_one_click(self):
        deal = self._stands(5)
        for row in self._rows().values():
            action = row.with_user(self.salesperson).action_open()
            self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", deal.id))

    def test_dates_of_tenders_are_told_ahead_and_not_twice(self):
        deal = self._stands(5)
        tender = self.env["kams.tender"].create(
            {
                "lead_id": deal.id,
                "name": "Boilers, lot 1",
                "user_id": self.salesperson.id,
                "bid_deadline": fields.Datetime.now() + timedelta(days=3),
            }
        )
        for _time in range(2):
            dates = [row for (section, *_rest), row in self._rows().items() if section == "3_dates"]
            self.assertEqual(
                sorted(row.summary for row in dates).count("submission"), 1, [row.summary for row in dates]
            )
            self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertIn("Submission", [row.text.split(" · ")[-1] for row in dates])
        self.assertEqual({row.res_id for row in dates}, {tender.id})

    def test_what_is_called_as_its_summary_says_what_it_is(self):
        plan = self.env["kams.plan"].create(
            {"name": "Show the plant", "kind": "project_marketing", "lead_id": self._stands(5).id}
        )
        for summary in (plan.display_name, "Book the bus"):
            plan.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=self.salesperson.id)
        self._rows()
        rows = self.env["kams.today"].with_user(self.salesperson).search([("res_model", "=", "kams.plan")])
        self.assertEqual(set(rows.mapped("text")), {self.env["ir.model"]._get("kams.plan").name, "Book the bus"})

    def test_meetings_of_today_are_in_it_in_the_users_zone(self):
        self.salesperson.tz = "Asia/Shanghai"
        deal = self._stands(5)
        today = fields.Date.context_today(self.env["crm.lead"].with_context(tz="Asia/Shanghai"))
        begin = fields.Datetime.to_datetime(today) - timedelta(hours=8)
        for hours in (-1, 0, 23, 24):
            start = begin + timedelta(hours=hours, minutes=30)
            self.env["calendar.event"].create(
                {
                    "name": f"At {hours}",
                    "opportunity_id": deal.id,
                    "start": start,
                    "stop": start + timedelta(minutes=15),
                    "user_id": self.salesperson.id,
                    "partner_ids": [(6, 0, self.salesperson.partner_id.ids)],
                }
            )
        names = [row.text for (_section, kind, *_rest), row in self._rows().items() if kind == "meeting"]
        self.assertEqual(sorted(names), ["00:30 · At 0", "23:30 · At 23"])

    def test_the_demo_has_a_morning(self):
        furnace = self.env.ref("kams_sales.lead_furnace", raise_if_not_found=False)
        if not furnace:
            self.skipTest("without demo data")
        deal, seller = self._stands(5), self.env.ref("base.user_demo")
        deal.user_id = seller  # what others own was taken away above
        self._settle()
        self.env["crm.lead"]._kams_demo_today()
        found = {(section, kind) for section, kind, *_rest in self._rows(seller)}
        self.assertLessEqual({("2_today", "meeting"), ("6_lacking", "step"), ("4_reviews", "activity")}, found)
        self.assertTrue(self.env["kams.reminder.run"].search([], limit=1).finished_at)

    def test_a_lost_deal_asks_for_nothing_that_is_over(self):
        """Plans and dates of a bid that wasn't handed in rest; what comes after a bid goes on."""
        deal = self._stands(5)
        today = fields.Date.today()
        tender = self.env["kams.tender"].create(
            {
                "lead_id": deal.id,
                "name": "Boilers, lot 1",
                "user_id": self.salesperson.id,
                "bid_deadline": fields.Datetime.now() + timedelta(days=1),
            }
        )
        plan = self.env["kams.plan"].create(
            {"kind": "project_marketing", "lead_id": deal.id, "user_id": self.salesperson.id, "review_date": today}
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE kams_plan SET state = 'active' WHERE id = %s", [plan.id])  # as if approved
        self.env.invalidate_all()
        plan._sync_review()
        self._run_cron("kams.tender.milestone", "_cron_remind")
        asked = {("3_dates", "kams.tender"), ("5_plans", "kams.plan")}

        def owed():
            return {(section, model) for section, _kind, model, _id in self._rows() if model != "crm.lead"}

        self.assertEqual(owed(), asked)
        reminded = tender.milestone_ids.activity_id
        self.assertTrue(reminded)
        deal.action_set_lost()
        self.assertEqual(owed(), set())
        self.assertFalse(reminded.exists() | plan.review_activity_id.filtered("active"))
        deal.action_unarchive()
        self._run_cron("kams.tender.milestone", "_cron_remind")
        self.assertEqual(owed(), asked)
        self.env.flush_all()
        self.env.cr.execute("UPDATE kams_tender SET state = 'submitted' WHERE id = %s", [tender.id])
        self.env.invalidate_all()
        tender.milestone_ids.filtered(lambda one: one.kind == "opening").write(
            {"planned": today, "user_id": self.salesperson.id}
        )
        deal.action_set_lost()
        self.assertEqual(owed(), {("3_dates", "kams.tender")})

    def test_an_activity_of_a_plain_opportunity_is_not_in_it(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        self.assertFalse(plain.kams_process_id)
        self._plan(plain, -1)
        self.assertFalse(self._rows())

    def test_the_points_of_a_phase_are_told_with_the_first_one_missing(self):
        deal = self._deal()
        self._settle()
        row = self.env["kams.today"].with_user(self.salesperson).search([("kind", "=", "points")])
        self.assertEqual(row.lead_id, deal)
        self.assertIn(deal.kams_missing_label.split()[0], row.text)

    def test_opening_my_day_costs_the_same_however_much_is_in_it(self):
        counts = []
        for number in (2, 40):
            for deal in self._tell(*[{"steps": [(self.today.isoformat(), "development")]}] * number):
                self._plan(deal, -1)
            self.env.flush_all()
            self.env.invalidate_all()
            today = self.env["kams.today"].with_user(self.salesperson)
            specification = {"name": {}, "text": {}, "due": {}, "lead_id": {"fields": {"display_name": {}}}}
            today.web_search_read([], specification)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            today.web_search_read([], specification)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 12)
