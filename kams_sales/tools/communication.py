"""When contacts of a communication plan are due, and how far an issue has climbed. No ORM."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

STEPS = {"week": 7, "fortnight": 14}


def next_contact(start, frequency, after, calendar):
    """The first day after ``after`` on which a contact is due that began on ``start``; None without a rhythm.

    Days are working days; months keep the day of the month on which it all began.

    >>> from datetime import date
    >>> from odoo.addons.kams_sales.tools.legal_days import Calendar
    >>> calendar = Calendar(frozenset(), frozenset())
    >>> start = date(2026, 1, 30)
    >>> [str(next_contact(start, "month", day, calendar)) for day in (date(2026, 1, 1), start, date(2026, 2, 28))]
    ['2026-01-30', '2026-02-28', '2026-03-30']
    >>> str(next_contact(start, "fortnight", date(2026, 2, 12), calendar))
    '2026-02-13'
    >>> str(next_contact(start, "fortnight", date(2026, 2, 13), calendar))
    '2026-02-27'
    >>> str(next_contact(start, "day", start, calendar)), next_contact(start, "milestone", start, calendar)
    ('2026-02-02', None)
    """
    if frequency == "day":
        return calendar.next_open(max(start, after + timedelta(days=1)))
    if after < start:
        return start if frequency in STEPS or frequency == "month" else None
    if frequency in STEPS:
        step = STEPS[frequency]
        return start + timedelta(days=((after - start).days // step + 1) * step)
    if frequency != "month":
        return None
    months = (after.year - start.year) * 12 + after.month - start.month
    day = start + relativedelta(months=months)
    return day if day > after else start + relativedelta(months=months + 1)


def level_reached(level, since, today, days, most=3):
    """How high an issue has climbed that stands at ``level`` since a day, if each level has so many days.

    >>> from datetime import date
    >>> since = date(2026, 3, 2)
    >>> [level_reached(0, since, date(2026, 3, day), 2) for day in (3, 4, 5, 6, 31)]
    [0, 1, 1, 2, 3]
    >>> level_reached(2, since, date(2026, 3, 31), None), level_reached(2, since, date(2026, 3, 1), 2)
    (2, 2)
    """
    if not days or days < 0:
        return level
    return min(most, level + max(0, (today - since).days) // int(days))
