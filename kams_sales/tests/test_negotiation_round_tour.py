from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_meeting import MeetingCase


@tagged("post_install", "-at_install")
class TestNegotiationTour(MeetingCase, HttpCase):
    def test_a_negotiation_is_planned_and_a_round_of_it_recorded(self):
        self._settle()
        self.start_tour("/odoo/kams-negotiations/new", "kams_plan_a_negotiation", login="kams_sales_user", timeout=120)
        self.env.invalidate_all()
        negotiation = self.deal.kams_negotiation_ids
        self.assertEqual(
            (negotiation.name, negotiation.state, negotiation.is_plan_complete), ("Main contract", "preparing", True)
        )
        negotiation.with_user(self.director).action_approve()
        start = fields.Datetime.now() - timedelta(hours=2)
        meeting = self._interview(
            name="At the table",
            start=start,
            stop=start + timedelta(hours=1),
            kams_kind="negotiation",
            kams_negotiation_id=negotiation.id,
        )
        self._settle()
        self.start_tour(
            f"/odoo/kams-negotiations/{negotiation.id}", "kams_record_a_round", login="kams_sales_user", timeout=120
        )
        self.env.invalidate_all()
        self.assertEqual((meeting.kams_record_state, meeting.kams_round), ("done", 1))
        self.assertEqual(meeting.kams_move_ids.our_offer, 1010)
        self.assertEqual((negotiation.conceded, negotiation.unplanned_count), (45, 1))
        self.assertEqual(negotiation.point_ids.text, "Who pays for the crane?")
        unplanned = meeting.kams_given_ids.filtered("unplanned")
        self.assertEqual((unplanned.name, unplanned.condition), ("A spare pump", "They buy two"))
        self.assertIn("A spare pump", " ".join(negotiation.activity_ids.mapped("summary")))
