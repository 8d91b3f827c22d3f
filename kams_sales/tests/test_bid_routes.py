from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_bid import BidCase
from .test_proposal import ProposalCase

# Models whose stored results control points, reviews or the ledger rely on, and lines that add up to them
RELIED_ON = (
    *("kams.tender", "kams.tender.clause", "kams.tender.addendum", "kams.tender.submission", "kams.bid.check"),
    *("kams.bid.integrity", "kams.proposal", "kams.proposal.line", "kams.objection", "kams.guarantee", "kams.winloss"),
    *("kams.winloss.gap", "kams.winloss.reason", "kams.review"),
)


@tagged("post_install", "-at_install")
class TestBidRoutes(BidCase):
    """Ways round what chapters 5 and 6 fix, other than their buttons."""

    def test_results_are_written_by_nobody(self):
        """Odoo takes values for stored results by import and by program; ours are refused."""
        bid = self._document()
        admin = self.env.ref("base.user_admin")
        for record, name, value in (
            (self.tender, "price_authorised", True),
            (self.tender, "bond_state", "valid"),
            (self.tender, "dates_state", "lawful"),
            (self.tender, "is_live", False),
            (bid, "price_state", "within"),
            (bid, "amount_total", 5.0),
            (bid.line_ids, "subtotal", 5.0),
            (bid.line_ids, "margin", 5.0),
        ):
            for user in (self.bidder, self.director, admin):
                with self.subTest(field=name, user=user.login), self.assertRaises(UserError), self.cr.savepoint():
                    record.with_user(user).write({name: value})

    def test_all_that_points_rely_on_refuses_it(self):
        mixin = self.env.registry["kams.computed.mixin"]
        self.assertEqual([name for name in RELIED_ON if not issubclass(self.env.registry[name], mixin)], [])

    def test_nothing_is_born_with_a_result(self):
        tender = (
            self.env["kams.tender"]
            .with_user(self.bidder)
            .create(
                {
                    "lead_id": self.deal.id,
                    "name": "Born well",
                    "bond_required": True,
                    "bid_price": 10,
                    "price_authorised": True,
                    "bond_state": "valid",
                    "dates_state": "lawful",
                    "is_live": False,
                }
            )
        )
        tender.flush_recordset()
        self.env.invalidate_all()
        self.assertEqual(
            (tender.price_authorised, tender.bond_state, tender.dates_state, tender.is_live),
            (False, "missing", "incomplete", True),
        )

    def test_a_bid_that_is_in_is_not_written_on_after_its_tender_was_closed(self):
        """Closed and opened again by a program, the matrix would be free while the bid lies with the tenderee."""
        self._ready()
        self._hand_in()
        tender = self.tender.with_user(self.bidder)
        tender.action_abandon()
        for state in ("registered", "preparing"):
            with self.assertRaisesRegex(UserError, "Withdraw the Bid"), self.cr.savepoint():
                tender.write({"result": False, "state": state})
        tender.action_reopen()
        self.assertEqual(tender.state, "submitted")

    def test_what_was_never_handed_in_is_not_opened_by_reopening(self):
        tender = self.tender.with_user(self.bidder)
        tender.action_abandon()
        with self.assertRaises(UserError), self.cr.savepoint():
            tender.write({"result": False, "state": "submitted"})

    def test_a_tender_with_a_bid_stays_on_its_deal(self):
        other = self._deal(name="Other", partner_id=self.customer.id)
        self._settle()
        bid = self._ready()
        submission = self._hand_in()
        review = self.tender.review_ids[0]
        for user in (self.bidder, self.director):
            for record in (self.tender, bid, submission, review):
                with self.subTest(record=record, user=user.login), self.assertRaises(UserError), self.cr.savepoint():
                    record.with_user(user).write({"lead_id": other.id})
        self.assertEqual(self.tender.lead_id | bid.lead_id | submission.lead_id, self.deal)

    def test_an_empty_tender_may_move(self):
        other = self._deal(name="Other", partner_id=self.customer.id)
        self._settle()
        check = self.env["kams.bid.integrity"].create({"tender_id": self.tender.id})
        self.tender.with_user(self.director).lead_id = other
        self.assertEqual((self.tender.lead_id, check.lead_id), (other, other))

    def test_a_limit_in_another_currency_authorises_nothing(self):
        self._bid_review()
        self.tender.bid_price = 100_000
        self.assertTrue(self.tender.price_authorised)
        weak = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "!=", self.tender.currency_id.name)], limit=1)
        )
        weak.active = True
        self.tender.currency_id = weak
        self.assertFalse(self.tender.price_authorised)

    def test_nobody_joins_or_leaves_a_closed_tender_as_its_winner(self):
        bidders = self.env["kams.tender.bidder"].with_user(self.bidder)
        us, rival = bidders.create(
            [{"tender_id": self.tender.id, "is_us": True}, {"tender_id": self.tender.id, "name": "Rival"}]
        )
        rival.is_winner = True
        self.tender.action_record_award()
        for attempt in (
            lambda: bidders.create({"tender_id": self.tender.id, "name": "Late", "is_winner": True}),
            lambda: rival.unlink(),
            lambda: rival.write({"is_winner": False}),
            lambda: self.tender.with_user(self.bidder).write({"bidder_ids": [Command.delete(rival.id)]}),
        ):
            with self.assertRaisesRegex(UserError, "is closed"), self.cr.savepoint():
                attempt()
        us.technical = 3  # what we think of it goes on

    def test_files_stay_with_what_was_fixed(self):
        """Who may write a record may write its files, says Odoo: not where something rests on them."""
        bid = self._ready()
        data = {"name": "drawing.pdf", "raw": b"as sent"}
        chapter = bid.chapter_ids[0]
        files = self.env["ir.attachment"].with_user(self.bidder)
        on_chapter, on_clause, loose = files.create([data, data, data])
        chapter.with_user(self.bidder).attachment_ids = on_chapter
        self._reviewed(bid, ("bid_overall",))  # a file more is another text
        clause = self.tender.clause_ids[0].with_user(self.bidder)
        clause.attachment_ids = on_clause
        on_clause.raw = b"while it is open"
        submission = self._hand_in()
        kept = on_chapter | on_clause | submission.file_ids | submission.attachment_ids
        for user in (self.bidder, self.director, self.env.ref("base.user_admin")):
            for file in kept:
                for attempt in (
                    lambda file=file, user=user: file.with_user(user).write({"raw": b"another"}),
                    lambda file=file, user=user: file.with_user(user).write({"name": "another.pdf"}),
                    lambda file=file, user=user: file.with_user(user).write({"res_model": False, "res_id": False}),
                    lambda file=file, user=user: file.with_user(user).unlink(),
                    lambda file=file: file.sudo().unlink(),
                ):
                    with self.subTest(file=file.res_model, user=user.login), self.assertRaises(UserError):
                        with self.cr.savepoint():
                            attempt()
        loose.raw = b"another"
        loose.unlink()
        self.deal.sudo().unlink()  # with the deal all of it goes
        self._settle()

    def test_a_deal_that_is_archived_or_lost_keeps_its_bid(self):
        self._ready()
        submission = self._hand_in()
        self.deal.action_set_lost()
        self._settle()
        self.assertEqual((submission.state, self.tender.state), ("valid", "submitted"))
        with self.assertRaises(UserError), self.cr.savepoint():
            submission.with_user(self.director).write({"place": "x"})

    def test_another_company_takes_all_of_the_bid_along(self):
        bid = self._ready()
        submission = self._hand_in()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.deal.write({"company_id": company.id, "team_id": False, "user_id": False})
        self._settle()
        parts = [self.tender, bid, submission, self.tender.clause_ids, bid.chapter_ids, bid.line_ids, bid.check_ids]
        for part in parts:
            self.assertEqual(part.company_id, company, part._name)

    def test_a_stranger_finds_nothing_by_any_question(self):
        """A salesperson of other deals, and people of portal: neither rows nor sums nor names."""
        self._ready()
        self._hand_in()
        self._settle()
        portal = new_test_user(self.env, login="kams_portal", groups="base.group_portal")
        for user in (self.colleague, portal):
            for name, aggregate, words in (
                ("kams.tender", "bid_price:max", self.tender.name),
                ("kams.proposal", "margin:sum", self.tender.name),
                ("kams.proposal.line", "cost:sum", "Boiler"),
                ("kams.tender.submission", "price:max", False),
                ("kams.tender.bidder", "price:min", False),
                ("kams.tender.clause", "sequence:max", "Two boilers"),
                ("kams.review", "approved_min_price:min", False),
                ("kams.bid.check", "id:max", False),
                ("kams.bid.integrity", "id:max", False),
            ):
                model = self.env[name].with_user(user)
                with self.subTest(model=name, user=user.login):
                    if user == portal:
                        with self.assertRaises(AccessError):
                            model.search([])
                        continue
                    ours = (
                        model.sudo()
                        .search([])
                        .filtered(
                            lambda one: (
                                ("lead_id" in one._fields and one.lead_id == self.deal)
                                or ("proposal_id" in one._fields and one.proposal_id.lead_id == self.deal)
                                or ("tender_id" in one._fields and one.tender_id.lead_id == self.deal)
                            )
                        )
                    )
                    self.assertFalse(model.search([("id", "in", ours.ids)]))
                    self.assertFalse(model._read_group([("id", "in", ours.ids)], [], [aggregate])[0][0])
                    if words:
                        self.assertFalse({id_ for id_, _name in model.name_search(words)} & set(ours.ids))
                    for field in ("lead_id.expected_revenue", "tender_id.bid_price", "proposal_id.margin"):
                        if field.split(".")[0] in model._fields and ours:
                            with self.assertRaises(AccessError):
                                ours.with_user(user).mapped(field)


