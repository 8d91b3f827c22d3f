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


def demo_score(marks):
    """What a demonstration is worth to those who decide: Σ influence × score ÷ Σ influence. ``[(influence, score)]``

    Who gave no score, or whose influence isn't known, doesn't count; where nobody counts there is nothing to say.

    >>> round(demo_score([(5, 4), (3, 3), (2, 5)]), 2), demo_score([(5, 4), (None, 1), (3, None)])
    (3.9, 4.0)
    >>> demo_score([(None, 5), (4, None)]) is None, demo_score([]) is None
    (True, True)
    """
    known = [(weight, score) for weight, score in marks if weight and score is not None]
    return ratio(sum(weight * score for weight, score in known), sum(weight for weight, _score in known))


def similarity(matches):
    """How alike a reference and a customer are, 1 to 5: the weighed share of what they have in common.

    :param matches: of each side that is compared ``(weight, share in common 0–1)``; unknown is None and doesn't count

    >>> similarity([(40, 1), (20, 1), (40, 1)]), similarity([(40, 0), (20, 0), (40, 0)])
    (5, 1)
    >>> similarity([(40, 1), (20, 0.5), (40, 0)]), similarity([(40, 1), (20, None), (40, None)])
    (3, 5)
    >>> similarity([(40, None)]), similarity([]), similarity([(1, 0.375)])
    (None, None, 3)
    """
    known = [(weight, share) for weight, share in matches if share is not None]
    common = ratio(sum(weight * share for weight, share in known), sum(weight for weight, _share in known))
    return None if common is None else int(1 + 4 * common + 0.5)
