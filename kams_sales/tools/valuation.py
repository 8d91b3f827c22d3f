"""What a customer is worth, as plain arithmetic (book section 2.3 大客户价值分析, formulas C14, C15, C16, C19, C22).

Knows neither records nor screens. A figure that can't be had, because its denominator is zero or an
input is missing, is ``None``: never 0, never an error. Rates and shares are per cent, 0 to 100.
"""

from dataclasses import dataclass
from statistics import median as _median

from . import scoring
from .arithmetic import ratio

CLV_CONVENTIONS = ("year_end", "year_start", "horizon")
SHAPIRO = {
    (True, True): "carriage",
    (True, False): "passive",
    (False, True): "aggressive",
    (False, False): "bargain",
}
FIOCCA = {
    (True, True): "key_difficult",
    (True, False): "key_easy",
    (False, True): "nonkey_difficult",
    (False, False): "nonkey_easy",
}


def total(*parts):
    """Sum of the known parts; ``None`` when none is known.

    >>> total(1, None, 2), total(None, None)
    (3, None)
    """
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


@dataclass
class Totals:
    """What can simply be added up over customers, lines and months, in the company's currency."""

    gross_sales: float = 0.0
    net_sales: float = 0.0
    cogs: float = 0.0
    costed_sales: float = 0.0  # net sales of lines whose cost is known
    lines: int = 0
    service_cost: float = 0.0  # cost lines that people recorded
    capital_lines: float = 0.0  # of these, capital tied up, if somebody recorded it
    capital_recorded: int = 0
    invoiced: float = 0.0  # tax included, refunds deducted
    receivables: float = 0.0
    receivables_average: float = 0.0
    overdue: float = 0.0
    paid: float = 0.0
    paid_days: float = 0.0  # Σ amount × days from invoice to payment

    @property
    def discounts(self):
        return self.gross_sales - self.net_sales

    @property
    def payment_days(self):
        """
        >>> Totals(paid=300, paid_days=100 * 10 + 200 * 40).payment_days
        30.0
        >>> Totals().payment_days is None
        True
        """
        return ratio(self.paid_days, self.paid)


@dataclass
class Profitability:
    """C14: from gross sales down to contribution."""

    net_sales: float
    gross_margin: float
    gross_margin_pct: float | None
    cost_to_serve: float
    contribution: float
    contribution_pct: float | None
    price_realisation: float | None
    cts_ratio: float | None


def profitability(gross_sales, discounts, cogs, cost_to_serve):
    """
    >>> p = profitability(10_000_000, 800_000, 6_500_000, 1_250_000)
    >>> p.net_sales, p.gross_margin, p.contribution
    (9200000, 2700000, 1450000)
    >>> [round(x, 4) for x in (p.gross_margin_pct, p.contribution_pct, p.price_realisation, p.cts_ratio)]
    [29.3478, 15.7609, 92.0, 13.587]
    >>> profitability(0, 0, 0, 500)  # doctest: +ELLIPSIS
    Profitability(net_sales=0, gross_margin=0, gross_margin_pct=None, cost_to_serve=500, contribution=-500, ...
    """
    net = gross_sales - discounts
    margin = net - cogs
    contribution = margin - cost_to_serve
    # a share of negative sales says nothing: only refunds in the period leave it blank
    base = net if net > 0 else None
    return Profitability(
        net_sales=net,
        gross_margin=margin,
        gross_margin_pct=ratio(margin, base, 100),
        cost_to_serve=cost_to_serve,
        contribution=contribution,
        contribution_pct=ratio(contribution, base, 100),
        price_realisation=ratio(net, gross_sales if gross_sales > 0 else None, 100),
        cts_ratio=ratio(cost_to_serve, base, 100),
    )


def capital_cost(receivables_average, rate, years=1.0):
    """What the money lent to the customer costs.

    >>> capital_cost(2_500_000, 6)
    150000.0
    """
    return receivables_average * rate / 100 * years


def dso(receivables, invoiced, days):
    """Days sales outstanding; receivables and invoices both with tax.

    >>> dso(2_500_000, 10_000_000, 365)
    91.25
    >>> dso(10, 0, 365) is None, dso(10, -5, 365) is None
    (True, True)
    """
    return ratio(receivables, invoiced if invoiced and invoiced > 0 else None, days)


def lifetime_value(margin, retention, discount, convention, horizon=None, acquisition=0.0):
    """C15: what all future margins of the customer are worth today, less what winning it cost.

    ``year_end``: margins come at the end of each year, kept with the retention rate, for ever;
    ``year_start``: as before, but the first margin is earned now; ``horizon``: the first, for so many years.

    >>> [round(lifetime_value(1e6, 80, 10, c), 2) for c in ("year_end", "year_start")]
    [2666666.67, 3666666.67]
    >>> round(lifetime_value(1e6, 80, 10, "horizon", 3), 2)
    1640871.53
    >>> round(lifetime_value(1e6, 80, 10, "year_end", acquisition=200_000), 2)
    2466666.67
    >>> lifetime_value(1e6, 110, 10, "year_end") is None  # never converges
    True
    >>> lifetime_value(None, 80, 10, "year_end") is None, lifetime_value(1e6, None, 10, "year_end") is None
    (True, True)
    """
    if margin is None or retention is None or discount is None or discount <= -100:
        return None
    r, d = retention / 100, discount / 100
    if convention == "horizon":
        if not horizon:
            return None
        worth = margin * sum((r / (1 + d)) ** year for year in range(1, int(horizon) + 1))
    elif r >= 1 + d:
        return None
    elif convention == "year_start":
        worth = margin * (1 + d) / (1 + d - r)
    else:
        worth = margin * r / (1 + d - r)
    return worth - (acquisition or 0.0)


