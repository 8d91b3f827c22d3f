"""Arithmetic of plans: progress of an objective, a plan's health and execution. Nothing to go by: None, never 0."""

from .arithmetic import ratio


def progress(current, target, start=0.0, down=False):
    """How much of the way from start to target is done, 0–100; whoever is there is there, wherever it began.

    :param down: less is better

    >>> progress(30, 120), progress(150, 120), progress(18, 30, start=18), progress(40, 30, start=50)
    (25.0, 100.0, 0.0, 100.0)
    >>> progress(60, 20, start=100, down=True), progress(0, 50, start=0, down=True)
    (50.0, 100.0)
    >>> progress(110, 20, start=100, down=True), progress(60, 50, start=0, down=True), progress(20, 30, start=40)
    (0.0, 0.0, 0.0)
    >>> progress(None, 10), progress(5, None)
    (None, None)
    """
    if current is None or target is None:
        return None
    if down:
        current, target, start = -current, -target, -start
    if current >= target:
        return 100.0
    if start >= target:
        return 0.0
    return max(0.0, 100.0 * (current - start) / (target - start))


def elapsed(date_from, date_to, today):
    """Share of a period that is over, 0–1; its first day counts as begun.

    >>> from datetime import date
    >>> elapsed(date(2026, 1, 1), date(2026, 12, 31), date(2026, 7, 2))
    0.5013698630136987
    >>> elapsed(date(2026, 1, 1), date(2026, 12, 31), date(2025, 7, 2))
    0.0
    >>> elapsed(date(2026, 1, 1), date(2026, 12, 31), date(2028, 7, 2))
    1.0
    """
    days = (date_to - date_from).days + 1
    return min(1.0, max(0.0, ((today - date_from).days + 1) / days))


def pace(done, share):
    """Progress held against the time that has passed: 100 is on schedule.

    >>> pace(25, 0.5), pace(80, 0.5), pace(0, 0.0), pace(None, 0.5)
    (50.0, 100.0, None, None)
    """
    if done is None or not share:
        return None
    return min(100.0, done / share)


def mean(values):
    """Mean of what is known.

    >>> mean([50, None, 100]), mean([None]), mean([])
    (75.0, None, None)
    """
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def freshness(days, fresh, stale):
    """100 up to ``fresh`` days, 0 from ``stale`` days on, a straight line between.

    >>> freshness(30, 30, 90), freshness(60, 30, 90), freshness(90, 30, 90), freshness(None, 30, 90)
    (100.0, 50.0, 0.0, 0.0)
    """
    if days is None or days >= stale:
        return 0.0
    return 100.0 if days <= fresh else 100.0 * (stale - days) / (stale - fresh)


def health(drivers):
    """Mean of the drivers that are known, by weight: ``[(score, weight), ...]``.

    >>> health([(80, 50), (60, 25), (None, 15), (100, 10)])
    76.47058823529412
    >>> health([(None, 50)]), health([(50, 0)])
    (None, None)
    """
    known = [(score, weight) for score, weight in drivers if score is not None]
    total = sum(weight for _score, weight in known)
    return sum(score * weight for score, weight in known) / total if total else None


def execution_rate(actions, today):
    """Actions done on time ÷ actions due, in percent: 4.4 plan execution, "done on time / due".

    An action is due when its day is over, or on its day once it is done. Four were due: two done on time, one done
    late, one not done; a fifth is still to come, done or not:

    >>> from datetime import date
    >>> day = lambda number: date(2026, 3, number)
    >>> due = [(day(2), day(1)), (day(2), day(2)), (day(3), day(4)), (day(4), None)]
    >>> execution_rate([*due, (day(9), None)], day(5)), execution_rate([*due, (day(9), day(4))], day(5))
    (50.0, 50.0)
    >>> execution_rate([(day(5), None)], day(5)), execution_rate([(day(5), day(5))], day(5)), execution_rate([], day(5))
    (None, 100.0, None)

    :param actions: pairs of due day and day done or None
    """
    over = [(due, done) for due, done in actions if due < today or (due == today and done)]
    return ratio(sum(1 for due, done in over if done and done <= due), len(over), 100.0)


def superior(ours, rivals, limit):
    """Whether our score is at least so many times the best rival's; None when a side is unknown (4.4, frontal).

    >>> superior(75, [20, 25], 3), superior(74, [25, None], 3), superior(30, [0], 3), superior(0, [0], 3)
    (True, False, True, False)
    >>> superior(None, [20], 3), superior(75, [None], 3), superior(75, [], 3), superior(75, [20], None)
    (None, None, None, None)
    """
    known = [score for score in rivals if score is not None]
    if ours is None or not known or limit is None:
        return None
    return ours > 0 and ours >= limit * max(known)
