"""Division that knows when there is nothing to divide by. Plain Python: no ORM, no database."""


def ratio(part, whole, times=1.0):
    """``part / whole × times``, or None where a side is unknown or there is nothing to divide by: never 0, no crash.

    C21, our strength against the best competitor's:

    >>> round(ratio(6.75, 7.45), 4), ratio(-1, 4), ratio(1, 4, 100)
    (0.906, -0.25, 25.0)
    >>> ratio(6.75, 0), ratio(None, 3), ratio(1, None)
    (None, None, None)
    """
    return None if part is None or not whole else part / whole * times
