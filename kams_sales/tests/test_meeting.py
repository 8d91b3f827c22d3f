from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase


class MeetingCase(KamsCase):
    """One deal of the salesperson's, and meetings on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)

    @classmethod
    def _interview(cls, deal=None, days=-1, user=None, **vals):
        """A meeting of the salesperson's on a deal, in the user's own name."""
        user = user or cls.salesperson
        start = fields.Datetime.now() + timedelta(days=days)
        return (
            cls.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "First talk",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "opportunity_id": (deal or cls.deal).id,
                    **vals,
                }
            )
        )

    @classmethod
    def _record(cls, meeting, outcome="advance", **vals):
        """Write down what was said, and submit it."""
        meeting.write(
            {
                "kams_minutes": "Their boilers are old",
                "kams_outcome": outcome,
                **(
                    {}
                    if outcome == "no_sale"
                    else {"kams_next_step": "Visit the plant", "kams_next_step_date": fields.Date.today()}
                ),
                **vals,
            }
        )
        meeting.action_kams_submit()
        return meeting


@tagged("post_install", "-at_install")
class TestMeeting(MeetingCase):
    def test_a_meeting_of_a_deal_is_an_interview_until_somebody_says_otherwise(self):
        first, second = self._interview(), self._interview()
        self.assertEqual((first.kams_kind, first.kams_interview_type), ("interview", "first"))
        self.assertEqual((second.kams_kind, second.kams_interview_type), ("interview", "follow_up"))
        self.assertEqual(first.kams_record_state, "planned")
        self.assertEqual(self._interview(kams_kind="demo").kams_kind, "demo")

    def test_a_record_is_submitted_once_it_says_what_came_of_the_meeting(self):
        meeting = self._interview()
        with self.assertRaisesRegex(UserError, "lacks: Minutes, Outcome, Next Step, Next Step On"):
            meeting.action_kams_submit()
        self._record(meeting)
        self.assertEqual(meeting.kams_record_state, "done")
        activity = self.deal.activity_ids
        self.assertEqual((activity.summary, activity.user_id), ("Visit the plant", self.salesperson))
        self._record(self._interview(), "no_sale")
        self.assertEqual(self.deal.activity_ids, activity, "Nothing follows a refusal.")
        meeting.action_kams_reopen()
        self._record(meeting, kams_next_step="Visit both plants")
        self.assertEqual((self.deal.activity_ids, activity.summary), (activity, "Visit both plants"))
        meeting.action_kams_reopen()
        self._record(meeting, "no_sale", kams_next_step=False, kams_next_step_date=False)
        self.assertFalse(self.deal.activity_ids)

    def test_a_submitted_record_is_fixed_until_it_is_reopened(self):
        meeting = self._record(self._interview(kams_question_ids=[Command.create({"question": "Why?"})]))
        commitment = {"what": "Drawings"}
        for attempt in (
            lambda: meeting.write({"kams_minutes": "Else"}),
            lambda: meeting.write({"start": fields.Datetime.now()}),
            lambda: meeting.write({"active": False}),
            lambda: meeting.unlink(),
            lambda: meeting.kams_question_ids.write({"answer": "No"}),
            lambda: meeting.kams_question_ids.unlink(),
            lambda: meeting.write({"kams_commitment_ids": [Command.create(commitment)]}),
            lambda: meeting.action_kams_submit(),
        ):
            with self.assertRaisesRegex(UserError, "submitted"):
                attempt()
        meeting.location = "Their office"  # no part of the record
        with self.assertRaises(AccessError):
            meeting.with_user(self.sales_admin).action_kams_reopen()
        meeting.action_kams_reopen()
        meeting.kams_minutes = "Else"
        self.assertIn("reopened", meeting.message_ids[0].body)

    def test_nobody_writes_that_a_record_is_submitted(self):
        meeting = self._interview()
        for values in ({"kams_record_state": "done"}, {"kams_recorded_at": "2026-01-31"}, {"kams_record_late": True}):
            with self.assertRaisesRegex(UserError, "by submitting"):
                meeting.write(values)
            with self.assertRaisesRegex(UserError, "by submitting"):
                self._interview(**values)

    def test_a_meeting_to_come_is_not_recorded_and_its_next_step_comes_after_it(self):
        with self.assertRaisesRegex(UserError, "still to come"):
            self._record(self._interview(days=1), kams_next_step_date=fields.Date.today() + timedelta(days=9))
        with self.assertRaisesRegex(ValidationError, "before the meeting"):
            self._interview(kams_next_step_date="2020-01-31")
