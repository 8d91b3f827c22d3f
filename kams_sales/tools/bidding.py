"""Arithmetic of a tender's evaluation: price scores, totals, ranks, the price to beat. Unknown is None, never 0.

Each tender sets its own terms; what a method means here is what its terms say. Plain Python: no ORM, no database.
"""

from typing import NamedTuple

from .arithmetic import ratio

LOWEST_PRICE, DEVIATION, TRIMMED, LOWEST_WINS = "lowest_price", "engineering_deviation", "trimmed_mean", "lowest_wins"
CLOSE = 1e-9  # totals that differ by less are equal: float noise is no merit
NEVER = 10**9  # bids from which on none is left out


class Bid(NamedTuple):
    """One bidder as the evaluation sees it. ``points`` are those of all groups but the price."""

    price: float = None
    points: float = 0.0
    deduction: float = 0.0  # percent that the price is taken down for evaluation: small firms
    compliant: bool = True


class Terms(NamedTuple):
    """How the tender turns prices into points.

    ``above`` and ``below`` are points of 100 lost for each percent above or below the base (deviation: points
    outright); ``reduction`` is the percent that is taken off the mean; the highest price is left out from
    ``drop_top`` bids on, and the lowest as well from ``drop_both`` on. ``lower_first``: of equal totals the lower price
    goes first (财政部令87号, Art. 57).
    """

    method: str = LOWEST_PRICE
    weight: float = 100.0
    above: float = 0.0
    below: float = 0.0
    drop_top: int = NEVER
    drop_both: int = NEVER
    reduction: float = 0.0
    lower_first: bool = False


class Standing(NamedTuple):
    """What comes out for one bidder."""

    evaluated: float = None
    price_score: float = None
    total: float = None
    rank: int = None


def evaluated_price(bid):
    """The price that is scored: taken down for a small firm, for this only. A price of nothing is no price.

    >>> evaluated_price(Bid(110, deduction=10)), evaluated_price(Bid(0)), evaluated_price(Bid(None))
    (99.0, None, None)
    >>> evaluated_price(Bid(100, compliant=False))
    """
    if not bid.price or bid.price <= 0 or not bid.compliant or bid.deduction >= 100:
        return None
    return bid.price * (1 - bid.deduction / 100)


def base_price(prices, terms):
    """What prices are measured against: the lowest, or a mean of those that are left.

    C29: the highest and lowest are left out of five bids or more.

    >>> road = Terms(DEVIATION, 60, .2, .1, drop_both=5)
    >>> round(base_price([980, 1000, 1020, 1050, 1100], road), 4), base_price([980, 1000], road)
    (1023.3333, 990.0)

    C29, the variant: none is left out of up to five, the highest of six, both of seven; 5 % are taken off.

    >>> house = Terms(TRIMMED, 100, 1.2, .8, drop_top=6, drop_both=7, reduction=5)
    >>> base_price([950, 1000, 1050], house), base_price([], house), base_price([1, 1, 1, 1, 1, 9], house)
    (950.0, None, 0.95)
    """
    if not prices:
        return None
    if terms.method in (LOWEST_PRICE, LOWEST_WINS):
        return min(prices)
    left = sorted(prices)
    if len(left) >= terms.drop_both and len(left) > 2:
        left = left[1:-1]
    elif len(left) >= terms.drop_top and len(left) > 1:
        left = left[:-1]
    return sum(left) / len(left) * (1 - terms.reduction / 100)


def price_scores(prices, terms):
    """Points for the price of each evaluated price; None where there is none. Never below nothing.

    C27: the lowest gets full marks; a small firm's 110 counts as 99.

    >>> [round(score, 2) for score in price_scores([100, 110, 125], Terms(weight=30))]
    [30.0, 27.27, 24.0]
    >>> [round(score, 2) for score in price_scores([100, 99, 125], Terms(weight=30))]
    [29.7, 30.0, 23.76]
    """
    base = base_price([price for price in prices if price], terms)
    if not base or terms.method == LOWEST_WINS:
        return [None] * len(prices)
    weight = terms.weight
    if terms.method == LOWEST_PRICE:
        return [base / price * weight if price else None for price in prices]
    # the deviation method loses points outright, the other a share of the weight
    unit = 1.0 if terms.method == DEVIATION else weight / 100
    above, below = terms.above * unit * 100 / base, terms.below * unit * 100 / base
    return [
        max(0.0, weight - (above * (price - base) if price > base else below * (base - price))) if price else None
        for price in prices
    ]


