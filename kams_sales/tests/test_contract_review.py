from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..models.kams_contract import ENGINE, HAND
from .test_contract_clause import ContractCase


class ContractReviewCase(ContractCase):
    """A contract with text and clauses, and a committee of legal, finance and technical; a director decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engineer = cls._person("kams_engineer", "sales_team.group_sale_salesman")
        for role, user in (("legal", cls.lawyer), ("finance", cls.accountant), ("technical", cls.engineer)):
            cls.env.ref(f"kams_sales.review_policy_contract_{role}").user_id = user
        cls.file = cls._file("The contract as it was sent to us.")
        cls.contract.text_file_ids = cls.file
        cls.payment = cls._clause(
            standard="Paid in 30 days", actual="Paid in 90 days", deviation="major", risk="3", role="finance"
        )
        cls.price = cls._clause(kind="price", standard="Fixed", actual="Fixed", role="finance")

    @classmethod
    def _file(cls, text, name="contract.txt"):
        return cls.env["ir.attachment"].with_user(cls.salesperson).create({"name": name, "raw": text.encode()})

    # SHORT WORDS
    def _asked(self, contract=None, user=None):
        contract = (contract or self.contract).with_user(user or self.salesperson)
        review = self.env["kams.review"].browse(contract.action_ask_review()["res_id"])
        return review.with_user(user or self.salesperson)

    def _submitted(self):
        review = self._asked()
        review.action_submit()
        return review

    def _vote(self, review, user, vote="agree", opinion="", conditions=()):
        seat = review.sudo().opinion_ids.filtered(lambda one: one.user_id == user and not one.replaced)
        seat.with_user(user)._cast(vote, opinion, conditions)

    def _voted(self, **votes):
        review = self._submitted()
        for name in ("lawyer", "accountant", "engineer"):
            self._vote(review, getattr(self, name), votes.get(name, "agree"), "As I said")
        return review

    def _approved(self):
        review = self._voted()
        review.with_user(self.director)._decide("approved")
        return review


@tagged("post_install", "-at_install")
class TestContractReview(ContractReviewCase):
    """Opinions of legal, finance and technical, and what makes a yes void."""

    # ASKING
    def test_the_committee_follows_from_the_policy_and_each_of_the_three_may_say_no(self):
        review = self._asked()
        self.assertEqual(review.opinion_ids.mapped("role"), ["legal", "finance", "technical"])
        self.assertEqual(review.opinion_ids.user_id, self.lawyer | self.accountant | self.engineer)
        self.assertTrue(all(review.opinion_ids.mapped("required")) and all(review.opinion_ids.mapped("veto")))
        self.assertEqual(review.lead_id, self.deal)

    def test_a_large_contract_is_for_more_people(self):
        self.contract.write({"amount_total": 6_000_000.0, "amount_untaxed": 6_000_000.0, "amount_tax": 0.0})
        review = self._asked()
        self.assertEqual(
            review.opinion_ids.mapped("role"), ["director", "legal", "finance", "technical", "delivery", "commercial"]
        )

    def test_a_policy_without_one_of_the_three_does_not_spare_them(self):
        self.env.ref("kams_sales.review_policy_contract_legal").unlink()
        self.env.ref("kams_sales.review_policy_contract_finance").veto = False
        review = self._asked()
        self.assertEqual(set(review.opinion_ids.mapped("role")), {"legal", "finance", "technical"})
        self.assertTrue(all(review.opinion_ids.mapped("veto")))
        with self.assertRaisesRegex(UserError, "still needs a reviewer for: Legal"):
            review.action_submit()

    def test_nobody_judges_a_contract_that_cannot_be_read(self):
        bare = self._contract(name="Bare", amount_total=None, amount_untaxed=None, amount_tax=None)
        with self.assertRaisesRegex(UserError, "text of the contract, as a file; its clauses; its amount"):
            bare.action_ask_review()
        review = self.env["kams.review"].with_user(self.salesperson)
        review = review.create({"contract_id": bare.id, "kind": "contract"})
        with self.assertRaisesRegex(UserError, "can't be reviewed yet"):
            review.action_submit()

    def test_words_that_differ_are_judged_before_anybody_is_asked(self):
        self.price.actual = "Subject to the copper price"
        with self.assertRaisesRegex(UserError, "how far these clauses deviate: Price"):
            self.contract.action_ask_review()

    def test_asking_twice_opens_the_same_review(self):
        self.assertEqual(self._asked(), self._asked())

    def test_a_contract_review_needs_a_contract_of_its_deal(self):
        reviews = self.env["kams.review"]
        with self.assertRaises(ValidationError):
            reviews.create({"lead_id": self.deal.id, "kind": "contract"})
        with self.assertRaises(ValidationError):
            reviews.create({"lead_id": self.deal.id, "kind": "initiation", "contract_id": self.contract.id})
        with self.assertRaises(ValidationError):
            reviews.create({"lead_id": self._deal().id, "kind": "contract", "contract_id": self.contract.id})

    def test_the_author_never_reviews(self):
        self.contract.with_user(self.director).user_id = self.lawyer
        review = self._asked()
        seat = review.opinion_ids.filtered(lambda one: one.role == "legal")
        self.assertFalse(seat.user_id, "who drafts isn't proposed")
        with self.assertRaises(ValidationError):
            seat.user_id = self.lawyer

    # THE WAY
    def test_the_contract_follows_its_review(self):
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("draft", "none"))
        review = self._submitted()
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("review", "asked"))
        self.assertEqual(self.contract.reviewed_hash, self.contract._text_hash())
        for user in (self.lawyer, self.accountant, self.engineer):
            self._vote(review, user)
        review.with_user(self.director)._decide("approved")
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("approved", "approved"))

    def test_without_one_of_the_three_there_is_no_yes(self):
        review = self._submitted()
        self._vote(review, self.lawyer)
        self._vote(review, self.engineer)
        with self.assertRaisesRegex(UserError, "Finance: kams_accountant hasn't voted"):
            review.with_user(self.director)._decide("approved")

    def test_each_of_the_three_alone_can_stop_it(self):
        for name in ("lawyer", "accountant", "engineer"):
            with self.subTest(name=name), self.cr.savepoint():
                review = self._voted(**{name: "reject"})
                self.assertEqual(review.proposed, "rejected")
                with self.assertRaisesRegex(UserError, "can't be decided milder"):
                    review.with_user(self.director)._decide("approved")
                review.with_user(self.director)._decide("rejected")
                self.assertEqual((self.contract.state, self.contract.opinions_state), ("draft", "rejected"))

    def test_a_yes_on_conditions_counts_when_they_are_closed(self):
        review = self._submitted()
        condition = {"name": "Get the guarantee", "user_id": self.salesperson.id, "date_due": "2030-01-01"}
        self._vote(review, self.lawyer, "conditional", "Only so", [condition])
        self._vote(review, self.accountant)
        self._vote(review, self.engineer)
        review.with_user(self.director)._decide("conditional")
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("review", "asked"))
        review.condition_ids.with_user(self.salesperson)._close("It is here")
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("approved", "approved"))
        review.condition_ids.with_user(self.lawyer)._reopen("It is forged")
        self.assertNotEqual(self.contract.state, "approved")

    def test_a_high_risk_that_nobody_accepted_forbids_a_yes_not_a_no(self):
        self.payment.risk = "4"
        review = self._voted()
        self.assertIn("4 High", review.open_risks)
        with self.assertRaisesRegex(UserError, "these risks must be accepted"):
            review.with_user(self.director)._decide("approved")
        with self.cr.savepoint() as savepoint:
            review.with_user(self.director)._decide("rejected")
            savepoint.rollback()
        self.env.invalidate_all()
        self.payment.with_user(self.accountant)._check_may_accept()
        self.payment.with_user(self.accountant)._accept("They have always paid")
        review.with_user(self.director)._decide("approved")
        self.assertEqual(self.contract.state, "approved")

    def test_taking_the_review_back_makes_the_contract_a_draft(self):
        review = self._voted()
        review.action_take_back()
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("draft", "none"))
        self.assertFalse(any(review.opinion_ids.mapped("vote")))

    # WHAT IS FIXED
    def test_the_words_stay_while_they_are_judged(self):
        self._submitted()
        clauses = self.env["kams.contract.clause"]
        for user in (self.salesperson, self.lawyer, self.director):
            with self.subTest(user=user.login):
                with self.assertRaisesRegex(UserError, "stay as they were submitted"):
                    self.payment.with_user(user).actual = "Paid in 30 days"
                with self.assertRaises(UserError):
                    self.payment.with_user(user).unlink()
                with self.assertRaises(UserError):
                    clauses.with_user(user).create({"contract_id": self.contract.id, "kind": "tax"})
                with self.assertRaises(UserError):
                    self.contract.with_user(user).write({"clause_ids": [Command.delete(self.payment.id)]})
                other = self._contract(name=f"Another of {user.login}")
                moving = self._clause(other)
                with self.assertRaises(UserError):
                    moving.with_user(user).contract_id = self.contract
        self.payment.with_user(self.lawyer).write({"opinion": "Too late", "risk": "4"})
        self.assertEqual(self.payment.risk, "4", "what is thought of it goes on")

    def test_an_import_changes_no_words_under_review(self):
        self._submitted()
        result = (
            self.env["kams.contract.clause"]
            .with_user(self.salesperson)
            .load([".id", "name", "actual"], [[str(self.payment.id), "Payment", "Paid at once"]])
        )
        self.assertFalse(result["ids"])
        self.assertEqual(self.payment.actual, "Paid in 90 days")

    # WHAT MAKES A YES VOID
    def test_another_text_makes_a_yes_void(self):
        review = self._approved()
        self.contract.sudo().with_context(self._hand()).text_file_ids = self._file("The contract as they changed it.")
        self.assertTrue(review.rereview_due)
        self.assertIn("another file", review.rereview_reason)
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("draft", "none"))

    def test_the_same_text_in_another_file_is_the_same_text(self):
        review = self._approved()
        self.contract.sudo().with_context(self._hand()).text_file_ids = self._file("The contract as it was sent to us.")
        self.assertFalse(review.rereview_due)
        self.assertEqual(self.contract.state, "approved")

    def test_another_amount_or_term_makes_a_yes_void(self):
        for vals in ({"amount_total": 1_130_000.01, "amount_tax": 130_000.01}, {"retention_pct": 5.0}):
            with self.subTest(vals=vals), self.cr.savepoint() as savepoint:
                review = self._approved()
                self.contract.sudo().with_context(self._hand()).write(vals)
                self.assertTrue(review.rereview_due)
                self.assertEqual(self.contract.opinions_state, "none")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_new_risk_makes_a_yes_void_and_a_lower_one_does_not(self):
        review = self._approved()
        self.payment.with_user(self.lawyer).risk = "2"
        self.assertFalse(review.rereview_due)
        self.payment.with_user(self.lawyer).risk = "4"
        self.assertTrue(review.rereview_due)
        self.assertIn("rose from 3 to 4", review.rereview_reason)
        self.assertEqual(self.contract.state, "draft")
        self.assertIn("Review again", review.activity_ids.mapped("summary")[0])

    def test_the_deals_forecast_does_not_matter_to_a_contract(self):
        review = self._approved()
        self.deal.expected_revenue = 5.0
        self.assertFalse(review.rereview_due)

    def test_a_director_may_find_that_the_yes_still_holds(self):
        review = self._approved()
        self.payment.with_user(self.lawyer).risk = "4"
        self.payment.with_user(self.lawyer)._accept("Small amount")
        review.with_user(self.director)._withdraw("It is insured")
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("approved", "approved"))

    def test_after_a_void_yes_a_new_version_is_asked_and_the_old_one_keeps_what_it_knew(self):
        review = self._approved()
        self.payment.with_user(self.lawyer).risk = "4"
        self.payment.with_user(self.salesperson).write({"actual": "Paid in 60 days", "risk": "2"})
        again = self._asked()
        self.assertEqual((again.version, again.previous_id, again.contract_id), (2, review, self.contract))
        self.assertIn("90", str(review.contract_page))
        self.assertNotIn("60", str(review.contract_page))
        again.action_submit()
        self.assertEqual(self.contract.state, "review")

    # PEOPLE
    def test_legal_without_a_sales_right_reads_all_it_needs_and_votes(self):
        self._submitted()
        review = self.contract.review_ids
        activity = review.activity_ids.filtered(lambda one: one.user_id == self.lawyer)
        self.assertTrue(activity)
        as_lawyer = self.env["kams.review"].with_user(self.lawyer)
        mine = as_lawyer.search([("my_vote_due", "=", True)])
        self.assertEqual(mine, review)
        self.env.invalidate_all()
        form = Form(mine)
        self.assertIn("90", str(form.contract_page))
        self.assertTrue(form.contract_file_ids)
        self.assertIn("sent to us", self.file.with_user(self.lawyer).raw.decode())
        self.assertEqual(mine.action_contract()["res_id"], self.contract.id)
        Form(self.contract.with_user(self.lawyer))
        Form(self.payment.with_user(self.lawyer))
        mine.action_vote()
        self._vote(mine, self.lawyer)
        self.assertFalse(activity.exists().active)

    def test_a_reviewer_who_sells_other_deals_reads_this_contract_and_changes_nothing(self):
        with self.assertRaises(AccessError):
            self.contract.with_user(self.engineer).read(["name"])
        self._submitted()
        self.env.invalidate_all()
        Form(self.contract.with_user(self.engineer))
        self.assertIn("90", self.payment.with_user(self.engineer).actual)
        self.assertTrue(self.file.with_user(self.engineer).raw)
        for record, vals in ((self.contract, {"number": "x"}), (self.payment, {"opinion": "x"})):
            with self.assertRaises(AccessError):
                record.with_user(self.engineer).write(vals)
        judge = self.env["kams.contract.clause.judge"].with_user(self.engineer)
        judge.create({"clause_ids": self.payment.ids, "opinion": "Can be built"}).action_confirm()
        self.assertEqual(self.payment.opinion, "Can be built")
        with self.assertRaises(AccessError):
            self.contract.with_user(self.colleague).read(["name"])

    def test_two_contracts_of_a_deal_are_decided_each_for_itself(self):
        self._approved()
        other = self._contract(name="Lot 2")
        other.text_file_ids = self._file("Another text")
        self._clause(other, actual="x")
        review = self._asked(other)
        review.action_submit()
        for user in (self.lawyer, self.accountant, self.engineer):
            self._vote(review, user)
        review.with_user(self.director)._decide("rejected")
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("approved", "approved"))
        self.assertEqual(other.opinions_state, "rejected")

    def test_merged_deals_take_contract_and_review_along(self):
        review = self._approved()
        other = self._deal(name="The same again")
        self._settle()
        (other | self.deal).merge_opportunity()
        kept = (other | self.deal).exists()
        self.assertEqual((self.contract.lead_id, review.lead_id), (kept, kept))
        self.assertEqual(self.contract.opinions_state, "approved")

    def test_a_deleted_contract_takes_its_clauses_and_reviews_along(self):
        review, clause = self._asked(), self.payment
        self.contract.sudo().unlink()
        self.assertFalse(review.exists() or clause.exists())

    # SIGNING
    def test_a_limit_that_was_lowered_after_the_yes_keeps_the_contract_from_being_signed(self):
        self._approved()
        told = "\n".join(self.contract._signing_obstacles())
        self.assertNotIn("accepted the risk", told)
        self.env.ref("kams_sales.rule_contract_open_risk").value = 3
        self.assertIn("Nobody has accepted the risk of: Payment", "\n".join(self.contract._signing_obstacles()))

    def test_taking_the_contract_back_makes_the_yes_void(self):
        review = self._approved()
        self.contract.with_user(self.salesperson).action_reopen()
        self.assertEqual((self.contract.state, self.contract.opinions_state), ("draft", "none"))
        self.assertIn("taken back to draft", review.rereview_reason)
        self.payment.with_user(self.salesperson).actual = "Paid in 60 days"

    def test_reviewers_are_told_what_the_law_says(self):
        self.contract.write({"deposit_amount": 300_000.0})
        review = self._submitted()
        facts = review.sudo()._facts_of()[review.id]["contract"]
        self.assertTrue(facts["findings"])

    # PAPER
    def _page(self, report, record, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.director)
        page, _kind = reports._render_qweb_html(f"kams_sales.{report}", record.ids)
        return page.decode()

    def test_the_review_on_paper_has_opinions_and_what_deviates_and_escapes_what_was_typed(self):
        self.payment.write({"risk": "4", "opinion": "<b>لا</b> 😀 " * 500})
        review = self._submitted()
        self._vote(review, self.lawyer, "reject", "背靠背付款")
        page = self._page("report_contract_review", self.contract)
        for text in ("背靠背付款", "kams_lawyer", "Paid in 90 days", "Major Deviation", "As our standard"):
            self.assertIn(text, page)
        self.assertNotIn("<b>لا", page)
        self.assertIn("Boiler contract", self._page("report_review", review))

    def test_a_contract_without_anything_prints_as_well(self):
        bare = self._contract(name="Bare", amount_total=None, amount_untaxed=None, amount_tax=None)
        self.assertIn("Bare", self._page("report_contract_review", bare))
        self.assertIn("Bare", self._page("report_contract_review", bare | self.contract, self.lawyer))

    @staticmethod
    def _hand():
        """What the contract's own engine writes with, past its locks."""
        return {HAND: ENGINE}
