import hashlib
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .test_review import ReviewCase

# C31: customer 4, fit 5, position 3, margin 3, resources 4, risk 2 of 5
C31 = {"relationship": 4, "fit": 5, "position": 3, "margin": 3, "resources": 4, "risk": 2}
MANUAL = ("signatures", "authorisation", "pages", "e_signature", "dates")


class BidCase(ReviewCase):
    """A tender of the deal's, its bid manager at the bid desk, and committees for all four reviews."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bidder = cls._person("kams_bidder", "kams_sales.group_bid_desk")
        cls.buyer = cls._person("kams_commercial", "kams_sales.group_legal")
        for level in "abc":
            for role, user in (("director", cls.director), ("technical", cls.engineer), ("finance", cls.accountant)):
                cls.env.ref(f"kams_sales.review_policy_bid_{level}_{role}").user_id = user
        cls.env.ref("kams_sales.review_policy_bid_technical_technical").user_id = cls.engineer
        cls.env.ref("kams_sales.review_policy_bid_business_commercial").user_id = cls.buyer
        cls.env.ref("kams_sales.review_policy_bid_overall_director").user_id = cls.director
        cls.tender = cls._tender()

    # SHORT WORDS
    @classmethod
    def _tender(cls, deal=None, **vals):
        tender = cls.env["kams.tender"].create(
            {
                "lead_id": (deal or cls.deal).id,
                "name": "Boilers",
                "user_id": cls.bidder.id,
                "bid_deadline": fields.Datetime.now() + timedelta(days=20),
                "bid_validity_days": 90,
                "ceiling_price": 120_000,
                **vals,
            }
        )
        tender.action_prepare()
        return tender

    def _bid_review(self, tender=None, lowest=90_000, decide="approved", scores=None, **vals):
        review = (
            self.env["kams.review"]
            .with_user(self.bidder)
            .create(
                {
                    "kind": "bid",
                    "tender_id": (tender or self.tender).id,
                    "approved_min_price": lowest,
                    "bid_cost": 70_000,
                    "deadline_feasible": "yes",
                    **vals,
                }
            )
        )
        if decide:
            review.action_submit()
            for user in (self.director, self.engineer, self.accountant):
                self._vote(review, user)
            self._score(review, scores or C31)
            review.with_user(self.chair)._decide(decide, "Go.")
        return review

    def _document(self, tender=None, price=100_000, **vals):
        """A bid of one line whose opening sheet agrees with it, and whose chapters are done."""
        tender = tender or self.tender
        tender.bid_price = price
        deadline = tender.bid_deadline.date()
        bid = (
            self.env["kams.proposal"]
            .with_user(self.bidder)
            .create(
                {
                    "kind": "bid",
                    "name": tender.name,
                    "tender_id": tender.id,
                    "lead_id": tender.lead_id.id,
                    "validity_date": deadline + timedelta(days=91),
                    "file_limit_mb": 50,
                    "line_ids": [Command.create({"name": "Boiler", "quantity": 2, "list_price": price / 2})],
                    **vals,
                }
            )
        )
        bid.action_make_volumes()
        bid.chapter_ids.write({"state": "done", "pages": 3})
        bid.sheet_total = bid.amount_total
        bid.action_use_words()
        return bid

    def _answer_clauses(self, tender=None):
        self.env["kams.tender.clause"].create(
            {"tender_id": (tender or self.tender).id, "text": "Two boilers", "mark": "star", "status": "comply"}
        )

    def _tick(self, bid, but=()):
        for check in bid.check_ids:
            if check.state == "open" and not check.automatic and check.code not in but:
                check.note = "Looked at"
                check.action_confirm()

    def _reviewed(self, bid, kinds=("bid_technical", "bid_business", "bid_overall")):
        reviewer = {"bid_technical": self.engineer, "bid_business": self.buyer, "bid_overall": self.director}
        reviews = self.env["kams.review"]
        for kind in kinds:
            review = reviews.with_user(self.bidder).create(
                {"kind": kind, "tender_id": bid.tender_id.id, "proposal_id": bid.id}
            )
            review.action_submit()
            self._vote(review, reviewer[kind])
            review.with_user(self.chair)._decide("approved")
            reviews |= review
        return reviews

    def _ready(self, tender=None, **vals):
        """A bid that nothing stands in the way of."""
        tender = tender or self.tender
        self._answer_clauses(tender)
        bid = self._document(tender, **vals)
        self._tick(bid)
        self._bid_review(tender)
        self._reviewed(bid)
        self._integrity(tender)
        return bid

    def _integrity(self, tender=None):
        check = self.env["kams.bid.integrity"].with_user(self.bidder).create({"tender_id": (tender or self.tender).id})
        check.line_ids.write({"answer": "no"})
        check.action_done()
        return check

    def _file(self, name="bid.pdf", content=b"our bid"):
        return self.env["ir.attachment"].with_user(self.bidder).create({"name": name, "raw": content})

    def _hand_in(self, tender=None, **vals):
        wizard = (
            self.env["kams.tender.submit"]
            .with_user(self.bidder)
            .create(
                {
                    "tender_id": (tender or self.tender).id,
                    "place": "ggzy.gov.cn",
                    "receipt_ids": self._file("receipt.png", b"received").ids,
                    "file_ids": self._file().ids,
                    **vals,
                }
            )
        )
        wizard.action_confirm()
        return (tender or self.tender).submission_ids.filtered(lambda one: one.state == "valid")

    def _withdraw(self, tender=None, **vals):
        wizards = self.env["kams.tender.withdraw"].with_user(self.bidder)
        wizards.create({"tender_id": (tender or self.tender).id, "why": "A better price", **vals}).action_confirm()


@tagged("post_install", "-at_install")
class TestBidReview(BidCase):
    """Whether we bid, and down to which price."""

    def test_c31_go(self):
        review = self._bid_review()
        self.assertEqual((review.score, review.score_verdict, review.state), (71.0, "Go", "approved"))

    def test_c31_bands(self):
        """55 is conditional, 54 no-go: 4,3,3,2,2,1 is 16+12+12+6+4+3 = 53; one more for risk makes 56."""
        low = self._bid_review(decide=None)
        low.action_submit()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(low, user)
        low_marks = {"relationship": 4, "fit": 3, "position": 3, "margin": 2, "resources": 2, "risk": 1}
        self._score(low, low_marks)
        self.assertEqual((low.score, low.proposed), (53, "rejected"))
        self._score(low, {**low_marks, "risk": 2})
        self.assertEqual((low.score, low.proposed), (56, "conditional"))
        with self.assertRaisesRegex(UserError, "milder"):
            low.with_user(self.chair)._decide("approved")

    def test_the_price_is_authorised_down_to_the_lowest(self):
        self.tender.bid_price = 90_000
        self.assertFalse(self.tender.price_authorised)
        self._bid_review(lowest=90_000)
        self.assertTrue(self.tender.price_authorised)
        self.tender.bid_price = 89_999.99
        self.assertFalse(self.tender.price_authorised)
        self.tender.bid_price = None
        self.assertFalse(self.tender.price_authorised)

    def test_what_the_job_costs_is_typed_once(self):
        self.tender.our_cost = 72_000
        review = self._bid_review(decide=None, bid_cost=None)
        self.assertEqual(review.bid_cost, 72_000)

    def test_a_yes_without_a_lowest_price_gives_no_authority(self):
        self.tender.bid_price = 90_000
        review = self._bid_review(lowest=None)
        self.assertTrue(review.is_valid)
        self.assertFalse(self.tender.price_authorised)

    def test_each_veto_decides_alone(self):
        clause = self.env["kams.tender.clause"].create(
            {"tender_id": self.tender.id, "clause_no": "4.2", "text": "Two boilers", "mark": "star"}
        )
        review = self._bid_review(decide=None)
        self.assertFalse(review.veto_grounds)
        self.assertIn("still without an answer: 1", review.bid_notes)
        review.action_submit()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(review, user)
        self._score(review, C31)
        self.assertEqual(review.proposed, "approved")

        def vetoed(words):
            self.env.invalidate_all()
            self.assertIn(words, review.veto_grounds)
            self.assertEqual(review.proposed, "rejected")
            with self.assertRaisesRegex(UserError, "milder"):
                review.with_user(self.chair)._decide("conditional", conditions=[self._condition()])

        clause.status = "negative"
        vetoed("don't meet: 4.2")
        clause.write({"mark": "normal", "kind": "qualification"})
        vetoed("Qualifications")
        clause.status = "comply"
        self.tender.prequal_required = True
        self.tender.prequal_state = "failed"
        vetoed("prequalification")
        self.tender.prequal_state = "passed"
        before = self.tender.bid_deadline
        self.tender.bid_deadline = fields.Datetime.now() - timedelta(hours=1)
        vetoed("deadline passed")
        self.tender.bid_deadline = before
        check = self.env["kams.bid.integrity"].create({"tender_id": self.tender.id, "explanation": "Told the director"})
        check.line_ids.write({"answer": "no"})
        check.line_ids[0].answer = "yes"
        check.action_done()
        vetoed("collusion")
        again = self.env["kams.bid.integrity"].create({"tender_id": self.tender.id})
        again.line_ids.write({"answer": "no"})
        again.action_done()
        self.env.invalidate_all()
        self.assertFalse(review.veto_grounds)
        review.with_user(self.chair)._decide("approved")
        self.assertTrue(review.is_valid)

    def test_a_margin_below_the_floor_is_a_veto(self):
        """(80 − 70) / 80 = 12.5 %, and the floor is 15 %."""
        review = self._bid_review(lowest=80_000, decide=None)
        review.action_submit()
        self.assertAlmostEqual(review.bid_margin_pct, 12.5)
        self.assertIn("12.5", review.veto_grounds)

    def test_who_said_no_knows_why_for_ever(self):
        review = self._bid_review(decide=None, deadline_feasible="no")
        review.action_submit()
        for user in (self.director, self.engineer, self.accountant):
            self._vote(review, user)
        self._score(review, C31)
        review.with_user(self.chair)._decide("rejected", "Too late.")
        self.assertIn("can't be met", review.veto_grounds)
        self.tender.bid_deadline += timedelta(days=50)
        self.assertIn("can't be met", review.veto_grounds)
        review.with_user(self.bidder).action_abandon_tender()
        self.assertEqual((self.tender.result, self.tender.is_live), ("abandoned", False))

    def test_two_lots_are_decided_each_for_itself(self):
        other = self._tender(lot="Lot 2")
        first, second = self._bid_review(), self._bid_review(other)
        self.assertTrue(first.is_valid and second.is_valid)
        self.assertEqual(self.deal.kams_review_ids.filtered("is_latest"), first | second)
        third = self._bid_review(other, decide="rejected")
        self.assertEqual((first.is_valid, second.is_latest, third.is_latest), (True, False, True))

    def test_lots_of_merged_deals_keep_their_decisions(self):
        other = self._deal(partner_id=self.customer.id, expected_revenue=50_000)
        self._settle()
        tender = self._tender(other, name="Valves")
        first, second = self._bid_review(), self._bid_review(tender)
        (self.deal | other).merge_opportunity(auto_unlink=False)
        self._settle()
        self.assertEqual((first | second).lead_id, self.deal)
        self.assertTrue(first.is_latest and second.is_latest)
        self.assertEqual(tender.lead_id, self.deal)

    def test_prices_are_in_the_tenders_currency(self):
        dollar = self.env.ref("base.USD") if self.env.company.currency_id.name != "USD" else self.env.ref("base.EUR")
        dollar.active = True
        self.tender.currency_id = dollar
        review = self._bid_review()
        self.assertEqual(review.tender_currency_id, dollar)
        self.assertNotEqual(review.currency_id, dollar)

    def test_the_bid_desk_applies_for_bids_only(self):
        review = self._bid_review(decide=None)
        self.assertEqual((review.applicant_id, review.lead_id), (self.bidder, self.deal))
        with self.assertRaises(AccessError):
            self.env["kams.review"].with_user(self.bidder).create({"lead_id": self.deal.id, "kind": "initiation"})

    def test_a_review_of_a_bid_needs_a_tender_of_its_deal(self):
        reviews = self.env["kams.review"]
        with self.assertRaisesRegex(ValidationError, "about a tender"):
            reviews.create({"lead_id": self.deal.id, "kind": "bid"})
        stranger = self._deal(name="Another")
        self._settle()
        with self.assertRaisesRegex(ValidationError, "belongs to another"):
            reviews.create({"lead_id": stranger.id, "kind": "bid", "tender_id": self.tender.id})

    def test_whoever_wrote_the_documents_does_not_review_them(self):
        bid = self._document()
        bid.chapter_ids[0].user_id = self.engineer
        review = (
            self.env["kams.review"]
            .with_user(self.bidder)
            .create({"kind": "bid_technical", "tender_id": self.tender.id, "proposal_id": bid.id})
        )
        self.assertFalse(review.opinion_ids.user_id)
        with self.assertRaisesRegex(ValidationError, "can't review"):
            review.opinion_ids.user_id = self.engineer


@tagged("post_install", "-at_install")
class TestBidDocuments(BidCase):
    """The volumes, the opening sheet and the checklist."""

    def _state(self, bid, code):
        self.env.flush_all()
        return bid.check_ids.filtered(lambda one: one.code == code).state

    def test_volumes_come_from_the_template_once(self):
        action = self.tender.with_user(self.bidder).action_make_volumes()
        bid = self.env["kams.proposal"].browse(action["res_id"])
        self.assertEqual(set(bid.chapter_ids.mapped("volume")), {v for v, _name in self._volumes()})
        self.assertNotIn("Consortium agreement", bid.chapter_ids.mapped("name"))
        number = len(bid.chapter_ids)
        self.tender.with_user(self.bidder).action_make_volumes()
        bid.action_make_volumes()
        self.assertEqual((len(bid.chapter_ids), len(self.tender.document_ids)), (number, 1))
        self.tender.consortium_partner_ids = self.customer
        bid.action_make_volumes()
        self.assertEqual(len(bid.chapter_ids), number + 1)

    def _volumes(self):
        return self.env["kams.proposal.chapter"]._fields["volume"].selection

    def test_paper_bids_have_no_electronic_volume_and_electronic_ones_no_seal(self):
        bid = self._document(bid_form="paper")
        self.assertNotIn("electronic", bid.chapter_ids.mapped("volume"))
        states = {code: self._state(bid, code) for code in ("e_signature", "file_size", "sealing", "copies")}
        self.assertEqual(states, {"e_signature": "na", "file_size": "na", "sealing": "open", "copies": "open"})
        bid.bid_form = "electronic"
        states = {code: self._state(bid, code) for code in ("e_signature", "sealing", "copies")}
        self.assertEqual(states, {"e_signature": "open", "sealing": "na", "copies": "na"})

    def test_the_list_has_fourteen_items(self):
        bid = self._document()
        self.assertEqual(len(bid.check_ids), 14)

    def test_words_and_figures_must_say_the_same(self):
        bid = self._document()
        check = bid.check_ids.filtered(lambda one: one.code == "words")
        self.assertEqual((bid.amount_in_words[-5:], check.state), ("壹拾万元整", "ok"))
        bid.amount_in_words = "壹拾壹万元整"
        self.assertEqual(check.state, "open")
        self.assertIn("110,000", check.finding)
        bid.amount_in_words = "a hundred thousand"
        self.assertIn("can't be read", check.finding)
        bid.amount_in_words = "十万元"
        self.assertEqual(check.state, "ok")
        bid.sheet_total = None
        self.assertIn("isn't entered", check.finding)

    def test_lines_total_and_price_must_say_the_same(self):
        bid = self._document()
        check = bid.check_ids.filtered(lambda one: one.code == "sums")
        self.assertEqual(check.state, "ok")
        bid.sheet_total = 100_000.01
        self.assertEqual(check.state, "open")
        self.assertIn("opening sheet", check.finding)
        bid.sheet_total = 100_000
        self.tender.bid_price = 99_000
        self.assertIn("our price in the tender", check.finding)
        self.assertEqual(check.state, "open")
        bid.action_use_total()
        self.assertEqual((check.state, self.tender.bid_price), ("ok", 100_000))

    def test_a_unit_price_that_is_rounded_on_paper_must_still_multiply(self):
        """3 × 33,333.33 is 99,999.99, not the 100,000 that a third of a cent more would make."""
        bid = self._document()
        bid.line_ids = [
            Command.clear(),
            Command.create({"name": "Boiler", "quantity": 3, "list_price": 100_000 / 3}),
        ]
        check = bid.check_ids.filtered(lambda one: one.code == "sums")
        self.assertEqual(bid.amount_total, 100_000)
        self.assertIn("Round the unit price", check.finding)

    def test_one_price_below_the_ceiling(self):
        bid = self._document(price=120_000.01)
        self.assertEqual(self._state(bid, "one_price"), "open")
        self.tender.ceiling_price = 130_000
        self.assertEqual(self._state(bid, "one_price"), "ok")
        self._document(price=120_000.01)
        bid.action_check_now()
        self.assertEqual(self._state(bid, "one_price"), "open")

    def test_validity_counts_from_the_deadline_where_the_tender_is(self):
        """23:30 in Shanghai on the 10th is 15:30 in London; 0:30 on the 11th is still the 10th there."""
        self.tender.write({"bid_deadline": "2030-03-10 16:30:00", "bid_validity_days": 90})
        bid = self._document()
        bid.validity_date = "2030-06-08"  # the 10th of March and 90 days
        self.assertEqual(self._state(bid, "validity"), "open")
        bid.validity_date = "2030-06-09"
        self.assertEqual(self._state(bid, "validity"), "ok")

    def test_large_files_are_seen(self):
        bid = self._document(file_limit_mb=1)
        self.assertEqual(self._state(bid, "file_size"), "ok")
        bid.chapter_ids[0].attachment_ids = self._file("large.pdf", b"x" * (1024 * 1024 + 1))
        bid.action_check_now()
        self.assertEqual(self._state(bid, "file_size"), "open")

    def test_nobody_ticks_what_the_program_checks(self):
        bid = self._document()
        words = bid.check_ids.filtered(lambda one: one.code == "words")
        bid.amount_in_words = "壹元整"
        for user in (self.bidder, self.director):
            with self.assertRaisesRegex(UserError, "checked by the program"):
                words.with_user(user).action_confirm()
        signed = bid.check_ids.filtered(lambda one: one.code == "signatures")
        for vals in ({"state": "ok"}, {"done_at": fields.Datetime.now()}, {"done_by_id": self.director.id}):
            with self.assertRaises(UserError):
                call_kw(self.env["kams.bid.check"].with_user(self.bidder), "write", [signed.ids, vals], {})
        with self.assertRaisesRegex(UserError, "write down"):
            signed.action_confirm()
        signed.note = "Page 3 and 40"
        signed.action_confirm()
        self.assertEqual((signed.state, signed.done_by_id), ("ok", self.bidder))
        signed.action_undo()
        self.assertEqual((signed.state, bool(signed.done_by_id)), ("open", False))
        with self.assertRaises(UserError):
            bid.sudo().write({"check_ids": [Command.delete(signed.id)]})

    def test_free_text_of_any_kind(self):
        bid = self._document()
        note = "<b>✓</b> שלום 🖋 " + "長" * 10_000
        check = bid.check_ids.filtered(lambda one: one.code == "dates")
        check.note = note
        check.action_confirm()
        self.assertEqual(check.note, note)


@tagged("post_install", "-at_install")
class TestSubmission(BidCase):
    """Handing in, withdrawing, and what stays."""

    def test_all_that_is_missing_is_named_at_once(self):
        self.env["kams.tender.clause"].create({"tender_id": self.tender.id, "text": "Two boilers", "mark": "star"})
        self._document()
        wizard = self.env["kams.tender.submit"].with_user(self.bidder).create({"tender_id": self.tender.id})
        with self.assertRaises(UserError) as refused:
            wizard.action_confirm()
        message = str(refused.exception)
        for words in ("bid review", "Technical", "Business", "Overall", "checklist", "receipt", "bid files"):
            self.assertIn(words, message)
        self.assertIn("No valid bid review", wizard.obstacles)
        self.assertIn("no integrity self-check yet", wizard.obstacles)
        self.assertEqual(wizard.obstacles.count("Two boilers"), 1, "The open clause is told once")
        self.assertNotIn("Deviation table", wizard.obstacles)
        self.assertEqual(self.tender.state, "preparing")

    def test_a_bid_goes_in(self):
        bid = self._ready()
        submission = self._hand_in()
        self.assertEqual((self.tender.state, bid.state), ("submitted", "submitted"))
        self.assertEqual((submission.proposal_id, submission.user_id, submission.price), (bid, self.bidder, 100_000))
        self.assertEqual(submission.deadline_at, self.tender.bid_deadline)
        self.assertEqual(submission.file_hash, f"{hashlib.sha256(b'our bid').hexdigest()}  bid.pdf")
        self.assertEqual(submission.attachment_ids.raw, b"received")
        self.assertEqual(submission.action_verify()["params"]["type"], "success")

    def test_what_was_handed_in_stays_on_every_route(self):
        bid = self._ready()
        submission = self._hand_in()
        for user in (self.bidder, self.director):
            for attempt in (
                lambda user=user: submission.with_user(user).write({"place": "x"}),
                lambda user=user: submission.with_user(user).unlink(),
                lambda user=user: submission.file_ids.with_user(user).write({"raw": b"another bid"}),
                lambda user=user: submission.attachment_ids.with_user(user).unlink(),
                lambda user=user: self.tender.with_user(user).write({"state": "preparing"}),
                lambda user=user: self.tender.with_user(user).write({"bid_price": 1}),
                lambda user=user: bid.with_user(user).write({"sheet_total": 1}),
                lambda user=user: bid.check_ids[0].with_user(user).write({"note": "x"}),
                lambda user=user: bid.check_ids[0].with_user(user).action_undo(),
                lambda user=user: bid.chapter_ids[0].with_user(user).write({"pages": 1}),
                lambda user=user: (
                    self.env["kams.tender.submission"].with_user(user).create({"tender_id": self.tender.id})
                ),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):  # or AccessError
                    attempt()
        for attempt in (lambda: submission.write({"place": "x"}), lambda: submission.unlink()):
            with self.assertRaises(UserError):  # not even a program
                attempt()

    def test_nobody_sets_submitted_by_hand(self):
        bid = self._document()
        for record in (self.tender, bid):
            with self.assertRaisesRegex(UserError, "Submit the Bid"):
                record.with_user(self.bidder).write({"state": "submitted"})
        with self.assertRaisesRegex(UserError, "Submit the Bid"):
            bid.action_submit()

    def test_late_is_late_on_the_deadlines_minute(self):
        """The deadline is 9:30 in Shanghai, 1:30 UTC: a second before it goes in, at it no more."""
        self._ready()
        self.tender.bid_deadline = "2030-03-01 01:30:00"
        moment = fields.Datetime.to_datetime("2030-03-01 01:30:00")
        tender = self.tender.with_user(self.bidder)
        self.assertFalse(tender._is_late(moment - timedelta(seconds=1)))
        self.assertTrue(tender._is_late(moment))
        self.tender.bid_deadline = fields.Datetime.now() - timedelta(seconds=1)
        with self.assertRaises(UserError) as refused:
            self._hand_in()
        self.assertIn(self.tender._local(self.tender.bid_deadline), str(refused.exception))
        self.assertIn("Asia/Shanghai", str(refused.exception))

    def test_the_message_says_the_hour_in_shanghai_whatever_the_users_zone(self):
        self.tender.bid_deadline = "2020-03-01 01:30:00"
        self.bidder.tz = "America/New_York"
        obstacles = "\n".join(self.tender.with_user(self.bidder)._submission_obstacles())
        self.assertIn("2020-03-01 09:30:00", obstacles)

    def test_a_price_that_is_not_authorised_does_not_go_in(self):
        bid = self._ready()
        self.tender.bid_price = 80_000
        bid.line_ids.list_price = 40_000
        bid.sheet_total = 80_000
        bid.action_use_words()
        with self.assertRaisesRegex(UserError, "below the lowest"):
            self._hand_in()

    def test_an_overall_review_of_another_version_does_not_count(self):
        bid = self._ready()
        bid._new_version()
        self.assertIn("Overall", "\n".join(self.tender._submission_obstacles()))

    def test_what_changes_after_the_overall_review_is_reviewed_again(self):
        bid = self._ready()
        review = self.tender.review_ids.filtered(lambda one: one.kind == "bid_overall")
        self.env.cr.execute(
            "UPDATE kams_review SET submitted_at = submitted_at - interval '1 hour' WHERE id = %s", [review.id]
        )
        self.env.cr.execute(
            "UPDATE kams_proposal_chapter SET content_on = content_on - interval '2 hours' WHERE proposal_id = %s;"
            "UPDATE kams_proposal_line SET content_on = content_on - interval '2 hours' WHERE proposal_id = %s;"
            "UPDATE kams_proposal SET content_on = content_on - interval '2 hours' WHERE id = %s",
            [bid.id] * 3,
        )
        self.env.invalidate_all()
        self.assertFalse(self.tender._submission_obstacles())
        bid.chapter_ids[0].body = "<p>Written at the last minute</p>"
        self.assertRegex("\n".join(self.tender._submission_obstacles()), "Overall.*changed after it")

    def test_withdrawn_and_handed_in_again(self):
        self._ready()
        first = self._hand_in()
        with self.assertRaisesRegex(UserError, "is in already"):
            self._hand_in()
        self._withdraw()
        self.assertEqual((first.state, first.withdrawn_late, self.tender.state), ("withdrawn", False, "preparing"))
        self.assertEqual(first.withdrawn_why, "A better price")
        second = self._hand_in()
        self.assertEqual((first.state, second.state, self.tender.state), ("withdrawn", "valid", "submitted"))

    def test_withdrawn_and_handed_in_at_another_price(self):
        """The second bid is a version of its own, reviewed anew; the first stays as it was handed in."""
        bid = self._ready()
        first = self._hand_in()
        self._withdraw()
        again = bid.with_user(self.bidder)._new_version()
        self.assertEqual((bid.state, again.state), ("superseded", "draft"))
        again.line_ids.list_price = 47_500
        again.chapter_ids.write({"state": "done"})
        again.action_use_total()
        with self.assertRaisesRegex(UserError, "Overall"), self.cr.savepoint():
            self._hand_in()
        self._tick(again)
        self._reviewed(again)
        second = self._hand_in()
        self.assertEqual((first.proposal_id, first.price), (bid, 100_000))
        self.assertEqual((second.proposal_id, second.price), (again, 95_000))
        self.assertEqual((first.state, second.state), ("withdrawn", "valid"))

    def test_after_the_deadline_a_withdrawal_costs_the_bond(self):
        self._ready()
        submission = self._hand_in()
        self.tender.bid_deadline = fields.Datetime.now() - timedelta(minutes=1)
        with self.assertRaisesRegex(UserError, "Article 35"):
            self._withdraw()
        self._withdraw(accept_loss=True)
        self.assertTrue(submission.withdrawn_late)

    def test_a_deadline_that_moves_after_the_submission_leaves_it_as_it_was(self):
        self._ready()
        submission = self._hand_in()
        held = self.tender.bid_deadline
        self.tender.bid_deadline = held - timedelta(days=5)
        self.assertEqual((submission.deadline_at, self.tender.state), (held, "submitted"))

    def test_a_tender_that_was_submitted_is_not_deleted(self):
        self._ready()
        self._hand_in()
        with self.assertRaises(UserError):
            self.tender.unlink()

    def test_submissions_of_merged_deals_follow(self):
        target = self._deal(name="Bigger", partner_id=self.customer.id)
        self._settle()
        self._ready()
        submission = self._hand_in()
        (target | self.deal).merge_opportunity(auto_unlink=False)
        self._settle()
        self.assertEqual(submission.lead_id, self.tender.lead_id)


@tagged("post_install", "-at_install")
class TestIntegrity(BidCase):
    """Signs that the law takes for collusion."""

    def _check(self):
        return self.env["kams.bid.integrity"].with_user(self.bidder).create({"tender_id": self.tender.id})

    def test_all_signs_are_asked_for(self):
        check = self._check()
        self.assertEqual(len(check.line_ids), 9)
        self.assertFalse(check.result)
        with self.assertRaisesRegex(UserError, "still needs an answer"):
            check.action_done()
        check.line_ids.write({"answer": "no"})
        self.assertEqual(check.result, "clear")
        check.action_done()
        self.assertEqual(self.tender.integrity_result, "clear")

    def test_no_bid_goes_in_without_a_self_check_that_is_done_and_clear(self):
        def told():
            self.env.invalidate_all()
            return "\n".join(self.tender._submission_obstacles())

        self.assertIn("There is no integrity self-check yet", told())
        check = self._check()
        self.assertIn("isn't done yet", told())
        check.line_ids.write({"answer": "no"})
        check.action_done()
        self.assertNotIn("integrity", told())

    def test_a_flag_says_what_is_done_about_it(self):
        check = self._check()
        check.line_ids.write({"answer": "no"})
        check.line_ids[5].answer = "yes"
        self.assertEqual(check.result, "flagged")
        with self.assertRaisesRegex(UserError, "what is done about it"):
            check.action_done()
        check.explanation = "The bond goes out from our own account"
        check.action_done()
        self.assertEqual(check.state, "done")

    def test_done_stays(self):
        check = self._check()
        check.line_ids.write({"answer": "no"})
        check.action_done()
        for attempt in (
            lambda: check.write({"explanation": "x"}),
            lambda: check.write({"state": "draft"}),
            lambda: check.line_ids[0].write({"answer": "yes"}),
            lambda: check.line_ids[0].unlink(),
            lambda: check.unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_odoo_compares_the_bidders_that_it_knows(self):
        ours = self.env.company.partner_id
        ours.write({"email": "Bids@Ours.example", "phone": "+86 10 5555 1234"})
        sister = self._company("Sister Ltd", parent_id=ours.id)
        agent = self._company("Agent Ltd")
        self.env["res.partner"].create({"name": "Clerk", "parent_id": agent.id, "email": "bids@ours.example"})
        stranger = self._company("Stranger Ltd", email="info@stranger.example")
        bidders = self.env["kams.tender.bidder"]
        bidders.create([{"tender_id": self.tender.id, "partner_id": firm.id} for firm in agent | stranger])
        check = self._check()
        found = {line.code: line.finding for line in check.line_ids if line.finding}
        self.assertEqual(set(found), {"40_2"})
        self.assertIn("bids@ours.example", found["40_2"])
        self.assertIn("Agent Ltd", found["40_2"])
        self.assertNotIn("Stranger", found["40_2"])
        self.assertEqual(check.result, "flagged")
        bidders.create({"tender_id": self.tender.id, "partner_id": sister.id})
        check.action_compare()
        related = check.line_ids.filtered(lambda line: line.code == "34_control")
        self.assertIn("Sister Ltd", related.finding)
        check.line_ids.write({"answer": "no"})
        with self.assertRaisesRegex(UserError, "Say why"):
            check.action_done()
        check.line_ids.filtered("finding").write({"evidence": "Sold in May"})
        check.action_done()
        self.assertEqual(check.result, "clear")

    def test_prices_that_rise_by_one_step_are_seen(self):
        for price in (100, 110, 120):
            self.env["kams.tender.bidder"].create(
                {"tender_id": self.tender.id, "name": f"Firm {price}", "opening_price": price}
            )
        line = self._check().line_ids.filtered(lambda line: line.code == "40_4")
        self.assertIn("10.00", line.finding)