def simulate(bids, terms):
    """Each bid's standing, in their order. Whose points aren't known has no total and takes no place.

    C28: A, B and C.

    >>> found = simulate([Bid(100, 52), Bid(110, 59), Bid(125, 64)], Terms(weight=30))
    >>> [(round(one.total, 2), one.rank) for one in found]
    [(82.0, 3), (86.27, 2), (88.0, 1)]
    """
    evaluated = [evaluated_price(bid) for bid in bids]
    scores = price_scores(evaluated, terms)
    if terms.method == LOWEST_WINS:
        totals, merits = scores, [None if price is None else -price for price in evaluated]
    else:
        totals = [
            None if score is None or bid.points is None else score + bid.points
            for score, bid in zip(scores, bids, strict=True)
        ]
        merits = totals
    places = ranks(merits, [bid.price for bid in bids] if terms.lower_first else None)
    return [Standing(*one) for one in zip(evaluated, scores, totals, places, strict=True)]


def ranks(merits, prices=None):
    """Places by merit, most first; equals share one and the next is left out. None takes no place.

    >>> ranks([82.0, 88.0, None, 88.0 + 1e-12, 90.0])
    [4, 2, None, 2, 1]

    With prices, the lower goes first among equals; who has the same price as well shares the place.

    >>> ranks([88.0, 88.0, 88.0, 90.0], [120, 110, 120, 130]), ranks([-100, -100], [105, 100])
    ([3, 2, 3, 1], [2, 1])
    """
    level, group, before = {}, 0, None
    order = sorted((index for index, merit in enumerate(merits) if merit is not None), key=lambda i: -merits[i])
    for index in order:
        if before is None or before - merits[index] > CLOSE:
            group, before = group + 1, merits[index]
        level[index] = (group, prices[index] if prices else 0)
    found, place, before = [None] * len(merits), 0, None
    for number, index in enumerate(sorted(order, key=level.get), 1):
        if level[index] != before:
            place, before = number, level[index]
        found[index] = place
    return found


class Contest:
    """Our bid against the others', whose prices stand: how far we are ahead at any price of ours."""

    def __init__(self, bids, ours, terms):
        """:param ours: the index of our bid"""
        mine = bids[ours]
        others = [(evaluated_price(bid), bid.points, bid.price) for index, bid in enumerate(bids) if index != ours]
        self.terms = terms
        self.factor = 1 - mine.deduction / 100
        self.points = mine.points
        self.able = mine.compliant and mine.deduction < 100 and (terms.method == LOWEST_WINS or mine.points is not None)
        self.prices = [price for price, _points, _offer in others if price]
        # whose points aren't known has a price that counts and no total that could be beaten
        self.others = [(points, offer) for price, points, offer in others if price]

    def lead(self, price):
        """Our total less the best other's at this price of ours; None where there is nothing to compare."""
        ahead = self._ahead(price)
        return min(ahead)[0] if ahead else None

    def first(self, price):
        """Whether this price of ours comes first, or shares the first place."""
        return all(
            lead > CLOSE or (lead >= -CLOSE and (not self.terms.lower_first or price <= offer))
            for lead, offer in self._ahead(price)
        )

    def _ahead(self, price):
        """``[(our total less theirs, their price as bid), ...]`` at this price of ours."""
        if not self.able or not price or price <= 0:
            return []
        mine = price * self.factor
        if self.terms.method == LOWEST_WINS:
            return [(theirs - mine, offer) for theirs, (_points, offer) in zip(self.prices, self.others, strict=True)]
        own, *scores = price_scores([mine, *self.prices], self.terms)
        if own is None:
            return []
        return [
            (own + self.points - score - points, offer)
            for score, (points, offer) in zip(scores, self.others, strict=True)
            if score is not None and points is not None
        ]

    def winning(self, highest=None, lowest=None, steps=240):
        """``[(from, to), ...]``: the prices of ours that come first, or level with the first.

        The whole field is simulated anew at each price: ours changes what others get. Between two prices that were
        tried, the turn is found by halving.

        C28: at 103.448 B draws level with C; A's 100 is still the benchmark there.

        >>> field = Contest([Bid(100, 52), Bid(110, 59), Bid(125, 64)], 1, Terms(weight=30))
        >>> [round(end, 3) for _start, end in field.winning()]
        [103.448]
        """
        if not self.prices or self.lead(self.prices[0]) is None:
            return []
        highest = highest or 2 * max(self.prices) / self.factor
        lowest = lowest or min(self.prices) / self.factor / 1000
        if lowest > highest:
            return []
        tried = sorted(
            {lowest, highest}
            | {price / self.factor for price in self.prices if lowest < price / self.factor < highest}
            | {lowest + (highest - lowest) * step / steps for step in range(1, steps)}
        )
        ahead = [self.first(price) for price in tried]
        found, start = [], tried[0] if ahead[0] else None
        for index in range(1, len(tried)):
            if ahead[index] == ahead[index - 1]:
                continue
            turn = self._turn(tried[index - 1], tried[index], ahead[index - 1])
            if ahead[index]:
                start = turn
            else:
                found.append((start, turn))
                start = None
        if start is not None:
            found.append((start, tried[-1]))
        return found

    def _turn(self, low, high, low_wins):
        """The last price, between the two, that wins on the side that wins."""
        while low < (middle := (low + high) / 2) < high:
            if self.first(middle) == low_wins:
                low = middle
            else:
                high = middle
        return low if low_wins else high


