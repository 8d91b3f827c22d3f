import doctest
from datetime import timedelta
from itertools import product

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import BaseCase, Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools import review as arithmetic
from .common import KamsCase

GOOD = {"authenticity": 80, "competition": 70, "feasibility": 60, "return": 90, "resources": 50}
TOMORROW = fields.Date.today() + timedelta(days=1)


class ReviewCase(KamsCase):
    """A deal of level C, its salesperson who applies, and a committee of three."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engineer = cls._person("kams_engineer", "sales_team.group_sale_salesman")
        cls.accountant = cls._person("kams_accountant", "kams_sales.group_finance")
        cls.chair = cls._person("kams_chair", "kams_sales.group_director")
        cls.outsider = new_test_user(cls.env, login="kams_outsider", groups="base.group_user")
        for role, user in (("director", cls.director), ("technical", cls.engineer), ("finance", cls.accountant)):
            for level in "abc":
                cls.env.ref(f"kams_sales.review_policy_initiation_{level}_{role}").user_id = user
        cls.env.ref("kams_sales.review_policy_initiation_a_delivery").user_id = cls.colleague
        cls.deal = cls._deal(
            partner_id=cls.customer.id,
            expected_revenue=100_000,
            date_deadline=fields.Date.today() + timedelta(days=90),
            kams_need="Two boilers are to run on gas.",
        )
        cls._settle()

    # SHORT WORDS
    def _apply(self, deal=None, **vals):
        deal = deal or self.deal
        return self.env["kams.review"].with_user(deal.user_id).create({"lead_id": deal.id, **vals})

    def _submitted(self, deal=None, **vals):
        review = self._apply(deal, **vals)
        review.action_submit()
        return review

    def _seat(self, review, user):
        return review.opinion_ids.filtered(lambda one: one.user_id == user and not one.replaced)

    def _vote(self, review, user, vote="agree", opinion="", conditions=()):
        self._seat(review, user).with_user(user)._cast(vote, opinion, conditions)

    def _score(self, review, answers=None, user=None):
        card = review.sudo().scorecard_id
        lines = {line.code: line.id for line in card.line_ids}
        review.with_user(user or self.chair)._score(
            {lines[code]: str(value) for code, value in (answers or GOOD).items()}
        )

    def _condition(self, text="Get the budget letter", owner=None, due=TOMORROW):
        return {"name": text, "user_id": (owner or self.salesperson).id, "date_due": due}

    def _decided(self, deal=None, outcome="approved", conditions=()):
        review = self._submitted(deal)
        for user in (self.director, self.engineer, self.accountant):
            self._vote(review, user)
        self._score(review)
        review.with_user(self.chair)._decide(outcome, "As discussed.", conditions)
        return review


@tagged("post_install", "-at_install")
class TestReviewArithmetic(BaseCase):
    """The outcome that votes propose."""

    def test_the_examples_in_the_code_hold(self):
        self.assertEqual(doctest.testmod(arithmetic).failed, 0)

    def test_every_vote_of_three_is_counted_as_by_hand(self):
        """Members one and two without a veto, the third with one; quorum two thirds, more than half must agree."""
        for votes in product(("agree", "conditional", "reject", "abstain", None), repeat=3):
            yes = sum(vote in ("agree", "conditional") for vote in votes)
            no = votes.count("reject")
            if votes.count(None) > 1:
                expected = None
            elif votes[2] == "reject":
                expected = "rejected"
            elif yes + no == 0:
                expected = None
            elif yes <= no:
                expected = "rejected"
            else:
                expected = "conditional" if "conditional" in votes else "approved"
            with self.subTest(votes=votes):
                cast = [arithmetic.Vote(vote, veto=place == 2) for place, vote in enumerate(votes)]
                self.assertEqual(arithmetic.tally(cast, 66.7, 50).proposed, expected)


@tagged("post_install", "-at_install")
class TestReview(ReviewCase):
    """From an application to a decision."""

    # APPLYING
    def test_an_application_starts_from_what_the_deal_says(self):
        self.deal.write(
            {"kams_budget_state": "approved", "kams_budget_amount": 90_000, "kams_legal_regime": "enterprise"}
        )
        action = self.deal.with_user(self.salesperson).action_kams_apply_initiation()
        review = self.env["kams.review"].browse(action["res_id"])
        self.assertEqual(review.need, "Two boilers are to run on gas.")
        self.assertEqual((review.amount, review.est_revenue), (100_000, 100_000))
        self.assertEqual(review.date_deadline, self.deal.date_deadline)
        self.assertEqual(
            (review.budget_state, review.budget_amount, review.legal_regime), ("approved", 90_000, "enterprise")
        )
        self.assertFalse(review.est_cost)
        self.assertIs(review.margin_pct, False)
        self.assertEqual(review.applicant_id, self.salesperson)
        again = self.deal.with_user(self.salesperson).action_kams_apply_initiation()
        self.assertEqual(again["res_id"], review.id)

    def test_a_quotation_with_known_costs_gives_the_margin(self):
        self.product.standard_price = 700
        self._quotation(self.deal)
        review = self._apply()
        self.assertEqual((review.est_revenue, review.est_cost, review.margin_pct), (1000, 700, 30))

    def test_the_presales_budget_is_the_sum_of_its_parts_or_one_amount(self):
        review = self._apply(presales_days=10, presales_day_cost=1500, presales_travel=5000, bond_tied_up=20_000)
        self.assertEqual(review.presales_budget, 20_000)
        self.assertEqual(self._apply(presales_budget=7000, presales_day_cost=0).presales_budget, 7000)
        with Form(review) as form:
            form.presales_samples = 500
        self.assertEqual(review.presales_budget, 20_500)

    def test_a_plain_deal_is_refused_by_name(self):
        self.plain_team = self.env["crm.team"].create({"name": "Plain"})
        plain = self._deal(name="Plain one", team_id=self.plain_team.id)
        with self.assertRaisesRegex(ValidationError, "Plain one"):
            self.env["kams.review"].create({"lead_id": plain.id})
        lead = self.env["crm.lead"].create({"name": "A lead", "type": "lead", "team_id": self.team.id})
        with self.assertRaisesRegex(ValidationError, "A lead"):
            self.env["kams.review"].create({"lead_id": lead.id})

    def test_the_amount_chooses_the_level_and_the_committee(self):
        for amount, level, seats in (
            (999_999.99, "c", 3),
            (1_000_000, "b", 3),
            (4_999_999, "b", 3),
            (5_000_000, "a", 4),
        ):
            deal = self._deal(expected_revenue=amount)
            review = self._submitted(deal)
            with self.subTest(amount=amount):
                self.assertEqual(review.level, level)
                self.assertEqual(len(review._seats()), seats)

    def test_another_than_the_usual_reviewer_is_told_on_the_record(self):
        review = self._apply()
        review.opinion_ids.filtered(lambda one: one.role == "technical").user_id = self.colleague
        review.action_submit()
        self.assertIn("the usual reviewer, kams_engineer", review.message_ids[0].body)

    def test_reviewers_read_and_vote_and_change_nothing_else(self):
        review = self._submitted().with_user(self.engineer)
        self.assertFalse(review.may_edit)
        for attempt in (
            lambda: review.action_take_back(),
            lambda: review.action_cancel(),
            lambda: review.write({"presales_budget": 1}),
            lambda: review.opinion_ids[0].write({"sequence": 3}),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertTrue(review.with_user(self.salesperson).may_edit)

    def test_reviewers_may_ask_before_they_vote(self):
        review = self._submitted()
        review.with_user(self.accountant).message_post(body="Who pays the bond?")
        self.assertIn("Who pays the bond?", review.message_ids[0].body)

    def test_a_card_without_an_answer_does_not_outlive_a_deferral(self):
        review = self._submitted()
        card = review.scorecard_id
        review.with_user(self.chair)._decide("deferred")
        self.assertFalse(card.exists() or review.scorecard_id)

    def test_it_is_printed_for_a_reviewer_with_all_that_was_said(self):
        review = self._decided(outcome="conditional", conditions=[self._condition()])
        values = self.env["report.kams_sales.report_review"].with_user(self.engineer)._get_report_values(review.ids)
        text = str(values["sheets"])
        for words in ("Boiler retrofit", "kams_accountant", "Approved on Conditions", "72.0", "Get the budget letter"):
            self.assertIn(words, text)
        self.assertIn("Overdue today", str(self._decided(self._known_deal()).facts_page))

    def _known_deal(self):
        self._account(manager_id=self.salesperson.id)
        return self._deal(partner_id=self.customer.id, expected_revenue=5)

    def test_a_kind_without_a_policy_says_who_makes_one(self):
        review = self.env["kams.review"].create({"kind": "account_plan", "account_id": self._account().id})
        with self.assertRaisesRegex(UserError, "Review Policies"):
            review.action_submit()

    def test_a_company_with_policies_of_its_own_goes_by_them(self):
        company = self.env["res.company"].create({"name": "Abroad"})
        own = self.env["kams.review.policy"].create({"name": "Own", "kind": "initiation", "company_id": company.id})
        policies = self.env["kams.review.policy"]
        self.assertEqual(policies._for("initiation", 9e9, company), own)
        self.assertEqual(policies._for("initiation", 9e9, self.env.company).level, "a")
        with self.assertRaisesRegex(ValidationError, "both begin"):
            own.copy()

    def test_a_seat_that_must_vote_is_not_left_empty(self):
        self.env.ref("kams_sales.review_policy_initiation_c_finance").user_id = False
        review = self._apply()
        with self.assertRaisesRegex(UserError, "Finance"):
            review.action_submit()
        review.opinion_ids.filtered(lambda one: one.role == "finance").user_id = self.accountant
        review.action_submit()
        self.assertEqual(review.state, "open")

    def test_a_seat_that_was_deleted_comes_back_on_submitting(self):
        review = self._apply()
        review.opinion_ids.filtered("veto").unlink()
        review.action_submit()
        self.assertEqual(set(review.opinion_ids.filtered("veto").mapped("role")), {"technical", "finance"})

    # WHO MAY NOT JUDGE
    def test_whoever_applies_or_sells_is_no_reviewer(self):
        review = self._apply()
        seat = review.opinion_ids[0]
        with self.assertRaisesRegex(ValidationError, "kams_sales_user can't review"), self.cr.savepoint():
            seat.user_id = self.salesperson
        with self.assertRaisesRegex(ValidationError, "kams_director sits on the committee"), self.cr.savepoint():
            review.sudo().applicant_id = self.director
        with self.assertRaisesRegex(ValidationError, "can't chair"), self.cr.savepoint():
            review.with_user(self.director).chair_id = self.salesperson
        other = self.env["kams.review"].with_user(self.colleague).sudo().create({"lead_id": self.deal.id})
        with self.assertRaisesRegex(ValidationError, "sell this deal"):
            other.opinion_ids[0].user_id = self.salesperson

    def test_the_usual_reviewer_who_applies_leaves_the_seat_empty(self):
        deal = self._deal(user_id=self.director.id)
        review = self._apply(deal)
        self.assertFalse(review.opinion_ids.filtered(lambda one: one.role == "director").user_id)

    def test_who_could_not_open_the_review_is_not_named(self):
        review = self._apply()
        with self.assertRaisesRegex(ValidationError, "Key Accounts"), self.cr.savepoint():
            review.opinion_ids[0].user_id = self.outsider
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            review.opinion_ids[0].user_id = review.opinion_ids[1].user_id  # one person, one vote
            self.env.flush_all()

    def test_a_reviewer_who_comes_to_sell_the_deal_is_to_be_replaced(self):
        review = self._submitted()
        self._vote(review, self.director)
        self._vote(review, self.accountant)
        self._score(review)
        self.deal.user_id = self.engineer
        with self.assertRaisesRegex(UserError, "sells this deal now"):
            self._vote(review, self.engineer)
        with self.assertRaisesRegex(UserError, "replace them"):
            review.with_user(self.chair)._decide("approved")

    # VOTING
    def test_reviewers_are_asked_and_find_what_waits_for_them(self):
        review = self._submitted()
        self.assertEqual(review.activity_ids.user_id, self.director | self.engineer | self.accountant)
        for user in (self.engineer, self.accountant):
            mine = self.env["kams.review"].with_user(user).search([("my_vote_due", "=", True)])
            self.assertIn(review, mine)
        self._vote(review, self.engineer)
        self.assertNotIn(self.engineer, review.activity_ids.user_id)
        self.assertFalse(self.env["kams.review"].with_user(self.engineer).search([("my_vote_due", "=", True)]) & review)
        self.assertEqual(self._seat(review, self.engineer).vote, "agree")

    def test_two_clicks_make_a_vote(self):
        review = self._submitted().with_user(self.accountant)
        action = review.with_context(kams_vote="reject").action_vote()
        wizard = Form(self.env[action["res_model"]].with_user(self.accountant).with_context(**action["context"]))
        self.assertEqual(wizard.vote, "reject")
        wizard.opinion = "The margin doesn't carry the bond."
        wizard.save().action_confirm()
        seat = self._seat(review, self.accountant)
        self.assertEqual((seat.vote, seat.opinion), ("reject", "The margin doesn't carry the bond."))

    def test_a_vote_says_what_it_must(self):
        review = self._submitted()
        with self.assertRaisesRegex(UserError, "why you reject"):
            self._vote(review, self.engineer, "reject", "  ")
        with self.assertRaisesRegex(UserError, "at least one condition"):
            self._vote(review, self.engineer, "conditional")
        with self.assertRaisesRegex(UserError, "Vote with one of"):
            self._vote(review, self.engineer, "perhaps")
        self.assertFalse(self._seat(review, self.engineer).vote)

    def test_only_its_person_votes_from_a_seat(self):
        review = self._submitted()
        seat = self._seat(review, self.engineer)
        for user in (self.director, self.salesperson, self.accountant, self.env.ref("base.user_admin")):
            with self.assertRaisesRegex(UserError, "Only kams_engineer"):
                seat.with_user(user)._cast("agree")
        with self.assertRaisesRegex(UserError, "isn't a reviewer"):
            review.with_user(self.chair).action_vote()

    def test_a_vote_may_be_changed_until_the_decision(self):
        review = self._submitted()
        self._vote(review, self.engineer, "conditional", conditions=[self._condition("A"), self._condition("B")])
        self.assertEqual(review.condition_ids.mapped("name"), ["A", "B"])
        self._vote(review, self.engineer, "agree")
        self.assertFalse(review.condition_ids)
        self._vote(review, self.director)
        self._vote(review, self.accountant)
        self._score(review)
        review.with_user(self.chair)._decide("approved")
        for vote in ("agree", "reject"):
            with self.assertRaisesRegex(UserError, "votes are no longer taken"):
                self._vote(review, self.engineer, vote, "Too late")

    # THE SCORECARD
    def test_initiation_review_72(self):
        """Method 4.3: 80, 70, 60, 90, 50 make 24 + 17.5 + 12 + 13.5 + 5 = 72.0, which passes."""
        review = self._submitted()
        self._score(review)
        self.assertAlmostEqual(review.scorecard_id.rating, 72.0, 9)
        self.assertEqual(review.scorecard_id.band_code, "pass")
        for answers, rating, band in (
            ({**GOOD, "authenticity": 73}, 69.9, "conditional"),
            (dict.fromkeys(GOOD, 60), 60, "conditional"),
            (dict.fromkeys(GOOD, 59.9), 59.9, "reject"),
            (dict.fromkeys(GOOD, 70), 70, "pass"),
        ):
            self._score(review, answers)
            with self.subTest(rating=rating):
                self.assertAlmostEqual(review.scorecard_id.rating, rating, 6)
                self.assertEqual(review.scorecard_id.band_code, band)

    def test_the_applicant_does_not_score(self):
        review = self._submitted()
        with self.assertRaisesRegex(AccessError, "not by who applies"):
            self._score(review, user=self.salesperson)
        line = review.scorecard_id.line_ids[0]
        with self.assertRaisesRegex(AccessError, "not by who applies"):
            line.with_user(self.salesperson).answer = "100"
        self._score(review, user=self.accountant)  # who has no right to scorecards, but sits on the committee
        self.assertEqual(review.scorecard_id.rating, 72)

    # DECIDING
    def test_what_is_missing_is_said(self):
        review = self._submitted()
        self._vote(review, self.director)
        with self.assertRaises(UserError) as refusal:
            review.with_user(self.chair)._decide("approved")
        for words in ("Technical: kams_engineer hasn't voted", "Fewer than 66.7 %", "5 of 5 questions"):
            self.assertIn(words, str(refusal.exception))
        self.assertEqual(review.state, "open")

    def test_a_decision_is_never_milder_than_what_is_proposed(self):
        for votes, score, proposed in (
            (("agree", "agree", "agree"), 72, "approved"),
            (("agree", "conditional", "agree"), 72, "conditional"),
            (("agree", "reject", "agree"), 72, "rejected"),  # technical has a veto
            (("reject", "agree", "agree"), 72, "approved"),  # the director has none, and two of three agree
            (("agree", "agree", "agree"), 65, "conditional"),
            (("agree", "agree", "agree"), 50, "rejected"),
            (("abstain", "agree", "agree"), 72, "approved"),
        ):
            review = self._submitted(self._deal(expected_revenue=5))
            for user, vote in zip((self.director, self.engineer, self.accountant), votes, strict=True):
                conditions = [self._condition()] if vote == "conditional" else ()
                self._vote(review, user, vote, "Because", conditions)
            self._score(review, GOOD if score == 72 else dict.fromkeys(GOOD, score))
            chaired = review.with_user(self.chair)
            with self.subTest(votes=votes, score=score):
                self.assertEqual(review.proposed, proposed)
                outcomes = ("approved", "conditional", "rejected")
                for milder in outcomes[: outcomes.index(proposed)]:
                    with self.assertRaisesRegex(UserError, "milder"):
                        chaired._decide(milder, conditions=[self._condition()])
                chaired._decide(proposed, conditions=[self._condition()])
                self.assertEqual(review.state, proposed)

    def test_a_decision_may_be_stricter_or_put_off(self):
        for outcome in ("conditional", "rejected", "deferred"):
            review = self._decided(self._deal(), outcome, [self._condition()])
            self.assertEqual((review.state, review.is_valid), (outcome, False))
        review = self._submitted(self._deal())
        review.with_user(self.chair)._decide("deferred", "Come back in spring.")
        self.assertEqual(review.state, "deferred")

    def test_who_decides(self):
        review = self._submitted()
        for user in (self.salesperson, self.engineer, self.accountant, self.auditor):
            with self.assertRaises(AccessError):
                review.with_user(user)._decide("deferred")
        with self.assertRaisesRegex(AccessError, "names the chair"), self.cr.savepoint():
            review.with_user(self.salesperson).chair_id = self.accountant
        review.with_user(self.director).chair_id = self.accountant
        review.with_user(self.accountant)._decide("deferred")
        self.assertEqual(review.decided_by_id, self.accountant)
        own = self._submitted(self._deal(user_id=self.chair.id))
        with self.assertRaises(AccessError):
            own.with_user(self.chair)._decide("deferred")

    def test_a_conditional_yes_needs_a_condition(self):
        review = self._submitted()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(review, user)
        self._score(review)
        with self.assertRaisesRegex(UserError, "at least one condition"):
            review.with_user(self.chair)._decide("conditional")

    def test_a_committee_that_no_longer_fits_the_amount_does_not_decide(self):
        review = self._submitted()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(review, user)
        self._score(review)
        self.deal.expected_revenue = 6_000_000
        with self.assertRaisesRegex(UserError, "Level A"):
            review.with_user(self.chair)._decide("approved")
        review.action_take_back()
        self.assertFalse(any(review.opinion_ids.mapped("vote")))
        review.action_submit()
        self.assertEqual((review.level, review.amount), ("a", 6_000_000))

    def test_facts_are_kept_as_they_were(self):
        review = self._decided()
        kept = review.snapshot
        self.assertEqual((kept["amount"], kept["policy"]["name"]), (100_000, "Initiation, Level C Department"))
        self.assertEqual((kept["scorecard"]["rating"], kept["tally"]["proposed"]), (72, "approved"))
        before = review.facts_page
        self.deal.write({"expected_revenue": 100_001, "kams_no_competitor": True})
        self.engineer.active = False
        self.env.ref("kams_sales.review_policy_initiation_c").quorum_pct = 100
        review.invalidate_recordset()
        self.assertEqual((review.amount, review.quorum_pct, review.seat_count), (100_000, 66.7, 3))
        self.assertEqual(review.facts_page, before)
        self.assertTrue(review.is_valid)

    # LOCK
    def test_what_was_decided_stays_on_every_route(self):
        review = self._decided(outcome="conditional", conditions=[self._condition()])
        opinion, condition = review.opinion_ids[0], review.condition_ids
        user = self.director

        def rpc(record, method, *args):
            return call_kw(self.env[record._name].with_user(user), method, [record.ids, *args], {})

        attempts = [
            lambda: rpc(review, "write", {"presales_budget": 1}),
            lambda: rpc(review, "write", {"minutes": "Otherwise"}),
            lambda: rpc(review, "write", {"snapshot": {}}),
            lambda: rpc(review, "write", {"is_valid": True}),
            lambda: rpc(review, "write", {"state": "approved"}),
            lambda: rpc(review, "write", {"rereview_due": False}),
            lambda: rpc(review, "write", {"lead_id": self._deal().id}),
            lambda: rpc(review, "write", {"applicant_id": self.colleague.id}),
            lambda: rpc(review, "web_save", {"amount": 1}, {}),
            lambda: rpc(review, "unlink"),
            lambda: rpc(opinion, "write", {"vote": "reject"}),
            lambda: rpc(opinion, "write", {"user_id": self.chair.id}),
            lambda: rpc(opinion, "unlink"),
            lambda: rpc(condition, "write", {"state": "closed", "closure_note": "x"}),
            lambda: rpc(condition, "write", {"date_due": "2031-01-01"}),
            lambda: rpc(condition, "unlink"),
            lambda: rpc(review, "write", {"opinion_ids": [Command.update(opinion.id, {"opinion": "x"})]}),
            lambda: rpc(review, "write", {"opinion_ids": [Command.delete(opinion.id)]}),
            lambda: rpc(review, "write", {"opinion_ids": [Command.create({"role": "legal", "user_id": user.id})]}),
            lambda: rpc(review, "write", {"condition_ids": [Command.clear()]}),
            lambda: rpc(self.deal, "write", {"kams_review_ids": [Command.delete(review.id)]}),
            lambda: rpc(self.deal, "write", {"kams_review_ids": [Command.update(review.id, {"minutes": "x"})]}),
            lambda: review.opinion_ids.create({"review_id": review.id, "role": "legal", "user_id": user.id}),
            lambda: review.sudo().write({"amount": 1}),
            lambda: review.with_context(kams_review_engine=True).write({"amount": 1}),
            lambda: rpc(review, "action_submit"),
            lambda: rpc(review, "action_take_back"),
            lambda: rpc(review, "action_cancel"),
            lambda: review.scorecard_id.line_ids[0].write({"answer": "100"}),
            lambda: review.scorecard_id.unlink(),
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = (review.read(), review.opinion_ids.read(), review.condition_ids.read())
        for place, attempt in enumerate(attempts):
            with self.subTest(place=place), self.assertRaises(UserError):
                attempt()
                self.env.flush_all()
        self.env.invalidate_all()
        after = (review.read(), review.opinion_ids.read(), review.condition_ids.read())
        for ours, theirs in zip(before, after, strict=True):
            self.assertEqual(
                [{k: v for k, v in row.items() if k != "facts_page"} for row in ours],
                [{k: v for k, v in row.items() if k != "facts_page"} for row in theirs],
            )

    def test_defaults_of_a_user_say_nothing_for_others(self):
        """What a client puts into the context, or a user into their defaults, is no vote and names no chair."""
        review = self._apply()
        seats = review.opinion_ids
        row = {"review_id": review.id, "role": "legal", "user_id": self.chair.id}
        for name, value in {"vote": "agree", "required": True, "veto": True, "replaced": True}.items():
            with self.subTest(name=name), self.assertRaises(UserError):
                seats.with_context(**{f"default_{name}": value}).create(row)
        for name, value in {
            **{"chair_id": self.colleague.id, "minutes": "Yes", "decided_by_id": self.chair.id, "version": 7},
            **{"rereview_base": {"amount": 1}, "snapshot": {"tally": {}}, "quorum_pct": 1, "state": "approved"},
        }.items():
            with self.subTest(name=name), self.assertRaises(UserError):
                review.with_context(**{f"default_{name}": value}).create({"lead_id": self.deal.id})
        with self.assertRaisesRegex(UserError, "follows from other entries"):
            review.write({"margin_pct": 99})

    def test_a_new_version_keeps_its_chair_unless_they_apply(self):
        review = self._submitted()
        review.with_user(self.director).chair_id = self.chair
        review.with_user(self.chair)._decide("deferred", "Later.")
        mine = review.with_user(self.deal.user_id)
        new = mine.browse(mine.action_review_again()["res_id"])
        self.assertEqual((new.chair_id, new.version), (self.chair, 2))
        new.sudo().unlink()
        theirs = review.with_user(self.chair)
        self.assertFalse(theirs.browse(theirs.action_review_again()["res_id"]).chair_id)

    def test_what_was_submitted_is_taken_back_before_it_changes(self):
        review = self._submitted()
        with self.assertRaisesRegex(UserError, "take it back to draft"):
            review.presales_budget = 9
        with self.assertRaisesRegex(UserError, "take it back to draft"):
            review.opinion_ids[0].unlink()
        with self.assertRaises(UserError):
            self.env["kams.review"].create({"lead_id": self.deal.id, "state": "approved"})
        with self.assertRaises(UserError):
            self.env["kams.review"].create({"lead_id": self.deal.id, "is_valid": True})
        self.assertFalse(review.copy().opinion_ids.filtered("vote"))

    def test_a_cancelled_review_comes_back_as_a_draft(self):
        review = self._submitted()
        review.action_cancel()
        self.assertFalse(review.activity_ids)
        review.action_take_back()
        review.action_submit()
        self.assertEqual(review.state, "open")

    # WHO MAY READ
    def test_reviewers_read_what_they_review_without_the_right_to_the_deal(self):
        review = self._submitted()
        for user in (self.engineer, self.accountant, self.director, self.auditor):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                (values,) = review.with_user(user).read(
                    ["display_name", "partner_id", "facts_page", "score_page", "still_missing", "proposed", "my_seat"]
                )
                self.assertIn("Boiler retrofit", values["display_name"])
                self.assertTrue(values["facts_page"])
        self.assertFalse(self.env["crm.lead"].with_user(self.engineer).search([("id", "=", self.deal.id)]))
        with self.assertRaises(AccessError):
            review.with_user(self.colleague).read(["state"])
        self._vote(review, self.engineer, "conditional", "", [self._condition(owner=self.colleague)])
        self.env.invalidate_all()
        self.assertEqual(review.with_user(self.colleague).state, "open")  # owes a condition now

    def test_free_text_is_shown_as_it_was_typed(self):
        for text in ("<script>alert(1)</script><b>x</b>", "长" * 10_000, "‏שלום – مرحبا", "🚀👩‍🔧"):
            deal = self._deal(name=text[:50])
            review = self._submitted(deal, background=text)
            self._vote(review, self.engineer, "reject", text)
            self.env["crm.lead"].create({"name": text[:60], "type": "opportunity", "partner_id": self.customer.id})
            self.assertEqual((review.background, self._seat(review, self.engineer).opinion), (text, text))
            self.assertNotIn("<script>", review.facts_page)
            self.assertNotIn("<script>", review.score_page)
            self.assertTrue(review.display_name)
