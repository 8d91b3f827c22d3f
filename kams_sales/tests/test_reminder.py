import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .past import PastCase


class ReminderCase(PastCase):
    """Deals of a team of its own, whose people get reminders of nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        # what others lack isn't looked at here
        cls.env["crm.lead"].search([("kams_process_id", "!=", False)]).user_id = False
        cls.env["crm.team"].search([]).user_id = False
        cls._settle()

    @classmethod
    def _stands(cls, days, **story):
        """A deal that stands in development for so many days."""
        start = (cls.today - timedelta(days=days)).isoformat()
        return cls._tell({"steps": [(start, "development")], **story})

    @classmethod
    def _plan(cls, deal, days, user=None):
        return cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "res_id": deal.id,
                "summary": "Call them",
                "date_deadline": cls.today + timedelta(days=days),
                "user_id": (user or cls.salesperson).id,
                "activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
            }
        )

    @classmethod
    def _met(cls, deal, days, ahead=False):
        moment = fields.Datetime.now() + timedelta(days=days if ahead else -days)
        return cls.env["calendar.event"].create(
            {
                "name": "Visit",
                "opportunity_id": deal.id,
                "start": moment - timedelta(hours=1),
                "stop": moment,
                "user_id": cls.salesperson.id,
                "partner_ids": [(6, 0, cls.salesperson.partner_id.ids)],
            }
        )

    def _night(self):
        return self._run_cron("kams.reminder", "_cron_remind")

    def _open(self, deals):
        self.env.invalidate_all()
        found = self.env["kams.reminder"].search([("lead_id", "in", deals.ids), ("is_open", "=", True)])
        return {(one.lead_id.id, one.kind): one for one in found}


@tagged("post_install", "-at_install")
class TestReminder(ReminderCase):
    def test_a_deal_without_step_and_contact_is_told_once_whatever_often_the_night_runs(self):
        deal = self._stands(5)
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", ["2020-01-01", deal.id])
        for _night in range(3):
            self._night()
            reminders = self._open(deal)
            self.assertEqual({kind for _id, kind in reminders}, {"step", "contact"})
            activities = self.env["mail.activity"].search(
                [("res_model", "=", "kams.reminder"), ("user_id", "=", self.salesperson.id)]
            )
            self.assertEqual(len(activities), 2)
            self.assertEqual(set(activities.mapped("res_name")), {deal.name})
        self.assertEqual(
            set(activities.mapped("summary")),
            {"No next step is planned", "No contact yet"},
            activities.mapped("summary"),
        )

    def test_what_is_mended_closes_by_itself_and_its_activity_goes(self):
        deal = self._stands(5)
        self._night()
        reminder = self._open(deal)[deal.id, "step"]
        activity = reminder.activity_id
        self._plan(deal, 3)
        self._night()
        self.assertFalse(self._open(deal))
        self.assertFalse(activity.exists())
        self.assertEqual(reminder.closed_on, self.today)

    def test_a_reminder_is_no_next_step(self):
        deal = self._stands(5)
        self._night()
        self.assertFalse(self.env["kams.control.point"]._rule_next_step_planned(deal))
        self.assertIn((deal.id, "step"), self._open(deal))

    def test_a_step_is_stale_after_thirty_days_and_the_reminder_is_changed_not_doubled(self):
        deal = self._stands(50)
        step = self._plan(deal, -30)
        self._met(deal, 1)
        self._night()
        self.assertFalse(self._open(deal))
        step.date_deadline = self.today - timedelta(days=31)
        self._night()
        reminder = self._open(deal)[deal.id, "step"]
        self.assertEqual(reminder.text, "Its next step was due 31 days ago")
        step.unlink()
        self._night()
        self.assertEqual(self._open(deal)[deal.id, "step"], reminder)
        self.assertEqual(reminder.text, "No next step is planned")
        self.assertEqual(self.env["mail.activity"].search_count([("res_model", "=", "kams.reminder")]), 1)

    def test_a_meeting_to_come_is_a_step_and_one_held_or_a_call_made_is_contact(self):
        met, called, silent = deals = self._tell(*[{"steps": [("2026-01-05", "development")]}] * 3)
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)", ["2020-01-01", deals.ids])
        for deal in deals:
            self._met(deal, 2, ahead=True)
        self._met(met, 29)
        self._met(silent, 31)
        self._plan(called, 0).action_feedback(feedback="They like it")
        self._night()
        kinds = {id_: kind for id_, kind in self._open(deals) if kind != "stagnant"}
        self.assertEqual(kinds, {silent.id: "contact"})

    def test_stagnation_and_closing_dates(self):
        phase = self.phases["development"]
        limit = phase.standard_days * phase.stagnation_factor
        # days begin at eight
        deals = self._stands(int(limit)) + self._stands(int(limit) + 2) + self._stands(1, deadline=self.today)
        deals += self._stands(1, deadline=self.today - timedelta(days=1))
        for deal in deals:
            self._plan(deal, 3)
            self._met(deal, 1)
        self._night()
        self.assertEqual(set(self._open(deals)), {(deals[1].id, "stagnant"), (deals[3].id, "closing")})

    def test_c09_a_deal_stagnates_by_what_won_deals_took(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self._tell(*[self._through(5, "won", days=[days, 9, 9, 9, 9]) for days in (20, 30, 28, 45, 77)], company=there)
        # the median is 30 days, 1.5 times as long is 45; days begin at eight
        deals = self._stands(44, company=there) + self._stands(47, company=there)
        for deal in deals:
            self._plan(deal, 3)
            self._met(deal, 1)
        self._night()
        [(place, reminder)] = self._open(deals).items()
        self.assertEqual(place, (deals[1].id, "stagnant"))
        self.assertEqual(reminder.usual, 45)
        self.assertIn("from 45 on that is too long", reminder.text)

    def test_stagnant_means_one_thing_on_cards_on_the_page_in_the_pipeline_and_in_reminders(self):
        there, fresh = self.env["res.company"].create([{"name": "Elsewhere Ltd"}, {"name": "Without a Past Ltd"}])
        self._tell(*[self._through(5, "won", days=[days, 9, 9, 9, 9]) for days in (20, 30, 28, 45, 77)], company=there)
        # there 1.5 times the median of 30 days; where nothing was won, 1.5 times the 45 days of the process
        deals = self._stands(44, company=there) + self._stands(46, company=there)
        deals += self._stands(67, company=fresh) + self._stands(69, company=fresh)
        late = {deals[1].id, deals[3].id}
        self._night()
        self._run_cron("crm.lead", "_cron_kams_verify")
        self.env.invalidate_all()
        rows = (
            self.env["kams.pipeline"]
            .with_context(allowed_company_ids=(there + fresh).ids)
            .search([("lead_ref", "in", deals.ids)])
        )
        self.assertEqual({row.lead_ref for row in rows if row.is_stagnant}, late)
        self.assertEqual(sum(rows.mapped("stagnant")), 2)
        self.assertEqual({id_ for id_, kind in self._open(deals) if kind == "stagnant"}, late)
        self.assertEqual({deal.id for deal in deals if deal.kams_is_stagnant}, late)
        spent = {deal: fields.Datetime.now() - deal.kams_phase_since for deal in deals}
        cards = {deal: json.loads(deal.kams_card)["stagnant"] for deal in deals}
        self.assertEqual(list(cards.values()), [45, 45, 67.5, 67.5])
        self.assertEqual({deal.id for deal in deals if spent[deal] > timedelta(days=cards[deal])}, late)

    def test_without_a_parameter_nobody_is_judged_by_it(self):
        deal = self._stands(50)
        self._plan(deal, -40)
        self.env["kams.legal.rule"].search([("key", "=like", "pipeline_%")]).valid_to = "2020-12-31"
        self._night()
        self.assertFalse(self._open(deal))

    def test_reminders_say_what_the_pipeline_says(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self._tell(*[self._through(5, "won", days=[days, 9, 9, 9, 9]) for days in (20, 30, 28)], company=there)
        deals = self.env["crm.lead"]
        for number, days in enumerate((1, 30, 43, 60, 44, 90)):
            deals += self._stands(days, company=there, deadline=self.today - timedelta(days=number % 2))
        for deal, step in zip(deals, (None, -31, -30, 0, 5, -90), strict=True):
            if step is not None:
                self._plan(deal, step)
        self._night()
        rows = (
            self.env["kams.pipeline"]
            .with_context(allowed_company_ids=there.ids)
            .search([("company_id", "=", there.id)])
        )
        expected = {(row.lead_ref, "step") for row in rows if row.step_state != "planned"}
        expected |= {(row.lead_ref, "stagnant") for row in rows if row.is_stagnant}
        expected |= {(row.lead_ref, "closing") for row in rows if row.deadline_passed}
        self.assertEqual({place for place in self._open(deals) if place[1] != "contact"}, expected)
        self.assertEqual({kind for _id, kind in expected}, {"step", "stagnant", "closing"})

    def test_an_answer_holds_for_two_weeks(self):
        deal = self._stands(5)
        self._night()
        reminder = self._open(deal)[deal.id, "step"]
        reminder.activity_id.with_user(self.salesperson).action_feedback(feedback="Waiting for their budget")
        self._night()
        live = [("res_model", "=", "kams.reminder"), ("active", "=", True)]
        self.assertFalse(self.env["mail.activity"].search(live))
        self.env.cr.execute(
            "UPDATE kams_reminder SET reminded_on = %s WHERE id = %s", [self.today - timedelta(days=14), reminder.id]
        )
        self._night()
        self.assertEqual(self.env["mail.activity"].search(live).res_id, reminder.id)

    def test_nobody_gets_more_at_once_than_they_can_bear_and_big_deals_come_first(self):
        deals = self._tell(
            *[
                {"steps": [((self.today - timedelta(days=2)).isoformat(), "development")], "amount": 100.0 * number}
                for number in range(13)
            ]
        )
        self._night()
        self._night()
        self.assertEqual(len(self._open(deals)), 13)
        activities = self.env["mail.activity"].search([("res_model", "=", "kams.reminder")])
        told = self.env["kams.reminder"].browse(activities.mapped("res_id")).lead_id
        self.assertEqual(told, deals[3:])

    def test_people_and_teams_say_what_they_want(self):
        deal, other = self._stands(5), self._stands(5, user=self.colleague)
        self.salesperson.with_user(self.salesperson).kams_remind_step = False
        self._night()
        self.assertEqual(set(self._open(deal + other)), {(other.id, "step")})
        self.past_team.kams_remind_step = False
        self._night()
        self.assertFalse(self._open(deal + other))

    def test_another_owner_takes_over_and_an_owner_who_left_leaves_it_to_the_team_leader(self):
        deal = self._stands(5)
        self._night()
        deal.user_id = self.colleague
        self._night()
        reminder = self._open(deal)[deal.id, "step"]
        activity = self.env["mail.activity"].search([("res_model", "=", "kams.reminder")])
        self.assertEqual((reminder.user_id, activity.user_id), (self.colleague, self.colleague))
        deal.team_id.user_id = self.manager
        self.colleague.active = False
        self._night()
        activity = self.env["mail.activity"].search([("res_model", "=", "kams.reminder")])
        self.assertEqual((reminder.user_id, activity.user_id), (self.manager, self.manager))

    def test_deals_that_ended_or_went_are_left_in_peace(self):
        lost, merged, gone = deals = self._stands(5) + self._stands(5) + self._stands(5)
        self._night()
        activities = self.env["mail.activity"].search([("res_model", "=", "kams.reminder")])
        self.assertEqual(len(activities), 3)
        lost.action_set_lost()
        gone.unlink()
        self._night()
        self.assertEqual(set(self._open(deals.exists())), {(merged.id, "step")})
        self.assertEqual(activities.exists().res_id, self._open(merged)[merged.id, "step"].id)

    def test_a_run_that_is_killed_goes_on_where_it_stopped_and_does_each_thing_once(self):
        deals = self._tell(*[{"steps": [(self.today.isoformat(), "development")], "user": self.colleague}] * 7)
        with patch("odoo.addons.kams_sales.models.kams_reminder.BATCH", 2):
            self._killed_after(2)
            run = self.env["kams.reminder.run"].search([], limit=1)
            self.assertTrue(run.last_ref)
            self.assertFalse(run.finished_at)
            self._killed_after(1)
            self._night()
        self.assertTrue(run.finished_at)
        self.assertEqual(len(self._open(deals)), 7)
        self.assertEqual(self.env["mail.activity"].search_count([("res_model", "=", "kams.reminder")]), 7)
        self.assertEqual(run.noticed, 7)

    def _killed_after(self, batches):
        """The job's time is over after so many batches."""
        left = iter([60] * batches)

        def commit_progress(cron, processed=0, **_kwargs):
            self._settle()
            return next(left, 0)

        with patch.object(self.registry["ir.cron"], "_commit_progress", commit_progress):
            self.env["kams.reminder"]._cron_remind()

    def test_a_batch_costs_the_same_however_many_deals_are_in_it(self):
        counts = []
        for number in (5, 60):
            self._tell(*[{"steps": [(self.today.isoformat(), "development")], "user": self.colleague}] * number)
            self.env["kams.reminder.run"].search([]).unlink()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._night()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
