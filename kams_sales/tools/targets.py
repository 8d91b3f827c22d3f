"""How many wins and leads a revenue target asks for (C17). Nothing to divide by: None, never 0."""

import math

# what floating-point division may be off by, so that 24.000000000000004 wins are 24
NOISE = 1e-9


def required_wins(revenue_target, avg_deal):
    """Deals to win: target ÷ average deal, whole ones.

    >>> required_wins(12_000_000, 500_000)
    24
    >>> required_wins(12_000_001, 500_000), required_wins(0, 500_000)
    (25, 0)
    >>> required_wins(12_000_000, 0), required_wins(None, 500_000)
    (None, None)
    """
    if revenue_target is None or not avg_deal or avg_deal < 0:
        return None
    return whole(revenue_target / avg_deal)


def required_leads(revenue_target, avg_deal, conversion):
    """Leads to find: target ÷ average deal ÷ overall conversion (%), whole ones.

    >>> required_leads(12_000_000, 500_000, 10)
    240
    >>> required_leads(12_150_000, 500_000, 10)
    243
    >>> required_leads(12_000_000, 500_000, 0), required_leads(12_000_000, None, 10)
    (None, None)
    """
    if revenue_target is None or not avg_deal or avg_deal < 0 or not conversion or conversion < 0:
        return None
    return whole(revenue_target / avg_deal / (conversion / 100))


def whole(number):
    """Rounded up, but for the noise of a division.

    >>> whole(24.000000000000004), whole(24.001), whole(0)
    (24, 25, 0)
    """
    return max(0, math.ceil(number - NOISE * max(1.0, abs(number))))


def share(actual, target):
    """Actual ÷ target in %.

    >>> share(60, 240), share(0, 240), share(5, 0), share(5, None)
    (25.0, 0.0, None, None)
    """
    if actual is None or not target:
        return None
    return 100 * actual / target


def conversion(won, closed):
    """Deals won ÷ deals closed in %; what is still open says nothing yet (C01).

    >>> conversion(12, 120), conversion(0, 0)
    (10.0, None)
    """
    return 100 * won / closed if closed else None
