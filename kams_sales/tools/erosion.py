"""Where a margin went between bid, contract and invoice, and what discounts went with. Plain Python: no ORM.

Percentages are of the price without taxes; an unknown one is None and makes unknown what rests on it.
"""

from .arithmetic import ratio

STEPS = ("bid", "contract", "invoice")


def erosion(before, after):
    """Percentage points of margin lost between two stages; negative: gained (7.7).

    Bid at 30 %, signed at 24.5 %, realised at 26 %:

    >>> erosion(30.0, 24.5), erosion(24.5, 26.0), erosion(None, 20), erosion(30, None)
    (5.5, -1.5, None, None)
    """
    return None if before is None or after is None else before - after


def steps(bid, contract, invoice):
    """``[(from, to, points)]`` of a deal's margin; a stage that isn't known is passed over, so that parts add up.

    >>> steps(30.0, 24.0, 21.0)
    [('bid', 'contract', 6.0), ('contract', 'invoice', 3.0)]
    >>> steps(30.0, None, 21.0)
    [('bid', 'invoice', 9.0)]
    >>> steps(None, None, 21.0)
    []
    """
    stages = [
        (name, margin) for name, margin in zip(STEPS, (bid, contract, invoice), strict=True) if margin is not None
    ]
    return [
        (before[0], after[0], erosion(before[1], after[1])) for before, after in zip(stages, stages[1:], strict=False)
    ]


def eroded(amount, before, after):
    """The money that the lost points are, on what was sold at the later stage.

    >>> eroded(200000, 30.0, 24.5)
    11000.0
    >>> eroded(None, 30, 20) is None, eroded(100, 30, None) is None
    (True, True)
    """
    points = erosion(before, after)
    return None if amount is None or points is None else amount * points / 100


def at_list(net, discount):
    """What was sold, at list price.

    >>> at_list(900, 10), at_list(100, 0), at_list(0, 100), at_list(50, None)
    (1000.0, 100.0, None, None)
    """
    return None if net is None or discount is None else ratio(net, 1 - discount / 100)


def weighted(pairs):
    """The mean of percentages, each with its weight; a percentage or weight that isn't known doesn't count.

    Never the mean of percentages: a small deal at 50 % and a large one at 10 % earn 14 % together, not 30 %:

    >>> weighted([(50.0, 100.0), (10.0, 900.0)])
    14.0
    >>> weighted([(None, 5), (10, None)]) is None
    True
    """
    rows = [(value, weight) for value, weight in pairs if value is not None and weight is not None]
    return ratio(sum(value * weight for value, weight in rows), sum(weight for _value, weight in rows))


def band(discount, ranges, beyond):
    """Whose authority a discount needed.

    :param ranges: ``[(from, below, role)]``
    :param beyond: the role where no range speaks

    >>> band(8, [(0, 5.01, "sales"), (5.01, 10.01, "manager")], "committee")
    'manager'
    >>> band(40, [(0, 5.01, "sales")], "committee"), band(None, [], "committee"), band(-3, [(0, 5, "sales")], "x")
    ('committee', None, 'sales')
    """
    if discount is None:
        return None
    return next((role for start, stop, role in ranges if start <= max(discount, 0) < stop), beyond)
