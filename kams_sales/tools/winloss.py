"""Figures of win and loss reviews (book chapter 9). Plain Python: no ORM, no database."""

from .arithmetic import ratio


def win_rate(won, lost):
    """Deals won of those that were decided, in %; without a decision nobody was beaten, so these count apart.

    C38:

    >>> win_rate(12, 18)
    40.0
    >>> win_rate(0, 3), win_rate(0, 0)
    (0.0, None)
    """
    return ratio(won, won + lost, 100.0)


def weighted_gap(ratings):
    """How far we were ahead of the competitor, or behind, over what was rated on both sides, by importance.

    :param ratings: ``[(importance, us, competitor)]``, each a number or None

    >>> weighted_gap([(5, 3, 5), (3, 4, 2), (2, 5, None)])
    -0.5
    >>> weighted_gap([(None, 3, 5)]), weighted_gap([])
    (None, None)
    """
    rated = [one for one in ratings if None not in one]
    return ratio(sum(weight * (us - them) for weight, us, them in rated), sum(weight for weight, _us, _them in rated))
