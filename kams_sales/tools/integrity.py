"""Signs in prices that the law takes for collusion: regular differences (招标投标法实施条例, Article 40 (4))."""

from decimal import Decimal


def regular_step(prices):
    """The step by which at least three prices rise, all by the same; None if they don't.

    >>> regular_step([110, 100, 120]), regular_step([100, 110, 121]), regular_step([100, 110])
    (10.0, None, None)
    >>> regular_step([0.1, 0.2, 0.3])  # as on paper, whatever the binary fraction says
    0.1

    The same price thrice is a step of nothing, and no less a sign:

    >>> regular_step([100, 100, 100])
    0.0
    """
    ordered = sorted(Decimal(str(price)) for price in prices)
    if len(ordered) < 3:
        return None
    steps = {after - before for before, after in zip(ordered, ordered[1:], strict=False)}
    return float(steps.pop()) if len(steps) == 1 else None
