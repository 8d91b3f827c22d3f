from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_meeting import MeetingCase

HOSTILE = "<script>alert(1)</script>&lt;b&gt; " + "长" * 10_000 + " שלום \u202e 😀👩‍🔧"


class RoundCase(MeetingCase):
    """A deal with a negotiation whose plan a director approved, and its rounds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.negotiation = cls._negotiation(cls.deal)
        cls.price, cls.prepayment, cls.warranty = cls.negotiation.issue_ids
        cls.discount, cls.months = cls.negotiation.concession_ids

    @classmethod
    def _negotiation(cls, deal, approved=True):
        """C32: price, prepayment and warranty with their targets, and what may be given in which round."""
        issues = (
            ("price", "higher", 1100, 950, 50),
            ("payment", "higher", 40, 20, 30),
            ("warranty", "lower", 12, 24, 20),
        )
        negotiation = (
            cls.env["kams.negotiation"]
            .with_user(cls.salesperson)
            .create(
                {
                    "lead_id": deal.id,
                    "name": "Main contract",
                    "batna": "Sell to Datang",
                    "member_ids": [Command.create({"role": "lead", "user_id": cls.salesperson.id})],
                    "issue_ids": [
                        Command.create(
                            {
                                "sequence": place,
                                "kind": kind,
                                "better": better,
                                "opening": target,
                                "target": target,
                                "reservation": stop,
                                "weight": weight,
                            }
                        )
                        for place, (kind, better, target, stop, weight) in enumerate(issues)
                    ],
                    "concession_ids": [
                        Command.create(
                            {"round": 1, "give": "A discount", "amount": 60, "condition": "They sign in May"}
                        ),
                        Command.create({"round": 2, "give": "Six months more warranty", "role": "director"}),
                    ],
                }
            )
        )
        if approved:
            negotiation._engine().write({"state": "approved", "approved_by_id": cls.director.id})
        return negotiation

    @classmethod
    def _round(cls, negotiation=None, days=-1, user=None, **vals):
        negotiation = negotiation or cls.negotiation
        return cls._interview(
            negotiation.lead_id,
            days=days,
            user=user,
            name="At the table",
            kams_kind="negotiation",
            kams_negotiation_id=negotiation.id,
            **vals,
        )

    @classmethod
    def _give(cls, event, plan=None, **vals):
        return (
            cls.env["kams.negotiation.given"]
            .with_user(cls.salesperson)
            .create({"event_id": event.id, "plan_id": plan and plan.id, **vals})
        )


@tagged("post_install", "-at_install")
class TestRound(RoundCase):
    # BEFORE THE TALKS
    def test_no_round_before_the_plan_is_approved(self):
        deal = self._deal(partner_id=self.customer.id)
        with self.assertRaisesRegex(ValidationError, "needs a negotiation whose plan is approved"), self.cr.savepoint():
            self._interview(deal, kams_kind="negotiation")
        negotiation = self._negotiation(deal, approved=False)
        with self.assertRaisesRegex(ValidationError, "“Main contract” isn't approved"), self.cr.savepoint():
            self._round(negotiation)
        meeting = self._interview(deal)
        with self.assertRaisesRegex(ValidationError, "isn't approved"), self.cr.savepoint():
            meeting.write({"kams_kind": "negotiation", "kams_negotiation_id": negotiation.id})
        negotiation._engine().write({"state": "approved"})
        meeting.kams_kind = "negotiation"
        self.assertEqual((meeting.kams_negotiation_id, meeting.kams_round), (negotiation, 1))
        self.assertFalse(meeting.kams_interview_type and meeting.kams_kind == "interview")

    def test_rounds_are_counted_by_their_date(self):
        second = self._round(days=-2)
        self.assertEqual(second.kams_round, 1)
        first = self._round(days=-3)
        self.assertEqual((first.kams_round, second.kams_round), (1, 2))
        self._record(second)
        third = self._round(days=-1)
        first.active = False
        self.assertEqual((second.kams_round, third.kams_round), (2, 1), "What was recorded keeps its number.")
        first.active = True
        self.assertEqual((first.kams_round, third.kams_round), (1, 3))
        first.unlink()
        self.assertEqual(third.kams_round, 1)
        with self.assertRaisesRegex(UserError, "by submitting"):
            third.kams_round = 7

    def test_a_locked_issue_is_not_talked_about_on_any_route(self):
        self.env.cr.execute("UPDATE kams_negotiation_issue SET locked = true WHERE id = %s", [self.price.id])
        self.price.invalidate_recordset(["locked"])
        event = self._round()
        for attempt in (
            lambda: event.write({"kams_move_ids": [Command.create({"issue_id": self.price.id, "our_offer": 9})]}),
            lambda: self._round(kams_move_ids=[Command.create({"issue_id": self.price.id})]),
            lambda: self._give(event, name="A discount", issue_id=self.price.id),
            lambda: event.kams_move_ids.create({"event_id": event.id, "issue_id": self.prepayment.id}).write(
                {"issue_id": self.price.id}
            ),
            lambda: self._loaded(event),
        ):
            with self.assertRaisesRegex(ValidationError, "locked to our bid"), self.cr.savepoint():
                attempt()

    def _loaded(self, event):
        result = self.env["kams.negotiation.move"].load(
            ["event_id/.id", "issue_id/.id", "our_offer"], [[str(event.id), str(self.price.id), "9"]]
        )
        raise ValidationError(" ".join(message["message"] for message in result["messages"]))

    # GIVING AND GETTING
    def test_nothing_is_given_for_nothing(self):
        event = self._round()
        line = self._give(event, name="A spare pump", amount=5)
        with self.assertRaisesRegex(UserError, "“A spare pump” was given in “At the table” for nothing"):
            self._record(event)
        line.condition = "They buy two"
        self._record(event)
        event.action_kams_reopen()
        line.write({"condition": " ", "reason": "We broke theirs"})
        self._record(event)
        self._give(self._round(), name="A free week", direction="received")
        self._record(self.negotiation.round_ids.filtered(lambda one: one.kams_record_state != "done"))

    def test_what_departs_from_the_plan_is_flagged(self):
        first, second = self._round(days=-3), self._round(days=-2)
        planned = self._give(first, self.discount, amount=40)
        self.assertEqual((planned.name, planned.condition, planned.unplanned), ("A discount", "They sign", False))
        more = self._give(second, self.discount, amount=20.01)
        early = self._give(first, self.months)
        without = self._give(first, name="A spare pump", amount=5)
        theirs = self._give(first, name="Half in advance", direction="received")
        self.assertEqual(
            [line.departure for line in (planned, more, early, without, theirs)],
            [False, "More than planned", "Before its round", "Not in the plan", False],
        )
        self.assertEqual((planned | more | early | without | theirs).filtered("unplanned"), more | early | without)
        self.assertEqual((self.negotiation.conceded, self.negotiation.unplanned_count), (65.01, 3))
        more.amount = 20
        self.assertFalse(more.unplanned)
        first.start, first.stop = second.start + timedelta(days=1), second.stop + timedelta(days=1)
        self.assertEqual((first.kams_round, second.kams_round), (2, 1))
        self.assertFalse(early.unplanned, "It was given in the second round after all.")

    def test_who_approved_the_plan_is_told_and_somebody_else_accepts(self):
        event = self._round()
        line = self._give(event, name="A spare pump", amount=5, condition="They buy two")
        self.assertFalse(self.negotiation.activity_ids)
        self._record(event)
        activity = self.negotiation.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.director, "Given without a plan: A spare pump"))
        with self.assertRaisesRegex(UserError, "You gave “A spare pump” yourself"):
            line.action_approve()
        with self.assertRaisesRegex(UserError, "by “Accept”"):
            line.write({"approved_by_id": self.director.id})
        self.deal.user_id = self.manager
        with self.assertRaisesRegex(AccessError, "needs the agreement of: Sales Director"):
            line.with_user(self.manager).action_approve()
        line.with_user(self.director).action_approve()
        self.assertEqual(line.approved_by_id, self.director)
        self.assertFalse(self.negotiation.activity_ids)

    def test_a_submitted_round_is_fixed_on_every_route(self):
        event = self._round(kams_move_ids=[Command.create({"issue_id": self.price.id, "our_offer": 1100})])
        line = self._give(event, self.discount, amount=40)
        point = self.env["kams.negotiation.point"].create({"event_id": event.id, "text": "Who trains whom?"})
        self._record(event)
        for attempt in (
            lambda: event.write({"kams_agreed_points": "x"}),
            lambda: event.write({"kams_negotiation_id": False}),
            lambda: event.kams_move_ids.write({"our_offer": 9}),
            lambda: event.kams_move_ids.unlink(),
            lambda: line.write({"amount": 9}),
            lambda: line.unlink(),
            lambda: self._give(event, name="x"),
            lambda: point.write({"text": "x"}),
            lambda: point.unlink(),
            lambda: self.env["kams.negotiation.point"].create({"event_id": event.id, "text": "x"}),
            lambda: event.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "submitted"), self.cr.savepoint():
                attempt()
        point.write({"solution": "We do", "state": "closed"})  # that is said later

    # OPEN POINTS
    def test_points_are_settled_with_how(self):
        event = self._round(kams_point_ids=[Command.create({"text": HOSTILE, "date_due": "2020-01-01"})])
        point = self.negotiation.point_ids
        self.assertEqual((point.negotiation_id, point.text, point.is_overdue), (self.negotiation, HOSTILE, True))
        self.assertEqual(point.search([("is_overdue", "=", True), ("id", "in", point.ids)]), point)
        with self.assertRaisesRegex(UserError, "How was"):
            point.action_settle()
        point.solution = "They do"
        point.action_settle()
        self.assertEqual((point.state, point.is_overdue), ("closed", False))
        self.assertFalse(point.search([("is_overdue", "=", True), ("id", "in", point.ids)]))
        event.unlink()
        self.assertTrue(point.exists(), "It is a point of the negotiation.")

    # SIGNED MINUTES
    def test_minutes_are_signed_after_the_record_and_stay_then(self):
        event = self._record(self._round())
        with self.assertRaisesRegex(ValidationError, "Add the copy"), self.cr.savepoint():
            event.kams_minutes_signed = True
        file = self.env["ir.attachment"].with_user(self.salesperson).create({"name": "signed.pdf", "raw": b"x"})
        event.write({"kams_minutes_file_ids": [Command.link(file.id)], "kams_minutes_signed": True})
        self.assertEqual((file.res_model, file.res_id), ("kams.negotiation", self.negotiation.id))
        with self.assertRaises(AccessError):
            file.with_user(self.colleague).read(["raw"])
        for attempt in (
            lambda: event.write({"kams_minutes_file_ids": [Command.clear()]}),
            lambda: event.write({"kams_minutes_signed": False}),
            lambda: file.unlink(),
            lambda: file.write({"raw": b"y"}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()
        event.action_kams_reopen()
        self.assertFalse(event.kams_minutes_signed, "What was signed was the old text.")
        self.assertTrue(event.kams_minutes_file_ids)

    # WHOSE
    def test_rounds_follow_a_merge(self):
        other = self._deal(partner_id=self.customer.id)
        negotiation = self._negotiation(other)
        event = self._round(negotiation)
        self._give(event, negotiation.concession_ids[0], amount=9)
        kept = (self.deal | other).with_user(self.director).merge_opportunity()
        self.assertEqual((event.opportunity_id, event.kams_negotiation_id.lead_id), (kept, kept))
        self.assertEqual(event.kams_given_ids.lead_id, kept)

    def test_a_round_taken_to_another_deal_leaves_its_negotiation(self):
        other = self._deal(partner_id=self.customer.id)
        event, told = self._round(), self._round()
        self._give(told, name="A pump")
        with self.assertRaisesRegex(ValidationError, "needs a negotiation|another deal"), self.cr.savepoint():
            event.opportunity_id = other
        negotiation = self._negotiation(other)
        event.opportunity_id = other
        self.assertEqual((event.kams_negotiation_id, event.kams_round, told.kams_round), (negotiation, 1, 1))
        with self.assertRaisesRegex(ValidationError, "another deal"), self.cr.savepoint():
            told.opportunity_id = other
        with self.assertRaisesRegex(UserError, "stays a negotiation"), self.cr.savepoint():
            told.kams_kind = "interview"
        event.kams_kind = "interview"
        self.assertFalse(event.kams_negotiation_id or event.kams_round)

    def test_a_colleague_finds_nothing_of_a_round(self):
        event = self._round(kams_agreed_points="Half in advance")
        self._give(event, name="A pump")
        self.env.flush_all()
        self.env.invalidate_all()
        seen = event.with_user(self.colleague)
        self.assertFalse(seen.kams_negotiation_id or seen.kams_agreed_points or seen.kams_round)
        self.assertFalse(seen.kams_given_ids)
        events = self.env["calendar.event"].with_user(self.colleague)
        self.assertFalse(events.search([("kams_negotiation_id", "=", self.negotiation.id)]))

    def test_a_plain_deal_talks_as_it_likes(self):
        self.plain = self.env["crm.team"].create({"name": "Plain"})
        deal = self._deal(team_id=self.plain.id)
        meeting = self.env["calendar.event"].create(
            {
                "name": "x",
                "start": fields.Datetime.now(),
                "stop": fields.Datetime.now(),
                "opportunity_id": deal.id,
                "kams_kind": "negotiation",
            }
        )
        self.assertFalse(meeting.kams_negotiation_id)
