from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.blank import known
from .test_contract import ContractCase
from .test_negotiation import NegotiationCase
from .test_negotiation_round import RoundCase


@tagged("post_install", "-at_install")
class TestContractLocks(ContractCase):
    """Ways round a contract's locks that the form doesn't offer."""

    def test_nobody_writes_that_the_contract_is_as_bid(self):
        contract = self._contract(tender_id=self._won_tender().id, amount_total=6_900_001)
        price = contract.consistency_ids.filtered(lambda line: line.aspect == "price")
        for vals in ({"standing": "same"}, {"same": True}, {"delta": 0.0}):
            with self.subTest(vals=vals):
                with self.assertRaisesRegex(UserError, "can't be written"):
                    price.with_user(self.salesperson).write(vals)
                with self.assertRaisesRegex(UserError, "can't be written"):
                    contract.consistency_ids = [Command.update(price.id, vals)]
        self.assertEqual(contract.consistency_state, "differs")

    def test_no_default_in_a_context_says_what_only_buttons_say(self):
        stamps = {"compared_at": "2026-01-01 00:00:00", "reviewed_hash": "x", "signed_hash": "x"}
        stamps |= {"compared_by_id": self.director.id, "signature_state": "authorised", "opinions_state": "approved"}
        contracts = self.env["kams.contract"].with_user(self.salesperson)
        contracts = contracts.with_context(**{f"default_{name}": value for name, value in stamps.items()})
        contract = contracts.create({"lead_id": self.deal.id})
        self.assertFalse(contract.compared_at or contract.reviewed_hash or contract.signed_hash)
        self.assertFalse(contract.compared_by_id)
        self.assertEqual((contract.signature_state, contract.opinions_state), ("missing", "none"))
        self.assertEqual(contracts.create([{"lead_id": self.deal.id, "name": "Own"}]).name, "Own")

    def test_the_order_of_another_deal_is_not_taken_over(self):
        other = self._quotation(self._deal(name="Other", partner_id=self.customer.id))
        with self.assertRaisesRegex(ValidationError, "another deal"):
            self.contract.order_id = other
        own = self._quotation(self.deal)
        self.contract.order_id = own
        self._settle()
        merged = self._deal(name="Merged", partner_id=self.customer.id, probability=90)
        remaining = (self.deal | merged).merge_opportunity()
        self.assertEqual((self.contract.lead_id, self.contract.order_id), (remaining, own))

    def test_the_day_it_took_effect_stays(self):
        self._signed()
        self.contract.effective_at = "2026-05-09"
        self.contract._engine().write({"state": "effective"})
        for day in ("2036-01-01", "2020-01-01", False):
            with self.assertRaisesRegex(UserError, "stays as it was"):
                self.contract.effective_at = day
        self.contract.terminated_why = "They went bankrupt"

    def test_a_yes_that_fell_takes_the_comparison_along(self):
        self._approved()
        self.contract.action_compare_text()
        self.contract._follow_reviews()  # no review of it says yes
        self.assertEqual((self.contract.state, self.contract.compared_at), ("draft", False))
        self._approved()
        self.assertIn("compared", "\n".join(self.contract._signing_obstacles()))

    def test_of_several_contracts_the_one_that_is_furthest_speaks_for_the_negotiation(self):
        negotiation = self.env["kams.negotiation"].create({"lead_id": self.deal.id})
        for state in ("approved", "negotiating", "agreed"):
            negotiation._engine().write({"state": state})
        self.contract.negotiation_id = negotiation
        second = self._contract(negotiation_id=negotiation.id, terminated_why="Not needed")
        self._signed()
        second.action_terminate()
        self.assertEqual(negotiation.state, "signed")
        self.contract.terminated_why = "They went bankrupt"
        self.contract.action_terminate()
        self.assertEqual(negotiation.state, "agreed")

    def test_who_drafted_it_does_not_judge_its_words_though_somebody_else_owns_it(self):
        contract = self._contract(tender_id=self._won_tender().id, subject_text="A boiler")
        line = contract.consistency_ids.filtered(lambda one: one.aspect == "subject")
        line.write({"bid_value": "One boiler", "judged_why": "The same boiler"})
        contract.user_id = self.director
        with self.assertRaises(AccessError):
            line.action_same()


