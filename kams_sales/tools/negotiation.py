"""Arithmetic of a negotiation: room for a deal, what we got of it, how we gave way, what terms are worth today (C32).

Unknown is None, never 0. Plain Python: no ORM, no database.
"""

from .arithmetic import ratio

YEAR_MONTHS = 12
WHOLE = 100.0
CLOSE = 1e-6  # parts that add up to the whole but for float noise do add up


def zopa(ours, theirs, higher=True):
    """The room between where we stop and where they stop; None if there is none, or one of the two isn't known.

    A seller who stops at 950 and a buyer who stops at 1050 have 100; months of warranty are better when fewer.

    >>> zopa(950, 1050), zopa(24, 18, higher=False), zopa(1000, 1000)
    (100, 6, 0)
    >>> zopa(1050, 950), zopa(None, 1050), zopa(950, None)
    (None, None, None)
    """
    if ours is None or theirs is None:
        return None
    room = theirs - ours if higher else ours - theirs
    return room if room >= 0 else None


def surplus_share(agreed, ours, theirs, higher=True):
    """How much of the room became ours, in percent; beyond 100 they gave more than we thought they could.

    >>> surplus_share(1010, 950, 1050), surplus_share(19.5, 24, 18, higher=False)
    (60.0, 75.0)
    >>> surplus_share(1010, 1050, 950), surplus_share(None, 950, 1050), surplus_share(950, 950, 950)
    (None, None, None)
    """
    if agreed is None:
        return None
    return ratio(agreed - ours if higher else ours - agreed, zopa(ours, theirs, higher), WHOLE)


def reached(agreed, reservation, target):
    """How far from where we stop (0) to what we wanted (1); it needs no direction, target and stop have one.

    >>> reached(1010, 950, 1100), reached(30, 20, 40), reached(18, 24, 12), reached(900, 1000, 1100)
    (0.4, 0.5, 0.5, -1.0)
    >>> reached(None, 950, 1100), reached(1010, None, 1100), reached(950, 950, 950)
    (None, None, None)
    """
    if None in (agreed, reservation, target):
        return None
    return ratio(agreed - reservation, target - reservation)


def settlement(issues):
    """The weighted mean of what was reached, of 100, over the issues of which it is known.

    C32: price, down payment and warranty.

    >>> price, prepay, warranty = reached(1010, 950, 1100), reached(30, 20, 40), reached(18, 24, 12)
    >>> round(settlement([(50, price), (30, prepay), (20, warranty)]), 10)
    45.0
    >>> round(settlement([(50, price), (30, prepay), (20, None)]), 4)
    43.75
    >>> settlement([]), settlement([(50, None)]), settlement([(None, 0.5), (0, 1.0)])
    (None, None, None)

    :param issues: pairs of a weight and what was reached
    """
    counted = [(weight, share) for weight, share in issues if weight and share is not None]
    return ratio(sum(weight * share for weight, share in counted), sum(weight for weight, _share in counted), WHOLE)


def rhythm(steps):
    """Each concession as a part of the one before.

    >>> [part and round(part, 4) for part in rhythm([60, 35, 20, 10])]
    [0.5833, 0.5714, 0.5]
    >>> rhythm([60]), rhythm([0, 5])
    ([], [None])
    """
    return [ratio(after, before) for before, after in zip(steps, steps[1:], strict=False)]


def is_decreasing(steps):
    """Whether each concession is smaller than the one before: that tells them that the end is near.

    >>> is_decreasing([60, 35, 20, 10]), is_decreasing([60, 60, 20]), is_decreasing([10, 20]), is_decreasing([5])
    (True, False, False, True)
    >>> is_decreasing([]) is None, is_decreasing([5, None]) is None
    (True, True)
    """
    if not steps or None in steps:
        return None
    return all(after < before for before, after in zip(steps, steps[1:], strict=False))


def present_share(terms, rate):
    """What terms are worth on the day of signing, in percent of the price; None unless they are all of the price.

    C32: 30 % now, 60 % after six months, 10 % after eighteen, at 6 % a year.

    >>> round(present_share([(30, 0), (60, 6), (10, 18)], 6), 4)
    97.4402
    >>> round(present_share([(30, 0), (60, 6), (10, 18)], 6) * 10_100_000 / 100, 2)
    9841462.82
    >>> present_share([(100, 0)], 6), present_share([(30, 0)], 6), present_share([], 6)
    (100.0, None, None)
    >>> present_share([(50, None), (50, 0)], 6), present_share([(100, 0)], None), present_share([(100, 1)], -100)
    (None, None, None)

    :param terms: pairs of percent and months after signing
    :param rate: percent a year
    """
    if rate is None or rate <= -WHOLE or any(None in term for term in terms):
        return None
    if abs(sum(share for share, _months in terms) - WHOLE) > CLOSE:
        return None
    return sum(share / (1 + rate / WHOLE) ** (months / YEAR_MONTHS) for share, months in terms)
