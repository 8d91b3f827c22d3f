from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import bidding
from .blank import BlankFloat, BlankMonetary, known
from .insiders import INSIDERS
from .kams_tender_criterion import GROUPS

METHODS = [
    ("lowest_price", "Lowest Price Gets Full Marks"),
    ("engineering_deviation", "Deviation From the Mean"),
    ("trimmed_mean", "Deviation From the Reduced Mean"),
]
TERMS = ("deviation_above", "deviation_below", "drop_top_from", "drop_both_from", "base_reduction")


class Field(NamedTuple):
    """Who bids in a tender, and by which terms: what the arithmetic asks for."""

    bidders: object
    bids: list
    ours: int
    terms: bidding.Terms


class KamsTender(models.Model):
    """How a tender turns prices into points, and what the bidders make of it.

    Book section 6.4 评分模拟 (C27–C31). The terms are fields, since each tender sets its own; the limits of the law are
    dated parameters.
    """

    _inherit = "kams.tender"

    # The table
    criterion_ids = fields.One2many("kams.tender.criterion", "tender_id", string="Scoring Criteria", copy=True)
    bidder_ids = fields.One2many("kams.tender.bidder", "tender_id", string="Bidders", groups=INSIDERS)
    option_ids = fields.One2many("kams.tender.price.option", "tender_id", string="Price Options", groups=INSIDERS)
    price_weight = BlankFloat(
        compute="_compute_price_weight",
        inverse="_inverse_price_weight",
        readonly=False,
        digits=(16, 2),
        string="Points for the Price",
        help="Full marks of the price criteria.",
    )
    full_score = BlankFloat(compute="_compute_points", digits=(16, 2), string="Full Marks in All")
    our_points = BlankFloat(
        compute="_compute_points",
        digits=(16, 2),
        string="Our Points Without Price",
        help="As we expect them.",
        groups=INSIDERS,
    )
    # The terms for the price
    scoring_method = fields.Selection(METHODS, string="Points for Price By", default="lowest_price")
    deviation_above = fields.Float(
        string="Lost per % Above",
        digits=(16, 3),
        compute="_compute_terms",
        store=True,
        readonly=False,
        help="Points lost for each percent that a price is above the base; of 100 for the reduced mean.",
    )
    deviation_below = fields.Float(
        string="Lost per % Below", digits=(16, 3), compute="_compute_terms", store=True, readonly=False
    )
    drop_top_from = fields.Integer(
        string="Highest Left Out From",
        compute="_compute_terms",
        store=True,
        readonly=False,
        help="Number of bids from which on the highest price is left out of the mean; 0: never.",
    )
    drop_both_from = fields.Integer(
        string="Highest and Lowest Left Out From",
        compute="_compute_terms",
        store=True,
        readonly=False,
        help="Number of bids from which on both are left out of the mean; 0: never.",
    )
    base_reduction = fields.Float(
        string="Mean Reduced By (%)", digits=(16, 2), compute="_compute_terms", store=True, readonly=False
    )
    tie_break = fields.Selection(
        [("lower_price", "The Lower Price Goes First"), ("shared", "They Share the Place")],
        string="Equal Totals",
        compute="_compute_tie_break",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the lowest price gets full marks, the lower price goes first (Order 87, Art. 57); otherwise as the "
        "documents say.",
    )
    sme_deduction = BlankFloat(
        string="Deduction for Small Firms (%)",
        digits=(5, 2),
        help="Taken off a small firm's price for scoring; never off the contract price. Empty: none.",
    )
    sme_part_deduction = BlankFloat(
        string="With Small Firms (%)",
        digits=(5, 2),
        help="Taken off for a consortium with, or subcontracting to, small firms.",
    )
    # When a bid is abnormally low
    abnormal_mean = BlankFloat(
        string="Low Bid: % of the Mean", digits=(5, 2), help="If the tender raises the law's rate; empty: the law's."
    )
    abnormal_second = BlankFloat(string="Low Bid: % of the Second Lowest", digits=(5, 2))
    abnormal_ceiling = BlankFloat(string="Low Bid: % of the Ceiling", digits=(5, 2))
    # What it costs us
    our_cost = BlankMonetary(
        copy=False, help="What the job costs us; from it follow margin and expected profit.", groups=INSIDERS
    )

    # COMPUTES
    @api.depends("criterion_ids.group", "criterion_ids.full_score")
    def _compute_price_weight(self):
        for tender in self:
            prices = tender.criterion_ids.filtered(lambda one: one.group == "price")
            tender.price_weight = sum(prices.mapped("full_score")) if prices else None

    @api.depends("criterion_ids.group", "criterion_ids.full_score", "criterion_ids.our_expected")
    def _compute_points(self):
        for tender in self:
            criteria = tender.criterion_ids
            tender.full_score = sum(criteria.mapped("full_score")) if criteria else None
            points = [value for name, value in tender._expected_points().items() if value is not None]
            tender.our_points = sum(points) if points else None

    def _inverse_price_weight(self):
        """The weight stands in the price criterion; without one it is made."""
        for tender in self:
            weight = known(tender.price_weight)
            prices = tender.criterion_ids.filtered(lambda one: one.group == "price")
            if weight is None or weight == sum(prices.mapped("full_score")):
                continue
            if len(prices) > 1:
                raise UserError(
                    self.env._(
                        "“%(tender)s” has several criteria for the price. Change their full marks in the table.",
                        tender=tender.display_name,
                    )
                )
            if prices:
                prices.full_score = weight
            else:
                prices.create(
                    {
                        "tender_id": tender.id,
                        "group": "price",
                        "name": self.env._("Price"),
                        "full_score": weight,
                        "rule_type": "formula",
                        "sequence": 1,
                    }
                )

    @api.depends("scoring_method")
    def _compute_terms(self):
        """What is usual for the method, to start from: the documents say what holds."""
        value = self.env["kams.legal.rule"]._value
        for tender in self:
            for name in TERMS:
                usual = tender.scoring_method and value(f"scoring_{tender.scoring_method}_{name}")
                tender[name] = usual or 0

    @api.depends("scoring_method")
    def _compute_tie_break(self):
        for tender in self:
            tender.tie_break = "lower_price" if tender.scoring_method == "lowest_price" else "shared"

    # CONSTRAINTS
    @api.constrains("sme_deduction", "sme_part_deduction", "base_reduction", "deviation_above", "deviation_below")
    def _check_terms(self):
        for tender in self:
            for name in ("sme_deduction", "sme_part_deduction", "base_reduction", "deviation_above", "deviation_below"):
                limit = float("inf") if name.startswith("deviation") else 100
                if not 0 <= (known(tender[name]) or 0) < limit:
                    raise ValidationError(
                        self.env._(
                            "“%(tender)s”: “%(field)s” must be 0 or more, and a percentage below 100.",
                            tender=tender.display_name,
                            field=tender._fields[name]._description_string(self.env),
                        )
                    )

    # BUSINESS
    def _expected_points(self):
        """``{group: our points}`` as we expect them by criterion; None where nobody has judged any of a group."""
        self.ensure_one()
        found = {}
        for name, _label in GROUPS:
            if name == "price":
                continue
            points = [
                known(one.our_expected)
                for one in self.criterion_ids
                if one.group == name and known(one.our_expected) is not None
            ]
            found[name] = sum(points) if points else None
        return found

    def _terms(self):
        """The terms, as the arithmetic asks for them."""
        self.ensure_one()
        if self.evaluation_method in ("lowest_evaluated", "lowest_bid"):
            return bidding.Terms(bidding.LOWEST_WINS)
        weight = known(self.price_weight)
        return bidding.Terms(
            self.scoring_method or bidding.LOWEST_PRICE,
            # without a table of criteria nothing but the price counts
            (0.0 if self.criterion_ids else 100.0) if weight is None else weight,
            self.deviation_above,
            self.deviation_below,
            self.drop_top_from or bidding.NEVER,
            self.drop_both_from or bidding.NEVER,
            self.base_reduction,
            self.tie_break == "lower_price",
        )

    def _field(self, price=None):
        """Who bids, and by which terms; with another price of ours if one is given."""
        self.ensure_one()
        bidders = self.bidder_ids
        groups = [name for name in ("technical", "business") if self._counts(name)]
        bids, ours = [], None
        for index, bidder in enumerate(bidders):
            points = [known(bidder[name]) for name in groups]
            offered = bidder._offered()
            if bidder.is_us:
                ours, offered = index, offered if price is None else price
            deduction = self.sme_deduction if bidder.sme else self.sme_part_deduction if bidder.sme_part else 0.0
            bids.append(
                bidding.Bid(
                    offered,
                    None if None in points else sum(points),
                    known(deduction) or 0.0,
                    bidder.is_compliant,
                )
            )
        return Field(bidders, bids, ours, self._terms())

    def _counts(self, group):
        """Whether there are points for a group: the table says so, or somebody has some."""
        return any(one.group == group and one.full_score for one in self.criterion_ids) or any(
            known(value) is not None for value in self.bidder_ids.mapped(group)
        )

    def _best_option(self):
        """The price that brings most on average."""
        self.ensure_one()
        index = bidding.best_option([option._line() for option in self.option_ids])
        return self.option_ids[:0] if index is None else self.option_ids[index]
