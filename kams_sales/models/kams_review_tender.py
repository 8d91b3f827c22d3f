from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import known
from .kams_review import KamsReview as Engine

# Reviews of a bid's documents: technical, business, and as the evaluators would read the whole
DOCUMENT_KINDS = ("bid_technical", "bid_business", "bid_overall")
BID_KINDS = ("bid", *DOCUMENT_KINDS)


class KamsReview(models.Model):
    """Reviews about a tender and its documents: two lots of one deal are decided each for itself.

    Book sections 6.5 and 6.7. Whoever wrote the documents, or a chapter of them, doesn't judge them.
    """

    _inherit = "kams.review"
    _subject_fields = (*Engine._subject_fields, "tender_id")

    tender_id = fields.Many2one(
        "kams.tender",
        string="Tender",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="cascade",
        index="btree_not_null",
    )

    # COMPUTES
    @api.depends("tender_id.name", "tender_id.lot")
    def _compute_display_name(self):
        return super()._compute_display_name()

    @api.depends("tender_id")
    def _compute_standing(self):
        return super()._compute_standing()

    @api.depends("tender_id.user_id", "proposal_id.user_id")
    def _compute_my_seat(self):
        return super()._compute_my_seat()

    # CONSTRAINTS
    @api.constrains("kind", "tender_id", "proposal_id")
    def _check_tender(self):
        """Merges of deals move reviews and tenders one after the other: the deal itself isn't asked about then."""
        for review in self:
            tender, proposal = review.tender_id, review.proposal_id
            if review.kind in BID_KINDS and not tender:
                raise ValidationError(
                    self.env._("A review of a bid is about a tender: choose the tender of %s.", review._subject_name())
                )
            if tender and review.kind not in BID_KINDS:
                raise ValidationError(self.env._("Only reviews of bids are about a tender, not %s.", tender.name))
            wrong = tender and tender.lead_id != review.lead_id
            if wrong or (tender and proposal and proposal.tender_id != tender):
                raise ValidationError(
                    self.env._(
                        "%(review)s: “%(document)s” belongs to another deal or tender. Choose one of this tender.",
                        review=review.display_name,
                        document=proposal.display_name or tender.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """A review of a tender is about the tender's deal."""
        tenders = self.env["kams.tender"]
        vals_list = [
            {"lead_id": tenders.browse(vals["tender_id"]).lead_id.id, **vals} if vals.get("tender_id") else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    # BUSINESS
    def _subject_name(self):
        """sudo: reviewers may read what they review by name, also where they can't open the tender itself."""
        tender = self.tender_id.sudo()
        return " · ".join(filter(None, (super()._subject_name(), tender.lot or tender.name)))

    def _authors(self):
        """Nor do those who wrote a chapter of the documents."""
        return super()._authors() | self.sudo().proposal_id.chapter_ids.user_id  # sudo: compared only

    def _policy_amount(self):
        """What the bid is about: our price, the ceiling, the estimate, whichever is known first; else the deal's."""
        tender = self.tender_id.sudo()  # sudo: which committee sits doesn't depend on who may open the tender
        amounts = (known(tender[name]) for name in ("bid_price", "ceiling_price", "estimate"))
        amount = next((amount for amount in amounts if amount), None)
        if amount is None:
            return super()._policy_amount()
        company = self.company_id or self.env.company
        return tender.currency_id._convert(amount, company.currency_id, company, fields.Date.context_today(self))

    def _prefill(self):
        """Reviews of documents are about the bid that is being written, unless another was named."""
        super()._prefill()
        for review in self.filtered(lambda one: one.kind in BID_KINDS and one.tender_id and not one.proposal_id):
            review.proposal_id = review.tender_id._bid()

    def _check_committee(self):
        for review in self:
            if review.kind in DOCUMENT_KINDS and not review.proposal_id:
                raise UserError(
                    self.env._(
                        "%(review)s is about documents, but %(tender)s has none yet. Use “Make the Bid Volumes” first.",
                        review=review.display_name,
                        tender=review.tender_id.display_name,
                    )
                )
        return super()._check_committee()

    def _snapshot(self):
        kept = super()._snapshot()
        if self.tender_id or self.proposal_id:
            kept["tender"] = self.tender_id.display_name or None
            kept["document"] = self.proposal_id.display_name or None
        return kept
