from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kams_sales.models.evidence_dependencies import of_rule

from .test_meeting import MeetingCase

HOSTILE = "<script>alert(1)</script>&lt;b&gt; " + "长" * 10_000 + " שלום \u202e 😀👩‍🔧"


@tagged("post_install", "-at_install")
class TestMeetingSurvival(MeetingCase):
    """Meetings are moved, cancelled, repeated and merged; what was recorded stays what it was."""

    def _series(self, number=4, **vals):
        first = self._interview(
            days=-8,
            recurrency=True,
            rrule_type="weekly",
            rrule_type_ui="weekly",
            end_type="count",
            count=number,
            interval=1,
            **{day: True for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
            **vals,
        )
        return first.recurrence_id.calendar_event_ids.sorted("start")

    # MOVED AND CANCELLED
    def test_a_meeting_put_off_is_due_later_and_its_reminder_goes(self):
        meeting = self._interview()
        self._run_cron("calendar.event", "_cron_kams_remind")
        reminder = meeting.kams_reminder_id
        self.assertEqual((reminder.user_id, reminder.res_id), (self.salesperson, self.deal.id))
        self.assertTrue(meeting.kams_record_due)
        later = fields.Datetime.now() + timedelta(days=2)
        meeting.write({"start": later, "stop": later + timedelta(hours=1)})
        self.assertFalse(meeting.kams_record_due)
        self.assertFalse(reminder.exists())
        self._run_cron("calendar.event", "_cron_kams_remind")
        self.assertFalse(meeting.kams_reminder_id)

    def test_a_cancelled_meeting_is_neither_due_nor_recorded(self):
        meeting, deleted = self._interview(), self._interview()
        self._run_cron("calendar.event", "_cron_kams_remind")
        reminders = (meeting | deleted).kams_reminder_id
        self.assertEqual(len(reminders), 2)
        meeting.active = False
        self.assertFalse(meeting.kams_record_due)
        with self.assertRaisesRegex(UserError, "was cancelled"):
            self._record(meeting)
        deleted.unlink()
        self._run_cron("calendar.event", "_cron_kams_remind")
        self.assertFalse(reminders.exists())

    def test_organisers_are_reminded_once_and_no_more_when_they_have_recorded(self):
        meetings = self._interview() | self._interview() | self._interview(kams_kind="coordination")
        to_come, of_lost = self._interview(days=1), self._interview(self._deal())
        of_lost.opportunity_id.action_set_lost()
        for _again in range(2):
            self._run_cron("calendar.event", "_cron_kams_remind")
        activities = self.deal.activity_ids.filtered(lambda one: one.activity_type_id.name == "Record the Meeting")
        self.assertEqual(activities, meetings[:2].kams_reminder_id)
        self.assertFalse((to_come | of_lost).kams_reminder_id)
        reminder = meetings[0].kams_reminder_id
        self._record(meetings[0])
        self.assertFalse(reminder.active, "It is done.")
        meetings[1].kams_reminder_id.action_feedback(feedback="Later")
        self._run_cron("calendar.event", "_cron_kams_remind")
        self.assertFalse(self.deal.activity_ids.filtered(lambda one: one.activity_type_id.name == "Record the Meeting"))

    def test_reminding_takes_a_constant_number_of_statements(self):
        found = {}
        for number in (1, 5, 25):
            for _meeting in range(number):
                self._interview()
            due = self.deal.calendar_event_ids.filtered("kams_record_due")
            self._settle()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._run_cron("calendar.event", "_cron_kams_remind")
            found[number] = self.cr.sql_log_count - before
            self.assertTrue(all(meeting.kams_reminder_id for meeting in due))
        # Odoo's own activities look at each record that they are put on
        self.assertLess(found[25] - found[5], 20 * 5, found)

    # REPEATED
    def test_a_record_of_one_meeting_of_a_series_does_not_spread(self):
        series = self._series(kams_objective="A second visit", kams_question_ids=[Command.create({"question": "Why?"})])
        self.assertEqual(len(series), 4)
        first, *others = series
        self.assertEqual(set(series.mapped("kams_objective")), {"A second visit"}, "A plan is repeated.")
        self.assertEqual([len(event.kams_question_ids) for event in series], [1] * 4)
        first.kams_question_ids.answer = "Because"
        self._record(first)
        self.assertFalse(first.recurrence_id, "What was recorded is no longer one of many.")
        for event in others:
            self.assertEqual(event.kams_record_state, "planned")
            self.assertFalse(event.kams_minutes or event.kams_outcome or event.kams_question_ids.answer)
        self.assertEqual(len(others[0].recurrence_id.calendar_event_ids), 3)

    def test_changing_the_series_leaves_what_was_recorded_alone(self):
        first, second, *others = self._series()
        self._record(first)
        second.kams_minutes = "Not submitted yet"
        self.assertFalse(second.recurrence_id)
        others[0].write({"recurrence_update": "all_events", "name": "Jour fixe"})
        start = others[0].start + timedelta(hours=2)
        others[0].write({"recurrence_update": "all_events", "start": start, "stop": start + timedelta(hours=1)})
        for event, name in ((first, "First talk"), (second, "First talk")):
            self.assertTrue(event.exists().active)
            self.assertEqual(event.name, name)
        self.assertEqual(first.kams_minutes, "Their boilers are old")
        self.assertEqual(second.kams_minutes, "Not submitted yet")
        fresh = self.env["calendar.event"].search([("opportunity_id", "=", self.deal.id)]) - first - second
        self.assertTrue(fresh)
        self.assertFalse(any(event.kams_minutes or event.kams_record_state == "done" for event in fresh))

    def test_a_record_cannot_be_written_on_a_whole_series(self):
        first, second, *_others = self._series()
        for setting in ("all_events", "future_events"):
            with self.assertRaisesRegex(UserError, "belong to one meeting"):
                second.write({"recurrence_update": setting, "kams_minutes": "x"})
        second.write({"recurrence_update": "all_events", "kams_objective": "Meet the board"})
        self.assertEqual(first.kams_objective, "Meet the board")

    def test_a_copy_of_a_recorded_meeting_is_planned_and_empty(self):
        copy = self._record(self._interview(kams_objective="Visit")).copy()
        self.assertEqual((copy.kams_record_state, copy.kams_objective), ("planned", "Visit"))
        self.assertFalse(copy.kams_minutes or copy.kams_outcome or copy.kams_recorded_at or copy.kams_next_step)

    # DEALS
    def test_records_follow_a_merge(self):
        other = self._deal(partner_id=self.customer.id, name="Boilers again")
        contact = self.env["res.partner"].create({"name": "Ms Li", "parent_id": self.customer.id})
        self.env["kams.stakeholder"].create({"lead_id": other.id, "partner_id": contact.id})
        meeting = self._interview(other, partner_ids=[Command.link(contact.id)])
        self.assertEqual(meeting.kams_attendance_ids.partner_id, contact)
        self._record(meeting)
        planned = self._interview(other, partner_ids=[Command.link(contact.id)])
        kept = (self.deal | other).with_user(self.director).merge_opportunity()
        self.assertEqual((meeting | planned).opportunity_id, kept)
        self.assertEqual(meeting.kams_record_state, "done")
        self.assertEqual(meeting.kams_attendance_ids.lead_id, kept)
        self.assertEqual((meeting | planned).kams_attendance_ids.stakeholder_id.lead_id, kept)

    def test_a_plain_deals_meetings_get_a_kind_when_merged_into_a_deal(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id, partner_id=self.customer.id)
        meeting = self._meeting(plain)
        self.assertFalse(meeting.kams_kind)
        meeting.opportunity_id = self.deal
        self.assertEqual((meeting.kams_kind, meeting.kams_record_state), ("interview", "planned"))

    def test_a_lost_deals_meetings_can_still_be_recorded(self):
        meeting = self._interview()
        self.deal.action_set_lost()
        self._record(meeting)
        self.assertEqual(meeting.kams_record_state, "done")

    # ATTENDEES
    def test_attendees_are_offered_to_the_decision_chain_and_tell_it_what_they_think(self):
        people = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.customer.id} for name in ("Ms Li", "Mr Wang")]
        )
        stranger = self.env["res.partner"].create({"name": "A consultant"})
        known = self.env["kams.stakeholder"].create(
            {"lead_id": self.deal.id, "partner_id": people[0].id, "attitude": "0"}
        )
        meeting = self._interview(partner_ids=[Command.set((people | stranger).ids)])
        self.assertEqual(meeting.kams_attendance_ids.stakeholder_id, known)
        self.assertEqual(meeting.kams_attendance_ids.attitude_before, "0")
        self.assertEqual(meeting.kams_unknown_partner_ids, people[1])
        meeting.action_kams_add_to_chain()
        self.assertFalse(meeting.kams_unknown_partner_ids)
        self.assertEqual(meeting.kams_attendance_ids.partner_id, people)
        line, other = meeting.kams_attendance_ids.sorted(lambda one: one.partner_id != people[0])
        line.attitude_after = "1"
        self._record(meeting)
        self.assertEqual((known.attitude, known.coverage), ("1", "brief"))
        self.assertEqual((other.stakeholder_id.attitude, other.stakeholder_id.coverage), (False, "brief"))
        meeting.action_kams_reopen()
        meeting.action_kams_submit()
        self.assertEqual(known.coverage, "brief", "One meeting is counted once.")
        self._record(self._interview(partner_ids=[Command.link(people[0].id)]))
        self.assertEqual(known.coverage, "multiple")
        self._record(self._interview(partner_ids=[Command.link(people[0].id)]))
        self.assertEqual(known.coverage, "multiple")

    def test_a_late_record_does_not_overrule_a_later_meeting(self):
        contact = self.env["res.partner"].create({"name": "Ms Li", "parent_id": self.customer.id})
        stakeholder = self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": contact.id})
        early = self._interview(days=-9, partner_ids=[Command.link(contact.id)])
        late = self._interview(days=-2, partner_ids=[Command.link(contact.id)])
        late.kams_attendance_ids.attitude_after = "2"
        early.kams_attendance_ids.attitude_after = "-1"
        self._record(late)
        self._record(early)
        self.assertEqual(stakeholder.attitude, "2")

    def test_who_leaves_the_decision_chain_was_still_there(self):
        contact = self.env["res.partner"].create({"name": "Ms Li", "parent_id": self.customer.id})
        stakeholder = self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": contact.id})
        meeting = self._record(self._interview(partner_ids=[Command.link(contact.id)]))
        stakeholder.unlink()
        self.env.invalidate_all()
        self.assertEqual(meeting.kams_attendance_ids.partner_id, contact)
        other = self.env["kams.stakeholder"].create({"lead_id": self._deal().id, "partner_id": contact.id})
        with self.assertRaisesRegex(ValidationError, "another deal"):
            self._interview(kams_attendance_ids=[Command.create({"stakeholder_id": other.id})])

    # TIME
    def test_the_24_hour_rule_is_a_dated_parameter(self):
        with freeze_time("2026-11-20 10:00:00"):
            meeting = self._interview(days=-1)  # over at 11:00 the day before
            self.assertFalse(self._record(meeting).kams_record_late)
        with freeze_time("2026-11-20 11:30:00"):
            late = self._interview()
            late.write({"start": datetime(2026, 11, 19, 10), "stop": datetime(2026, 11, 19, 11)})
            self.assertTrue(self._record(late, kams_next_step_date=date(2026, 11, 25)).kams_record_late)
            late.action_kams_reopen()
            self.env.ref("kams_sales.rule_meeting_record_hours").value = 48
            late.action_kams_submit()
            self.assertFalse(late.kams_record_late)

    def test_an_exchange_says_when_to_rehearse_and_archive(self):
        with freeze_time("2026-11-20 10:00:00"):
            exchange = self._interview(days=5, kams_kind="exchange")
            self.assertEqual(exchange.kams_exchange_advice, "Rehearse by 11/23/2026. Archive by 11/27/2026.")
            exchange.kams_rehearsed_at = date(2026, 11, 24)
            self.assertEqual(exchange.kams_exchange_advice, "Archive by 11/27/2026. Rehearsed too late to change much.")
            exchange.kams_archived_at = date(2026, 11, 30)
            self.assertEqual(exchange.kams_exchange_advice, "Rehearsed too late to change much. Archived late.")
            self.assertFalse(self._interview(days=5).kams_exchange_advice)

    # TEXT
    def test_any_text_is_kept_as_it_was_typed(self):
        meeting = self._interview(kams_objective=HOSTILE)
        self._record(meeting, kams_minutes=HOSTILE, kams_next_step=HOSTILE[:300])
        self.env.invalidate_all()
        self.assertEqual((meeting.kams_objective, meeting.kams_minutes), (HOSTILE, HOSTILE))
        self.assertNotIn("<script>", self.deal.activity_ids.note or "")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("kams_sales.report_interview", meeting.ids)
        self.assertNotIn(b"<script>alert", html)
        self.assertIn("😀".encode(), html)

    # EVIDENCE
    def test_what_the_control_point_reads_can_be_followed(self):
        """S1-3: the first interview is recorded and moved the deal on."""
        events = self.env["calendar.event"]
        dependencies = of_rule(
            events,
            [
                ("kams_kind", "=", "interview"),
                ("kams_record_state", "=", "done"),
                ("kams_outcome", "in", ("order", "advance")),
            ],
            ["opportunity_id"],
        )
        self.assertFalse(dependencies.dynamic)
        self.assertLessEqual(
            {"kams_kind", "kams_record_state", "kams_outcome", "opportunity_id", "active"},
            {item.field for item in dependencies.items if item.model == "calendar.event"},
        )
        for name in ("kams_kind", "kams_record_state", "kams_outcome"):
            self.assertTrue(events._fields[name].store and not events._fields[name].compute)