def expected_profit(price, probability, cost):
    """What a price brings on average; the probability in percent.

    C31: cost 80, at 95 with 55 %.

    >>> round(expected_profit(95, 55, 80), 2), expected_profit(95, None, 80), expected_profit(None, 55, 80)
    (8.25, None, None)
    """
    if price is None or probability is None or cost is None:
        return None
    return (price - cost) * probability / 100


def best_option(options):
    """Which of ``[(price, probability, cost), ...]`` brings most; None where no line is complete.

    C31: 7.00, 8.25, 7.00, 5.00.

    >>> best_option([(90, 70, 80), (95, 55, 80), (100, 35, 80), (105, 20, 80)]), best_option([(90, None, 80)])
    (1, None)
    """
    profits = [(profit, -index) for index, one in enumerate(options) if (profit := expected_profit(*one)) is not None]
    return -max(profits)[1] if profits else None


def probability_at(price, options):
    """The chance at a price between two that somebody judged, ``[(price, probability), ...]``; beyond them None.

    >>> judged = [(95, 55), (90, 70)]
    >>> probability_at(90, judged), probability_at(92.5, judged), probability_at(96, judged), probability_at(92, [])
    (70, 62.5, None, None)
    """
    line = sorted(options)
    for (low, first), (high, second) in zip(line, line[1:] or line, strict=False):
        if low <= price <= high:
            return first if price == low else first + (second - first) * (price - low) / (high - low)
    return None


def low_bid_tests(prices, ceiling, mean_rate, second_rate, ceiling_rate):
    """``[(test, limit), ...]`` under which a bid is reviewed as abnormally low; prices as bid, of compliant bidders.

    A test is left out where there is nothing to measure by. A bid on the limit isn't below it.

    C30: 38.33, 45 and 45; 40 is under the last two.

    >>> [(test, round(limit, 2)) for test, limit in low_bid_tests([40, 90, 100], 100, 50, 50, 45)]
    [('mean', 38.33), ('second', 45.0), ('ceiling', 45.0)]
    >>> low_bid_tests([40], None, 50, 50, 45)
    []
    """
    offered = sorted(price for price in prices if price)
    found = []
    if len(offered) > 1:
        found = [
            ("mean", ratio(sum(offered), len(offered)), mean_rate),
            ("second", offered[1], second_rate),
        ]
    if ceiling:
        found.append(("ceiling", ceiling, ceiling_rate))
    return [(test, measure * rate / 100) for test, measure, rate in found if rate is not None]
