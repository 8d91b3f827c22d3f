from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_evidence import EvidenceCase
from .test_review import TOMORROW, ReviewCase


@tagged("post_install", "-at_install")
class TestReviewConditions(ReviewCase):
    """A conditional yes counts when its conditions are closed, and no longer when one is reopened."""

    def setUp(self):
        super().setUp()
        self.review = self._submitted()
        self._vote(
            self.review,
            self.accountant,
            "conditional",
            "Not without the letter",
            [self._condition(), self._condition("Half the bond by the partner", self.colleague)],
        )
        self._vote(self.review, self.director)
        self._vote(self.review, self.engineer)
        self._score(self.review)
        self.review.with_user(self.chair)._decide("conditional", "As voted.")
        self.first, self.second = self.review.condition_ids

    def test_owners_are_asked_and_close_what_they_owe(self):
        self.assertEqual(self.review.activity_ids.user_id, self.salesperson | self.colleague)
        self.assertFalse(self.review.is_valid)
        self.first.with_user(self.salesperson)._close("Letter of 12 November in the file")
        self.assertEqual((self.first.state, self.first.closed_by_id), ("closed", self.salesperson))
        self.assertEqual(self.review.activity_ids.user_id, self.colleague)
        self.assertFalse(self.review.is_valid)
        self.second.with_user(self.colleague)._close("Agreed")
        self.assertTrue(self.review.is_valid)
        self.assertTrue(self.env["kams.review"].search([("is_valid", "=", True), ("lead_id", "=", self.deal.id)]))

    def test_who_closes_and_what_closing_takes(self):
        with self.assertRaisesRegex(UserError, "how"):
            self.first.with_user(self.salesperson)._close(" ")
        for user in (self.colleague, self.engineer, self.accountant):
            with self.assertRaises(AccessError):
                self.first.with_user(user)._close("Done")
        self.first.with_user(self.chair)._close("The director saw the letter")
        self.assertEqual(self.first.closed_by_id, self.chair)

    def test_the_dialogs_close_and_reopen(self):
        for method, user, state in (
            ("action_close", self.salesperson, "closed"),
            ("action_reopen", self.accountant, "open"),
        ):
            action = getattr(self.first.with_user(user), method)()
            dialog = Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))
            dialog.note = "The letter"
            dialog.save().action_confirm()
            self.assertEqual(self.first.state, state)

    def test_a_condition_reopened_takes_the_yes_and_the_control_point_back(self):
        for condition in self.review.condition_ids:
            condition.with_user(self.chair)._close("Done")
        self.assertTrue(self.review.is_valid)
        with self.assertRaises(AccessError):
            self.first.with_user(self.salesperson)._reopen("No")
        self.first.with_user(self.accountant)._reopen("The letter was withdrawn")
        self.assertEqual((self.first.state, self.first.reopened_why), ("open", "The letter was withdrawn"))
        self.assertFalse(self.review.is_valid)
        self.assertIn(self.salesperson, self.review.activity_ids.user_id)
        with self.assertRaisesRegex(UserError, "open already"):
            self.first.with_user(self.accountant)._reopen("Again")

    def test_overdue_conditions_are_found(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        self.first.with_env(self.review._engine().env).date_due = yesterday
        found = self.env["kams.review.condition"].search(
            [("state", "=", "open"), ("review_id.state", "=", "conditional"), ("date_due", "<", fields.Date.today())]
        )
        self.assertIn(self.first, found)
        self.assertNotIn(self.second, found)


@tagged("post_install", "-at_install")
class TestReviewStanding(ReviewCase):
    """When a yes counts, and what a deal lives through meanwhile."""

    # RE-REVIEW
    def test_a_yes_is_called_back_when_the_deal_moves_too_far(self):
        day = self.deal.date_deadline
        for vals, due in (
            ({"expected_revenue": 120_000}, False),  # exactly 20 %
            ({"expected_revenue": 120_000.01}, True),
            ({"expected_revenue": 80_000}, False),
            ({"expected_revenue": 79_999.99}, True),
            ({"date_deadline": day + timedelta(days=60)}, False),
            ({"date_deadline": day + timedelta(days=61)}, True),
            ({"date_deadline": day - timedelta(days=61)}, False),  # sooner is no slip
            ({"date_deadline": False}, False),
        ):
            deal = self.deal.copy({"user_id": self.salesperson.id, "date_deadline": day})
            review = self._decided(deal)
            self.assertTrue(review.is_valid)
            deal.write(vals)
            self.env.flush_all()
            with self.subTest(vals=vals):
                self.assertEqual((review.rereview_due, review.is_valid), (due, not due))
                self.assertEqual(bool(review.rereview_reason), due)
                self.assertEqual(self.salesperson in review.activity_ids.user_id, due)

    def test_the_reason_is_told_in_words(self):
        review = self._decided()
        self.deal.write({"expected_revenue": 300_000, "date_deadline": self.deal.date_deadline + timedelta(days=100)})
        self.env.flush_all()
        self.assertIn("more than 20 %", review.rereview_reason)
        self.assertIn("more than 60 days", review.rereview_reason)
        self.assertIn("To be reviewed again", review.message_ids[0].body)

    def test_a_lower_chance_to_win_calls_it_back(self):
        judged = self._judgement(80, 75)  # 60 %
        review = self._decided()
        self.assertEqual(review.p_win, 60)
        self._judgement(80, 50)  # 40 %: twenty points less, no more
        self.assertFalse(review.rereview_due)
        self._judgement(79, 50)
        self.assertTrue(review.rereview_due)
        self.assertIn("more than 20 points", review.rereview_reason)
        self.assertTrue(judged)

    def _judgement(self, p_go, p_get):
        judgement = self.env["kams.qualification"].create(
            {"lead_id": self.deal.id, "p_go": p_go, "p_get": p_get, "verdict": "go", "reason": "Seen"}
        )
        for line in judgement.scorecard_id.line_ids:
            line.answer = "1"
        judgement.action_done()
        self.env.flush_all()
        return judgement

    def test_a_chance_nobody_judged_calls_nothing_back(self):
        review = self._decided()
        self.assertIs(review.p_win, False)
        self.deal.probability = 1
        self._judgement(1, 1)
        self.assertFalse(review.rereview_due)

    def test_limits_are_parameters(self):
        self.env.ref("kams_sales.rule_rereview_amount_pct").value = 50
        review = self._decided()
        self.deal.expected_revenue = 149_000
        self.env.flush_all()
        self.assertFalse(review.rereview_due)

    def test_the_call_stays_until_it_is_reviewed_again_or_a_director_finds_otherwise(self):
        review = self._decided()
        self.deal.expected_revenue = 200_000
        self.env.flush_all()
        self.deal.expected_revenue = 100_000
        self.env.flush_all()
        self.assertTrue(review.rereview_due)
        with self.assertRaises(AccessError):
            review.with_user(self.salesperson)._withdraw("Back where it was")
        self.deal.expected_revenue = 130_000
        self.env.flush_all()
        review.with_user(self.chair)._withdraw("A side offer, same ground")
        self.assertTrue(review.is_valid)
        self.deal.expected_revenue = 150_000  # of the 130,000 that were found good
        self.env.flush_all()
        self.assertTrue(review.is_valid)
        self.deal.expected_revenue = 160_000
        self.env.flush_all()
        self.assertFalse(review.is_valid)
        self.assertEqual(review.amount, 100_000)

    def test_review_again_makes_a_new_version_that_replaces_the_old_yes(self):
        review = self._decided()
        self.deal.expected_revenue = 200_000
        self.env.flush_all()
        action = review.with_user(self.salesperson).action_review_again()
        again = self.env["kams.review"].browse(action["res_id"])
        self.assertEqual((again.version, again.previous_id, again.state, again.amount), (2, review, "draft", 200_000))
        self.assertEqual(review.with_user(self.salesperson).action_review_again()["res_id"], again.id)
        self.assertEqual(len(again.opinion_ids), 3)
        again.action_submit()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(again, user)
        self._score(again)
        again.with_user(self.chair)._decide("approved")
        self.assertEqual((review.is_valid, review.is_latest, again.is_valid), (False, False, True))

    def test_a_newer_no_takes_an_older_yes_back_and_a_draft_does_not(self):
        review = self._decided()
        newer = self._apply()
        self.assertTrue(review.is_valid)
        newer.action_submit()
        self.assertTrue(review.is_valid)
        for user in (self.director, self.engineer, self.accountant):
            self._vote(newer, user)
        self._score(newer)
        newer.with_user(self.chair)._decide("rejected")
        self.assertFalse(review.is_valid)

    def test_another_kind_is_another_matter(self):
        review = self._decided()
        policies = self.env["kams.review.policy"]
        policies.search([("kind", "=", "change")]).active = False
        policies.create({"name": "Changes", "kind": "change"})
        delivery = self.env["kams.delivery"].create({"lead_id": self.deal.id})
        change = self.env["kams.change"].create(
            {
                "delivery_id": delivery.id,
                "name": "A third pump",
                "request": "A third pump",
                "reason": "The second one is loud",
                "side": "us",
                "cost": 0,
                "days": 0,
            }
        )
        other = self._apply(
            kind="change",
            change_id=change.id,
            opinion_ids=[Command.create({"role": "legal", "user_id": self.colleague.id})],
        )
        other.action_submit()
        other.with_user(self.colleague).opinion_ids._cast("reject", "No")
        other.with_user(self.chair)._decide("rejected")
        self.assertTrue(review.is_valid)

    def test_an_account_is_reviewed_without_a_deal(self):
        account = self._account()
        self.env["kams.review.policy"].create({"name": "Plans", "kind": "account_plan"})
        review = self.env["kams.review"].create(
            {
                "kind": "account_plan",
                "account_id": account.id,
                "opinion_ids": [Command.create({"role": "director", "user_id": self.director.id})],
            }
        )
        review.action_submit()
        review.with_user(self.director).opinion_ids._cast("agree")
        review.with_user(self.chair)._decide("approved")
        self.assertTrue(review.is_valid)
        self.assertEqual(review.company_id, account.company_id)
        self.assertTrue(review.with_user(self.manager).read(["display_name", "facts_page"]))

    # SURVIVAL
    def test_a_reviewer_who_leaves_counts_no_more_and_is_replaced(self):
        review = self._submitted()
        self._vote(review, self.director)
        self._vote(review, self.engineer)
        self._score(review)
        self.accountant.active = False
        self.env.invalidate_all()
        self.assertEqual((review.seat_count, review.quorum), (2, 100))
        with self.assertRaisesRegex(UserError, "Finance: kams_accountant is inactive"):
            review.with_user(self.chair)._decide("approved")
        gone = review.opinion_ids.filtered(lambda one: one.role == "finance")
        with self.assertRaises(AccessError):
            review.opinion_ids.filtered(lambda one: one.role == "technical").with_user(self.salesperson)._replace(
                self.colleague
            )
        with self.assertRaisesRegex(ValidationError, "can't review"), self.cr.savepoint():
            gone.with_user(self.salesperson)._replace(self.salesperson, "Me")
        gone.with_user(self.salesperson)._replace(self.colleague, "Left the company")
        self.assertTrue(gone.replaced)
        self.assertEqual((gone.replaced_by_id.user_id, gone.replaced_by_id.veto), (self.colleague, True))
        self.assertIn(self.colleague, review.activity_ids.user_id)
        self._vote(review, self.colleague)
        review.with_user(self.chair)._decide("approved")
        self.assertEqual(review.seat_count, 3)
        self.assertTrue(gone.exists())

    def test_a_vote_that_was_cast_outlasts_who_cast_it(self):
        review = self._submitted()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(review, user)
        self._score(review)
        self.accountant.active = False
        self.env.invalidate_all()
        self.assertEqual((review.seat_count, review.vote_count), (3, 3))
        review.with_user(self.chair)._decide("approved")

    def test_a_lost_deals_review_rests_and_goes_on(self):
        review = self._submitted()
        self.deal.action_set_lost()
        self.env.flush_all()
        self.assertIn("rests", review.message_ids[0].body)
        self.assertFalse(review.activity_ids)
        with self.assertRaisesRegex(UserError, "lost or archived"):
            self._vote(review, self.engineer)
        with self.assertRaisesRegex(UserError, "lost or archived"):
            review.with_user(self.chair)._decide("deferred")
        with self.assertRaisesRegex(UserError, "lost or archived"):
            self._submitted(self.deal)
        self.deal.action_unarchive()
        self.env.flush_all()
        self.assertEqual(review.activity_ids.user_id, self.director | self.engineer | self.accountant)
        self._vote(review, self.engineer)

    def _called(self, review):
        """Whom it asks to review again, as the person's day tells it too."""
        self.env.flush_all()
        self.env.invalidate_all()
        asked = review.sudo()._calls().user_id
        for user in self.salesperson | self.engineer:
            rows = self.env["kams.today"].with_user(user).search([("res_model", "=", "kams.review")])
            self.assertEqual(review.id in rows.mapped("res_id"), user in asked, user.name)
        return asked

    def test_a_call_to_review_again_rests_while_the_deal_is_closed(self):
        for close, reopen in (
            (lambda deal: deal.action_set_lost(), lambda deal: deal.action_unarchive()),
            (lambda deal: deal.write({"active": False}), lambda deal: deal.action_unarchive()),
            (
                lambda deal: self._advance(deal, "delivery"),
                lambda deal: deal.write({"stage_id": self.stages["initiation"].id}),
            ),
        ):
            deal = self._deal(expected_revenue=100_000)
            review = self._decided(deal)
            deal.expected_revenue = 200_000
            self.assertEqual(self._called(review), self.salesperson)
            close(deal)
            self.assertFalse(self._called(review))
            self.assertTrue(review.rereview_due)  # what was found stays
            reopen(deal)
            self.assertEqual(self._called(review), self.salesperson)
            self.assertEqual(len(review.sudo()._calls()), 1)

    def test_a_closed_deal_calls_nobody(self):
        for close in (lambda deal: deal.action_set_lost(), lambda deal: self._advance(deal, "delivery")):
            deal = self._deal(expected_revenue=100_000)
            review = self._decided(deal)
            close(deal)
            self.env.flush_all()
            deal.expected_revenue = 200_000
            self.assertFalse(self._called(review))
            self.assertEqual((review.rereview_due, review.is_valid), (True, False))

    def test_a_call_is_over_once_it_is_reviewed_again_or_withdrawn(self):
        review = self._decided()
        self.deal.expected_revenue = 200_000
        self.assertEqual(self._called(review), self.salesperson)
        again = self.env["kams.review"].browse(review.with_user(self.salesperson).action_review_again()["res_id"])
        self.assertEqual(self._called(review), self.salesperson)  # a draft asks nobody yet
        again.action_submit()
        self.assertFalse(self._called(review))
        again.action_take_back()
        self.assertEqual(self._called(review), self.salesperson)
        self.deal.action_set_lost()
        self.deal.action_unarchive()
        self.assertEqual(self._called(review), self.salesperson)
        again.action_submit()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(again, user)
        self._score(again)
        again.with_user(self.chair)._decide("approved")
        self.assertFalse(self._called(review))
        self.deal.expected_revenue = 400_000
        self.assertEqual(self._called(again), self.salesperson)
        self.assertFalse(self._called(review))
        again.with_user(self.chair)._withdraw("The scope is the same")
        self.assertFalse(self._called(again))

    def test_conditions_rest_while_the_deal_is_lost(self):
        review = self._decided(outcome="conditional", conditions=[self._condition("A letter")])
        self.assertEqual(self._asked_for_conditions(review), self.salesperson)
        self.deal.action_set_lost()
        self.assertFalse(self._asked_for_conditions(review))
        self.deal.action_unarchive()
        self.assertEqual(self._asked_for_conditions(review), self.salesperson)
        self._advance(self.deal, "delivery")
        self.assertEqual(self._asked_for_conditions(review), self.salesperson)  # what was promised is still owed

    def _asked_for_conditions(self, review):
        self.env.flush_all()
        self.env.invalidate_all()
        return review.condition_ids.activity_id.filtered("active").user_id

    def test_merged_deals_keep_their_reviews_and_the_latest_decision_counts(self):
        other = self._deal(name="Boilers", partner_id=self.customer.id, expected_revenue=100_000)
        older = self._decided()
        newer = self._decided(other)
        waiting = self._submitted(other)
        merged = (self.deal | other).with_user(self.director).merge_opportunity(user_id=self.salesperson.id)
        self._settle()
        reviews = older | newer | waiting
        self.assertEqual(reviews.lead_id, merged)
        self.assertEqual((older.is_latest, newer.is_latest), (False, True))
        self.assertFalse(older.is_valid)
        self.assertEqual(waiting.state, "open")

    def test_a_deal_in_another_currency_is_compared_in_the_reviews(self):
        there = self.env["res.company"].create({"name": "Abroad", "currency_id": self.env.ref("base.EUR").id})
        self.env.ref("base.EUR").active = True
        self.env["res.currency.rate"].create(
            {"currency_id": self.env.ref("base.EUR").id, "rate": 0.5, "name": fields.Date.today(), "company_id": c.id}
            for c in (there,)
        )
        self.salesperson.company_ids += there
        review = self._decided()
        before = review.currency_id
        self.deal.write({"company_id": there.id, "expected_revenue": 100_000})
        self.env.flush_all()
        self.assertEqual((review.currency_id, review.company_id), (before, there))
        now = there.currency_id._convert(100_000, before, there, fields.Date.today())
        self.assertEqual(review.rereview_due, abs(now - 100_000) > 20_000)
        self.assertEqual(review.amount, 100_000)

    def test_a_plain_deal_pays_nothing(self):
        team = self.env["crm.team"].create({"name": "Plain"})
        plain = self._deal(name="Plain", team_id=team.id)
        self.env.flush_all()
        plain.expected_revenue = 7
        with self.assertQueryCount(1):
            plain.flush_recordset(["expected_revenue"])

    def test_many_deals_are_looked_at_at_once(self):
        deals = self.env["crm.lead"]
        for _number in range(3):
            deals |= self._deal(expected_revenue=100_000)
        reviews = [self._decided(deal) for deal in deals]
        self.env.flush_all()
        deals.write({"expected_revenue": 1_000_000})
        self.env.flush_all()
        self.assertTrue(all(review.rereview_due for review in reviews))

    # WHAT ODOO KNOWS
    def test_the_page_tells_what_the_books_and_the_deal_say(self):
        account = self._account(manager_id=self.salesperson.id, credit_grade="a")
        self.customer.write({"use_partner_credit_limit": True, "credit_limit": 5000})
        if not self.env.company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", company=self.env.company, install_demo=False)
        today = fields.Date.today()
        self._invoice(4000, day=today - timedelta(days=90), invoice_date_due=today - timedelta(days=60))
        self.product.standard_price = 900
        self._quotation(self.deal)
        rival = self._company("Datang Services")
        self.env["kams.competitor"].create({"lead_id": self.deal.id, "partner_id": rival.id, "threat": "5"})
        plan = self.env["kams.plan"].create(
            {
                "kind": "project_marketing",
                "lead_id": self.deal.id,
                "action_ids": [Command.create({"name": "Visit", "cost": 300, "state": "done"})],
            }
        )
        cost = self.env["kams.account.cost"].create(
            {"account_id": account.id, "lead_id": self.deal.id, "activity": "presales", "amount": 200}
        )
        person = self.env["res.partner"].create({"name": "Wang Fang", "parent_id": self.customer.id})
        other = self._deal(name="Turbine hall", user_id=self.colleague.id, expected_revenue=70_000)
        for deal in (self.deal, other):
            self.env["kams.stakeholder"].create({"lead_id": deal.id, "partner_id": person.id})
        review = self._submitted(presales_budget=400)
        facts = review._facts_of()[review.id]
        self.assertEqual(facts["customer"]["overdue"], 4000)
        self.assertEqual(facts["customer"]["credit_limit"], 5000)
        self.assertIsNone(facts["customer"]["payment_days"])
        self.assertAlmostEqual(facts["margin"]["margin_pct"], 10)
        self.assertEqual(facts["presales"]["spent"], 500)
        self.assertEqual(
            [(one["name"], one["people"]) for one in facts["others"]["deals"]], [("Turbine hall", ["Wang Fang"])]
        )
        self.assertEqual(facts["competitors"]["rivals"][0]["threat"], 5)
        self.env.invalidate_all()
        page = review.with_user(self.engineer).facts_page
        for words in (
            "Overdue today",
            "Datang Services",
            "Turbine hall",
            "Wang Fang",
            "125 % of the budget",
            "Not known",
        ):
            self.assertIn(words, page)
        self.assertTrue(plan and cost)

    def test_facts_take_the_same_statements_for_one_deal_as_for_many(self):
        deals = self.deal
        for number in range(4):
            deal = self._deal(name=f"Deal {number}", partner_id=self.customer.id, expected_revenue=5)
            self._quotation(deal)
            deals |= deal
        self._account(manager_id=self.salesperson.id)
        reviews = self.env["kams.review"].union(*(self._apply(deal) for deal in deals))

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._facts_of()
            return self.cr.sql_log_count - before

        count(reviews)
        self.assertLessEqual(abs(count(reviews) - count(reviews[1])), 2)

    def test_a_cost_of_a_deal_is_its_customers(self):
        account = self._account()
        stranger = self._company("Somebody Else")
        with self.assertRaisesRegex(Exception, "is not a deal of"):
            self.env["kams.account.cost"].create(
                {"account_id": self._account(stranger).id, "lead_id": self.deal.id, "activity": "presales", "amount": 2}
            )
        self.assertTrue(account and TOMORROW)


@tagged("post_install", "-at_install")
class TestReviewPoint(ReviewCase, EvidenceCase):
    """A control point that asks for a valid review (S2-4)."""

    def test_the_point_follows_the_review_and_a_raised_deal_doesnt_slip_through(self):
        self._bind(
            {
                "R": {
                    "evidence_model": "kams.review",
                    "evidence_path": "lead_id",
                    "evidence_domain": "[('kind', '=', 'initiation'), ('is_valid', '=', True)]",
                }
            }
        )
        deal = self._trial_deal(expected_revenue=100_000)
        self.assertEqual(self._met(deal), set())
        review = self._decided(deal, "conditional", [self._condition()])
        self.assertEqual(self._met(deal), set())
        review.condition_ids.with_user(self.chair)._close("Done")
        self.assertEqual(self._met(deal), {"R"})
        review.condition_ids.with_user(self.chair)._reopen("Not done")
        self.assertEqual(self._met(deal), set())
        review.condition_ids.with_user(self.chair)._close("Done")
        self._settle()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            deal.write({"expected_revenue": 500_000, "stage_id": self.trial_stages[1].id})
            self.env.flush_all()
        self.assertEqual(self._met(deal), {"R"})
        deal.expected_revenue = 500_000
        self.assertEqual(self._met(deal), set())
