"""Arithmetic of a risk: how grave it is, what it may cost, and whether an action against it pays. Unknown: None."""

from .arithmetic import ratio


def score(probability, impact):
    """Probability × impact, each 1 to 5; nothing where one of them isn't judged yet.

    C33:

    >>> score(4, 5), score(None, 5), score(3, 0)
    (20, None, None)
    """
    return probability * impact if probability and impact else None


def level(points, medium, high):
    """``low``, ``medium`` or ``high`` by the limits of the day; nothing without a score or without limits.

    C33: 15 and more is high, 8 to 14 medium, less low.

    >>> [level(points, 8, 15) for points in (20, 15, 14, 8, 7, 1)]
    ['high', 'high', 'medium', 'medium', 'low', 'low']
    >>> level(None, 8, 15), level(20, 8, None), level(9, None, 15)
    (None, None, None)
    """
    if points is None or medium is None or high is None:
        return None
    return "high" if points >= high else "medium" if points >= medium else "low"


def exposure(percent, amount):
    """What it costs on average: the chance in percent of the amount.

    >>> exposure(30, 500_000), exposure(0, 9), exposure(None, 9), exposure(50, None)
    (150000.0, 0.0, None, None)
    """
    return None if percent is None or amount is None else percent * amount / 100


def total(amounts):
    """The sum of what is known; nothing where nothing is.

    C33: 30 % of 500,000, 10 % of 1,000,000 and 50 % of 80,000.

    >>> total([exposure(30, 500_000), exposure(10, 1_000_000), exposure(50, 80_000)])
    290000.0
    >>> total([5.0, None]), total([None]), total([])
    (5.0, None, None)
    """
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def leverage(before, after, cost):
    """By how much an action lowers the exposure for each unit of money that it costs.

    C33: from 150,000 to 50,000 for 40,000.

    >>> leverage(150_000, 50_000, 40_000)
    2.5
    >>> leverage(150_000, None, 40_000), leverage(150_000, 50_000, 0), leverage(50_000, 60_000, 10_000)
    (None, None, -1.0)
    """
    return None if before is None or after is None else ratio(before - after, cost)
