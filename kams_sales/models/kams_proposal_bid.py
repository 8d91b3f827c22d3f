from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import chinese_amount
from .blank import BlankFloat, BlankMonetary, known
from .kams_review_tender import DOCUMENT_KINDS
from .kams_tender_submission import ENGINE, HAND

BID_FORMS = [("electronic", "Electronic"), ("paper", "On Paper"), ("both", "On Paper and Electronic")]
# How amounts in words begin
WORDS = {"CNY": "人民币", "USD": "美元", "EUR": "欧元", "HKD": "港币", "JPY": "日元", "GBP": "英镑"}


class KamsProposal(models.Model):
    """A bid's documents: its volumes, what the opening sheet says, and the list that is gone through before sealing.

    Book section 6.5 投标书的制作. One tender has one bid at a time; a later version takes its place.
    """

    _inherit = "kams.proposal"

    tender_id = fields.Many2one(
        "kams.tender",
        string="Tender",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="cascade",
        index="btree_not_null",
    )
    bid_form = fields.Selection(BID_FORMS, string="Handed In As", default="electronic")
    file_limit_mb = BlankFloat(string="Largest File (MB)", digits=(16, 1), help="What the platform takes at most.")
    # What the opening sheet (开标一览表) says
    sheet_total = BlankMonetary(
        string="Total on the Opening Sheet", help="In figures, as it is read out at the opening."
    )
    amount_in_words = fields.Char(
        string="Total in Words", help="In Chinese capital words, as the opening sheet has it."
    )
    words_suggested = fields.Char(string="Written Properly", compute="_compute_words_suggested")
    # The list
    check_ids = fields.One2many("kams.bid.check", "proposal_id", string="Seal Checklist", copy=False)
    check_open = fields.Integer(string="Open Checks", compute="_compute_check_open")
    page_total = fields.Integer(string="Pages", compute="_compute_page_total")

    # COMPUTES
    @api.depends("sheet_total", "currency_id")
    def _compute_words_suggested(self):
        for proposal in self:
            total = known(proposal.sheet_total)
            before = WORDS.get(proposal.currency_id.name, "")
            fits = total is not None and 0 <= total < chinese_amount.MOST
            proposal.words_suggested = fits and chinese_amount.in_words(total, before)

    @api.depends("check_ids.state")
    def _compute_check_open(self):
        for proposal in self:
            proposal.check_open = len(proposal.check_ids.filtered(lambda one: one.state == "open"))

    @api.depends("chapter_ids.pages")
    def _compute_page_total(self):
        for proposal in self:
            proposal.page_total = sum(proposal.chapter_ids.mapped("pages"))

    # CONSTRAINTS
    @api.constrains("kind", "tender_id")
    def _check_tender(self):
        """Merges of deals move tenders and documents one after the other: the deal itself isn't asked about then."""
        for proposal in self:
            if (proposal.kind == "bid") != bool(proposal.tender_id):
                raise ValidationError(
                    self.env._("“%s”: a bid belongs to a tender, and nothing else does.", proposal.display_name)
                )
            if proposal.tender_id and proposal.tender_id.lead_id != proposal.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(bid)s”: %(tender)s belongs to another deal.",
                        bid=proposal.display_name,
                        tender=proposal.tender_id.display_name,
                    )
                )

    @api.constrains("sheet_total", "file_limit_mb")
    def _check_sheet(self):
        for proposal in self:
            if (known(proposal.sheet_total) or 0) < 0 or (known(proposal.file_limit_mb) or 0) < 0:
                raise ValidationError(self.env._("“%s”: total and file size can't be negative.", proposal.display_name))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        proposals = super().create(vals_list)
        bids = proposals.filtered(lambda one: one.kind == "bid")
        for bid in bids:
            tender = bid.tender_id
            if bid.currency_id != tender.currency_id:
                bid.currency_id = tender.currency_id
            bid.validity_date = bid.validity_date or tender.bid_valid_until
            bid.date_due = bid.date_due or bid._documents_due()
        bids._add_checks()
        return proposals

    def write(self, vals):
        if vals.get("state") == "submitted" and self.env.context.get(HAND) is not ENGINE:
            for bid in self:
                if bid.kind == "bid" and bid.state != "submitted":
                    bid._refuse_submitting()
        result = super().write(vals)
        if "lead_id" in vals and not self.env.su:  # a merge of deals takes tender and reviews along
            self._check_tender()
            self.review_ids._check_proposal()
        return result

    # ACTIONS
    def action_submit(self):
        """Bids go out through their tender, which says what is still missing and notes hour and receipt."""
        for proposal in self:
            if proposal.kind == "bid":
                proposal._refuse_submitting()
        return super().action_submit()

    def action_make_volumes(self):
        """Add the chapters of the template that this bid doesn't have yet."""
        template = self.env["kams.bid.template"].search([("volume", "!=", False)])
        for bid in self.filtered(lambda one: one.kind == "bid"):
            bid._check_open()
            there = {(one.volume, one.name) for one in bid.chapter_ids}
            wanted = template.filtered(lambda one, bid=bid: one._suits(bid))
            self.env["kams.proposal.chapter"].create(
                [
                    {
                        "proposal_id": bid.id,
                        "sequence": one.sequence,
                        "volume": one.volume,
                        "name": one.name,
                        "date_due": bid._documents_due(),
                    }
                    for one in wanted
                    if (one.volume, one.name) not in there
                ]
            )
        return True

    def action_use_words(self):
        """Take over the total in words as it is written properly."""
        for bid in self:
            bid.amount_in_words = bid.words_suggested
        return True

    def action_use_total(self):
        """The opening sheet says what the price sheet adds up to; our price in the tender is the same."""
        for bid in self.filtered(lambda one: one.kind == "bid"):
            bid.write({"sheet_total": bid.amount_total})
            bid.amount_in_words = bid.words_suggested
            bid.tender_id.bid_price = bid.amount_total
        return True

    def action_ask_reviews(self):
        """Make those of the three reviews of the documents that are neither passed nor under way, and open all."""
        self.ensure_one()
        self.check_access("write")
        reviews = self.env["kams.review"]
        for kind in DOCUMENT_KINDS:
            if not self.tender_id._valid_review(kind, self):
                self.tender_id._open_review(kind, proposal_id=self.id)
        asked = reviews.search([("tender_id", "=", self.tender_id.id), ("kind", "in", DOCUMENT_KINDS)])
        return asked._get_records_action(name=self.env._("Reviews of the Documents"))

    def action_check_now(self):
        """Let the program look again at what it checks itself."""
        for bid in self:
            bid.check_ids._look_again()
        return True

    # BUSINESS
    def _refuse_submitting(self):
        raise UserError(self.env._("“%s” is a bid: submit it with “Submit the Bid” on its tender.", self.display_name))

    def _go_out(self):
        """The bid is handed in: its documents and its checklist stay as they are."""
        self.check_ids._look_again()
        hand = self._engine().with_context(**{HAND: ENGINE})
        hand.write({"state": "submitted", "submitted_at": fields.Datetime.now()})
        hand.chapter_ids._sync_activities()

    def _documents_due(self):
        """The day on which chapters are to be done: some days before the deadline, in the tender's time zone."""
        if not self.tender_id.bid_deadline:
            return False
        days = self.env["kams.legal.rule"]._value("bid_documents_ready_days") or 0
        tender = self.tender_id
        return fields.Datetime.context_timestamp(
            tender.with_context(tz=tender.tz), tender.bid_deadline
        ).date() - timedelta(days=days)

    def _add_checks(self):
        """Each bid has the whole list, from the start."""
        codes = self.env["kams.bid.check"]._codes()
        self.env["kams.bid.check"]._engine().create(
            [
                {"proposal_id": bid.id, "code": code, "sequence": place}
                for bid in self
                for place, code in enumerate(codes, 1)
                if code not in bid.check_ids.mapped("code")
            ]
        )

    def _obstacles(self):
        """What of the documents themselves isn't ready, as sentences."""
        self.ensure_one()
        found = []
        if not self.chapter_ids:
            found.append(self.env._("The bid has no chapters yet."))
        if waiting := self.chapter_ids.filtered(lambda one: one.state != "done"):
            found.append(self.env._("Chapters that aren't done: %s.", self._some(waiting.mapped("name"))))
        self.check_ids._look_again()
        # what the deviation table lacks, the tender tells in words
        if open_checks := self.check_ids.filtered(lambda one: one.state == "open" and one.code != "deviations"):
            found.append(self.env._("Open on the seal checklist: %s.", ", ".join(open_checks.mapped("name"))))
        return found

    def _some(self, names, most=5):
        """The first few names, and how many more."""
        more = [self.env._("and %s more", len(names) - most)] if len(names) > most else []
        return ", ".join([*names[:most], *more])


class KamsProposalChapter(models.Model):
    """A chapter of a bid answers clauses of the tender documents."""

    _inherit = "kams.proposal.chapter"

    tender_id = fields.Many2one(related="proposal_id.tender_id")
    clause_ids = fields.Many2many(
        "kams.tender.clause",
        string="Clauses Answered",
        domain="[('tender_id', '=', tender_id)]",
        help="Which clauses of the tender documents this chapter answers.",
    )


class KamsBidTemplate(models.Model):
    """A chapter that bids usually have, and in which volume: what “Make the Bid Volumes” starts from (6.5)."""

    _name = "kams.bid.template"
    _description = "Chapter of the bid template"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="Chapter", required=True, translate=True)
    volume = fields.Selection(
        selection=lambda self: self.env["kams.proposal.chapter"]._fields["volume"].selection, required=True
    )
    consortium_only = fields.Boolean(help="Only in bids of a consortium.")

    def _suits(self, bid):
        """The electronic volume is for electronic bids, some chapters are for consortia alone."""
        self.ensure_one()
        if self.volume == "electronic" and bid.bid_form == "paper":
            return False
        return not self.consortium_only or bool(bid.tender_id.consortium_partner_ids)
