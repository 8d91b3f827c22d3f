"""What meetings came to. Plain Python: no ORM, no database."""

from .arithmetic import ratio


def advance_rate(orders, advances, calls):
    """C18: percent of the calls that ended in an order or an advance; None without a call.

    Rackham counts neither a continuation nor a refusal as a success.

    >>> round(advance_rate(3, 5, 12), 2)
    66.67
    >>> advance_rate(0, 0, 4), advance_rate(0, 0, 0) is None
    (0.0, True)
    """
    return ratio(orders + advances, calls, 100)
