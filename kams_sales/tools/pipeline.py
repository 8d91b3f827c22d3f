"""What is told of a deal between two days, by what it was and what it is; and when one has been too long where it is.

Only the two states count, not the way between them: a deal that went up and down again and came back to where it was
has not changed. What is told of a deal always adds up: what it was, plus its changes, is what it is.
"""

from itertools import product
from typing import NamedTuple

# The first and the last are what was and what is; those between are changes
KINDS = [
    ("opening", "Pipeline at the Start"),
    ("new", "New Deals"),
    ("reopened", "Reopened"),
    ("pulled", "Pulled In"),
    ("raised", "Raised"),
    ("cut", "Cut"),
    ("pushed", "Pushed Out"),
    ("won", "Won Deals"),
    ("lost", "Lost Deals"),
    ("other", "Gone Otherwise"),
    ("closing", "Pipeline at the End"),
]
# What a deal was: not there yet; won; closed in another way; open, but to close after the horizon; in the pipeline
WAS = ("none", "won", "closed", "beyond", "in")
# What it is: in the pipeline; open, but to close after the horizon; won; lost within the horizon or after; closed else
IS = ("in", "beyond", "won", "lost", "lost_beyond", "gone")
SIGNS = (-1, 0, 1)


class Told(NamedTuple):
    """One thing that is told of a deal: of which amounts it is the sum, and whether days moved are told with it."""

    kind: str
    before: int = 0  # times the amount that it was
    after: int = 0  # times the amount that it is
    days: bool = False


def story(was, now, amount, date):
    """What is told of a deal.

    :param was: one of ``WAS``
    :param now: one of ``IS``
    :param amount: the sign of how its amount changed
    :param date: the sign of how its closing date moved, 0 when either isn't known

    A deal that was raised, and is to close later, but still within the horizon:

    >>> [told.kind for told in story("in", "in", 1, 1)]
    ['opening', 'raised', 'pushed', 'closing']

    One that was raised and then won takes with it what it was won for:

    >>> [(told.kind, told.before, told.after) for told in story("in", "won", 1, 0)]
    [('opening', 1, 0), ('raised', -1, 1), ('won', 0, -1)]

    One that came and went in between is told if it was won or lost; if it was deleted, nothing is:

    >>> [told.kind for told in story("none", "lost", 0, 0)], story("none", "gone", 0, 0)
    (['new', 'lost'], [])

    Over the horizon goes what it was; what it was raised by stays outside:

    >>> [(told.kind, told.before, told.after) for told in story("in", "beyond", 1, 1)]
    [('opening', 1, 0), ('pushed', -1, 0)]
    """
    told = []
    ends = now in ("won", "lost")
    if was == "in":
        told.append(Told("opening", before=1))
    elif was == "none" and (now == "in" or ends):
        told.append(Told("new", after=1))
    elif (
        (was in ("won", "closed") and now == "in")
        or (was == "won" and now == "lost")
        or (was, now) == ("closed", "won")
    ):
        told.append(Told("reopened", after=1))
    elif was == "beyond" and (now == "in" or ends):
        told.append(Told("pulled", before=1, days=True))
    if not told:
        return []
    if was in ("in", "beyond") and now != "beyond" and amount:
        told.append(Told("raised" if amount > 0 else "cut", before=-1, after=1))
    if (was, now) == ("in", "beyond"):
        told.append(Told("pushed", before=-1, days=True))
    elif (was, now) == ("in", "in"):
        if date:
            told.append(Told("pushed" if date > 0 else "pulled", days=True))
    if now == "in":
        told.append(Told("closing", after=1))
    elif now == "won":
        told.append(Told("won", after=-1))
    elif now in ("lost", "lost_beyond"):
        told.append(Told("lost", after=-1))
    elif now == "gone":
        told.append(Told("other", after=-1))
    return told


def number(was, now, amount, date):
    """A story's number, by which SQL finds it.

    >>> len({number(*places) for places in product(range(5), range(6), SIGNS, SIGNS)})
    270
    """
    return ((was * len(IS) + now) * 3 + amount + 1) * 3 + date + 1


def stories():
    """Every story as ``(its number, place of the kind, times before, times after, with days)``.

    Each adds up: what it was and all changes, less what it is, is nothing, or the difference where that is nothing.

    >>> sums = {}
    >>> for place, kind, before, after, _days in stories():
    ...     sign = -1 if KINDS[kind][0] == "closing" else 1
    ...     one = sums.setdefault(place, [0, 0])
    ...     one[0] += sign * before
    ...     one[1] += sign * after
    >>> set(map(tuple, sums.values())) <= {(0, 0), (1, -1)}
    True
    """
    places = {kind: place for place, (kind, _label) in enumerate(KINDS)}
    return [
        (number(WAS.index(was), IS.index(now), amount, date), places[told.kind], told.before, told.after, told.days)
        for was, now, amount, date in product(WAS, IS, SIGNS, SIGNS)
        for told in story(was, now, amount, date)
    ]


def ageing(days, median, factor):
    """``(days ÷ median, whether that is too long)``; without a median nothing is known (C09).

    >>> ageing(50, 30, 1.5), ageing(45, 30, 1.5), ageing(45, None, 1.5)
    ((1.6666666666666667, True), (1.5, False), (None, False))
    """
    if not median:
        return None, False
    return days / median, days / median > factor


def bar(before, after, highest):
    """Where a bar begins and how long it is, in % of the highest.

    >>> bar(50.0, 80.0, 200.0), bar(80.0, 50.0, 200.0), bar(0.0, 0.0, 0.0)
    ((25.0, 15.0), (25.0, 15.0), (0.0, 0.0))
    """
    if not highest or highest <= 0:
        return 0.0, 0.0
    low, high = sorted((max(before, 0.0), max(after, 0.0)))
    return 100 * low / highest, 100 * (high - low) / highest