def wallet(net_sales, category_spend, target_share):
    """C16: our share of what the customer spends on what we sell, and the sales missing to the target share.

    >>> wallet(3e6, 12e6, 40)
    (25.0, 1800000.0)
    >>> wallet(3e6, None, 40), wallet(3e6, 0, 40), wallet(3e6, 12e6, None)
    ((None, None), (None, None), (25.0, None))
    """
    share = ratio(net_sales, category_spend if category_spend and category_spend > 0 else None, 100)
    if share is None:
        return None, None
    gap = None if target_share is None else max(category_spend * target_share / 100 - net_sales, 0.0)
    return share, gap


def weighted(scores_and_weights):
    """C19: weighted mean of the known scores, and how much of the weight they carry.

    >>> weighted([(70, 30), (90, 30), (80, 25), (60, 15)])
    (77.0, 100.0)
    >>> weighted([(70, 30), (None, 70)])
    (70.0, 30.0)
    >>> weighted([(None, 30)]), weighted([])
    ((None, 0.0), (None, 0.0))
    """
    pairs = list(scores_and_weights)
    known = [(score, weight) for score, weight in pairs if score is not None and weight]
    carried = ratio(sum(weight for _score, weight in known), sum(weight for _score, weight in pairs), 100)
    return scoring.weighted(known), carried or 0.0


def grade(score, bounds):
    """The letter of a score; ``bounds`` are the lower ends of A, B and C.

    >>> [grade(s, (75, 60, 40)) for s in (77.0, 75, 74.99, 60, 40, 39.9, None)]
    ['a', 'a', 'b', 'b', 'c', 'd', None]
    """
    if score is None:
        return None
    return next((letter for letter, lower in zip("abc", bounds, strict=True) if score >= lower), "d")


def tier(score, top, bounds, tops):
    """The tier that figures speak for: a score and a place among the best contributors, both good enough.

    ``top`` is the account's place by contribution, in per cent from the best; ``tops`` are the limits of A and B.

    >>> [tier(*case, (75, 60, 40), (10, 30)) for case in ((77, 4), (77, 12), (77, 50), (62, 3), (39, 1))]
    ['a', 'b', 'c', 'b', 'd']
    >>> tier(77, None, (75, 60, 40), (10, 30)), tier(None, 5, (75, 60, 40), (10, 30)) is None
    ('c', True)
    """
    letter = grade(score, bounds)
    if letter is None:
        return None
    by_place = "c" if top is None else "a" if top <= tops[0] else "b" if top <= tops[1] else "c"
    return max(letter, by_place)


def median(values):
    """
    >>> median([1, None, 3, 10]), median([None]) is None
    (3, True)
    """
    known = [value for value in values if value is not None]
    return _median(known) if known else None


def shapiro(price_realisation, cts_ratio, median_price, median_cts):
    """Shapiro's quadrant against the medians of the portfolio; on the median counts as high.

    >>> shapiro(92, 13.587, 90, 12), shapiro(92, 11, 90, 12), shapiro(80, 13, 90, 12), shapiro(80, 11, 90, 12)
    ('carriage', 'passive', 'aggressive', 'bargain')
    >>> shapiro(None, 13, 90, 12) is None
    True
    """
    if None in (price_realisation, cts_ratio, median_price, median_cts):
        return None
    return SHAPIRO[price_realisation >= median_price, cts_ratio >= median_cts]


def fiocca(importance, difficulty, cut):
    """C22, step 1: strategic importance × difficulty of managing the account.

    >>> fiocca(7.5, 6.5, 5.5), fiocca(5.4, 5.5, 5.5), fiocca(7, None, 5.5) is None
    ('key_difficult', 'nonkey_difficult', True)
    """
    if importance is None or difficulty is None:
        return None
    return FIOCCA[importance >= cut, difficulty >= cut]


def nine_cells(attractiveness, strength, low, high):
    """Step 2, key accounts only: customer's business attractiveness × strength of our relationship.

    >>> nine_cells(6.65, 6.75, 4, 7), nine_cells(7.4, 7.3, 4, 7), nine_cells(3.9, 4, 4, 7)
    ('mm', 'hh', 'lm')
    >>> nine_cells(None, 4, 4, 7) is None
    True
    """
    if attractiveness is None or strength is None:
        return None
    return "".join("h" if score >= high else "m" if score >= low else "l" for score in (attractiveness, strength))