@tagged("post_install", "-at_install")
class TestProposalRoutes(ProposalCase):
    """Ways round the price authority."""

    def test_nobody_lends_themselves_a_directors_authority(self):
        self._priced(100, 82)
        self.assertEqual(self.proposal.price_state, "beyond")
        for attempt in (
            lambda: self.proposal.write({"user_id": self.director.id}),
            lambda: self._propose(user_id=self.director.id),
            lambda: self.proposal.copy({"user_id": self.director.id}),
        ):
            with self.assertRaisesRegex(AccessError, "may agree to more"), self.cr.savepoint():
                attempt()
        self.proposal.user_id = self.colleague  # of one's own rank: as always
        self.proposal.with_user(self.director).user_id = self.director
        self.assertEqual(self.proposal.price_state, "within")

    def test_a_reviewed_proposal_is_not_another_deals_evidence(self):
        other = self._deal(name="Other", partner_id=self.customer.id)
        self._settle()
        self._reviewed("proposal_red")
        with self.assertRaises(UserError), self.cr.savepoint():
            self.proposal.write({"lead_id": other.id})
        self._propose(lead_id=other.id).lead_id = self.deal  # nobody has looked at it
        self._submitted()
        with self.assertRaises(UserError), self.cr.savepoint():
            self.proposal.write({"lead_id": other.id})
