from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import known
from .insiders import INSIDERS
from .kams_review import STATES
from .kams_review_tender import DOCUMENT_KINDS


class Bidder(NamedTuple):
    """Another bidder, or we, as far as the tender knows of them."""

    name: str
    partner_id: object
    price: float | None


class KamsTender(models.Model):
    """Our bid in a tender: whether we bid and down to which price, with which documents, and whether it is in.

    Book sections 6.5 and 6.7. The decision to bid and the reviews of the documents are ``kams.review``, the documents
    ``kams.proposal``, what was handed in ``kams.tender.submission``.
    """

    _inherit = "kams.tender"

    document_ids = fields.One2many(
        "kams.proposal", "tender_id", string="Bid Documents", domain=[("kind", "=", "bid")], copy=False
    )
    review_ids = fields.One2many("kams.review", "tender_id", string="Reviews", copy=False)
    integrity_ids = fields.One2many("kams.bid.integrity", "tender_id", string="Integrity Self-Checks", copy=False)
    submission_ids = fields.One2many("kams.tender.submission", "tender_id", string="Submissions", copy=False)
    price_authorised = fields.Boolean(
        string="Price Authorised",
        compute="_compute_price_authorised",
        store=True,
        copy=False,
        help="A valid bid review lets us offer this price.",
    )
    # The decision to bid, for the page
    bid_review_id = fields.Many2one("kams.review", string="Bid Review", compute="_compute_bid_review")
    bid_decision = fields.Selection(STATES, string="Decision to Bid", compute="_compute_bid_review")
    lowest_price = fields.Monetary(string="Lowest Price Authorised", compute="_compute_bid_review", groups=INSIDERS)
    bid_document_id = fields.Many2one("kams.proposal", string="Bid Document", compute="_compute_bid_document")
    integrity_result = fields.Selection(
        [("clear", "Clear"), ("flagged", "Flagged")], string="Integrity Self-Check", compute="_compute_integrity"
    )

    # COMPUTES
    @api.depends("bid_price", "currency_id", "review_ids.is_valid", "review_ids.kind", "review_ids.approved_min_price")
    def _compute_price_authorised(self):
        for tender in self:
            price, lowest = known(tender.bid_price), tender._lowest_price()
            tender.price_authorised = (
                None not in (price, lowest) and tender.currency_id.compare_amounts(price, lowest) >= 0
            )

    @api.depends("review_ids.state", "review_ids.is_valid", "review_ids.approved_min_price")
    def _compute_bid_review(self):
        for tender in self:
            reviews = tender.review_ids.filtered(lambda one: one.kind == "bid" and one.state != "cancelled")
            tender.bid_review_id = reviews.filtered("is_latest")[:1] or reviews.sorted("id")[-1:]
            tender.bid_decision = tender.bid_review_id.state
            tender.lowest_price = tender._lowest_price() or 0.0

    @api.depends("document_ids.state", "document_ids.version")
    def _compute_bid_document(self):
        for tender in self:
            tender.bid_document_id = tender._bid()

    @api.depends("integrity_ids.state", "integrity_ids.result")
    def _compute_integrity(self):
        for tender in self:
            tender.integrity_result = tender._integrity().result

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "lead_id" in vals and not self.env.su:  # a merge of deals takes all of it along
            self._check_on_one_deal()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_undecided(self):
        """What was decided or handed in stays."""
        for tender in self.sudo():  # sudo: whether there is something, whoever may see it
            if tender.submission_ids or any(review.state != "draft" for review in tender.review_ids):
                raise UserError(
                    self.env._(
                        "%s has been reviewed or submitted and stays. Close it with its result instead.",
                        tender.display_name,
                    )
                )

    # ACTIONS
    def action_bid_review(self):
        """Open the decision to bid, or the application for it, made now if there is none."""
        self.ensure_one()
        review = self.bid_review_id or self.env["kams.review"].create({"tender_id": self.id, "kind": "bid"})
        return review._get_records_action(name=review.display_name)

    def action_make_volumes(self):
        """Open the bid's documents, made now from the template if there are none."""
        self.ensure_one()
        bid = self._bid() or self.env["kams.proposal"].create(
            {"kind": "bid", "tender_id": self.id, "lead_id": self.lead_id.id, "name": self.display_name}
        )
        if not bid.chapter_ids:
            bid.action_make_volumes()
        return bid._get_records_action(name=bid.display_name)

    def action_integrity(self):
        """Open the latest integrity self-check, made now if there is none."""
        self.ensure_one()
        check = self.integrity_ids.sorted("id")[-1:] or self.integrity_ids.create({"tender_id": self.id})
        return check._get_records_action(name=check.display_name)

    def action_submit_bid(self):
        """Open the dialog that hands the bid in; it says what is still missing."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Submit the Bid"),
            "res_model": "kams.tender.submit",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_tender_id": self.id},
        }

    def action_withdraw_bid(self):
        """Open the dialog that withdraws what was handed in."""
        self.ensure_one()
        self.check_access("write")
        if not self._submission():
            raise UserError(self.env._("%s has no submitted bid to withdraw.", self.display_name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the Bid"),
            "res_model": "kams.tender.withdraw",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_tender_id": self.id},
        }

    # BUSINESS
    def _check_on_one_deal(self):
        """What was written, decided or handed in was so for one deal: it doesn't become another's evidence."""
        for tender in self.sudo():  # sudo: whether there is something, whoever may see it
            deal = tender.lead_id
            tender.submission_ids.filtered(lambda one, deal=deal: one.lead_id != deal)._refuse()
            tender.with_context(active_test=False).document_ids._check_tender()
            tender.review_ids._check_tender()
            tender.guarantee_ids._check_same_deal()
            tender.integrity_ids.filtered(lambda one, deal=deal: one.lead_id != deal)._check_draft()
            tender.integrity_ids.lead_id = deal
        self.winloss_ids._check_tender()

    def _bid(self):
        """The bid's documents as they now are: the latest version that no other took the place of."""
        self.ensure_one()
        return self.document_ids.filtered(lambda one: one.state != "superseded").sorted("version")[-1:]

    def _integrity(self):
        """The latest self-check that is done."""
        self.ensure_one()
        return self.integrity_ids.filtered(lambda one: one.state == "done").sorted("id")[-1:]

    def _submission(self):
        """What lies with the tenderee now."""
        self.ensure_one()
        return self.submission_ids.filtered(lambda one: one.state == "valid")[:1]

    def _known_bidders(self):
        """Who bids, as far as the tender knows: a list of :class:`Bidder`, with the price that was read out."""
        self.ensure_one()
        return [
            Bidder(
                one.name,
                one.partner_id if not one.is_us else one.partner_id.browse(),  # we stand beside them already
                known(one.opening_price),
            )
            for one in self.bidder_ids
        ]

    def _lowest_price(self):
        """Down to which price a valid bid review lets us go; None if none does."""
        self.ensure_one()
        valid = self.review_ids.filtered(lambda one: one.kind == "bid" and one.is_valid)[:1]
        if valid.tender_currency_id != self.currency_id:
            return None  # a limit in another currency is none
        return known(valid.sudo().approved_min_price)  # sudo: shown by fields that say for whom

    def _open_review(self, kind, **vals):
        """The review of that kind that is under way; else a new version of the last; else a first one."""
        reviews = self.env["kams.review"]
        ours = reviews.search([("tender_id", "=", self.id), ("kind", "=", kind), ("state", "!=", "cancelled")])
        review = ours.filtered(lambda one: one.state in ("draft", "open"))[:1]
        if not review and (before := ours[:1]):
            review = before._new_version()
            if vals:
                review.write(vals)
        review = review or reviews.create({"tender_id": self.id, "kind": kind, **vals})
        return review._get_records_action(name=review.display_name)

    def _submission_obstacles(self):
        """What stands between this tender's bid and its submission, as sentences; chapters add theirs by super()."""
        self.ensure_one()
        bid, found = self._bid(), []
        if self.state in ("opened", "closed"):
            found.append(self.env._("The bids were opened, or the tender is closed."))
        if self._submission():
            found.append(self.env._("The bid is in already: withdraw it first to hand in another."))
        found += self._obstacles_of_time()
        found += self._obstacles_of_decision()
        if not bid:
            return [*found, self.env._("There are no bid documents yet: use “Bid Documents”.")]
        return [*found, *self._obstacles_of_reviews(bid), *bid._obstacles()]

    def _obstacles_of_time(self):
        if not self.bid_deadline:
            return [self.env._("The deadline for bids isn't known: enter it on the page “Dates”.")]
        if self._is_late():
            return [self._late_told()]
        return []

    def _is_late(self, moment=None):
        """At the deadline's minute it is over: bids are opened then. Asked on the server's clock."""
        return bool(self.bid_deadline) and (moment or fields.Datetime.now()) >= self.bid_deadline

    def _late_told(self):
        return self.env._(
            "The deadline passed on %(deadline)s; it is now %(now)s (%(zone)s). Late bids are refused.",
            deadline=self._local(self.bid_deadline),
            now=self._local(fields.Datetime.now()),
            zone=self.tz,
        )

    def _local(self, moment):
        """A moment as the clock says where the tender is held, to the second."""
        local = fields.Datetime.context_timestamp(self.with_context(tz=self.tz), moment)
        return local.strftime("%Y-%m-%d %H:%M:%S")

    def _obstacles_of_decision(self):
        found, price, ceiling = [], known(self.bid_price), known(self.ceiling_price)
        valid = self.review_ids.filtered(lambda one: one.kind == "bid" and one.is_valid)
        if not valid:
            found.append(self.env._("No valid bid review says that we bid."))
        if price is None:
            found.append(self.env._("Our price isn't set."))
        else:
            if ceiling is not None and self.currency_id.compare_amounts(price, ceiling) > 0:
                found.append(self.env._("Our price is above the ceiling: such a bid is rejected."))
            if valid and not self.price_authorised:
                found.append(self.env._("Our price is below the lowest that the bid review allows, or it allows none."))
        return [*found, *self._obstacles_of_integrity()]

    def _obstacles_of_integrity(self):
        check = self._integrity()
        if check.result == "flagged":
            return [self.env._("The integrity self-check is flagged: settle it first.")]
        if check:
            return []
        if self.integrity_ids:
            return [self.env._("The integrity self-check isn't done yet: answer its questions and close it.")]
        return [self.env._("There is no integrity self-check yet: make one from the tender.")]

    def _obstacles_of_reviews(self, bid):
        """The overall review is of these documents as they now read; the other two may be of an earlier version."""
        found = []
        kinds = dict(self.env["kams.review"]._fields["kind"]._description_selection(self.env))
        for kind in DOCUMENT_KINDS:
            valid = self._valid_review(kind, bid)
            if not valid:
                found.append(self.env._("%s: not passed, or no longer valid.", kinds[kind]))
            elif kind == "bid_overall" and bid.changed_at and max(valid.mapped("submitted_at")) < bid.changed_at:
                found.append(self.env._("%s: text or prices were changed after it; ask for it again.", kinds[kind]))
        return found

    def _valid_review(self, kind, bid):
        """The review of these documents that holds."""
        valid = self.review_ids.filtered(lambda one: one.kind == kind and one.is_valid)
        return valid.filtered(lambda one: kind != "bid_overall" or one.proposal_id == bid)
