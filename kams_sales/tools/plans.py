"""Arithmetic of plans: progress of an objective, and a plan's health. Nothing to go by: None, never 0."""


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
