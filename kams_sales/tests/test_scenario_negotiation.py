from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from . import evidence
from .common import ShippedCase

NUMBERS = range(1, 9)


@tagged("post_install", "-at_install")
class TestScenarioNegotiation(ShippedCase):
    """Chapter 7, told top to bottom, after a tender and by direct purchase, until delivery takes it over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = evidence.committee(cls.env)

    def _in_negotiation(self, mode="tender_open"):
        deal = self._deal(partner_id=self.customer.id)
        for code in ("development", "initiation", "proposal"):
            if code == "initiation":
                evidence.initiate(deal, mode)
            else:
                self._supply(deal, code)
            self._settle()
            following = {"development": "initiation", "initiation": "proposal", "proposal": "tendering"}[code]
            if following == "tendering" and mode == "direct":
                following = "negotiation"
            deal.stage_id = self.stages[following]
            self._settle()
        if mode != "direct":
            evidence.bid(deal)
            self._settle()
            deal.stage_id = self.stages["negotiation"]
            self._settle()
        return deal

    def _states(self, deal, *numbers):
        return [self._state(deal, f"S5-{number}") for number in numbers or NUMBERS]

    def test_a_bid_that_was_won_is_signed_as_it_was_bid(self):
        deal = self._in_negotiation()
        self.assertEqual(self._states(deal), ["fail"] * 6 + ["na"] + ["fail"])

        # The plan: what the law keeps to the bid is locked
        negotiation = evidence.negotiation(deal)
        self.assertEqual((negotiation.scope, self._states(deal, 1)), ("non_substantive", ["pass"]))
        price = {"negotiation_id": negotiation.id, "kind": "price", "better": "higher", "bid_value": 1000}
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["kams.negotiation.issue"].create({**price, "agreed": 950})

        # A round, with something left open
        negotiation.action_start()
        event = evidence.negotiation_round(negotiation)
        self.assertEqual(self._states(deal, 3), ["pass"])
        point = self.env["kams.negotiation.point"].create(
            {"negotiation_id": negotiation.id, "text": "Who trains the night shift?"}
        )
        self.assertEqual(self._states(deal, 3), ["fail"])
        point.solution = "We do, in the second week"
        point.action_settle()
        negotiation.issue_ids.filtered(lambda issue: not issue.locked).agreed = 15
        negotiation.action_agree()
        self.assertEqual((self._states(deal, 3), event.kams_round), (["pass"], 1))

        # The contract: first at another price than the bid
        contract = evidence.contract_draft(deal, amount_untaxed=980, amount_total=980)
        self.assertEqual(contract.consistency_state, "differs")
        self.assertEqual(self._states(deal, 2), ["fail"])
        contract.write({"amount_untaxed": 1000, "amount_total": 1000})
        self.assertEqual((contract.consistency_state, self._states(deal, 2)), ("same", ["pass"]))

        # Legal, finance and technical agree; a clause of high risk holds it
        evidence.payments(contract)
        risky = contract.clause_ids[0]
        risky.write({"actual": "Without a limit", "deviation": "major", "deviation_text": "No cap", "risk": "4"})
        with self.assertRaises(UserError) as refused, self.cr.savepoint():
            evidence.review(deal, "contract", {deal: {"contract_id": contract.id}})
        self.assertIn("risks", str(refused.exception))
        risky.with_user(self.people["legal"])._accept("Their insurance covers it")
        self.assertEqual(self._states(deal, 4), ["fail"])
        evidence.review(deal, "contract", {deal: {"contract_id": contract.id}})
        self.assertEqual(self._states(deal, 4, 5), ["pass", "pass"])

        # Signed in time by who may
        self.assertEqual(self._states(deal, 6), ["fail"])
        evidence.sign(contract)
        self.assertEqual((contract.signature_state, self._states(deal, 6)), ("authorised", ["pass"]))

        # The deal isn't won before delivery has taken it over
        with self.assertRaises(UserError) as refused, self.cr.savepoint():
            contract.action_effective()
            self._settle()
        self.assertIn("Handed over to delivery", str(refused.exception))
        evidence.handover(deal)
        self.assertEqual(self._states(deal, 8), ["pass"])
        contract.action_effective()
        self._settle()
        self.assertEqual((deal.kams_phase_id.code, contract.state), ("delivery", "effective"))
        self.assertEqual(deal.won_status, "won")

    def test_a_direct_purchase_negotiates_everything(self):
        deal = self._in_negotiation("direct")
        self.assertEqual(self._states(deal), ["fail", "na", "fail", "fail", "fail", "fail", "na", "fail"])
        negotiation = evidence.negotiation(deal, kind="price", agreed=15)
        self.assertEqual((negotiation.scope, negotiation.issue_ids.locked), ("full", False))
        evidence.negotiation_round(negotiation)
        negotiation.action_start()
        negotiation.issue_ids.agreed = 15
        negotiation.action_agree()
        self.assertEqual(negotiation.settlement, 50)  # halfway from 10 to 20

        # A performance bond of ten per cent is asked for
        contract = evidence.contract_draft(deal, performance_bond_required=True, performance_bond_pct=10)
        self.assertEqual(self._states(deal, 7), ["fail"])
        bond = self.env["kams.guarantee"].create(
            {
                "lead_id": deal.id,
                "contract_id": contract.id,
                "kind": "performance",
                "amount": 100,
                "required_amount": 100,
                "form": "transfer",
                "paid_at": fields.Date.today(),
                "beneficiary_id": self.customer.id,
                "date_expiry": fields.Date.today() + timedelta(days=400),
            }
        )
        bond.action_paid()
        self.assertEqual((contract.performance_bond_state, self._states(deal, 7)), ("valid", ["pass"]))

        # Payment later than the credit policy: somebody above has to agree
        evidence.payments(contract)
        contract.milestone_ids[-1].days = 200
        self.assertEqual((contract.payment_state, self._states(deal, 5)), ("beyond", ["fail"]))
        contract.milestone_ids[-1].days = 15
        self.assertEqual(self._states(deal, 5), ["pass"])

        evidence.review(deal, "contract", {deal: {"contract_id": contract.id}})
        evidence.sign(contract)
        evidence.handover(deal)
        self.assertEqual(self._states(deal), ["pass", "na"] + ["pass"] * 6)
        contract.action_effective()
        self._settle()
        self.assertEqual(deal.kams_phase_id.code, "delivery")

        # From the contract to the order, the invoice and the cash
        order = self._quotation(deal)
        order.action_confirm()
        contract.order_id = order
        advance = contract.milestone_ids.sorted("sequence")[0]
        advance.order_id = order
        self.assertEqual(advance.amount, 300)
        advance.action_invoice()
        invoice = advance.invoice_ids
        invoice.invoice_date = fields.Date.today()
        invoice.action_post()
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        )._create_payments()
        self.env.invalidate_all()
        self.assertEqual((advance.invoiced, advance.received, advance.state), (300, 300, "paid"))
        money = self.env["kams.deal.money"].browse(deal.id)
        self.env.flush_all()
        self.assertEqual((money.contracted, money.collected), (1000, 300))

    def test_a_contract_ends_and_another_takes_its_place(self):
        deal = self._in_negotiation("direct")
        evidence.close_contract(deal)
        self.assertEqual(self._states(deal, 4, 5, 6), ["pass"] * 3)
        contract = deal.kams_contract_ids
        contract.terminated_why = "Their board said no"
        contract.action_terminate()
        self.assertEqual(self._states(deal, 4, 5, 6), ["fail"] * 3)

    def test_a_deal_takes_all_of_its_negotiation_along_when_it_is_deleted(self):
        deal = self._in_negotiation("direct")
        negotiation = evidence.negotiation(
            deal, concession_ids=[Command.create({"give": "A place", "amount": 1, "condition": "An order"})]
        )
        negotiation.action_start()
        issue, plan = negotiation.issue_ids, negotiation.concession_ids
        evidence.negotiation_round(
            negotiation,
            kams_move_ids=[Command.create({"issue_id": issue.id, "their_offer": 10, "our_offer": 20})],
            kams_given_ids=[
                Command.create(
                    {
                        "direction": "given",
                        "name": "A place",
                        "amount": 1,
                        "condition": "An order",
                        "plan_id": plan.id,
                        "issue_id": issue.id,
                    }
                )
            ],
        )
        negotiation.action_reopen_plan()
        for line in (issue, plan):
            with self.assertRaises(UserError), self.cr.savepoint():
                line.unlink()
        self._settle()
        # rows that are new in this transaction are asked for all of their links again: meetings mostly are older
        self.cr.execute("UPDATE calendar_event SET kams_negotiation_id = NULL WHERE opportunity_id = %s", [deal.id])
        self.env.invalidate_all()
        deal.unlink()
        self.assertFalse(negotiation.exists() or issue.exists() or plan.exists())

    def test_nobody_writes_the_evidence_by_hand(self):
        deal = self._in_negotiation("direct")
        negotiation = self.env["kams.negotiation"].create({"lead_id": deal.id, "name": "Main contract"})
        contract = evidence.contract_draft(deal)
        handover = self.env["kams.handover"].create({"lead_id": deal.id})
        tried = (
            (negotiation, {"state": "approved"}),
            (negotiation, {"approved_at": fields.Datetime.now()}),
            (contract, {"state": "signed"}),
            (contract, {"signature_state": "authorised"}),
            (contract, {"signed_hash": "0"}),
            (handover, {"state": "accepted"}),
            (handover, {"accepted_at": fields.Datetime.now()}),
        )
        for record, vals in tried:
            with self.subTest(record=record._name, vals=vals):
                try:
                    with self.cr.savepoint():
                        record.with_user(self.salesperson).write(vals)
                        self._settle()
                except (UserError, ValidationError):
                    pass
                self.env.invalidate_all()
                self.assertEqual(self._states(deal, 1, 6, 8), ["fail"] * 3)
