"""Earned value, as plain arithmetic (C34): is what was done worth what was planned by now, and what was spent on it?

Planned value is spread evenly over the days of a phase. ``None`` is unknown; what depends on it is unknown as well, and
what has nothing to divide by is None, never 0.
"""

from datetime import date  # noqa: F401  # the examples count days
from typing import NamedTuple

from .arithmetic import ratio

ON_TRACK, AT_RISK, OFF_TRACK = "on_track", "at_risk", "off_track"


class Value(NamedTuple):
    """The figures of a delivery on a day."""

    bac: float | None
    pv: float | None
    ev: float | None
    ac: float | None
    sv: float | None
    cv: float | None
    spi: float | None
    cpi: float | None
    eac: float | None
    etc: float | None
    vac: float | None
    tcpi: float | None


def total(amounts):
    """The sum, unknown when one of them is or when there are none.

    >>> total([2, 3]), total([2, None]), total([])
    (5, None, None)
    """
    amounts = list(amounts)
    return None if not amounts or None in amounts else sum(amounts)


def share_planned(start, end, day):
    """Which share of a phase should be done at the end of a day; unknown without both dates.

    >>> ten = date(2026, 3, 1), date(2026, 3, 10)
    >>> share_planned(*ten, date(2026, 3, 1)), share_planned(*ten, date(2026, 3, 5))
    (0.1, 0.5)
    >>> share_planned(*ten, date(2026, 2, 28)), share_planned(*ten, date(2026, 4, 1))
    (0.0, 1.0)
    >>> share_planned(None, ten[1], ten[0])
    """
    if not start or not end or not day:
        return None
    days = (end - start).days + 1
    return None if days <= 0 else min(max(((day - start).days + 1) / days, 0.0), 1.0)


def times(amount, share):
    """
    >>> times(200, 0.5), times(0, None), times(200, None), times(None, 0.0)
    (100.0, 0.0, None, 0.0)
    """
    if amount == 0 or share == 0:  # nothing of whatever it is, whatever share of nothing
        return 0.0
    return None if amount is None or share is None else amount * share


def value(bac, pv, ev, ac):
    """All figures that follow from the four.

    >>> v = value(1_000_000, 500_000, 400_000, 450_000)
    >>> v.sv, v.cv, v.spi, round(v.cpi, 4)
    (-100000, -50000, 0.8, 0.8889)
    >>> round(v.eac), round(v.etc), round(v.vac), round(v.tcpi, 4)
    (1125000, 675000, -125000, 1.0909)
    >>> nothing = value(1_000, 0, 0, 0)
    >>> nothing.sv, nothing.spi, nothing.cpi, nothing.eac, nothing.tcpi
    (0, None, None, None, 1.0)
    >>> overspent = value(1_000, 1_000, 800, 1_200)
    >>> overspent.tcpi, round(overspent.eac), value(None, None, None, 5).cv
    (None, 1500, None)
    """
    cpi = ratio(ev, ac) if ac is not None and ac > 0 else None  # credit notes beyond what was spent say nothing
    eac = ratio(bac, cpi)
    left = minus(bac, ac)
    return Value(
        bac,
        pv,
        ev,
        ac,
        sv=minus(ev, pv),
        cv=minus(ev, ac),
        spi=ratio(ev, pv),
        cpi=cpi,
        eac=eac,
        etc=minus(eac, ac),
        vac=minus(bac, eac),
        # what was planned is spent: no efficiency can still reach it
        tcpi=ratio(minus(bac, ev), left) if left is not None and left > 0 else None,
    )


def minus(amount, other):
    """
    >>> minus(3, 1), minus(None, 1), minus(1, None)
    (2, None, None)
    """
    return None if amount is None or other is None else amount - other


def status(spi, cpi, late_days, warn_index, bad_index, warn_days, bad_days):
    """How a delivery does, by the worst of what is known of it; None when nothing is known.

    >>> limits = 0.95, 0.85, 1, 15
    >>> status(1.0, 0.96, 0, *limits), status(0.94, 1.2, None, *limits), status(1.0, 0.8, 0, *limits)
    ('on_track', 'at_risk', 'off_track')
    >>> status(None, None, 1, *limits), status(None, None, 15, *limits), status(None, None, None, *limits)
    ('at_risk', 'off_track', None)
    """
    indexes = [index for index in (spi, cpi) if index is not None]
    if not indexes and late_days is None:
        return None

    def beyond(index_limit, day_limit):
        slow = index_limit is not None and any(index < index_limit for index in indexes)
        return slow or (day_limit is not None and late_days is not None and late_days >= day_limit)

    if beyond(bad_index, bad_days):
        return OFF_TRACK
    return AT_RISK if beyond(warn_index, warn_days) else ON_TRACK
