"""Collecting what is due, as plain arithmetic (C36): rates, days outstanding, late interest, present value, cents.

``None`` is unknown; what depends on it is unknown as well, and what has nothing to divide by is None, never 0.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .arithmetic import ratio

YEAR_DAYS = 365


def collection_rate(received, due):
    """What came in of what was due, in percent.

    >>> round(collection_rate(6_500_000, 7_000_000), 2)
    92.86
    >>> collection_rate(1, 0), collection_rate(None, 5)
    (None, None)
    """
    return ratio(received, due, 100)


def days_sales_outstanding(receivables, sales, days=YEAR_DAYS):
    """How many days of a period's sales are still out.

    >>> days_sales_outstanding(2_500_000, 10_000_000)
    91.25
    >>> days_sales_outstanding(2_500_000, 0), days_sales_outstanding(None, 1)
    (None, None)
    """
    return ratio(receivables, sales, days)


def collection_effectiveness(opening, sales, closing, closing_not_due):
    """CEI: what was collected of what could have been, in percent.

    :param opening: receivables when the period began
    :param sales: invoiced in the period
    :param closing: receivables at its end
    :param closing_not_due: of these, what wasn't due yet

    >>> round(collection_effectiveness(100, 1000, 120, 100), 1)
    98.0
    >>> collection_effectiveness(0, 100, 100, 100), collection_effectiveness(None, 1, 1, 1)
    (None, None)
    """
    if None in (opening, sales, closing, closing_not_due):
        return None
    return ratio(opening + sales - closing, opening + sales - closing_not_due, 100)


def default_interest(amount, day_pct, days):
    """Interest that whoever pays late owes, at a daily rate in percent (L13).

    >>> round(default_interest(1_000_000, 0.05, 40), 2)
    20000.0
    >>> default_interest(1_000_000, 0.05, -3), default_interest(1_000_000, None, 40)
    (0.0, None)
    """
    return None if None in (amount, day_pct, days) else amount * day_pct / 100 * max(days, 0)


def years_between(start, end):
    """Years from one day to another: whole months count a twelfth, the days over them a 365th.

    >>> years_between(date(2026, 1, 15), date(2026, 7, 15)), years_between(date(2026, 1, 31), date(2027, 7, 31))
    (0.5, 1.5)
    >>> round(years_between(date(2026, 1, 1), date(2026, 1, 31)) * 365)
    30
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    days = end.day - start.day
    if days < 0:
        months -= 1
        last = date(end.year + (end.month == 1) * -1, end.month - 1 or 12, 1)
        days = (end - date(last.year, last.month, min(start.day, _length(last)))).days
    return months / 12 + days / YEAR_DAYS


def _length(first):
    """Days in the month that a day begins."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (following - first).days


def present_value(payments, rate_pct, start):
    """What payments on their days are worth on another, at a yearly rate in percent.

    :param payments: ``[(day, amount)]``

    C32, 30 % at once, 60 % after 6 months, 10 % after 18:

    >>> terms = [(date(2026, 1, 15), 3_030_000), (date(2026, 7, 15), 6_060_000), (date(2027, 7, 15), 1_010_000)]
    >>> round(present_value(terms, 6, date(2026, 1, 15)), 2)
    9841462.82
    >>> present_value([(None, 5)], 6, date(2026, 1, 15)), present_value(terms, None, date(2026, 1, 15))
    (None, None)
    """
    if rate_pct is None or rate_pct <= -100 or start is None:
        return None
    if any(day is None or amount is None for day, amount in payments):
        return None
    return sum(amount / (1 + rate_pct / 100) ** years_between(start, day) for day, amount in payments)


def split(total, shares, places=2):
    """A total in parts by their shares, to the cent: what rounding leaves over goes to the largest remainders.

    >>> split(100, [1, 1, 1])
    [33.34, 33.33, 33.33]
    >>> split(6_900_000.01, [30, 30, 30, 10])
    [2070000.01, 2070000.0, 2070000.0, 690000.0]
    >>> split(10, []), split(10, [0, 0]), split(-0.05, [1, 1])
    ([], [0.0, 0.0], [-0.03, -0.02])
    """
    weights = [Decimal(str(share)) for share in shares]
    whole = sum(weights)
    if not whole:
        return [0.0] * len(shares)
    unit = Decimal(1).scaleb(-places)
    cents = int((Decimal(str(total)) / unit).quantize(Decimal(1), ROUND_HALF_UP))
    sign, cents = (-1 if cents < 0 else 1), abs(cents)
    exact = [cents * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: cents - sum(parts)]:
        parts[place] += 1
    return [float(sign * part * unit) for part in parts]
