from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from . import evidence
from .common import ShippedCase


@tagged("post_install", "-at_install")
class TestScenarioInitiation(ShippedCase):
    """Chapter 4, told top to bottom: a committee says yes with open eyes, and the deal stands in the proposal phase."""

    def test_a_committee_says_yes_on_a_condition_and_the_condition_is_met(self):
        deal = self._deal(partner_id=self.customer.id)
        self._advance(deal, "initiation")
        people = evidence.committee(self.env)
        mine = deal.with_user(self.salesperson)
        mine.write(
            {
                "expected_revenue": 800_000.0,
                "kams_procurement_mode": "tender_open",
                "kams_legal_regime": "gov_procurement",
                "kams_budget_state": "approved",
                "kams_budget_amount": 900_000.0,
                "kams_budget_source": "City heating fund",
            }
        )

        # The survey, signed by the customer
        survey = evidence.survey(mine)
        self.assertEqual((survey.fit_rate, mine.kams_fit_rate, mine.kams_must_gap), (100.0, 100.0, 0))
        with self.assertRaises(UserError):
            survey.scope = "More than they signed"
        mine.env["kams.decision.step"].create(
            [{"lead_id": deal.id, "name": name} for name in ("Budget granted", "Tender", "Award")]
        )

        # Public money: who helped to write the tender may not bid
        conflict = mine.env["kams.conflict.check"].create(
            {
                "lead_id": deal.id,
                **dict.fromkeys(
                    ("did_design", "did_specification", "did_management", "did_supervision", "did_testing"), "no"
                ),
                "has_relation": "no",
                "shares_control": "no",
                "explanation": "Legal and delivery were asked.",
            }
        )
        conflict.action_done()
        self.assertEqual(self._state(deal, "S2-7"), "pass")

        # The application, and a committee on which its author doesn't sit
        review = mine.env["kams.review"].browse(mine.action_kams_apply_initiation()["res_id"])
        review.presales_budget = 20_000
        with self.assertRaises(ValidationError), self.cr.savepoint():
            review.opinion_ids[0].user_id = self.salesperson
        for seat in review.opinion_ids:
            seat.user_id = people[seat.role]
        review.action_submit()
        for line in review.sudo().scorecard_id.line_ids:
            line.answer = "75"
        for seat in review.opinion_ids:
            reviewer = seat.user_id
            self.assertTrue(review.with_user(reviewer).my_vote_due)
            if seat.role == "finance":
                seat.with_user(reviewer)._cast(
                    "conditional",
                    "They paid late last year",
                    [
                        {
                            "name": "Ten percent in advance",
                            "user_id": self.salesperson.id,
                            "date_due": fields.Date.today() + timedelta(days=14),
                        }
                    ],
                )
            else:
                seat.with_user(reviewer)._cast("agree")
        chair = review.with_user(people["director"])
        with self.assertRaises(UserError), self.cr.savepoint():
            chair._decide("approved")  # milder than finance allows
        chair._decide("conditional", "Go, but not without the advance")
        self.assertEqual(review.state, "conditional")
        self.assertEqual(self._state(deal, "S2-4"), "fail")
        review.condition_ids.with_user(self.salesperson)._close("Agreed, in the minutes of 12 May")
        self.assertEqual(self._state(deal, "S2-4"), "pass")

        # Team and plan; the plan's owner doesn't approve it
        mine.env["kams.deal.member"].create(
            [
                {"lead_id": deal.id, "user_id": people["technical"].id, "role": "presales"},
                {"lead_id": deal.id, "user_id": people["delivery"].id, "role": "manager"},
            ]
        )
        with self.assertRaises(UserError), self.cr.savepoint():
            evidence.marketing_plan(mine, approver=self.salesperson)
        evidence.marketing_plan(mine, approver=self.director)
        self.assertTrue(mine.kams_gate_open)

        # The deal grows by more than a fifth: the yes was for less
        mine.expected_revenue = 960_001.0
        with self.assertRaisesRegex(ValidationError, "S2-4"), self.cr.savepoint():
            mine.stage_id = self.stages["proposal"]
        self._settle()
        self.assertFalse(review.is_valid)
        again = mine.env["kams.review"].browse(mine.action_kams_apply_initiation()["res_id"])
        self.assertEqual(again.version, 2)
        for seat in again.opinion_ids.filtered(lambda seat: not seat.user_id):
            seat.user_id = people[seat.role]
        again.presales_budget = 20_000
        again.action_submit()
        for line in again.sudo().scorecard_id.line_ids:
            line.answer = "75"
        for seat in again.opinion_ids:
            seat.with_user(seat.user_id)._cast("agree")
        again.with_user(people["director"])._decide("approved")
        mine.stage_id = self.stages["proposal"]
        self.assertEqual(
            self._history(deal, "phase_code", "gate_result")[-1], ("proposal", "pass"), "With open eyes, and on record."
        )
        self.assertHistoryWhole(deal.ids)

    def test_a_deal_bought_directly_needs_no_conflict_check(self):
        deal = self._deal(partner_id=self.customer.id)
        self._advance(deal, "initiation")
        evidence.initiate(deal, "direct")
        self.assertEqual(self._state(deal, "S2-7"), "na")
        deal.stage_id = self.stages["proposal"]
        self.assertEqual(deal.kams_phase_id.code, "proposal")
