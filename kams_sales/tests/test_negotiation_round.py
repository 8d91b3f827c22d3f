from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.blank import known
from ..models.kams_meeting_part import SYSTEM
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
                        Command.create({"round": 1, "give": "A discount", "amount": 60, "condition": "They sign"}),
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
    def _as_submitted(cls, rounds, state="done"):
        """As submitted, or reopened, without all that a record needs."""
        rounds.with_context(**SYSTEM).kams_record_state = state

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

    def test_no_round_is_planned_once_the_negotiation_is_over(self):
        later = self._round(days=3)
        self.negotiation.action_start()
        self.negotiation._engine().write({"state": "agreed"})
        with self.assertRaisesRegex(ValidationError, "take it up again"), self.cr.savepoint():
            self._round(days=2)
        later.active = False  # to cancel one is no planning
        self._record(self._round())

    def test_no_round_while_a_tender_runs(self):
        """招标投标法 43: before the award nobody talks about the substance of a bid."""
        deal = self._deal(partner_id=self.customer.id, kams_procurement_mode="tender_open")
        negotiation = self._negotiation(deal)
        self.assertEqual(negotiation.scope, "non_substantive")
        with self.assertRaisesRegex(UserError, "while a tender runs"), self.cr.savepoint():
            self._round(negotiation)
        tender = self.env["kams.tender"].create({"lead_id": deal.id, "name": "Boilers"})
        self.cr.execute("UPDATE kams_tender SET result = 'won' WHERE id = %s", [tender.id])
        tender.invalidate_recordset(["result"])
        negotiation._engine().tender_id = tender
        event = self._round(negotiation)
        price, warranty = negotiation.issue_ids[0], negotiation.issue_ids[2]
        self.assertTrue(price.locked)
        with self.assertRaisesRegex(ValidationError, "locked to our bid"), self.cr.savepoint():
            self._give(event, name="A discount", issue_id=price.id)
        self._give(event, name="Half a year more", issue_id=warranty.id)

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
        self.assertEqual((known(self.negotiation.conceded), self.negotiation.unplanned_count), (None, 0))
        self._as_submitted(first | second)
        self.assertEqual((self.negotiation.conceded, self.negotiation.unplanned_count), (65.01, 3))
        self._as_submitted(first | second, "planned")
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

    # WHAT IT COMES TO
    def test_c32_settlement_follows_the_rounds(self):
        """C32: 1010 of 950 to 1100, 30 of 20 to 40 and 18 of 24 to 12 make 45.0 of 100."""
        first = self._round(days=-3, kams_move_ids=[Command.create({"issue_id": self.price.id, "our_offer": 1100})])
        second = self._round(
            days=-2,
            kams_move_ids=[
                Command.create({"issue_id": self.price.id, "their_offer": 950, "our_offer": 1010}),
                Command.create({"issue_id": self.prepayment.id, "their_offer": 20, "our_offer": 30}),
            ],
        )
        third = self._round(
            days=-1,
            kams_move_ids=[Command.create({"issue_id": self.warranty.id, "their_offer": 24, "our_offer": 18})],
        )
        self.assertAlmostEqual(first.kams_settlement_ours, 100.0, msg="Only the price was talked about.")
        self.assertIs(first.kams_settlement_theirs, False)
        self.assertAlmostEqual(second.kams_settlement_ours, 100 * (0.4 * 50 + 0.5 * 30) / 80)
        self.assertAlmostEqual(third.kams_settlement_ours, 45.0)
        self.assertAlmostEqual(third.kams_settlement_theirs, 0.0)
        self.assertIs(self._interview().kams_settlement_ours, False)
        third.kams_move_ids.our_offer = False
        self.assertAlmostEqual(third.kams_settlement_ours, 43.75, msg="Who says nothing new stays where they were.")

    def test_c32_what_was_given_less_from_round_to_round(self):
        """C32: 60, 35, 20, 10 get smaller, by .5833, .5714 and .5."""
        for place, amount in enumerate((60, 35, 20, 10)):
            self._give(self._round(days=place - 9), name=f"Step {place}", amount=amount)
        page = str(self.negotiation.rounds_page)
        self.assertIn("We gave less from round to round (0.5833 · 0.5714 · 0.5)", page)
        self._give(self._round(), name="One more", amount=11)
        self.negotiation.invalidate_recordset(["rounds_page"])
        self.assertIn("they will wait for more", str(self.negotiation.rounds_page))
        self._as_submitted(self.negotiation.round_ids)
        self.assertEqual(self.negotiation.conceded, 136)

    def test_the_page_of_rounds_says_where_more_was_given_than_planned(self):
        self.assertIn("Not held", str(self.negotiation.rounds_page))
        event = self._round()
        self._give(event, self.discount, amount=60)
        self.negotiation.invalidate_recordset(["rounds_page"])
        self.assertNotIn("more than planned", str(self.negotiation.rounds_page))
        self._give(event, name=HOSTILE[:60], amount=1)
        self.negotiation.invalidate_recordset(["rounds_page"])
        page = str(self.negotiation.rounds_page)
        self.assertIn("more than planned", page)
        self.assertNotIn("<script>", page)

    def test_figures_of_many_rounds_take_few_statements(self):
        found = []
        for number in (1, 1, 8):  # the first fills caches
            rounds = self.env["calendar.event"].browse()
            for _round in range(number):
                rounds |= self._round(
                    self._negotiation(self._deal(partner_id=self.customer.id)),
                )
            for event in rounds:
                issue = event.kams_negotiation_id.issue_ids[0]
                event.kams_move_ids = [Command.create({"issue_id": issue.id, "our_offer": 1000})]
            self._settle()
            self.env.invalidate_all()
            rounds.mapped("kams_move_ids.our_offer")
            rounds.mapped("kams_negotiation_id.name")
            before = self.cr.sql_log_count
            rounds.mapped("kams_settlement_ours")
            found.append(self.cr.sql_log_count - before)
        self.assertEqual(found[1], found[2])

    def test_nothing_is_agreed_while_something_is_open(self):
        event = self._round()
        point = self.env["kams.negotiation.point"].create({"event_id": event.id, "text": "Who trains whom?"})
        line = self._give(event, name="A pump", amount=1, condition="They buy two")
        left = self.negotiation._left_open()
        self.assertIn("Who trains whom?", left)
        self.assertIn("“A pump”, given without a plan and not accepted yet", left)
        point.write({"solution": "We do", "state": "closed"})
        line.with_user(self.director).action_approve()
        self.assertFalse({"Who trains whom?", "A pump"} & set(self.negotiation._left_open()))

    def test_an_open_point_rests_while_the_deal_is_lost(self):
        event = self._round()
        point = self.env["kams.negotiation.point"].create(
            {"event_id": event.id, "text": "Who trains whom?", "user_id": self.salesperson.id}
        )
        self.assertEqual(point.activity_ids.user_id, self.salesperson)
        point.lead_id.action_set_lost()
        self.assertFalse(point.activity_ids)
        point.text = "Who trains their people?"
        self.assertFalse(point.activity_ids)
        point.lead_id.action_unarchive()
        self.assertEqual(point.activity_ids.mapped("summary"), ["Who trains their people?"])

    # ON PAPER
    def test_minutes_go_on_paper_without_what_only_we_may_know(self):
        event = self._round(
            kams_agreed_points=HOSTILE,
            kams_move_ids=[Command.create({"issue_id": self.price.id, "their_offer": 950, "our_offer": 1100})],
            kams_point_ids=[Command.create({"text": "Who trains whom?"})],
        )
        self._give(event, name="A spare pump", amount=54321, condition="They buy two", reason="Kept quiet")
        reports = self.env["ir.actions.report"].with_user(self.salesperson)
        paper = reports._render_qweb_html("kams_sales.report_round", event.ids)[0].decode()
        for text in (
            "Draft",
            "1,100",
            "A spare pump",
            "They buy two",
            "Who trains whom?",
            "Name, date, signature",
            "😀",
        ):
            self.assertIn(text, paper)
        for secret in ("54321", "Kept quiet", "Datang", "Not in the plan", "Confidential", "<script>alert"):
            self.assertNotIn(secret, paper)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.colleague)._render_qweb_html(
                "kams_sales.report_round", event.ids
            )

    # WHOSE
    def test_who_is_on_the_team_keeps_the_minutes(self):
        legal = self._person("kams_round_legal", "kams_sales.group_legal")
        event = self._round()
        with self.assertRaises(AccessError), self.cr.savepoint():
            event.with_user(legal).write({"kams_minutes": "x"})
        self.negotiation.member_ids = [Command.create({"role": "recorder", "user_id": legal.id})]
        self._record(event.with_user(legal), kams_agreed_points="Half in advance")
        self.assertEqual(event.kams_record_state, "done")
        auditor = self.auditor
        self.negotiation.member_ids = [Command.create({"role": "recorder", "user_id": auditor.id})]
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._round().with_user(auditor).write({"kams_minutes": "x"})

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
