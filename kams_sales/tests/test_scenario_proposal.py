from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from . import evidence
from .common import ShippedCase


@tagged("post_install", "-at_install")
class TestScenarioProposal(ShippedCase):
    """Chapter 5, told top to bottom: shown, doubted, answered, reviewed and sent; by tender and by direct purchase."""

    def _in_proposal(self, mode):
        deal = self._deal(partner_id=self.customer.id)
        self._advance(deal, "initiation")
        evidence.initiate(deal, mode)
        self._settle()
        deal.stage_id = self.stages["proposal"]
        self._settle()
        return deal

    def test_a_doubt_holds_the_deal_until_the_customer_says_that_it_is_settled(self):
        deal = self._in_proposal("tender_open")
        mine = deal.with_user(self.salesperson)
        people = evidence.committee(self.env)
        buyer = mine.kams_stakeholder_ids

        # Shown to those who decide; the score weighs their influence
        demo = evidence.demonstration(mine, "3")
        self.assertEqual((demo.kams_demo_score, self._state(deal, "S3-1")), (3.0, "fail"))
        evidence.demonstration(mine, "4")
        self.assertEqual(self._state(deal, "S3-1"), "pass")

        # What seemed to fit doesn't, and another way is found
        requirement = mine.kams_survey_ids.requirement_ids
        requirement.fit = "unsupported"
        self.assertEqual(self._state(deal, "S3-2"), "fail")
        requirement.fit = "configured"
        self.assertEqual(self._state(deal, "S3-2"), "pass")

        # The chain turns against us, and back
        self.assertEqual(self._state(deal, "S3-3"), "pass")
        buyer.attitude = "-1"
        self.assertEqual(self._state(deal, "S3-3"), "fail")
        buyer.attitude = "1"
        self.assertEqual(self._state(deal, "S3-3"), "pass")
        floor = self.env.ref("kams_sales.rule_chain_min_support")
        floor.value = 80  # 5 × 1 of 5 × 2: the index is 75
        self.assertEqual(self._state(deal, "S3-3"), "fail", "A director asks for more, and no evidence has changed.")
        floor.value = 75
        self.assertEqual(self._state(deal, "S3-3"), "pass")

        # An objection that stops the deal: answered isn't accepted
        objection = mine.env["kams.objection"].create(
            {
                "lead_id": deal.id,
                "stakeholder_id": buyer.id,
                "statement": "Who mends it at night?",
                "severity": "4",
                "category": "service",
                "response": "Our people in the next town, within two hours.",
                "evidence": "Contract with the plant in Jinan",
            }
        )
        self.assertEqual(self._state(deal, "S3-4"), "fail")
        objection.action_answered()
        self.assertEqual(self._state(deal, "S3-4"), "fail")
        objection.write({"confirmed_by_id": buyer.partner_id.id, "confirmed_at": fields.Date.today()})
        objection.action_accept()
        self.assertEqual(self._state(deal, "S3-4"), "pass")

        # The proposal: a margin of 12 % is nobody's to give alone
        proposal = mine.env["kams.proposal"].create(
            {
                "lead_id": deal.id,
                "chapter_ids": [Command.create({"name": "Our solution", "body": "<p>Boilers</p>", "state": "done"})],
                "line_ids": [Command.create({"name": "Boilers", "list_price": 1000, "cost": 880})],
                "validity_date": fields.Date.today().replace(year=fields.Date.today().year + 1),
                "submitted_to_id": buyer.partner_id.id,
            }
        )
        self.assertEqual((proposal.margin_pct, proposal.price_state), (12.0, "beyond"))
        with self.assertRaises(UserError), self.cr.savepoint():
            proposal.action_submit()
        of = {mine: {"proposal_id": proposal.id}}
        evidence.review(mine, "proposal_red", of)
        with self.assertRaises(UserError), self.cr.savepoint():
            proposal.action_submit()
        gold = mine.env["kams.review"].create({"lead_id": deal.id, "kind": "proposal_gold", **of[mine]})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            gold.opinion_ids[0].user_id = self.salesperson  # who wrote it doesn't review it
        gold.unlink()
        evidence.review(mine, "price", of)
        self.assertEqual(proposal.price_state, "approved")
        evidence.review(mine, "proposal_gold", of)
        self.assertEqual((self._state(deal, "S3-5"), self._state(deal, "S3-6")), ("fail", "fail"))
        proposal.action_submit()
        self.assertEqual((self._state(deal, "S3-5"), self._state(deal, "S3-6")), ("pass", "pass"))
        with self.assertRaises(UserError), self.cr.savepoint():
            proposal.line_ids.list_price = 900  # what they have is what we have
        self.assertTrue(people)

        self.assertTrue(mine.kams_gate_open)
        mine.stage_id = self.stages["tendering"]
        self.assertEqual(self._history(deal, "phase_code", "gate_result")[-1], ("tendering", "pass"))
        self.assertHistoryWhole(deal.ids)

    def test_a_direct_purchase_goes_from_the_proposal_to_the_negotiation(self):
        deal = self._in_proposal("direct")
        with self.assertRaisesRegex(ValidationError, "S3-1"), self.cr.savepoint():
            deal.stage_id = self.stages["negotiation"]
        evidence.propose(deal)
        self._settle()
        deal.stage_id = self.stages["negotiation"]
        self.assertEqual(self._history(deal, "phase_code", "gate_result")[-1], ("negotiation", "pass"))
        self.assertEqual(self._state(deal, "S4-7"), "na", "There is no tender in a direct purchase.")

    def test_a_visit_is_advised_on_large_deals_only(self):
        deal = self._in_proposal("direct")
        self.assertEqual(self._state(deal, "S3-7"), "na")
        deal.expected_revenue = 1_000_000
        self.assertEqual(self._state(deal, "S3-7"), "fail")