@tagged("post_install", "-at_install")
class TestAdvanceRate(MeetingCase):
    def test_c18_three_orders_and_five_advances_of_twelve_calls(self):
        outcomes = ["order"] * 3 + ["advance"] * 5 + ["continuation"] * 3 + ["no_sale"]
        for outcome in outcomes:
            self._record(self._interview(), outcome)
        self._interview()  # not recorded: no call yet
        self._record(self._interview(kams_kind="coordination"), False)  # has no outcome: no call
        self.env.flush_all()
        self.assertEqual((self.deal.kams_call_count, round(self.deal.kams_advance_rate, 2)), (12, 66.67))
        report = self.env["kams.meeting.report"]
        groups = report.formatted_read_group(
            [("lead_id", "=", self.deal.id)], ["user_id", "kind", "date:month"], ["advance_rate:avg", "__count"]
        )
        self.assertEqual([(round(g["advance_rate:avg"], 2), g["__count"]) for g in groups], [(66.67, 12)])
        self.assertEqual(groups[0]["user_id"][0], self.salesperson.id)

    def test_a_rate_without_a_call_is_not_zero(self):
        self.assertIs(self.deal.kams_advance_rate, False)
        self._record(self._interview(), "no_sale")
        self.deal.invalidate_recordset()
        self.assertEqual(self.deal.kams_advance_rate, 0.0)

    def test_the_report_shows_everybody_the_deals_they_see(self):
        self._record(self._interview(), "order")
        self.env.flush_all()
        report, found = self.env["kams.meeting.report"], [("lead_id", "=", self.deal.id)]
        for user, number in ((self.salesperson, 1), (self.colleague, 0), (self.director, 1), (self.auditor, 1)):
            self.assertEqual(report.with_user(user).search_count(found), number, user.login)

    def test_rates_of_many_deals_are_one_statement(self):
        deals = self.deal | self._deal() | self._deal()
        self._record(self._interview(), "order")
        self._settle()
        deals.mapped("kams_process_id")
        with self.assertQueryCount(1, flush=False):
            deals.mapped("kams_advance_rate")


@tagged("post_install", "-at_install")
class TestInterviewRecord(MeetingCase):
    def test_the_record_goes_on_paper_for_those_who_may_read_the_deal(self):
        meeting = self._record(
            self._interview(
                kams_objective="A second visit",
                kams_question_ids=[Command.create({"question": "How old?", "answer": "Thirty years"})],
                kams_commitment_ids=[Command.create({"what": "Send the drawings", "due": "2026-12-01"})],
            )
        )
        reports = self.env["ir.actions.report"]
        html = reports.with_user(self.salesperson)._render_qweb_html("kams_sales.report_interview", meeting.ids)[0]
        for text in ("A second visit", "How old?", "Thirty years", "Send the drawings", "Their boilers", "Advance"):
            self.assertIn(text.encode(), html)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            reports.with_user(self.colleague)._render_qweb_html("kams_sales.report_interview", meeting.ids)
