from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ShippedCase
from .evidence import FOUR_QUESTIONS


@tagged("post_install", "-at_install")
class TestScenarioDevelopment(ShippedCase):
    """Chapter 3, told top to bottom: from a clue to a deal that the gate lets into initiation."""

    def test_from_a_clue_to_an_opportunity_that_somebody_met_a_decision_maker_for(self):
        # A clue comes in from a tender site, and the salesperson answers it
        env = self.env(user=self.salesperson)
        lead = env["crm.lead"].create(
            {
                "name": "Boiler renewal, unit 3",
                "type": "lead",
                "team_id": self.team.id,
                "user_id": self.salesperson.id,
                "partner_id": self.customer.id,
                "kams_lead_source_id": self.env["kams.lead.source"].search([], limit=1).id,
                "kams_clue_type": "budget",
                "kams_reliability": "b",
                "kams_credibility": "2",
            }
        )
        self.assertFalse(lead.kams_process_id, "A clue is not yet a deal.")
        lead.action_kams_responded()
        self.assertTrue(lead.kams_first_response_at)
        lead.convert_opportunity(self.customer)
        self._settle()
        self.assertEqual((lead.kams_verdict, lead.kams_phase_id.code), ("opportunity", "development"))
        self.assertEqual(self._state(lead, "S1-3"), "fail")

        # What is known of the customer is the key-account manager's work
        account = self._known_account(self.customer)
        selection = account.env["kams.account.selection"].create({"account_id": account.id})
        for action, mark in (("action_score_attractiveness", 9), ("action_score_strength", 8)):
            card = self.env["kams.scorecard"].browse(getattr(selection, action)()["res_id"])
            card._answer({line.code: mark for line in card.line_ids})
            card.action_done()
        selection.with_user(self.director).action_decide()
        self.assertEqual(self._state(lead, "S1-1"), "pass")

        # The first interview: a plan, a record, an advance; the day after, it can't be changed any more
        engineer = self.env["res.partner"].create({"name": "Zhang Wei", "parent_id": self.customer.id})
        start = fields.Datetime.now() - timedelta(hours=3)
        meeting = env["calendar.event"].create(
            {
                "name": "First interview",
                "start": start,
                "stop": start + timedelta(hours=1),
                "opportunity_id": lead.id,
                "partner_ids": [Command.set([self.salesperson.partner_id.id, engineer.id])],
                "kams_objective": "Access to the boiler house",
                "kams_question_ids": [Command.create({"type": "problem", "question": "What fails first?"})],
            }
        )
        self.assertEqual((meeting.kams_kind, meeting.kams_interview_type), ("interview", "first"))
        meeting.kams_question_ids.answer = "The feed pumps"
        meeting.write(
            {
                "kams_situation": "Two boilers of 1994",
                "kams_problems": "Three stops last winter",
                "kams_implications": "The district was cold for a day",
                "kams_outcome": "advance",
                "kams_next_step": "Walk through the boiler house",
                "kams_next_step_date": fields.Date.today() + timedelta(days=5),
            }
        )
        meeting.action_kams_submit()
        self.assertFalse(meeting.kams_record_late)
        self.assertEqual(self._state(lead, "S1-3"), "pass")
        self.assertIn("Walk through the boiler house", lead.activity_ids.mapped("summary"))

        # Who decides, and where they stand
        boss = self.env["res.partner"].create({"name": "Li Na", "parent_id": self.customer.id})
        eb = env["kams.stakeholder"].create(
            {"lead_id": lead.id, "partner_id": boss.id, "mh_role": "eb", "influence": "5", "political": "inner_circle"}
        )
        env["kams.stakeholder"].create(
            {
                "lead_id": lead.id,
                "partner_id": engineer.id,
                "mh_role": "coach",
                "influence": "2",
                "attitude": "2",
                "coverage": "brief",
                "reports_to_id": eb.id,
            }
        )
        self.assertEqual(self._state(lead, "S1-4"), "fail", "Nobody has met her yet.")
        self.assertEqual((lead.kams_map_status, lead.kams_coverage), ("red", 0.0))
        eb.write({"attitude": "0", "coverage": "brief"})
        self.assertEqual(self._state(lead, "S1-4"), "pass")
        self.assertEqual(lead.kams_coverage, 100.0)

        # Need, competition, judgement
        lead.write(
            {
                "kams_need": "Two boilers that start within the hour",
                "kams_compelling_event": "New grid code in January",
                "date_deadline": fields.Date.today() + timedelta(days=90),
                "kams_budget_state": "estimated",
            }
        )
        env["kams.competitor"].create({"lead_id": lead.id, "partner_id": self._company("Datang Boilers").id})
        with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
            lead.stage_id = self.stages["initiation"]
        self.assertEqual([word for word in str(refusal.exception).split() if word.startswith("S1-")], ["S1-6"])
        judged = env["kams.qualification"].browse(lead.action_kams_judge()["res_id"])
        judged.scorecard_id._answer(dict.fromkeys(FOUR_QUESTIONS, 3))
        judged.write({"p_go": 70, "p_get": 40, "value": 1_000_000, "pursuit_cost": 120_000})
        judged.action_done()
        self.assertEqual((judged.score, judged.expected_value, judged.verdict), (75.0, 160_000.0, "go"))

        self.assertTrue(lead.kams_gate_open)
        lead.stage_id = self.stages["initiation"]
        self.assertEqual(self._history(lead, "phase_code", "gate_result")[-1], ("initiation", "pass"))
        self.assertHistoryWhole(lead.ids)
