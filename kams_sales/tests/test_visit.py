from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_demo import ShowCase


@tagged("post_install", "-at_install")
class TestVisit(ShowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal.kams_account_id = cls._account()

    @classmethod
    def _visit(cls, days=-1, **vals):
        return cls._interview(days=days, kams_kind="company_visit", **vals)

    def _cost(self, amount=100.0, user=None, **vals):
        visit = self._visit()
        costs = self.env["kams.meeting.cost"].with_user(user or self.salesperson)
        return costs.create({"event_id": visit.id, "item": "Hotel", "amount": amount, **vals})

    # COMPLIANCE
    def test_without_the_statement_on_gifts_a_visit_is_not_submitted(self):
        visit = self._visit()
        with self.assertRaisesRegex(UserError, "lacks: No Gifts"), self.cr.savepoint():
            self._record(visit)
        self._record(visit, kams_compliance=True)
        with self.assertRaisesRegex(UserError, "submitted"), self.cr.savepoint():
            visit.kams_compliance = False
        statement = self.env["calendar.event"]._fields["kams_compliance"].help
        for law in ("Anti-Unfair Competition Law art. 8", "Bidding Law art. 32", "Procurement Law art. 25"):
            self.assertIn(law, statement)

    # COSTS
    def test_who_entered_a_cost_does_not_approve_it(self):
        cost = self._cost()
        self.assertEqual(cost.entered_by_id, self.salesperson)
        with self.assertRaisesRegex(UserError, "yourself"), self.cr.savepoint():
            cost.action_approve()
        with self.assertRaises(AccessError):
            cost.with_user(self.colleague).action_approve()
        cost.with_user(self.manager).action_approve()
        self.assertEqual((cost.approved, cost.approver_id), (True, self.manager))
        self.assertTrue(cost.approved_at)

    def test_who_shall_approve_a_cost_is_asked_until_it_is_approved(self):
        cost = self._cost(approver_id=self.manager.id)
        asked = cost.sudo().activity_ids
        self.assertEqual(asked.user_id, self.manager)
        self.assertRegex(asked.summary, "Hotel, .*100.00.*Talk|Hotel, .*100.00")
        cost.amount = 120.0
        self.assertIn("120.00", cost.sudo().activity_ids.summary)
        cost.approver_id = self.director
        self.assertEqual(cost.sudo().activity_ids, asked)
        self.assertEqual(asked.user_id, self.director)
        cost.approver_id = self.salesperson  # who entered it can't approve it
        self.assertFalse(cost.sudo().activity_ids)
        cost.approver_id = self.director
        cost.with_user(self.manager).action_approve()
        self.assertFalse(cost.sudo().activity_ids, "Somebody approved it: nobody is asked any more.")
        waiting = self._cost(approver_id=self.manager.id)
        activity = waiting.sudo().activity_ids
        waiting.event_id.with_user(self.salesperson).unlink()
        self.assertFalse(activity.exists())

    def test_who_can_not_open_the_deal_is_not_asked_for_its_costs(self):
        with self.assertRaisesRegex(ValidationError, "can't open the deal"), self.cr.savepoint():
            self._cost(approver_id=self.colleague.id)

    def test_who_changed_the_amount_has_entered_it(self):
        cost = self._cost()
        cost.with_user(self.director).amount = 200.0
        with self.assertRaisesRegex(UserError, "yourself"), self.cr.savepoint():
            cost.with_user(self.director).action_approve()
        cost.action_approve()
        self.assertEqual(cost.approver_id, self.salesperson)

    def test_who_entered_a_cost_is_not_forgotten(self):
        cost = self._cost()
        for vals in ({"entered_by_id": False}, {"entered_by_id": False, "approver_id": self.salesperson.id}):
            cost.write(vals)
            self.assertEqual(cost.entered_by_id, self.salesperson)
            with self.assertRaisesRegex(UserError, "yourself"), self.cr.savepoint():
                cost.action_approve()

    def test_above_the_limit_of_the_day_a_director_approves(self):
        self.env.ref("kams_sales.rule_visit_cost_director").value = 1000
        at, above = self._cost(1000.0), self._cost(1000.01)
        at.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(AccessError, "a sales director approves it"), self.cr.savepoint():
            above.with_user(self.manager).action_approve()
        above.with_user(self.director).action_approve()
        self.assertEqual(above.approver_id, self.director)
        own = self._cost(9000.0, user=self.director)
        with self.assertRaisesRegex(UserError, "yourself"), self.cr.savepoint():
            own.action_approve()

    def test_an_approved_cost_stays_as_it_was_on_every_route(self):
        cost = self._cost()
        cost.with_user(self.manager).action_approve()
        visit = cost.event_id
        for attempt in (
            lambda: cost.write({"amount": 1.0}),
            lambda: cost.with_user(self.director).write({"approved": False}),
            lambda: cost.with_user(self.manager).write({"approver_id": self.director.id}),
            lambda: cost.unlink(),
            lambda: visit.write({"kams_cost_ids": [Command.delete(cost.id)]}),
            lambda: visit.write({"kams_cost_ids": [Command.update(cost.id, {"item": "x"})]}),
        ):
            with self.assertRaisesRegex(UserError, "was approved by kams_manager"), self.cr.savepoint():
                attempt()
        with self.assertRaisesRegex(UserError, "archive the meeting"), self.cr.savepoint():
            visit.unlink()
        fresh = self._cost()
        for values in ({"approved": True}, {"approved_at": fields.Datetime.now()}, {"entered_by_id": self.manager.id}):
            with self.assertRaisesRegex(UserError, "by “Approve”"), self.cr.savepoint():
                fresh.write(values)
            with self.assertRaisesRegex(UserError, "by “Approve”"), self.cr.savepoint():
                self._cost(**values)

    def test_bills_come_after_the_record_and_amounts_are_known(self):
        visit = self._record(self._visit(), kams_compliance=True)
        cost = self.env["kams.meeting.cost"].with_user(self.salesperson)
        cost = cost.create({"event_id": visit.id, "item": "Bus", "amount": 300.0})
        self.assertEqual(visit.kams_cost_total, 300.0)
        self.assertEqual(visit.kams_currency_id, self.env.company.currency_id)
        self.assertIs(self._visit().kams_cost_total, False)
        with self.assertRaisesRegex(ValidationError, "can't be negative"), self.cr.savepoint():
            cost.amount = -1

    def test_a_cost_that_gives_something_to_people_keeps_to_the_law(self):
        """The lock of relationship plans: no gifts, hospitality up to so much per head."""
        for refused in ({"benefit_kind": "gift", "benefit_people": 2}, {"benefit_kind": "hospitality"}):
            with self.assertRaisesRegex(ValidationError, "per head"), self.cr.savepoint():
                self._cost(**refused)
        lunch = self._cost(300.0, benefit_kind="hospitality", benefit_people=2)
        with self.assertRaisesRegex(ValidationError, "per head"), self.cr.savepoint():
            lunch.amount = 301.0
        with self.assertRaisesRegex(ValidationError, "per head"), self.cr.savepoint():
            lunch.benefit_kind = "favour"

    # PLAN
    def test_a_visit_says_what_it_lacks(self):
        visit = self._visit(days=3)
        self.assertEqual(len(visit.kams_check_ids), 6)
        for words in ("what the visit is for", "visitors", "level", "receives them", "itinerary"):
            self.assertIn(words, visit.kams_visit_advice)
        visit.write(
            {
                "kams_visit_purpose": "See it run",
                "kams_visitors": "Three engineers",
                "kams_visit_level": "b",
                "kams_host_id": self.director.id,
                "kams_messages": "It runs",
                "kams_itinerary_ids": [Command.create({"time": visit.start, "item": "Welcome"})],
                "kams_cost_ids": [Command.create({"item": "Lunch", "amount": 90})],
            }
        )
        self.assertEqual(visit.kams_visit_advice, "Have the costs approved: Lunch.")

    def test_a_visit_after_the_bids_are_due_is_warned_of(self):
        before, after = self._visit(days=3), self._visit(days=9)
        self.assertFalse(after.kams_visit_warning)
        tender = self.env["kams.tender"].create(
            {
                "lead_id": self.deal.id,
                "name": "Boilers 2026",
                "legal_regime": "gov_procurement",
                "bid_deadline": fields.Datetime.now() + timedelta(days=5),
                "opening_at": fields.Datetime.now() + timedelta(days=5),
            }
        )
        self.env.invalidate_all()
        self.assertFalse(before.kams_visit_warning)
        self.assertIn("art. 44", after.kams_visit_warning)
        self.assertIn("Boilers 2026", after.kams_visit_warning)
        tender.legal_regime = "bidding_law"
        self.env.invalidate_all()
        self.assertIn("Bidding Law, art. 43", after.kams_visit_warning)
        after.write({"start": before.start, "stop": before.stop})
        self.assertFalse(after.kams_visit_warning)

    def test_the_plan_is_for_those_who_may_read_the_deal(self):
        visit = self._visit(kams_visitors="Word-visitors", kams_messages="Word-messages")
        cost = self._cost()
        self.env.flush_all()
        self.env.invalidate_all()
        other = visit.with_user(self.colleague)
        self.assertFalse(other.kams_visitors or other.kams_messages or other.kams_visit_advice)
        self.assertFalse(other.search([("kams_visitors", "ilike", "Word"), ("id", "=", visit.id)]))
        self.assertFalse(cost.with_user(self.colleague).search([("id", "=", cost.id)]))
        with self.assertRaises(AccessError):
            self.env["kams.meeting.itinerary"].with_user(self.colleague).create(
                {"event_id": visit.id, "time": visit.start, "item": "x"}
            )
