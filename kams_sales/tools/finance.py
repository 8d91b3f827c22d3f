"""Ratios of a year's accounts, and Altman's Z (C13). Nothing known, or nothing to divide by: None, never 0."""

from .arithmetic import ratio

YEAR_DAYS = 365


def percent(part, whole):
    """Part of whole, in percent.

    >>> percent(27, 92)
    29.347826086956523
    >>> percent(27, 0)
    """
    share = ratio(part, whole)
    return None if share is None else share * 100


def growth(new, old):
    """Percent by which a positive figure grew; from zero or less there is no telling.

    >>> growth(110, 100)
    10.0
    >>> growth(90, 120)
    -25.0
    >>> growth(90, 0), growth(90, -5), growth(None, 100), growth(90, None)
    (None, None, None, None)
    """
    if new is None or not old or old < 0:
        return None
    return (new - old) * 100 / old


def turnover_days(receivables, revenue):
    """Days of revenue that the customer's own customers owe.

    >>> turnover_days(25, 365)
    25.0
    >>> turnover_days(25, 0)
    """
    days = ratio(receivables, revenue)
    return None if days is None else days * YEAR_DAYS


def return_on_equity(net_profit, total_assets, total_liabilities):
    """Percent of equity; a loss on no or negative equity would look like a gain, so there is none.

    >>> return_on_equity(10, 100, 60)
    25.0
    >>> return_on_equity(-5, 50, 60), return_on_equity(5, 50, None), return_on_equity(None, 50, 10)
    (None, None, None)
    """
    if total_assets is None or total_liabilities is None or total_assets <= total_liabilities:
        return None
    return percent(net_profit, total_assets - total_liabilities)


def altman_factors(
    *,
    current_assets,
    current_liabilities,
    total_assets,
    total_liabilities,
    retained_earnings,
    ebit,
    market_value,
    revenue,
):
    """X1 to X5 of a listed manufacturer.

    >>> altman_factors(current_assets=50, current_liabilities=30, total_assets=100, total_liabilities=60,
    ...     retained_earnings=15, ebit=10, market_value=48, revenue=110)
    (0.2, 0.15, 0.1, 0.8, 1.1)
    """
    known = None not in (current_assets, current_liabilities)
    return (
        ratio(current_assets - current_liabilities if known else None, total_assets),
        ratio(retained_earnings, total_assets),
        ratio(ebit, total_assets),
        ratio(market_value, total_liabilities),
        ratio(revenue, total_assets),
    )


def altman_z(factors, weights):
    """The weighted sum; None as soon as a factor or a weight isn't known.

    >>> round(altman_z((.20, .15, .10, .80, 1.10), (1.2, 1.4, 3.3, 0.6, 1.0)), 10)
    2.36
    >>> altman_z((.20, None, .10, .80, 1.10), (1.2, 1.4, 3.3, 0.6, 1.0))
    """
    if None in factors or None in weights:
        return None
    return sum(factor * weight for factor, weight in zip(factors, weights, strict=True))


def altman_zone(z, distress, safe):
    """Where a Z stands: ``distress``, ``grey`` or ``safe``; the cuts themselves are grey.

    >>> altman_zone(2.36, 1.81, 2.99)
    'grey'
    >>> altman_zone(1.80, 1.81, 2.99), altman_zone(1.81, 1.81, 2.99), altman_zone(2.99, 1.81, 2.99)
    ('distress', 'grey', 'grey')
    >>> altman_zone(3.0, 1.81, 2.99), altman_zone(None, 1.81, 2.99)
    ('safe', None)
    """
    if z is None or distress is None or safe is None:
        return None
    return "distress" if z < distress else "safe" if z > safe else "grey"
