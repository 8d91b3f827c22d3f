from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import bidding
from .blank import BlankFloat, BlankInteger, BlankMonetary, known

# What was read out when bids were opened, and what the committee gave: fixed once the tender says so
OPENED = {"tender_id", "partner_id", "name", "is_us", "opening_price"}
JUDGED = {"opening_score", "opening_rank", "opening_price_score", "opening_technical", "opening_business", "is_winner"}


class KamsTenderBidder(models.Model):
    """One who bids: what we think they offer, how they would stand, and what they had when bids were opened.

    Book sections 6.4 (评分模拟) and 6.7 (开标记录). Score, total and place are simulated for the whole field whenever
    they are shown; nothing of that is kept.
    """

    _name = "kams.tender.bidder"
    _description = "Bidder"
    _order = "tender_id, is_us desc, id"
    _rec_names_search = ["name", "partner_id.name"]

    # Who
    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="tender_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Firm",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('is_company', '=', True)]",
    )
    name = fields.Char(
        string="Bidder", compute="_compute_name", store=True, readonly=False, precompute=True, required=True
    )
    is_us = fields.Boolean(string="Us")
    is_compliant = fields.Boolean(
        string="Compliant", default=True, help="Passed the checks of qualification and of what the documents demand."
    )
    # What we think they offer
    price = BlankMonetary(
        compute="_compute_price",
        inverse="_inverse_price",
        store=True,
        readonly=False,
        help="Our own is the tender's “Our Price”.",
    )
    sme = fields.Boolean(
        string="Small Firm", help="A small or micro firm: its price is taken down for scoring, and only for scoring."
    )
    sme_part = fields.Boolean(
        string="With Small Firms",
        help="A consortium with, or subcontracting to, small firms: a smaller deduction for scoring.",
    )
    technical = BlankFloat(
        compute="_compute_points", store=True, readonly=False, digits=(16, 2), help="Ours come from the criteria."
    )
    business = BlankFloat(
        string="Commercial",
        compute="_compute_points",
        store=True,
        readonly=False,
        digits=(16, 2),
        help="Ours come from the criteria.",
    )
    # How they would stand
    evaluated_price = BlankMonetary(
        compute="_compute_standing", help="The price that is scored: with the deduction for small firms."
    )
    price_score = BlankFloat(compute="_compute_standing", digits=(16, 2))
    total = BlankFloat(compute="_compute_standing", digits=(16, 2))
    rank = BlankInteger(string="Ranking", compute="_compute_standing")
    # What they had
    opening_price = BlankMonetary(string="Price Read Out", copy=False)
    opening_price_score = BlankFloat(string="Points: Price", digits=(16, 2), copy=False)
    opening_technical = BlankFloat(string="Points: Technical", digits=(16, 2), copy=False)
    opening_business = BlankFloat(string="Points: Commercial", digits=(16, 2), copy=False)
    opening_score = BlankFloat(string="Total Points", digits=(16, 2), copy=False)
    opening_rank = BlankInteger(string="Final Rank", aggregator=None, copy=False)
    is_winner = fields.Boolean(string="Winner", copy=False)

    _us_uniq = models.UniqueIndex("(tender_id) WHERE is_us", "We bid once in a tender: we stand in its list already.")
    _partner_uniq = models.UniqueIndex(
        "(tender_id, partner_id) WHERE partner_id IS NOT NULL", "This company stands in the tender's list already."
    )

    # COMPUTES
    @api.depends("partner_id", "is_us")
    def _compute_name(self):
        for bidder in self:
            ours = bidder.is_us and (bidder.tender_id.company_id or self.env.company).name
            bidder.name = bidder.partner_id.name or bidder.name or ours

    @api.depends("is_us", "tender_id.bid_price")
    def _compute_price(self):
        for bidder in self:
            bidder.price = bidder.tender_id.bid_price if bidder.is_us else bidder.price

    def _inverse_price(self):
        for bidder in self:
            if bidder.is_us and bidder.tender_id.bid_price != bidder.price:
                bidder.tender_id.bid_price = bidder.price

    @api.depends("is_us", "tender_id.criterion_ids.group", "tender_id.criterion_ids.our_expected")
    def _compute_points(self):
        """Our points are those that we expect by criterion; of others we write what we think."""
        for bidder in self:
            expected = bidder.tender_id._expected_points() if bidder.is_us else {}
            for name in ("technical", "business"):
                points = expected.get(name)
                bidder[name] = known(bidder[name]) if points is None else points

    @api.depends(
        *("price", "opening_price", "technical", "business", "sme", "sme_part", "is_compliant"),
        *("tender_id.bidder_ids.price", "tender_id.bidder_ids.opening_price", "tender_id.opened_recorded_at"),
        *("tender_id.bidder_ids.technical", "tender_id.bidder_ids.business", "tender_id.bidder_ids.is_compliant"),
        *("tender_id.bidder_ids.sme", "tender_id.bidder_ids.sme_part"),
        *("tender_id.scoring_method", "tender_id.evaluation_method", "tender_id.criterion_ids.full_score"),
        *("tender_id.criterion_ids.group", "tender_id.deviation_above", "tender_id.deviation_below"),
        *("tender_id.drop_top_from", "tender_id.drop_both_from", "tender_id.base_reduction", "tender_id.tie_break"),
        *("tender_id.sme_deduction", "tender_id.sme_part_deduction"),
    )
    def _compute_standing(self):
        self.evaluated_price = self.price_score = self.total = self.rank = None
        for tender in self.tender_id:
            field = tender._field()
            for bidder, standing in zip(field.bidders, bidding.simulate(field.bids, field.terms), strict=True):
                bidder.evaluated_price = standing.evaluated
                bidder.price_score = standing.price_score
                bidder.total = standing.total
                bidder.rank = standing.rank

    # CONSTRAINTS
    @api.constrains("price", "opening_price", "technical", "business", "opening_score")
    def _check_numbers(self):
        """Naught is a number that is met with: a bid of nothing is kept, and gets no points."""
        for bidder in self:
            for name in ("price", "opening_price", "technical", "business", "opening_score"):
                if (known(bidder[name]) or 0) < 0:
                    raise ValidationError(
                        self.env._(
                            "%(bidder)s in %(tender)s: “%(field)s” can't be negative.",
                            bidder=bidder.name,
                            tender=bidder.tender_id.display_name,
                            field=bidder._fields[name]._description_string(self.env),
                        )
                    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        bidders = super().create(vals_list)
        bidders._check_read_out()
        return bidders

    def write(self, vals):
        self._check_open(vals)
        result = super().write(vals)
        if "tender_id" in vals:
            self._check_open(vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_opened(self):
        self._check_read_out()

    # BUSINESS
    def _check_read_out(self):
        """A bidder who was read out or judged is neither added later nor taken away."""
        self.filtered(lambda one: known(one.opening_price) is not None)._check_open(OPENED)
        judged = self.filtered(
            lambda one: any(one[name] if name == "is_winner" else known(one[name]) is not None for name in JUDGED)
        )
        judged._check_open(JUDGED)

    def _check_open(self, names):
        """What was read out stays as it was read out, and what was decided as it was decided."""
        for tender in self.tender_id:
            if tender.opened_recorded_at and not OPENED.isdisjoint(names):
                raise UserError(
                    self.env._(
                        "The opening of “%(tender)s” is recorded and stays as it was. Use “Correct the Opening”, to "
                        "change it.",
                        tender=tender.display_name,
                    )
                )
            if tender.state == "closed" and not JUDGED.isdisjoint(names):
                raise UserError(
                    self.env._(
                        "“%(tender)s” is closed: points, places and winner stay. Reopen the tender, to change them.",
                        tender=tender.display_name,
                    )
                )

    def _offered(self):
        """The price that counts: what was read out, once it was."""
        self.ensure_one()
        opened = known(self.opening_price)
        return known(self.price) if opened is None or not self.tender_id.opened_recorded_at else opened
