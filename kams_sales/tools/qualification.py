"""The arithmetic of a pursuit: what a chance is worth, what it must be at least, and what that advises.

Plain numbers in, plain numbers out; chances in %, ``None`` stands for what is not known, and never counts as 0.
Worked examples are those of the method (C26).
"""

from .arithmetic import ratio


def win_chance(p_go, p_get):
    """The chance to win, in %: that the customer buys at all, times that they buy from us if they do.

    C26: 70 % and 40 %:

    >>> win_chance(70, 40), win_chance(70, None), win_chance(0, 40)
    (28.0, None, 0.0)
    """
    return None if p_go is None or p_get is None else p_go * p_get / 100.0


def expected_value(chance, value, cost):
    """What pursuing a deal brings on average: its value by the chance to win it, less what the pursuit costs.

    C26: 28 % of a million, for 120,000:

    >>> expected_value(28, 1_000_000, 120_000)
    160000.0
    >>> expected_value(28, 1_000_000, None), expected_value(10, 1_000_000, 120_000)
    (None, -20000.0)
    """
    return None if None in (chance, value, cost) else chance * value / 100.0 - cost


def break_even(cost, value):
    """The chance, in %, below which a pursuit costs more than it brings; None without a value.

    C26: 120,000 for a chance of a million:

    >>> break_even(120_000, 1_000_000), break_even(120_000, 0), break_even(None, 1_000_000)
    (12.0, None, None)
    """
    share = None if cost is None or value is None else ratio(cost, value)
    return None if share is None else 100.0 * share


def proposal(band, vetoed, confidence, enough, value):
    """Go, nurture or no-go, and why: ``(verdict, reason)``; None while nothing is answered.

    :param band: what the four questions' score says by itself: go, nurture or no_go
    :param vetoed: whether one of the four questions alone says no
    :param confidence: how much was answered, in %; below ``enough`` nobody can say go
    :param value: the expected value, None if unknown

    >>> proposal("go", False, 90, 50, 160000), proposal("go", False, 90, 50, None)
    (('go', 'score'), ('go', 'score'))
    >>> proposal("go", True, 90, 50, 160000), proposal("go", False, 90, 50, -1), proposal("go", False, 40, 50, 1)
    (('no_go', 'veto'), ('no_go', 'value'), ('nurture', 'confidence'))
    >>> proposal("nurture", False, 90, 50, 1), proposal("no_go", False, 20, 50, 1), proposal(None, False, 0, 50, 1)
    (('nurture', 'score'), ('no_go', 'score'), None)
    """
    if not band:
        return None
    if vetoed:
        return "no_go", "veto"
    if band == "no_go":
        return "no_go", "score"
    if value is not None and value < 0:
        return "no_go", "value"
    if confidence is not None and enough is not None and confidence < enough and band == "go":
        return "nurture", "confidence"
    return band, "score"
