"""What a funnel says: where deals leak, where it is narrow, whether what stands in it has a healthy shape.

Plain Python: no ORM. Lists go by phase, in the order of the process; what has no denominator is None, never 0.
Examples are C01, C02, C03, C09, C10 and C38 of the method.

>>> entered = [120, 72, 48, 36, 18, 12]
"""

from .arithmetic import ratio


def conversions(entered, advanced):
    """C01: of the deals that entered each phase and closed or advanced, the share that came further.

    >>> [round(one, 6) for one in conversions([120, 72, 48, 36, 18], [72, 48, 36, 18, 12])]
    [0.6, 0.666667, 0.75, 0.5, 0.666667]
    >>> conversions([0], [0])
    [None]
    """
    return [ratio(further, here) for here, further in zip(entered, advanced, strict=True)]


def bottleneck(entered, advanced, least=1):
    """C01: the place of the phase with the lowest conversion, of those that at least so many deals entered.

    >>> bottleneck([120, 72, 48, 36, 18], [72, 48, 36, 18, 12])
    3
    >>> bottleneck([120, 72, 48, 36, 18], [72, 48, 36, 18, 12], least=40)
    0
    >>> bottleneck([3], [1], least=20) is None, bottleneck([], []) is None
    (True, True)
    """
    rates = [
        (rate, place)
        for place, (here, rate) in enumerate(zip(entered, conversions(entered, advanced), strict=True))
        if rate is not None and here >= least
    ]
    return min(rates)[1] if rates else None


def leakage(entered, advanced):
    """C02: ``(deals, share of all that leaked)`` of each phase.

    >>> leaks = leakage([120, 72, 48, 36, 18], [72, 48, 36, 18, 12])
    >>> [deals for deals, _share in leaks], round(leaks[0][1], 6)
    ([48, 24, 12, 18, 6], 0.444444)
    >>> leakage([5], [5])
    [(0, None)]
    """
    leaks = [here - further for here, further in zip(entered, advanced, strict=True)]
    return [(leak, ratio(leak, sum(leaks))) for leak in leaks]


def win_probabilities(closed, won):
    """C03: of the deals that entered each phase and closed, the share that was won.

    >>> [round(one, 6) for one in win_probabilities([120, 72, 48, 36, 18], [12] * 5)]
    [0.1, 0.166667, 0.25, 0.333333, 0.666667]
    """
    return [ratio(wins, all_) for all_, wins in zip(closed, won, strict=True)]


def ageing(days, median, most=1.5):
    """C09: ``(days ÷ the median of won deals in that phase, whether the deal stagnates)``.

    >>> ageing(50, 30), ageing(45, 30), ageing(45, None)
    ((1.6666666666666667, True), (1.5, False), (None, False))
    """
    age = ratio(days, median)
    return age, age is not None and age > most


def shares(counts):
    """What part of the whole each is; nothing where there is nothing.

    >>> [round(one, 6) for one in shares([120, 72, 48, 36, 18])]
    [0.408163, 0.244898, 0.163265, 0.122449, 0.061224]
    >>> shares([0, 0])
    [None, None]
    """
    return [ratio(count, sum(counts)) for count in counts]


def shape(entered, present, top_least=0.75, bottom_most=1.5, distortion_most=0.2):
    """C10: the funnel as it stands beside the one that history asks for.

    :param entered: how many deals entered each phase, of those that closed or advanced
    :param present: how many stand in each phase now
    :return: ``{"ideal", "actual": shares, "distortion", "top", "bottom": ratios, "verdict"}``; the verdict is
        ``top_starved``, ``bottom_heavy``, ``distorted`` (elsewhere) or ``ideal``, None where one of them is empty

    >>> found = shape([120, 72, 48, 36, 18], [10, 10, 8, 8, 4])
    >>> found["actual"], round(found["distortion"], 6), round(found["top"], 6), found["verdict"]
    ([0.25, 0.25, 0.2, 0.2, 0.1], 0.158163, 0.6125, 'top_starved')
    >>> shape([120, 72, 48, 36, 18], [40, 24, 16, 12, 6])["verdict"]
    'ideal'
    >>> shape([120, 72, 48, 36, 18], [40, 24, 16, 12, 20])["verdict"]
    'bottom_heavy'
    >>> shape([120, 72, 48, 36, 18], [40, 0, 50, 12, 6])["verdict"]
    'distorted'
    >>> shape([120, 72, 48, 36, 18], [0, 0, 0, 0, 0])["verdict"] is None, shape([0], [1])["verdict"] is None
    (True, True)
    """
    ideal, actual = shares(entered), shares(present)
    found = {"ideal": ideal, "actual": actual, "distortion": None, "top": None, "bottom": None, "verdict": None}
    if not sum(entered) or not sum(present):
        return found
    found["distortion"] = sum(abs(now - then) for now, then in zip(actual, ideal, strict=True)) / 2
    found["top"], found["bottom"] = ratio(actual[0], ideal[0]), ratio(actual[-1], ideal[-1])
    if found["top"] is not None and found["top"] < top_least:
        found["verdict"] = "top_starved"
    elif found["bottom"] is not None and found["bottom"] > bottom_most:
        found["verdict"] = "bottom_heavy"
    elif found["distortion"] > distortion_most:
        found["verdict"] = "distorted"
    else:
        found["verdict"] = "ideal"
    return found


def win_rate(won, lost):
    """C38: deals without a decision aren't in it.

    >>> win_rate(12, 18), win_rate(0, 0)
    (0.4, None)
    """
    return ratio(won, won + lost)
