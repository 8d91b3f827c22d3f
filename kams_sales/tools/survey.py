"""Arithmetic of surveys: how much of what the customer wants we can give. Plain Python: no ORM, no database."""

from .arithmetic import ratio


def fit_rate(requirements):
    """Σ importance × fit ÷ Σ importance in percent, over the requirements whose fit is known (4.2).

    A standard function of importance 5, a configured one of 4, a development of 3 and one we can't give of 2
    (5 + 3.2 + 1.5 + 0) ÷ 14; whoever has not looked yet leaves it out:

    >>> round(fit_rate([(5, 1), (4, 0.8), (3, 0.5), (2, 0)]), 2)
    69.29
    >>> round(fit_rate([(5, 1), (4, 0.8), (3, 0.5), (2, 0), (5, None)]), 2)
    69.29
    >>> fit_rate([]), fit_rate([(5, None)]), fit_rate([(5, 0)])
    (None, None, 0.0)

    :param requirements: pairs of importance and fit, 0–1 or None
    """
    known = [(importance, fit) for importance, fit in requirements if fit is not None]
    return ratio(sum(importance * fit for importance, fit in known), sum(importance for importance, _fit in known), 100)
