"""Targets, coverage, velocity and how good forecasts were (C04 to C08, C11). Nothing to divide by: None, never 0."""

import math


def ratio(above, below):
    """A plain quotient.

    >>> ratio(18_600_000, 8_000_000), ratio(7_520_000, 8_000_000)
    (2.325, 0.94)
    >>> ratio(1, 0), ratio(None, 2), ratio(1, None), ratio(0, 4)
    (None, None, None, 0.0)
    """
    return None if above is None or not below else above / below


def weighted(deals):
    """C04: what open deals are worth by their chances; unknown as soon as one deal's chance is.

    :param deals: ``[(value, chance or None), ...]``
    >>> values = [2_000_000, 3_600_000, 4_000_000, 6_000_000, 3_000_000]
    >>> round(weighted(zip(values, [0.1, 0.2, 0.3, 0.5, 0.8])))
    7520000
    >>> round(weighted(zip(values, [12 / 120, 12 / 72, 12 / 48, 12 / 36, 12 / 18])))
    5800000
    >>> weighted([(100, 0.5), (50, None)]), weighted([(100, 0.5), (0, None)]), weighted([])
    (None, 50.0, 0)
    """
    deals = [(value, chance) for value, chance in deals if value]
    if any(chance is None for _value, chance in deals):
        return None
    return sum(value * chance for value, chance in deals)


def remaining(quota, closed):
    """What is still to be won; never less than nothing.

    >>> remaining(12_000_000, 4_000_000), remaining(4, 5)
    (8000000, 0)
    """
    return None if quota is None else max(quota - (closed or 0), 0)


def target_coverage(win_rate):
    """C05: how often the pipeline must hold what remains.

    >>> target_coverage(0.25), target_coverage(0), target_coverage(None)
    (4.0, None, None)
    """
    return ratio(1, win_rate)


def required_pipeline(left, win_rate):
    """C05.

    >>> required_pipeline(8_000_000, 0.25), required_pipeline(8_000_000, 0)
    (32000000.0, None)
    """
    return ratio(left, win_rate)


def stage_coverage(values, chances, left):
    """C06: for each phase, what is in it or beyond it ÷ what it must hold for the rest to be won.

    :param values: open amounts phase by phase
    :param chances: to win from each phase, or None
    >>> covered = stage_coverage([2.0, 3.6, 4.0, 6.0, 3.0], [12 / 120, 12 / 72, 12 / 48, 12 / 36, 12 / 18], 8.0)
    >>> [round(one, 6) for one in covered]
    [0.2325, 0.345833, 0.40625, 0.375, 0.25]
    >>> stage_coverage([1.0, 2.0], [None, 0.5], 8.0), stage_coverage([1.0], [0.5], 0)
    ([None, 0.125], [None])
    """
    return [
        None if chance is None else ratio(sum(values[place:]) * chance, left) for place, chance in enumerate(chances)
    ]


def velocity(count, win_rate, average, days):
    """C07: what is won a day.

    >>> velocity(40, 0.25, 500_000, 100)
    50000.0
    >>> round(velocity(18, 0.24, 42_000, 78), 2)
    2326.15
    >>> velocity(40, None, 500_000, 100), velocity(40, 0.25, 500_000, 0), velocity(0, 0.25, 500_000, 100)
    (None, None, 0.0)
    """
    return None if None in (count, win_rate, average) else ratio(count * win_rate * average, days)


def months_to_quota(left, a_day):
    """C08: 30 days a month.

    >>> round(months_to_quota(8_000_000, 50_000), 4)
    5.3333
    >>> months_to_quota(8_000_000, 0), months_to_quota(0, 50_000), months_to_quota(0, None)
    (None, 0.0, 0.0)
    """
    if left == 0:
        return 0.0
    return None if a_day is None else ratio(left, a_day * 30)


def hit_probability(left, expected, variance):
    """C11: the chance that open deals bring what remains, as if their sum were normally distributed.

    >>> deals = list(zip([2.0, 3.6, 4.0, 6.0, 3.0], [0.1, 0.2, 0.3, 0.5, 0.8]))
    >>> spread = sum(chance * (1 - chance) * value**2 for value, chance in deals)
    >>> round(math.sqrt(spread), 6), round(hit_probability(8, 7.52, spread), 4)
    (4.029094, 0.4526)
    >>> hit_probability(0, 0, 0), hit_probability(8, 7.52, 0), hit_probability(8, 9, 0), hit_probability(None, 1, 1)
    (1.0, 0.0, 1.0, None)
    """
    if left is None or expected is None or variance is None:
        return None
    if left <= 0:
        return 1.0
    if variance <= 0:
        return float(expected >= left)
    return (1 - math.erf((left - expected) / math.sqrt(variance) / math.sqrt(2))) / 2


def mape(pairs):
    """C11: mean absolute percentage error of ``[(forecast, actual), ...]``; undefined as soon as an actual is 0.

    >>> round(mape([(100, 80), (120, 125), (90, 100), (110, 110)]), 4)
    0.0975
    >>> mape([(100, 80), (10, 0)]), mape([])
    (None, None)
    """
    pairs = list(pairs)
    if not pairs or any(not actual for _forecast, actual in pairs):
        return None
    return sum(abs(forecast - actual) / abs(actual) for forecast, actual in pairs) / len(pairs)


def wape(pairs):
    """C11: the errors of all together ÷ what was won of all together.

    >>> round(wape([(100, 80), (120, 125), (90, 100), (110, 110)]), 6)
    0.084337
    >>> wape([(10, 0)])
    """
    pairs = list(pairs)
    return ratio(sum(abs(f - a) for f, a in pairs), sum(abs(a) for _f, a in pairs))


def bias(pairs):
    """C11: above 0 too much is forecast.

    >>> round(bias([(100, 80), (120, 125), (90, 100), (110, 110)]), 6)
    0.012048
    """
    pairs = list(pairs)
    return ratio(sum(f - a for f, a in pairs), sum(a for _f, a in pairs))


def mean_signed_error(pairs):
    """C11.

    >>> round(mean_signed_error([(100, 80), (120, 125), (90, 100), (110, 110)]), 4)
    0.0275
    """
    pairs = list(pairs)
    if not pairs or any(not actual for _forecast, actual in pairs):
        return None
    return sum((f - a) / a for f, a in pairs) / len(pairs)


def brier(chances):
    """C11: how far chances were from what came, ``[(chance, 1 or 0), ...]``; 0 is perfect.

    >>> round(brier([(0.8, 1), (0.5, 0), (0.3, 0), (0.6, 1)]), 4)
    0.135
    >>> brier([])
    """
    chances = list(chances)
    return ratio(sum((chance - came) ** 2 for chance, came in chances), len(chances))


def category(chance, commit_from, best_case_from):
    """Which category a deal is forecast in, unless somebody said otherwise.

    :param chance: in %, or None
    >>> [category(chance, 70, 40) for chance in (80, 50, 30, 10, None)]
    ['commit', 'best_case', 'pipeline', 'pipeline', 'pipeline']
    """
    chance = chance or 0
    if commit_from is not None and chance >= commit_from:
        return "commit"
    return "best_case" if best_case_from is not None and chance >= best_case_from else "pipeline"
