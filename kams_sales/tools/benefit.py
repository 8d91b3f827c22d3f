"""What an investment brings: return, payback, net present value. Not known, or nothing to divide by: None, never 0."""

from .arithmetic import ratio


def roi(investment, benefit, years):
    """Return on investment in percent: what is left over after all years, per what was put in.

    >>> round(roi(3_000_000, 1_800_000, 3), 10)
    80.0
    >>> roi(0, 1_800_000, 3), roi(None, 1, 3), roi(1, None, 3), roi(1, 1, 0)
    (None, None, None, None)
    """
    if None in (investment, benefit) or not years or years < 0:
        return None
    return ratio(benefit * years - investment, investment, 100) if investment > 0 else None


def payback(investment, benefit):
    """Years until the benefits have paid for the investment; with no benefit it never does.

    >>> round(payback(3_000_000, 1_800_000), 4)
    1.6667
    >>> payback(3_000_000, 0), payback(3_000_000, -5), payback(None, 5), payback(0, 5)
    (None, None, None, None)
    """
    if None in (investment, benefit) or benefit <= 0 or investment <= 0:
        return None
    return investment / benefit


def npv(investment, benefit, years, rate):
    """Net present value: the investment now, a benefit at the end of each year, at a rate in percent.

    >>> round(npv(3_000_000, 1_800_000, 3, 10), 2)
    1476333.58
    >>> npv(1_000, 500, 2, 0)
    0.0
    >>> npv(None, 1, 3, 10), npv(1, 1, 3, None), npv(1, 1, 0, 10), npv(1, 1, 3, -100)
    (None, None, None, None)
    """
    if None in (investment, benefit, rate) or not years or years < 0 or rate <= -100:
        return None
    factor = 1 + rate / 100
    return sum(benefit / factor**year for year in range(1, years + 1)) - investment
