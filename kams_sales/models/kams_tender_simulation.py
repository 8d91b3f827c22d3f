from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools import bidding
from .blank import known
from .insiders import INSIDERS

LOW_BID_TESTS = ("mean", "second", "ceiling")
TONES = {"good": "alert-success", "bad": "alert-danger", "fair": "alert-warning", "told": "alert-light border"}


class KamsTender(models.Model):
    """What the simulation says, in words: where we stand, which price to beat, what the law has to say to it.

    Book section 6.4 评分模拟. Each sentence is worked out when it is shown, with all other prices as they stand.
    """

    _inherit = "kams.tender"

    scoring_page = fields.Html(string="What It Says", compute="_compute_scoring_page", sanitize=False, groups=INSIDERS)
    price_to_beat = fields.Float(
        compute="_compute_scoring_page",
        help="The highest price of ours that still comes first, with all other prices as they are.",
        groups=INSIDERS,
    )

    # COMPUTES
    @api.depends(
        *("bidder_ids.rank", "bidder_ids.is_us", "bidder_ids.name", "bidder_ids.opening_price"),
        *("option_ids.expected_profit", "criterion_ids.our_expected", "ceiling_price", "estimate", "issued_at"),
        *("legal_regime", "mode", "category", "abnormal_mean", "abnormal_second", "abnormal_ceiling", "bid_price"),
    )
    @api.depends_context("lang", "uid")
    def _compute_scoring_page(self):
        for tender in self:
            field = tender._field()
            winning = tender._winning(field)
            tender.price_to_beat = winning[-1][1] if winning else 0.0
            lines = tender._standing_lines(field, winning) + tender._low_bid_lines(field)
            tender.scoring_page = tender._drawn_scoring(lines + tender._option_lines() + tender._terms_lines())

    # BUSINESS
    def _drawn_scoring(self, lines, **values):
        """Sentences as ``[(tone, text), ...]``, drawn; nothing where there is nothing to say."""
        if not lines and not values:
            return False
        return self.env["ir.qweb"]._render("kams_sales.kams_tender_scoring", {"lines": lines, "tones": TONES, **values})

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id or self.env.company.currency_id)

    def _points(self, number):
        return "–" if number is None else formatLang(self.env, number, digits=2)

    def _winning(self, field):
        """The prices of ours that come first, up to the ceiling, as ``[(from, to), ...]``."""
        if field.ours is None:
            return []
        contest = bidding.Contest(field.bids, field.ours, field.terms)
        return contest.winning(highest=known(self.ceiling_price) or None)

    def _standing_lines(self, field, winning):
        """Where we stand, and what price would bring us to the first place."""
        if not field.bids:
            return [
                (
                    "told",
                    self.env._(
                        "Start with the tender's scoring table (“Paste Criteria”), then list who bids: “Add "
                        "Ourselves”, “Take Competitors”."
                    ),
                )
            ]
        if field.ours is None:
            return [("fair", self.env._("We aren't in the list of bidders yet: use “Add Ourselves”."))]
        if len(field.bids) == 1:
            return [("told", self.env._("There is nobody to compare with yet: add those who will bid as well."))]
        lines = []
        standings = bidding.simulate(field.bids, field.terms)
        mine = standings[field.ours]
        ranked = [one for one in standings if one.rank]
        if mine.rank:
            lines.append(("good" if mine.rank == 1 else "told", self._place_line(field, standings, mine, len(ranked))))
        if not any(one.rank for index, one in enumerate(standings) if index != field.ours):
            return [*lines, ("fair", self.env._("No other bidder has a price and points yet."))]
        own = field.bids[field.ours]
        if own.points is None and field.terms.method != bidding.LOWEST_WINS:
            return [
                *lines,
                (
                    "fair",
                    self.env._("Our technical or business points aren't known: say what we expect for each criterion."),
                ),
            ]
        return [*lines, *self._winning_lines(field, winning)]

    def _place_line(self, field, standings, mine, ranked):
        if field.terms.method == bidding.LOWEST_WINS:
            return self.env._(
                "We take place %(place)s of %(count)s: the lowest evaluated price wins.", place=mine.rank, count=ranked
            )
        rivals = [
            (one.total, bidder.name)
            for index, (one, bidder) in enumerate(zip(standings, field.bidders, strict=True))
            if one.rank and index != field.ours
        ]
        if not rivals:
            return self.env._("We have %s points.", self._points(mine.total))
        best, name = max(rivals, key=lambda rival: rival[0])
        ahead = mine.total - best
        values = {
            "place": mine.rank,
            "count": ranked,
            "total": self._points(mine.total),
            "gap": self._points(abs(ahead)),
            "name": name,
        }
        if abs(ahead) <= bidding.CLOSE:
            if field.terms.lower_first:
                return self.env._(
                    "We take place %(place)s of %(count)s with %(total)s points, level with %(name)s: the lower price "
                    "goes first.",
                    **values,
                )
            return self.env._(
                "We take place %(place)s of %(count)s with %(total)s points, level with %(name)s.", **values
            )
        if ahead > 0:
            return self.env._(
                "We take place %(place)s of %(count)s with %(total)s points, %(gap)s ahead of %(name)s.", **values
            )
        return self.env._(
            "We take place %(place)s of %(count)s with %(total)s points, %(gap)s behind %(name)s.", **values
        )

    def _winning_lines(self, field, winning):
        if not winning:
            return [
                (
                    "bad",
                    self.env._(
                        "The first place can't be won by price: no price of ours gets there while the others keep "
                        "theirs. Only more technical or business points help."
                    ),
                )
            ]
        low, high = winning[-1]
        factor = 1 - field.bids[field.ours].deduction / 100
        others = [
            price
            for index, bid in enumerate(field.bids)
            if index != field.ours and (price := bidding.evaluated_price(bid)) is not None
        ]
        ceiling = known(self.ceiling_price)
        top = 2 * max(others) / factor
        if ceiling and high >= ceiling:
            told = self.env._("We come first at any price up to the ceiling of %s.", self._money(ceiling))
        elif not ceiling and high >= top:
            told = self.env._("We come first at any price: even at %s nobody is ahead.", self._money(top))
        else:
            told = self.env._(
                "Price to beat: up to %s we come first, or level with the first.", self._money(self._floor(high))
            )
        parts = [told]
        if field.terms.method == bidding.LOWEST_PRICE:
            benchmark = min(others) / factor
            if high > benchmark:
                parts.append(
                    self.env._(
                        "That holds while %(price)s stays the lowest price that is scored; below it we are the "
                        "benchmark and the others lose points too.",
                        price=self._money(min(others)),
                    )
                )
            else:
                parts.append(self.env._("We are the lowest there, and the others are scored against our price."))
        elif field.terms.method != bidding.LOWEST_WINS and low > min(others) / factor / 999:
            parts.append(
                self.env._("Below %s it is too low: points are lost on that side too.", self._money(self._ceil(low)))
            )
        if len(winning) > 1:
            parts.append(
                self.env._(
                    "Lower down there are other prices that win: %s.",
                    ", ".join(f"{self._money(self._ceil(a))} – {self._money(self._floor(b))}" for a, b in winning[:-1]),
                )
            )
        bids = [*field.bids]
        bids[field.ours] = bids[field.ours]._replace(price=high)
        if any(high < limit for _test, limit, _rate in self._low_bid_tests(field._replace(bids=bids))):
            parts.append(self.env._("At that price our bid would be reviewed as abnormally low."))
        parts.append(self.env._("All other prices stay as they are here."))
        return [("told", " ".join(parts))]

    def _floor(self, amount):
        """In whole cents, never above: what is shown must win, too."""
        unit = self.currency_id.rounding or 0.01
        return int(amount / unit + 1e-6) * unit

    def _ceil(self, amount):
        unit = self.currency_id.rounding or 0.01
        return -int(-amount / unit + 1e-6) * unit

    # ABNORMALLY LOW BIDS
    def _rule_value(self, key):
        """The number of a rule as of the day on which the documents were issued; None where there is none."""
        rule = self._rule(key)
        return rule.value if rule else None

    def _rule_source(self, key):
        rule = self._rule(key)
        return rule.source if rule else ""

    def _low_bid_tests(self, field):
        """``[(test, limit, rate), ...]`` by the rule of the tender's day; prices as they were bid, never taken down."""
        rates = {
            name: self._rule_value(f"abnormal_low_{name}") if (own := known(self[f"abnormal_{name}"])) is None else own
            for name in LOW_BID_TESTS
        }
        if all(rate is None for rate in rates.values()):
            return []
        prices = [bid.price for bid in field.bids if bid.compliant]
        ceiling = known(self.ceiling_price) or known(self.estimate)
        limits = bidding.low_bid_tests(prices, ceiling, *(rates[name] for name in LOW_BID_TESTS))
        return [(test, limit, rates[test]) for test, limit in limits]

    def _low_bid_lines(self, field):
        """Which bids would be reviewed as abnormally low, by which of the three tests."""
        tests = self._low_bid_tests(field)
        if not tests:
            return []
        against = {
            "mean": self.env._("the mean of the compliant bids"),
            "second": self.env._("the second lowest bid"),
            "ceiling": self.env._("the ceiling price")
            if known(self.ceiling_price)
            else self.env._("the budget, since there is no ceiling price"),
        }
        lines = []
        for index, bid in enumerate(field.bids):
            if not bid.price or not bid.compliant:
                continue
            hit = [(test, limit, rate) for test, limit, rate in tests if bid.price < limit]
            if hit:
                told = "; ".join(
                    self.env._(
                        "below %(limit)s, which is %(rate)s %% of %(what)s",
                        limit=self._money(limit),
                        rate=f"{rate:g}",
                        what=against[test],
                    )
                    for test, limit, rate in hit
                )
                lines.append(
                    (
                        "bad" if index == field.ours else "fair",
                        self.env._(
                            "%(bidder)s: %(price)s would be reviewed as abnormally low: %(why)s. It is rejected only "
                            "if the bidder's written explanation doesn't hold. (%(law)s)",
                            bidder=field.bidders[index].name,
                            price=self._money(bid.price),
                            why=told,
                            law=self._rule_source(f"abnormal_low_{hit[0][0]}"),
                        ),
                    )
                )
        return lines

    # OPTIONS AND TERMS
    def _option_lines(self):
        best = self._best_option()
        if not best:
            return []
        return [
            (
                "told",
                self.env._(
                    "Of the price options %(price)s brings most on average: %(profit)s.",
                    price=self._money(best.price),
                    profit=self._money(best.expected_profit),
                ),
            )
        ]

    def _terms_lines(self):
        """What doesn't fit together in table, terms and law."""
        lines = [*self._table_lines(), *self._law_lines(), *self._bidder_lines()]
        return [("fair", text) for text in lines]

    def _table_lines(self):
        if self._terms().method == bidding.LOWEST_WINS or not self.criterion_ids:
            return []
        lines = []
        total = known(self.full_score) or 0
        if round(total, 2) != 100:
            lines.append(self.env._("The criteria give %s points in all, not 100.", f"{total:g}"))
        if known(self.price_weight) is None:
            lines.append(self.env._("No criterion is about the price: prices get no points."))
        unknown = self.criterion_ids.filtered(lambda one: one.group != "price" and known(one.our_expected) is None)
        if unknown:
            lines.append(
                self.env._(
                    "%s criteria without points that we expect: they count as nothing for us.",
                    len(unknown),
                )
            )
        return lines

    def _law_lines(self):
        lines = []
        if self._terms().method == bidding.LOWEST_WINS:
            return lines
        government = self.legal_regime == "gov_procurement"
        if self.scoring_method == "lowest_price" and self.legal_regime == "bidding_law":
            if self.category == "works":
                lines.append(
                    self.env._(
                        "Order 87 (lowest price gets full marks) is for government procurement of goods and services, "
                        "not for construction tenders under the Bidding Law: take the method of the documents."
                    )
                )
        elif government and self.category != "works" and self.scoring_method not in (False, "lowest_price"):
            lines.append(self.env._("Order 87, Art. 55: in government procurement the lowest price gets full marks."))
        total, weight = known(self.full_score), known(self.price_weight)
        if weight is not None and total:
            lines += self._limit_lines(f"price_weight_{{}}_{self.category}", 100 * weight / total, "price")
        for name, flag in (("sme_deduction", "sme"), ("sme_part_deduction", "sme_part")):
            rate = known(self[name])
            if rate:
                lines += self._limit_lines(f"{name}_{{}}_{self.category}", rate, flag)
            elif any(self.bidder_ids.mapped(flag)):
                lines.append(
                    self.env._(
                        "Small firms bid, and no deduction is set: “%s”.",
                        self._fields[name]._description_string(self.env),
                    )
                )
        return lines + self._raised_lines()

    def _limit_lines(self, key, number, what):
        """A number that lies outside of what the law allows, with rule and source."""
        told = {
            "price": self.env._("The price weighs %s %% of the points", f"{number:.4g}"),
            "sme": self.env._("The deduction for small firms is %s %%", f"{number:g}"),
            "sme_part": self.env._("The deduction for bids with small firms is %s %%", f"{number:g}"),
        }[what]
        lines = []
        for bound, outside in (("min", lambda limit: number < limit), ("max", lambda limit: number > limit)):
            limit = self._rule_value(key.format(bound))
            if limit is None or not outside(limit):
                continue
            values = {"told": told, "limit": f"{limit:g}", "law": self._rule_source(key.format(bound))}
            lines.append(
                self.env._("%(told)s; it must be %(limit)s %% at least. (%(law)s)", **values)
                if bound == "min"
                else self.env._("%(told)s; it may be %(limit)s %% at most. (%(law)s)", **values)
            )
        return lines

    def _raised_lines(self):
        """Rates for low bids that the tender may not set."""
        lines = []
        highest = self._rule_value("abnormal_low_highest")
        for name in LOW_BID_TESTS:
            rate, legal = known(self[f"abnormal_{name}"]), self._rule_value(f"abnormal_low_{name}")
            if rate is not None and legal is not None and highest is not None and not legal <= rate <= highest:
                lines.append(
                    self.env._(
                        "Abnormally low, “%(field)s”: a tender may set %(low)s to %(high)s %%. (%(law)s)",
                        field=self._fields[f"abnormal_{name}"]._description_string(self.env),
                        low=f"{legal:g}",
                        high=f"{highest:g}",
                        law=self._rule_source("abnormal_low_highest"),
                    )
                )
        return lines

    def _bidder_lines(self):
        lines = []
        for bidder in self.bidder_ids:
            price = bidder._offered()
            if price == 0:
                lines.append(self.env._("%s: a price of nothing gets no points and is no benchmark.", bidder.name))
            elif not price or not known(self.ceiling_price) or price <= self.ceiling_price:
                continue
            elif not bidder.is_us and bidder.is_compliant:
                lines.append(
                    self.env._(
                        "%(bidder)s is above the ceiling of %(ceiling)s: such a bid is rejected. Untick “Compliant” to "
                        "leave it out of the scoring.",
                        bidder=bidder.name,
                        ceiling=self._money(self.ceiling_price),
                    )
                )
            elif bidder.is_us:
                lines.append(
                    self.env._(
                        "Our price is above the ceiling of %s: such a bid is rejected.",
                        self._money(self.ceiling_price),
                    )
                )
        return lines

    # ACTIONS
    def action_add_ourselves(self):
        """We stand in the list like everybody else."""
        for tender in self:
            company = tender.company_id or self.env.company
            if tender._ourselves():
                continue
            if there := tender.bidder_ids.filtered(lambda one, company=company: one.partner_id == company.partner_id):
                there.is_us = True
            else:
                tender.bidder_ids.create(
                    {"tender_id": tender.id, "is_us": True, "partner_id": company.partner_id.id, "name": company.name}
                )
        return True

    def action_take_competitors(self):
        """The competitors of the deal, with the price that we think they ask."""
        for tender in self:
            there = tender.bidder_ids.partner_id
            rivals = self.env["kams.competitor"].search(
                [
                    ("lead_id", "=", tender.lead_id.id),
                    ("result", "!=", "withdrew"),
                    ("partner_id", "not in", there.ids),
                ]
            )
            tender.bidder_ids.create(
                [
                    {
                        "tender_id": tender.id,
                        "partner_id": rival.partner_id.id,
                        "price": tender._in_own_currency(rival),
                    }
                    for rival in rivals
                ]
            )
        return True

    def _in_own_currency(self, rival):
        price = known(rival.price_estimate)
        if price is None or not rival.currency_id:
            return price
        company = self.company_id or self.env.company
        return rival.currency_id._convert(price, self.currency_id, company, fields.Date.context_today(self))

    def action_what_if(self):
        """Move our price, and see at once what becomes of it."""
        self.ensure_one()
        self.action_add_ourselves()
        return self._kams_dialog("kams.tender.what.if", self.env._("Move Our Price"))

    def action_paste_criteria(self):
        self.ensure_one()
        return self._kams_dialog("kams.criterion.paste", self.env._("Paste Criteria"))
