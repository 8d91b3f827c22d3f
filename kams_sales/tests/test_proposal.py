import doctest
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..tools import benefit
from .common import KamsCase

TODAY = fields.Date.today()
KINDS = ("proposal_pink", "proposal_red", "proposal_gold", "price")


@tagged("post_install", "-at_install")
class TestBenefitArithmetic(BaseCase):
    def test_the_examples_in_the_code_hold(self):
        self.assertEqual(doctest.testmod(benefit).failed, 0)

    def test_roi_payback_and_npv_of_the_method(self):
        """Investment 3,000,000, benefit 1,800,000 a year for 3 years at 10 %."""
        self.assertAlmostEqual(benefit.roi(3_000_000, 1_800_000, 3), 80.0)
        self.assertEqual(round(benefit.payback(3_000_000, 1_800_000), 4), 1.6667)
        self.assertEqual(round(benefit.npv(3_000_000, 1_800_000, 3, 10), 2), 1_476_333.58)


class ProposalCase(KamsCase):
    """A deal with a customer's contact, its salesperson as author, and a committee that sells nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create({"name": "Zhang Wei", "parent_id": cls.customer.id})
        cls.stranger = cls.env["res.partner"].create({"name": "Somebody Else"})
        cls.engineer = cls._person("kams_engineer", "kams_sales.group_delivery")
        cls.trader_desk = cls._person("kams_bid_desk", "kams_sales.group_bid_desk")
        cls.accountant = cls._person("kams_accountant", "kams_sales.group_finance")
        seats = {
            "proposal_pink": {"commercial": cls.trader_desk, "technical": cls.engineer},
            "proposal_red": {"commercial": cls.trader_desk, "technical": cls.engineer},
            "proposal_gold": {"director": cls.director},
            "price": {"director": cls.director, "finance": cls.accountant},
        }
        for kind, people in seats.items():
            for role, user in people.items():
                cls.env.ref(f"kams_sales.review_policy_{kind}_{role}").user_id = user
        cls.deal = cls._deal(partner_id=cls.customer.id, expected_revenue=100_000)
        cls._settle()
        cls.proposal = cls._propose()

    # SHORT WORDS
    @classmethod
    def _propose(cls, user=None, **vals):
        return (
            cls.env["kams.proposal"]
            .with_user(user or cls.salesperson)
            .create({"lead_id": cls.deal.id, "name": "Boilers on gas", **vals})
        )

    def _priced(self, price=100.0, cost=70.0, discount=0.0, proposal=None):
        proposal = proposal or self.proposal
        proposal.line_ids.unlink()
        proposal.line_ids = [
            Command.create({"name": "Boiler", "list_price": price, "cost": cost, "discount": discount})
        ]
        return proposal

    def _reviewed(self, kind, proposal=None, vote="agree", outcome="approved"):
        proposal = proposal or self.proposal
        action = getattr(proposal, f"action_ask_{kind.removeprefix('proposal_')}")()
        review = self.env["kams.review"].with_user(self.salesperson).browse(action["res_id"])
        review.action_submit()
        for seat in review.sudo().opinion_ids:
            seat.with_user(seat.user_id)._cast(vote, "As said")
        chair = self.env.ref("base.user_admin")
        review.with_user(chair)._decide(outcome, "As discussed.")
        self._age(review)
        return review

    def _age(self, review):
        """Tests live within a second: what the committee got is put before what comes now."""
        self.env.flush_all()
        now = fields.Datetime.now()
        for table in ("kams_proposal", "kams_proposal_chapter", "kams_proposal_line"):
            self.env.cr.execute(
                f"UPDATE {table} SET content_on = %s WHERE content_on IS NOT NULL", [now - timedelta(minutes=2)]
            )
        self.env.cr.execute(
            "UPDATE kams_review SET submitted_at = %s WHERE id = %s", [now - timedelta(minutes=1), review.id]
        )
        self.env.invalidate_all()

    def _ready(self, proposal=None):
        proposal = proposal or self.proposal
        proposal.submitted_to_id = self.contact
        self._reviewed("proposal_red", proposal)
        self._reviewed("proposal_gold", proposal)
        return proposal

    def _submitted(self, proposal=None):
        self._ready(proposal).action_submit()
        return proposal or self.proposal


@tagged("post_install", "-at_install")
class TestProposal(ProposalCase):
    """Chapters, versions, what was submitted."""

    # CHAPTERS
    def test_a_proposal_begins_with_the_twelve_chapters_of_the_template(self):
        self.assertEqual(len(self.proposal.chapter_ids), 12)
        self.assertEqual(self.proposal.chapter_ids[0].name, "Executive Summary")
        self.assertEqual(self.proposal.chapter_ids.filtered(lambda one: one.adds == "prices").sequence, 90)

    def test_a_companys_own_template_goes_before_the_general_one(self):
        template = self.env["kams.proposal.template"].create(
            {"name": "Ours", "company_id": self.env.company.id, "line_ids": [Command.create({"name": "All"})]}
        )
        proposal = self._propose()
        self.assertEqual((proposal.template_id, proposal.chapter_ids.mapped("name")), (template, ["All"]))
        other = self.env.ref("kams_sales.proposal_template_standard")
        proposal.template_id = other
        proposal.action_add_chapters()
        self.assertEqual(len(proposal.chapter_ids), 13)
        proposal.action_add_chapters()
        self.assertEqual(len(proposal.chapter_ids), 13)

    def test_chapters_given_are_kept_and_none_is_added(self):
        self.assertEqual(
            self._propose(chapter_ids=[Command.create({"name": "One"})]).chapter_ids.mapped("name"), ["One"]
        )

    def test_a_chapter_is_due_in_its_part_of_the_time(self):
        proposal = self._propose(date_start="2026-01-01", date_due="2026-04-11")
        self.assertEqual(proposal.chapter_ids[0].date_due, fields.Date.to_date("2026-03-27"))  # 85 of 100 days

    def test_the_owner_of_a_chapter_is_asked_until_it_is_done(self):
        chapter = self.proposal.chapter_ids[0]
        chapter.write({"user_id": self.engineer.id, "date_due": TODAY + timedelta(days=3)})
        activity = chapter.activity_id
        self.assertEqual((activity.user_id, activity.date_deadline), (self.engineer, TODAY + timedelta(days=3)))
        chapter.user_id = self.colleague
        self.assertEqual(chapter.activity_id.user_id, self.colleague)
        self.assertEqual(len(chapter.activity_ids), 1)
        chapter.with_user(self.colleague).activity_id.action_feedback("Written")
        self.assertEqual(chapter.state, "done")
        self.assertFalse(chapter.activity_ids)

    def test_a_lost_deals_chapters_ask_nobody(self):
        chapter = self.proposal.chapter_ids[0]
        chapter.user_id = self.colleague
        self.deal.action_set_lost()
        self.assertFalse(chapter.activity_ids)
        self.deal.action_unarchive()
        self.assertEqual(chapter.activity_ids.user_id, self.colleague)

    def test_an_owner_who_may_not_see_the_deal_writes_their_chapter_only(self):
        mine, other = self.proposal.chapter_ids[:2]
        for user in (self.colleague, self.engineer):
            with self.subTest(user=user.name):
                mine.user_id = user
                self.env.invalidate_all()
                mine.with_user(user).write({"body": "<p>Done</p>", "state": "draft"})
                self.assertIn("Done", mine.body)
                self.assertTrue(self.proposal.with_user(user).name)
                with self.assertRaises(AccessError):
                    other.with_user(user).write({"body": "x"})
                with self.assertRaises(AccessError):
                    self.proposal.with_user(user).write({"name": "x"})

    def test_overdue_chapters_are_found(self):
        late, early, done = self.proposal.chapter_ids[:3]
        late.date_due = done.date_due = TODAY - timedelta(days=1)
        early.date_due = TODAY + timedelta(days=1)
        done.state = "done"
        chapters = self.proposal.chapter_ids
        self.assertEqual(chapters.filtered("is_overdue"), late)
        found = chapters.search([("proposal_id", "=", self.proposal.id), ("is_overdue", "=", True)])
        self.assertEqual(found, late)
        rest = chapters.search([("proposal_id", "=", self.proposal.id), ("is_overdue", "=", False)])
        self.assertEqual(rest, chapters - late)

    # TRACE
    def test_requirements_without_a_chapter_are_told_musts_first(self):
        nice, must, other = self.env["kams.requirement"].create(
            [
                {"lead_id": self.deal.id, "name": "Blue <b>paint</b>", "importance": "5"},
                {"lead_id": self.deal.id, "name": "Gas", "must": True, "importance": "1"},
                {"lead_id": self._deal(partner_id=self.customer.id).id, "name": "Elsewhere"},
            ]
        )
        proposal = self.proposal
        self.assertEqual((proposal.requirement_count, proposal.untraced_count, proposal.untraced_must_count), (2, 2, 1))
        page = str(proposal.trace_page)
        self.assertLess(page.index("Gas"), page.index("Blue"))
        self.assertIn("Blue &lt;b&gt;paint", page)
        proposal.chapter_ids[3].requirement_ids = must
        self.assertEqual((proposal.untraced_count, proposal.untraced_must_count), (1, 0))
        self.assertIn("Technical Solution", str(proposal.trace_page))
        with self.assertRaisesRegex(ValidationError, "another deal"), self.cr.savepoint():
            proposal.chapter_ids[3].requirement_ids = other
        self.assertEqual(proposal._trace_rows(nice | must)[1]["chapters"], [(4, "Technical Solution")])

    # PRICES
    def test_prices_come_from_the_latest_quotation(self):
        self.product.standard_price = 700
        self._quotation(self.deal)
        order = self._quotation(self.deal)
        order.order_line.write({"discount": 10, "product_uom_qty": 3})
        proposal = self.proposal
        proposal.action_take_quotation()
        self.assertEqual(proposal.order_id, order)
        line = proposal.line_ids
        self.assertEqual((line.list_price, line.discount, line.subtotal, line.cost), (1000, 10, 2700, 700))
        self.assertEqual((proposal.amount_total, proposal.cost_total, proposal.margin), (2700, 2100, 600))
        self.assertAlmostEqual(proposal.margin_pct, 600 / 27, 3)
        proposal.action_take_quotation()
        self.assertEqual(len(proposal.line_ids), 1)

    def test_a_quotation_of_another_deal_gives_no_prices(self):
        with self.assertRaisesRegex(UserError, "no quotation"), self.cr.savepoint():
            self.proposal.action_take_quotation()
        self.proposal.sudo().order_id = self._quotation(self._deal(partner_id=self.customer.id))
        with self.assertRaisesRegex(UserError, "no quotation"), self.cr.savepoint():
            self.proposal.action_take_quotation()

    def test_the_bid_desk_takes_prices_without_a_right_to_sales(self):
        self._quotation(self.deal)
        self.proposal.with_user(self.trader_desk).action_take_quotation()
        self.assertEqual(self.proposal.amount_total, 1000)

    def test_taxes_inside_a_quotations_prices_are_left_out(self):
        tax = self.env["account.tax"].create({"name": "13", "amount": 13, "price_include_override": "tax_included"})
        order = self._quotation(self.deal)
        order.order_line.write({"tax_ids": [Command.set(tax.ids)], "price_unit": 113.0, "product_uom_qty": 7})
        self.proposal.action_take_quotation()
        self.assertEqual(self.proposal.amount_total, order.amount_untaxed)
        self.assertAlmostEqual(self.proposal.line_ids.list_price, 100, 4)

    def test_a_cost_that_is_not_known_makes_the_margin_unknown_not_all_of_the_price(self):
        self._quotation(self.deal)
        self.proposal.action_take_quotation()
        self.assertIs(self.proposal.line_ids.cost, False)
        self.assertIs(self.proposal.margin_pct, False)
        self.assertEqual((self.proposal.price_state, self.proposal.price_role), ("unknown", "committee"))
        self.proposal.line_ids.cost = 0
        self.assertEqual((self.proposal.margin_pct, self.proposal.price_state), (100, "within"))

    def test_another_currency_than_the_companys(self):
        company = self.env.company
        euro = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", company.currency_id.id), ("name", "in", ("EUR", "USD"))], limit=1)
        )
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2020-01-01", "company_id": company.id}
        )
        self.product.standard_price = 700
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": euro.id})
        order = self._quotation(self.deal)
        order.pricelist_id = pricelist
        order.order_line.price_unit = 500
        self.assertEqual(order.currency_id, euro)
        self.proposal.action_take_quotation()
        self.assertEqual(self.proposal.currency_id, euro)
        self.assertEqual((self.proposal.amount_total, self.proposal.cost_total), (500, 350))
        self.assertEqual((self.proposal.margin_pct, self.proposal.price_state), (30, "within"))
        line = self.proposal.line_ids.create({"proposal_id": self.proposal.id, "product_id": self.product.id})
        self.assertEqual((line.list_price, line.cost), (500, 350))

    def test_who_may_agree_follows_the_matrix(self):
        for price, cost, discount, role, state in (
            (100, 75, 0, "sales", "within"),
            (100, 76, 0, "manager", "beyond"),
            (100, 80.01, 0, "director", "beyond"),
            (100, 85, 0, "director", "beyond"),
            (100, 85.01, 0, "committee", "beyond"),
            (100, 120, 0, "committee", "beyond"),
            (100, 10, 5, "sales", "within"),
            (100, 10, 10, "manager", "beyond"),
            (100, 10, 20, "director", "beyond"),
            (100, 10, 50, "committee", "beyond"),
        ):
            with self.subTest(price=price, cost=cost, discount=discount):
                self._priced(price, cost, discount)
                self.assertEqual((self.proposal.price_role, self.proposal.price_state), (role, state))

    def test_a_director_may_offer_more_than_a_salesperson(self):
        self._priced(100, 82)
        self.assertEqual(self.proposal.price_state, "beyond")
        self.proposal.sudo().user_id = self.director
        self.assertEqual(self.proposal.price_state, "within")

    def test_a_changed_matrix_judges_open_proposals_anew(self):
        self._priced(100, 78)
        self.assertEqual(self.proposal.price_state, "beyond")
        self.env.ref("kams_sales.authority_margin_sales").value_from = 20
        self.env.ref("kams_sales.authority_margin_manager").unlink()
        self.assertEqual(self.proposal.price_state, "within")

    def test_somebody_with_authority_agrees_and_a_worse_price_asks_again(self):
        self._priced(100, 82)
        for user, error in ((self.salesperson, "somebody else"), (self.manager, "Sales Director")):
            with self.assertRaisesRegex(AccessError, error):
                self.proposal.with_user(user).sudo(False).action_approve_price()
        self.assertTrue(self.proposal.with_user(self.director).may_approve_price)
        self.proposal.with_user(self.director).action_approve_price()
        self.assertEqual((self.proposal.price_state, self.proposal.price_approved_by_id), ("approved", self.director))
        self.proposal.line_ids.cost = 83
        self.assertEqual(self.proposal.price_state, "beyond")
        self.proposal.line_ids.cost = 81
        self.assertEqual(self.proposal.price_state, "approved")

    def test_nobody_types_an_agreement(self):
        self._priced(100, 82)
        with self.assertRaises(UserError):
            self.proposal.write({"price_approved_by_id": self.director.id})
        with self.assertRaises(UserError):
            self.proposal.write({"price_state": "approved"})
        proposal = self._propose(price_approved_by_id=self.director.id, version=7)
        self.assertEqual((proposal.price_approved_by_id.id, proposal.version), (False, 1))

    def test_below_the_floor_only_a_price_review_says_yes(self):
        self._priced(100, 90)
        with self.assertRaisesRegex(AccessError, "Price Review"):
            self.proposal.with_user(self.director).action_approve_price()
        review = self._reviewed("price")
        self.assertEqual((review.offer_margin, review.offer_amount), (10, 100))
        self.assertEqual(self.proposal.price_state, "approved")
        self.proposal.line_ids.cost = 91
        self.assertEqual(self.proposal.price_state, "beyond")

    def test_a_price_review_may_take_an_unknown_margin(self):
        self._priced(100, None)
        self._reviewed("price")
        self.assertEqual(self.proposal.price_state, "approved")
        self.proposal.line_ids.list_price = 99
        self.assertEqual(self.proposal.price_state, "unknown")

    # BENEFITS
    def test_roi_on_the_proposal(self):
        self.proposal.write({"one_off_cost": 3_000_000, "annual_benefit": 1_800_000, "years": 3, "discount_rate": 10})
        self.assertAlmostEqual(self.proposal.roi, 80.0)
        self.assertAlmostEqual(self.proposal.payback, 1.6667, 4)
        self.assertAlmostEqual(self.proposal.npv, 1_476_333.58, 2)
        self.proposal.annual_benefit = False
        self.assertEqual((self.proposal.roi, self.proposal.payback, self.proposal.npv), (False, False, False))

    def test_a_confirmation_of_benefits_says_who_when_and_where(self):
        file = self.env["ir.attachment"].with_user(self.salesperson).create({"name": "Mail.txt", "raw": b"Agreed"})
        confirmation = {
            "benefit_confirmed_by_id": self.contact.id,
            "benefit_confirmed_at": TODAY,
            "benefit_file_ids": [Command.link(file.id)],
        }
        with self.assertRaisesRegex(ValidationError, "One-off Cost"), self.cr.savepoint():
            self.proposal.write(confirmation)
        self.proposal.write({"one_off_cost": 3e6, "annual_benefit": 1.8e6})
        for change in (
            {"benefit_confirmed_by_id": self.stranger.id},
            {"benefit_confirmed_at": TODAY + timedelta(days=1)},
            {"benefit_confirmed_at": False},
            {"benefit_file_ids": False},
        ):
            with self.subTest(change=change), self.assertRaises(ValidationError), self.cr.savepoint():
                self.proposal.write({**confirmation, **change})
        self.proposal.write(confirmation)
        with self.assertRaisesRegex(UserError, "confirmed the benefits"), self.cr.savepoint():
            self.proposal.annual_benefit = 2e6
        with self.assertRaisesRegex(UserError, "confirmed the benefits"), self.cr.savepoint():
            file.raw = b"Something else"
        self.proposal.write({"benefit_confirmed_by_id": False, "annual_benefit": 2e6})
        file.raw = b"Agreed to two millions"

    # REVIEWS
    def test_the_author_judges_no_proposal_whoever_applies(self):
        proposal = self._propose()
        proposal.sudo().user_id = self.director
        review = self.env["kams.review"].browse(proposal.action_ask_gold()["res_id"])
        self.assertEqual(review.applicant_id, self.salesperson)
        self.assertFalse(review.opinion_ids.user_id)  # the usual reviewer is the author
        with self.assertRaisesRegex(ValidationError, "can't review"), self.cr.savepoint():
            review.opinion_ids.user_id = self.director

    def test_who_becomes_the_author_can_no_longer_vote(self):
        review = self.env["kams.review"].browse(self.proposal.action_ask_gold()["res_id"])
        review.action_submit()
        self.proposal.sudo().user_id = self.director
        with self.assertRaises(UserError):
            review.opinion_ids.with_user(self.director)._cast("agree")

    def test_asking_twice_opens_the_same_review_and_after_a_decision_a_new_one(self):
        first = self.proposal.action_ask_red()["res_id"]
        self.assertEqual(self.proposal.action_ask_red()["res_id"], first)
        self._reviewed("proposal_red")
        self.assertEqual(self.proposal.state, "review")
        again = self.env["kams.review"].browse(self.proposal.action_ask_red()["res_id"])
        self.assertEqual((again.version, again.previous_id.id, again.proposal_id), (2, first, self.proposal))

    def test_reviewers_read_what_they_review(self):
        review = self.env["kams.review"].browse(self.proposal.action_ask_gold()["res_id"])
        review.opinion_ids.user_id = self.colleague
        review.action_submit()
        proposal = self.proposal.with_user(self.colleague)
        self.env.invalidate_all()
        self.assertEqual(len(proposal.chapter_ids), 12)
        self.assertIn("Boilers on gas", str(review.with_user(self.colleague).facts_page))
        with self.assertRaises(AccessError):
            proposal.write({"name": "x"})

    def test_a_decision_on_another_proposal_of_the_deal_replaces_none(self):
        red = self._reviewed("proposal_red")
        other = self._propose()
        self._reviewed("proposal_red", other, vote="reject", outcome="rejected")
        self.assertTrue(red.is_valid)
        self.assertIn("Proposal", red.snapshot["facts"]["proposal"]["name"] + "Proposal")

    def test_pink_is_suggested_at_a_fifth_to_a_quarter_of_the_time(self):
        self.proposal.write({"date_start": "2026-01-01", "date_due": "2026-04-11"})
        windows = self.proposal._review_windows()
        self.assertEqual(windows["pink"], (fields.Date.to_date("2026-01-21"), fields.Date.to_date("2026-01-26")))
        self.proposal.date_due = False
        self.assertFalse(self.proposal.review_times)

    # GOING OUT
    def test_nothing_goes_out_without_red_gold_a_reader_and_a_price(self):
        self._priced(100, 90)
        with self.assertRaises(UserError) as caught:
            self.proposal.action_submit()
        for part in ("Red Team", "Gold Team", "one who gets it", "Price Review"):
            self.assertIn(part, str(caught.exception))
        self.assertIn("Gold Team", self.proposal.still_missing)
        with self.assertRaises(UserError):
            self.proposal.write({"state": "submitted"})
        self.proposal.submitted_to_id = self.stranger
        self.assertIn("isn't one of the customer's people", self.proposal.still_missing)

    def test_a_text_changed_after_gold_asks_for_it_again(self):
        self._ready()
        self.assertFalse(self.proposal.still_missing)
        self.proposal.chapter_ids[2].body = "<p>Something else</p>"
        self.assertIn("ask for it again", self.proposal.still_missing)
        with self.assertRaises(UserError):
            self.proposal.action_submit()

    def test_planning_who_writes_what_needs_no_new_gold(self):
        self._ready()
        self.proposal.chapter_ids[2].write({"user_id": self.colleague.id, "state": "done"})
        self.assertFalse(self.proposal.still_missing)

    def test_a_chapter_taken_out_after_gold_asks_for_it_again(self):
        self._ready()
        self.proposal.chapter_ids[2].unlink()
        self.assertIn("ask for it again", self.proposal.still_missing)

    def test_what_was_submitted_stays_on_every_route(self):
        self._priced(100, 70)
        proposal = self._submitted()
        self.assertEqual((proposal.state, proposal.submitted_to_id), ("submitted", self.contact))
        self.assertTrue(proposal.submitted_at)
        chapter, line = proposal.chapter_ids[0], proposal.line_ids
        for attempt in (
            lambda: proposal.write({"name": "x"}),
            lambda: proposal.write({"chapter_ids": [Command.create({"name": "More"})]}),
            lambda: proposal.write({"submitted_at": False}),
            lambda: proposal.write({"state": "draft"}),
            lambda: proposal.write({"state": "superseded"}),
            lambda: chapter.write({"body": "x"}),
            lambda: chapter.sudo().write({"body": "x"}),
            lambda: line.write({"list_price": 1}),
            lambda: line.sudo().write({"cost": 1}),
            lambda: line.create({"proposal_id": proposal.id, "name": "x"}),
            lambda: chapter.create({"proposal_id": proposal.id, "name": "x"}),
            lambda: chapter.unlink(),
            lambda: line.unlink(),
            lambda: proposal.unlink(),
            lambda: proposal.action_take_quotation(),
            lambda: proposal.action_ask_red(),
            lambda: chapter.load(["id", "name"], [[str(chapter.id), "x"]])["ids"] or self._raise(),
            lambda: self._propose().chapter_ids[0].write({"proposal_id": proposal.id}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()
        proposal.customer_feedback = "They like chapter 3."

    def _raise(self):
        raise UserError(self.env._("refused"))

    # VERSIONS
    def test_a_new_version_copies_and_takes_the_place_of_the_old(self):
        requirement = self.env["kams.requirement"].create({"lead_id": self.deal.id, "name": "Gas", "must": True})
        self._priced(100, 70)
        self.proposal.chapter_ids[0].write(
            {"body": "<p>Hello</p>", "requirement_ids": requirement, "user_id": self.colleague.id}
        )
        proposal = self._submitted()
        new = self.env["kams.proposal"].browse(proposal.action_new_version()["res_id"])
        self.assertEqual((new.version, new.previous_id, new.state), (2, proposal, "draft"))
        self.assertEqual(proposal.state, "superseded")
        self.assertEqual((len(new.chapter_ids), new.chapter_ids[0].requirement_ids), (12, requirement))
        self.assertIn("Hello", new.chapter_ids[0].body)
        self.assertEqual((new.amount_total, new.cost_total, new.line_ids.cost), (100, 70, 70))
        self.assertFalse(new.submitted_at or new.submitted_to_id or new.review_ids)
        self.assertFalse(proposal.chapter_ids.activity_ids)
        self.assertEqual(new.chapter_ids[0].activity_ids.user_id, self.colleague)
        self.assertIn("Red Team", new.still_missing)
        with self.assertRaisesRegex(UserError, "superseded by"):
            proposal.action_new_version()

    def test_a_new_version_ends_reviews_under_way(self):
        review = self.env["kams.review"].browse(self.proposal.action_ask_gold()["res_id"])
        review.action_submit()
        self.proposal.action_new_version()
        self.assertEqual(review.state, "cancelled")

    # SURVIVAL
    def test_a_merge_takes_a_submitted_proposal_along(self):
        proposal = self._submitted()
        other = self._deal(partner_id=self.customer.id)
        (self.deal | other).with_user(self.director).merge_opportunity()
        kept = (self.deal | other).exists()
        self.assertEqual((proposal.lead_id, proposal.review_ids.lead_id, proposal.state), (kept, kept, "submitted"))

    def test_odd_text_survives(self):
        text = "🏭 <script>alert(1)</script> مرحبا " + "长" * 10_000
        chapter = self.proposal.chapter_ids[0]
        chapter.write({"body": text, "name": text[:200]})
        self.proposal.write({"customer_feedback": text, "benefit_note": text})
        self.assertNotIn("<script", chapter.body)
        self.assertIn("🏭", chapter.body)

    def test_a_deal_without_a_process_has_no_proposals(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        self.assertFalse(plain.kams_process_id)
        with self.assertRaises(ValidationError):
            self.env["kams.proposal"].create({"lead_id": plain.id})

    def test_a_deleted_deal_leaves_no_activities(self):
        deal = self._deal(partner_id=self.customer.id)
        proposal = self.env["kams.proposal"].create({"lead_id": deal.id})
        proposal.chapter_ids[0].user_id = self.colleague
        activity = proposal.chapter_ids[0].activity_id
        deal.unlink()
        self.assertFalse(activity.exists())

    def test_the_form_makes_a_proposal_with_prices(self):
        with Form(
            self.env["kams.proposal"].with_user(self.salesperson).with_context(default_lead_id=self.deal.id)
        ) as form:
            form.name = "By hand"
            with form.line_ids.new() as line:
                line.product_id = self.product
                line.cost = 600
                self.assertEqual(line.list_price, 1000)
        self.assertEqual((form.record.amount_total, form.record.margin_pct), (1000, 40))

    def test_lists_of_proposals_cost_a_constant_number_of_queries(self):
        def count(proposals):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            proposals.read(["display_name", "price_state", "untraced_count", "trace_page", "is_overdue"][:4])
            return self.env.cr.sql_log_count - before

        many = self.proposal.browse([self._propose().id for _ in range(6)])
        count(many)
        self.assertEqual(count(many[:2]), count(many))