@tagged("post_install", "-at_install")
class TestPlanLocks(NegotiationCase):
    """Ways round the approval of a plan."""

    def test_whoever_wrote_in_a_plan_does_not_approve_it(self):
        plan = self._plan(self.deal)
        theirs = plan.with_user(self.director)
        theirs.issue_ids[0].est_their_target = 900  # what we think of them isn't the plan
        theirs._authors()
        self.assertTrue(theirs.may_approve)
        theirs.issue_ids[0].reservation = 900
        theirs.invalidate_recordset(["may_approve"])
        self.assertFalse(theirs.may_approve)
        with self.assertRaisesRegex(AccessError, "somebody else"):
            theirs.action_approve()

    def test_nor_whoever_led_it_or_changed_its_words(self):
        led = self._plan(self.deal, user_id=self.director.id)
        led.user_id = self.salesperson
        worded = self._plan(self.deal)
        worded.with_user(self.director).batna = "Another one"
        for plan in (led, worded):
            with self.assertRaisesRegex(AccessError, "somebody else"):
                plan.with_user(self.director).action_approve()

    def test_nobody_says_who_made_or_approved_it(self):
        plans = self.env["kams.negotiation"].with_user(self.salesperson)
        plan = plans.with_context(
            default_approved_by_id=self.director.id, default_approved_at="2026-01-01 00:00:00"
        ).create({"lead_id": self.deal.id, "author_ids": [Command.clear()]})
        self.assertFalse(plan.approved_by_id or plan.approved_at)
        with self.assertRaises(UserError):
            plan.author_ids = [Command.clear()]

    def test_a_line_says_not_of_which_deal_it_is(self):
        plan = self._plan(self.deal)
        with self.assertRaisesRegex(UserError, "can't be written"):
            plan.issue_ids[0].lead_id = self.tendered
        issue = self.env["kams.negotiation.issue"].with_user(self.salesperson)
        issue = issue.create({"negotiation_id": plan.id, "kind": "training", "lead_id": self.tendered.id})
        self.assertEqual(issue.lead_id, self.deal)

    def test_terms_out_of_range_are_refused_in_words(self):
        with self.assertRaisesRegex(ValidationError, "between 0 and 100 % of the price"):
            self._plan(self.deal).term_ids = [Command.create({"pct": 200})]


@tagged("post_install", "-at_install")
class TestRoundLocks(RoundCase):
    """Ways round what a round says."""

    def test_nobody_writes_that_it_was_planned_accepted_or_of_another_negotiation(self):
        event = self._round()
        gift = self._give(event, name="A gift", amount=10, reason="Goodwill", unplanned=False)
        other = self._negotiation(self.deal)
        for vals in ({"unplanned": False}, {"negotiation_id": other.id}):
            with self.assertRaisesRegex(UserError, "can't be written"):
                gift.write(vals)
        self.assertTrue(gift.unplanned)
        lines = self.env["kams.negotiation.given"].with_user(self.salesperson)
        lines = lines.with_context(default_approved_by_id=self.director.id)
        self.assertFalse(lines.create({"event_id": event.id, "name": "Another"}).approved_by_id)

    def test_no_default_in_a_context_submits_a_record(self):
        for kind in ({"kams_kind": "interview"}, {}):
            context = {"default_kams_record_state": "done", "default_kams_recorded_at": "2026-01-01 00:00:00"}
            event = self.env["calendar.event"].with_user(self.salesperson)
            event = event.with_context(**context, default_kams_kind="interview").create(
                {"name": "Talk", "start": "2026-01-01 10:00:00", "stop": "2026-01-01 11:00:00", **kind}
                | {"opportunity_id": self.deal.id}
            )
            self.assertNotEqual(event.kams_record_state, "done")
            self.assertFalse(event.kams_recorded_at)

    def test_a_point_stays_where_it_came_up_and_is_settled_with_how_on_any_way(self):
        points = self.env["kams.negotiation.point"].with_user(self.salesperson)
        point = points.create({"negotiation_id": self.negotiation.id, "text": "Who pays?"})
        with self.assertRaisesRegex(UserError, "stays with its negotiation"):
            point.negotiation_id = self._negotiation(self.deal)
        with self.assertRaisesRegex(UserError, "How was"):
            point.state = "closed"
        with self.assertRaisesRegex(UserError, "How was"):
            points.create({"negotiation_id": self.negotiation.id, "text": "x", "state": "closed"})
        point.write({"state": "closed", "solution": "We do"})
        for state in ("negotiating", "agreed"):
            self.negotiation._engine().write({"state": state})
        with self.assertRaisesRegex(UserError, "Negotiate Again"):
            point.state = "open"
        with self.assertRaisesRegex(UserError, "Negotiate Again"):
            points.create({"negotiation_id": self.negotiation.id, "text": "Something else"})

    def test_who_settles_a_point_has_it_in_their_activities(self):
        points = self.env["kams.negotiation.point"].with_user(self.salesperson)
        due = fields.Date.to_date("2030-01-02")
        point = points.create(
            {"negotiation_id": self.negotiation.id, "text": "Who pays?", "user_id": self.director.id, "date_due": due}
        )
        asked = point.sudo().activity_ids
        self.assertEqual((asked.user_id, asked.summary, asked.date_deadline), (self.director, "Who pays?", due))
        point.user_id = self.colleague  # can't read it
        self.assertFalse(point.sudo().activity_ids)
        point.user_id = self.director
        self.assertTrue(point.sudo().activity_ids)
        point.write({"state": "closed", "solution": "We do"})
        self.assertFalse(point.sudo().activity_ids)

    def test_conceded_is_what_submitted_rounds_say(self):
        event = self._round()
        self._give(event, self.discount, amount=40)
        self.assertIsNone(known(self.negotiation.conceded))
        self._record(event)
        self.assertEqual(self.negotiation.conceded, 40)
        self._settle()
        self.assertEqual(self.env["kams.deal.money"].browse(self.deal.id).conceded, 40)
