from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankFloat, BlankInteger, BlankMonetary, known
from .kams_tender_criterion import GROUPS

REASONS = [
    ("price", "Price"),
    ("technical", "Technical Solution"),
    ("qualification", "Qualification and References"),
    ("relationship", "Relationship and Trust"),
    ("service", "Service and Delivery"),
    ("contract", "Contract Terms"),
    ("response", "Mistakes in Our Bid"),
    ("competitor", "Strength of the Competitor"),
    ("requirement", "Changed Requirements"),
    ("other", "Other"),
]
ACTIVITY_TYPE = "kams_sales.mail_activity_type_winloss"
RESULTS = [("won", "Won"), ("lost", "Lost"), ("no_decision", "No Decision"), ("withdrawn", "We Withdrew")]
# How we know a reason matters more than the reason itself
SOURCES = [
    ("customer", "Customer Interview"),
    ("opening", "The Points Show It"),
    ("review", "Sales Review"),
    ("guess", "Guess"),
]


class KamsWinloss(models.Model):
    """Why we won or lost: where the points were, what the customer says of it, what we do another time.

    Book sections 6.7 and 9 (赢单/丢单复盘). It counts once somebody other than the deal's owner has confirmed it; then
    it stays.
    """

    _name = "kams.winloss"
    _description = "Win or loss review"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.asked.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["lead_id.name", "tender_id.name"]
    _state_transitions = {"draft": {"done"}, "done": {"draft"}}

    # Of what
    lead_id = fields.Many2one(required=True)
    tender_id = fields.Many2one(
        "kams.tender", ondelete="cascade", index="btree_not_null", domain="[('lead_id', '=', lead_id)]"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    result = fields.Selection(RESULTS, required=True, default="lost", tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    decision_date = fields.Date(string="Decided On", index=True, help="When the deal was won, lost or given up.")
    amount = BlankMonetary(
        string="Amount at Stake", currency_field="company_currency_id", help="In the currency of the deal's company."
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    user_id = fields.Many2one(
        "res.users",
        string="Written By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    # What the opening tells
    our_rank = BlankInteger(string="Our Rank", aggregator="avg")
    bidder_count = BlankInteger(string="Number of Bidders", aggregator="avg")
    winner = fields.Char()
    winner_price = BlankMonetary()
    our_price = BlankMonetary()
    price_gap = BlankFloat(
        string="Our Price Above (%)", compute="_compute_price_gap", digits=(16, 2), help="Above the winner's price."
    )
    gap_ids = fields.One2many("kams.winloss.gap", "winloss_id", string="Points per Part", copy=True)
    # What we make of it
    reason_ids = fields.One2many("kams.winloss.reason", "winloss_id", string="Reasons", copy=True)
    main_reason = fields.Selection(REASONS, compute="_compute_reasons", store=True)
    secondary_reason = fields.Selection(REASONS, compute="_compute_reasons", store=True)
    reason_source = fields.Selection(SOURCES, string="Main Reason Known From", compute="_compute_reasons", store=True)
    customer_voice = fields.Text(string="The Customer's Voice", help="What the customer says of it, in their words.")
    turning_point = fields.Text(help="When and by what it was decided.")
    again = fields.Text(string="What We Would Do Again")
    lessons = fields.Text(string="What We Would Do Differently")
    # Who stands for it
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], string="Status", default="draft", required=True, copy=False, index=True
    )
    confirmed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Somebody other than the deal's owner.",
    )
    confirmed_at = fields.Date(string="Confirmed On", readonly=True, copy=False)

    # COMPUTES
    @api.depends_context("lang")
    @api.depends("lead_id.name", "tender_id.name", "tender_id.lot", "result")
    def _compute_display_name(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        for review in self:
            subject = review.tender_id.display_name or review.lead_id.name
            review.display_name = " – ".join(filter(None, (subject, labels.get(review.result))))

    @api.depends("company_id", "tender_id")
    def _compute_currency_id(self):
        for review in self:
            review.currency_id = review.tender_id.currency_id or (review.company_id or self.env.company).currency_id

    @api.depends("winner_price", "our_price")
    def _compute_price_gap(self):
        for review in self:
            theirs, ours = known(review.winner_price), known(review.our_price)
            review.price_gap = 100 * (ours - theirs) / theirs if theirs and ours is not None else None

    @api.depends("reason_ids.category", "reason_ids.source", "reason_ids.sequence")
    def _compute_reasons(self):
        for review in self:
            review.main_reason = review.reason_ids[:1].category
            review.secondary_reason = review.reason_ids[1:2].category
            review.reason_source = review.reason_ids[:1].source

    # CONSTRAINTS
    def _check_tender(self):
        """Asked where people write: a merge of deals moves a tender and its review one after the other."""
        for review in self:
            if not self.env.su and review.tender_id and review.tender_id.lead_id != review.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(tender)s is a tender of another deal, not of %(deal)s.",
                        tender=review.tender_id.display_name,
                        deal=review.lead_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get(name) for vals in vals_list for name in ("confirmed_by_id", "confirmed_at")):
            self._refuse_confirmation()
        reviews = super().create(vals_list)
        reviews._check_tender()
        reviews.filtered(lambda review: review.tender_id and not review.gap_ids)._take_figures()
        return reviews

    def write(self, vals):
        target = vals.get("state")
        if {"confirmed_by_id", "confirmed_at"} & set(vals):
            self._refuse_confirmation()
        if target == "done":
            self._check_draft()
            self._check_confirmation()
            vals = {**vals, "confirmed_by_id": self.env.uid, "confirmed_at": fields.Date.context_today(self)}
        elif target == "draft":
            vals = {**vals, "confirmed_by_id": False, "confirmed_at": False}
        elif not self.env.su and not all(self._of_thread(name) for name in vals):
            self._check_draft()
        result = super().write(vals)
        if {"lead_id", "tender_id"} & set(vals):
            self._check_tender()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if not self.env.su:  # a deleted deal takes its reviews along
            self._check_draft()

    # ACTIONS
    def action_confirm(self):
        """Somebody other than the deal's owner stands for it; from now on it stays."""
        self.write({"state": "done"})
        self.activity_feedback(["mail.mail_activity_data_todo", ACTIVITY_TYPE])
        return True

    def action_take_figures(self):
        """Prices, points and place of the tender as they are now, in place of what stands here."""
        self._check_draft()
        self._take_figures()
        return True

    def action_reopen(self):
        """There is more to say: it has to be confirmed anew then."""
        return self.write({"state": "draft"})

    # BUSINESS
    @api.model
    def _of_thread(self, name):
        return name.startswith(("message_", "activity_", "website_message"))

    def _is_untouched(self):
        self.ensure_one()
        texts = (self.customer_voice, self.turning_point, self.again, self.lessons)
        return self.state == "draft" and not self.reason_ids and not any(texts)

    def _take_figures(self):
        """From the opening, as far as it tells; they may be corrected as the truth comes out."""
        for review in self:
            tender = review.tender_id
            if not tender:
                continue
            us, best = tender._ourselves(), tender._best_bidder()
            review.write(
                {
                    "our_rank": us.opening_rank or us.rank or None,
                    "bidder_count": tender.bidders_opened or len(tender.bidder_ids) or None,
                    "winner": tender.winner_names or best.name,
                    "winner_price": best._offered() if best else None,
                    "our_price": us._offered() if us else known(tender.bid_price),
                    "gap_ids": [Command.clear(), *(Command.create(line) for line in tender._gap_lines())],
                }
            )

    def _refuse_confirmation(self):
        raise UserError(self.env._("Who confirmed a review, and when, is noted by “Confirm” alone."))

    def _check_draft(self):
        for review in self:
            if review.state == "done":
                raise UserError(
                    self.env._(
                        "“%(review)s” stays as %(who)s confirmed it. Use “Reopen” to change it.",
                        review=review.display_name,
                        who=review.confirmed_by_id.name,
                    )
                )

    def _check_confirmation(self):
        for review in self:
            if not review.reason_ids or not (review.lessons or review.again or "").strip():
                raise UserError(
                    self.env._(
                        "“%(review)s” can't be confirmed yet: name at least one reason, and what to do again or "
                        "differently.",
                        review=review.display_name,
                    )
                )
            owners = review.owner_id | review.lead_id.user_id or review.user_id
            if self.env.user in owners:
                raise UserError(
                    self.env._(
                        "“%(review)s” is confirmed by somebody other than %(owner)s, whose deal it is.",
                        review=review.display_name,
                        owner=self.env.user.name,
                    )
                )


class KamsWinlossLine(models.AbstractModel):
    """What hangs on a review goes with it, and stays once it is confirmed."""

    _name = "kams.winloss.line"
    _description = "Line of a win or loss review"
    _inherit = ["kams.computed.mixin"]

    # What goes on after the review is confirmed
    _afterwards = frozenset()

    winloss_id = fields.Many2one("kams.winloss", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="winloss_id.company_id", store=True, index=True)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.winloss_id._check_draft()
        return lines

    def write(self, vals):
        if not vals.keys() <= self._afterwards:
            self.winloss_id._check_draft()
        result = super().write(vals)
        if "winloss_id" in vals:
            self.winloss_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self.winloss_id._check_draft()


class KamsWinlossGap(models.Model):
    """Our points beside the winner's in one group (6.7)."""

    _name = "kams.winloss.gap"
    _description = "Points in a win or loss review"
    _inherit = ["kams.winloss.line"]
    _order = "winloss_id, sequence, id"

    sequence = fields.Integer(default=10)
    group = fields.Selection(
        [*GROUPS, ("total", "Total")], string="Part of the Score", required=True, default="technical"
    )
    ours = BlankFloat(digits=(16, 2), string="Our Points")
    theirs = BlankFloat(digits=(16, 2), string="Winner's Points")
    gap = BlankFloat(compute="_compute_gap", store=True, digits=(16, 2), help="Ours less theirs.")
    note = fields.Char(string="Why")

    # COMPUTES
    @api.depends("ours", "theirs")
    def _compute_gap(self):
        for line in self:
            ours, theirs = known(line.ours), known(line.theirs)
            line.gap = None if ours is None or theirs is None else ours - theirs


class KamsWinlossReason(models.Model):
    """One reason, the weightiest first, and how we know (6.7, 9)."""

    _name = "kams.winloss.reason"
    _description = "Reason of a win or loss"
    _inherit = ["kams.winloss.line"]
    _order = "winloss_id, sequence, id"

    sequence = fields.Integer(default=10)
    category = fields.Selection(REASONS, required=True)
    source = fields.Selection(
        SOURCES,
        string="How We Know",
    )
    note = fields.Char(string="What Happened")
