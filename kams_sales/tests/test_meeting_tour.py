from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .test_meeting import MeetingCase


@tagged("post_install", "-at_install")
class TestMeetingTour(MeetingCase, HttpCase):
    def test_a_salesperson_records_an_interview_from_the_calendar(self):
        contact = self.env["res.partner"].create({"name": "Li Na", "parent_id": self.customer.id})
        now = fields.Datetime.now()
        meeting = self._interview(
            name="Talk with the plant manager",
            start=now - timedelta(minutes=61),
            stop=now - timedelta(minutes=1),
            partner_ids=[Command.set((self.salesperson.partner_id | contact).ids)],
        )
        self._settle()
        self.start_tour("/odoo/kams-meetings", "kams_record_an_interview", login="kams_sales_user", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((meeting.kams_record_state, meeting.kams_outcome), ("done", "advance"))
        self.assertFalse(meeting.kams_record_late)
        self.assertEqual(self.deal.kams_stakeholder_ids.partner_id, contact)
        self.assertEqual(self.deal.kams_stakeholder_ids.coverage, "brief")
        self.assertEqual(self.deal.activity_ids.summary, "Visit the plant")

    def test_a_meeting_made_from_the_deal_is_the_same_thing(self):
        self._settle()
        self.start_tour(
            f"/odoo/crm/{self.deal.id}", "kams_plan_an_interview_from_the_deal", login="kams_sales_user", timeout=120
        )
        self.env.invalidate_all()
        meeting = self.deal.calendar_event_ids
        self.assertEqual(
            (meeting.kams_kind, meeting.kams_interview_type, meeting.kams_record_state),
            ("interview", "first", "planned"),
        )
        self.assertEqual(meeting.kams_objective, "They show us the plant")
