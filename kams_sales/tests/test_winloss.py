from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamsCase


class WinlossCase(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.user_id = cls.director
        cls.env["kams.winloss"]._cron_start()  # what the demo data closed lately isn't this test's
        cls.env["kams.winloss"].search([]).asked_on = False
        cls.deal = cls._deal(expected_revenue=500.0)
        cls._settle()

    def _start(self):
        self._settle()
        return self._run_cron("kams.winloss", "_cron_start")

    def _chase(self, days):
        """The nightly job, so many days after the review was asked for."""
        today = fields.Date.today()
        with patch.object(fields.Date, "context_today", lambda *_args, **_kwargs: today + timedelta(days=days)):
            return self._run_cron("kams.winloss", "_cron_chase")

    def _reviews(self, deal=None):
        return self.env["kams.winloss"].search([("lead_id", "=", (deal or self.deal).id)])

    def _lose(self, deal=None):
        self._clock(self.cr.now() + timedelta(minutes=5))
        (deal or self.deal).action_set_lost()
        self._start()
        return self._reviews(deal)


@tagged("post_install", "-at_install")
class TestWinlossStart(WinlossCase):
    """Whatever closes is reviewed, once."""

    def test_a_lost_deal_starts_its_review_once(self):
        review = self._lose()
        self.assertEqual((review.result, review.state, review.amount), ("lost", "draft", 500.0))
        self.assertEqual(review.decision_date, self.cr.now().date())
        self.assertEqual((review.owner_id, review.user_id), (self.salesperson, self.salesperson))
        self.assertEqual(review.activity_ids.user_id, self.salesperson)
        self.assertEqual(review.activity_ids.date_deadline, fields.Date.today() + timedelta(days=21))
        self._start()
        self.assertEqual(self._reviews(), review)
        self.assertEqual(len(review.activity_ids), 1)

    def test_won_and_archived_deals_are_reviewed_too(self):
        won, given_up = self._deal(name="Won"), self._deal(name="Given up")
        self._clock(self.cr.now() + timedelta(minutes=5))
        with patch.object(self.registry["crm.lead"], "_kams_gate", lambda *_args, **_kwargs: None):
            won.action_set_won()
        given_up.action_archive()
        self._start()
        self.assertEqual(self._reviews(won).result, "won")
        self.assertEqual(self._reviews(given_up).result, "no_decision")

    def test_changes_of_a_closed_deal_start_no_second_one(self):
        review = self._lose()
        self._clock(self.cr.now() + timedelta(minutes=5))
        self.deal.expected_revenue = 700.0
        self._start()
        self.assertEqual(self._reviews(), review)
        self.assertEqual(review.amount, 500.0, "As it was when it was lost.")

    def test_a_plain_deal_or_one_brought_along_starts_none(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        plain.action_set_lost()
        lead = self._deal(type="lead")
        self._clock(self.cr.now() + timedelta(minutes=5))
        lead.action_set_lost()
        self._start()
        self.assertFalse(self._reviews(plain) | self._reviews(lead))
        from ..demo.kams_demo_past import tell

        told = tell(
            self.env,
            [
                {
                    "team": self.team,
                    "user": self.salesperson,
                    "steps": [(fields.Date.today() - timedelta(days=9), "development", {"reason": "imported"})]
                    + [(fields.Date.today() - timedelta(days=2), "lost", {"reason": "imported"})],
                }
            ],
        )
        self._start()
        self.assertFalse(self._reviews(told))

    def test_what_was_closed_long_ago_is_left_alone(self):
        self._clock(self.cr.now() - timedelta(days=30))
        self._settle()
        old = self._deal(name="Old")
        self._settle()
        self._clock(self.cr.now() + timedelta(days=1))
        old.action_set_lost()
        self._clock(self.cr.now() + timedelta(days=29))
        self._start()
        self.assertFalse(self._reviews(old))

    def test_a_reopened_deal_takes_an_untouched_review_back_and_is_reviewed_anew(self):
        first = self._lose()
        self._clock(self.cr.now() + timedelta(minutes=5))
        self.deal.action_unarchive()
        self._start()
        self.assertFalse(first.exists())
        second = self._lose()
        self.assertEqual(len(second), 1)
        second.lessons = "Ask earlier"
        self._clock(self.cr.now() + timedelta(minutes=5))
        self.deal.action_unarchive()
        self._start()
        self.assertTrue(second.exists(), "What somebody wrote stays.")
        self.assertFalse(second.activity_ids, "Nobody is chased for it.")
        self.assertFalse(second.asked_on)

    def test_a_review_begun_by_hand_becomes_that_of_the_closing(self):
        by_hand = self.env["kams.winloss"].create({"lead_id": self.deal.id, "result": "lost"})
        self.assertEqual(self._lose(), by_hand)
        self.assertTrue(by_hand.closing_id)

    def test_killed_in_the_middle_it_does_each_once(self):
        deals = self.env["crm.lead"].union(*[self._deal(name=f"Deal {number}") for number in range(5)])
        self._clock(self.cr.now() + timedelta(minutes=5))
        deals.action_set_lost()
        self._settle()
        with (
            patch("odoo.addons.kams_sales.models.kams_winloss_start.BATCH", 2),
            patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_kwargs: 0),
        ):
            self.env["kams.winloss"]._cron_start()  # its time is over after a batch
        self.assertEqual(self.env["kams.winloss"].search_count([("lead_id", "in", deals.ids)]), 2)
        self._start()
        for deal in deals:
            self.assertEqual(len(self._reviews(deal)), 1)
            self.assertEqual(len(self._reviews(deal).activity_ids), 1)

    def test_statements_dont_grow_with_the_number_of_deals(self):
        def statements(number):
            deals = self.env["crm.lead"].union(*[self._deal(name=f"Deal {one}") for one in range(number)])
            self._clock(self.cr.now() + timedelta(minutes=5))
            deals.action_set_lost()
            self._settle()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._run_cron("kams.winloss", "_cron_start")
            return self.cr.sql_log_count - before

        statements(1)
        self.assertLessEqual(statements(20), statements(3) + 3)

    def test_a_move_pays_nothing_and_wakes_the_job_after_the_commit(self):
        self.cr.postcommit.clear()
        self.deal.action_set_lost()
        self._settle()
        self.assertTrue(self.cr.postcommit.data.get("kams.winloss"))
        self.cr.postcommit.clear()
        other = self._deal(name="Other")
        self._settle()
        other.expected_revenue = 5.0
        self._settle()
        self.assertFalse(self.cr.postcommit.data.get("kams.winloss"))

    def test_points_skipped_stay_as_they_were_at_the_closing(self):
        point = self.phases["development"].point_ids.filtered(lambda one: one.level == "mandatory")[:1]
        check = self.env["kams.control.check"].search([("lead_id", "=", self.deal.id), ("point_id", "=", point.id)])
        check.with_user(self.director).waive("The customer insists on it", fields.Date.today())
        with patch.object(self.registry["crm.lead"], "_kams_gate", lambda *_args, **_kwargs: None):
            self.deal.stage_id = self.stages["initiation"]
            self._settle()
        review = self._lose()
        waived = review.point_ids.filtered(lambda one: one.point_id == point)
        self.assertEqual(
            (waived.state, waived.approver_id, waived.phase_code), ("waived", self.director, "development")
        )
        self.assertEqual(waived.reason, "The customer insists on it")
        self.assertNotIn("initiation", review.point_ids.mapped("phase_code"), "Nobody skipped where the deal stood.")
        with self.assertRaises(AccessError):
            waived.with_user(self.director).write({"reason": "x"})

    def test_stamps_are_nobodys_to_write(self):
        review = self._lose()
        for name, value in (("owner_id", self.colleague.id), ("asked_on", False), ("reminders", 9)):
            with self.subTest(name=name), self.assertRaises(UserError), self.cr.savepoint():
                review.with_user(self.director).write({name: value})
        born = (
            self.env["kams.winloss"]
            .with_user(self.salesperson)
            .with_context(default_owner_id=self.colleague.id)
            .create({"lead_id": self.deal.id, "owner_id": self.colleague.id, "closing_id": review.closing_id.id})
        )
        self.assertEqual((born.owner_id, bool(born.closing_id)), (self.salesperson, False))

    def test_an_owed_review_isnt_deleted(self):
        review = self._lose()
        with self.assertRaisesRegex(UserError, "owed"):
            review.with_user(self.salesperson).unlink()


@tagged("post_install", "-at_install")
class TestWinlossChase(WinlossCase):
    """Three weeks, then the director."""

    def test_it_is_chased_for_three_weeks_and_then_the_director_is_told(self):
        review = self._lose()
        said = []
        for day in range(0, 40):
            self._chase(day)
            said.append((review.reminders, bool(review.escalated_on)))
        self.assertEqual(said[6], (0, False))
        self.assertEqual(said[7], (1, False))
        self.assertEqual(said[14], (2, False))
        self.assertEqual(said[20], (2, False))
        self.assertEqual(said[21], (2, True))
        self.assertEqual(said[39], (2, True), "Nobody is chased for ever.")
        self.assertEqual(review.escalated_to_id, self.director)
        self.assertEqual(review.activity_ids.user_id, self.director | self.salesperson)
        self.assertIn("reminder 2", review.activity_ids.filtered(lambda one: one.user_id == self.salesperson).summary)

    def test_run_twice_a_day_it_reminds_once(self):
        review = self._lose()
        self._chase(7)
        self._chase(7)
        self.assertEqual(review.reminders, 1)
        self.assertEqual(len(review.activity_ids), 1)

    def test_it_stops_when_the_review_is_confirmed(self):
        review = self._lose()
        review.write({"lessons": "Ask earlier", "reason_ids": [Command.create({"category": "price"})]})
        review.with_user(self.director).action_confirm()
        self.assertFalse(review.activity_ids)
        self._chase(8)
        self._chase(30)
        self.assertEqual((review.reminders, review.escalated_on), (0, False))

    def test_an_owner_who_left_isnt_asked(self):
        self.salesperson.active = False
        review = self._lose()
        self.assertEqual(review.activity_ids.user_id, self.director)


@tagged("post_install", "-at_install")
class TestWinlossInterview(WinlossCase):
    """Somebody neutral asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.review = cls.env["kams.winloss"].create({"lead_id": cls.deal.id})

    def test_the_owner_doesnt_interview_on_any_route(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.review.interviewer_id = self.salesperson
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["kams.winloss"].create({"lead_id": self.deal.id, "interviewer_id": self.salesperson.id})
        result = self.env["kams.winloss"].load(
            ["lead_id/.id", "interviewer_id/.id"], [[str(self.deal.id), str(self.salesperson.id)]]
        )
        self.assertFalse(result["ids"])
        self.review.interviewer_id = self.colleague
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute(
                "UPDATE kams_winloss SET interviewer_id = %s WHERE id = %s", (self.salesperson.id, self.review.id)
            )

    def test_nor_whoever_owned_it_when_it_was_closed(self):
        self.deal.user_id = self.colleague
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.review.interviewer_id = self.salesperson
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.review.interviewer_id = self.colleague
        self.review.write({"lessons": "x", "reason_ids": [Command.create({"category": "price"})]})
        for owner in (self.salesperson, self.colleague):
            with self.assertRaisesRegex(UserError, "somebody other than"), self.cr.savepoint():
                self.review.with_user(owner).sudo().action_confirm()

    def test_what_the_customer_said_needs_who_asked_and_when(self):
        self.review.write({"lessons": "x", "reason_ids": [Command.create({"category": "price", "source": "customer"})]})
        with self.assertRaisesRegex(UserError, "who interviewed"):
            self.review.with_user(self.director).action_confirm()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.review.interviewed_at = fields.Date.today() + timedelta(days=2)
        self.review.write({"interviewer_id": self.director.id, "interviewed_at": fields.Date.today()})
        self.review.with_user(self.director).action_confirm()
        self.assertEqual((self.review.main_reason, self.review.reason_source), ("price", "customer"))

    def test_a_lost_deal_isnt_reviewed_as_won(self):
        self.review.unlink()
        review = self._lose()
        review.result = "withdrawn"
        with self.assertRaises(ValidationError):
            review.result = "won"

    def test_ratings_and_their_weighted_gap(self):
        self.assertEqual(len(self.review.criterion_ids), 6)
        self.assertTrue(self.review._is_untouched())
        self.assertIs(self.review.criteria_gap, False)
        price, technical = self.review.criterion_ids[:2]
        price.write({"importance": 5, "us": 3, "competitor": 5})
        technical.write({"importance": 3, "us": 4, "competitor": 2})
        self.assertEqual((price.gap, technical.gap), (-2, 2))
        self.assertEqual(self.review.criteria_gap, -0.5)
        self.assertFalse(self.review._is_untouched())
        for wrong in (0, 6):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                price.us = wrong

    def test_actions_go_on_after_the_review_is_confirmed(self):
        self.review.write({"lessons": "x", "reason_ids": [Command.create({"category": "price"})]})
        action = self.env["kams.winloss.action"].create(
            {"winloss_id": self.review.id, "name": "Ask earlier", "user_id": self.salesperson.id}
        )
        self.assertEqual(action.activity_ids.user_id, self.salesperson)
        self.review.with_user(self.director).action_confirm()
        with self.assertRaisesRegex(UserError, "Reopen"), self.cr.savepoint():
            action.with_user(self.salesperson).name = "Ask later"
        action.with_user(self.salesperson).write({"done_on": "2020-01-01"})
        self.assertFalse(action.done_on, "Said by the button alone.")
        with self.assertRaises(AccessError), self.cr.savepoint():
            action.with_user(self.auditor).action_done()
        action.with_user(self.salesperson).action_done()
        self.assertEqual(action.done_on, fields.Date.today())
        self.assertFalse(action.activity_ids)

    def test_long_and_right_to_left_text(self):
        words = "حفل <b>&</b> 🎉 " * 700
        self.review.write({"customer_voice": words, "turning_point": words, "lessons": words})
        self.assertEqual(self.review.customer_voice, words)
