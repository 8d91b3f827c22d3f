"""Counting legal days, as plain arithmetic.

民法典 201: the day on which a period begins isn't counted. 203: when its last day is a statutory day off, the
period ends on the next day that isn't. Working days leave out weekends and holidays, but not the weekends that are
worked (调休).
"""

from datetime import date, datetime, time, timedelta, timezone  # noqa: F401  # the examples count dates
from typing import NamedTuple
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


class Calendar(NamedTuple):
    """Which days are off: weekends and ``holidays``, but for ``workdays``, the weekends that are worked.

    >>> spring = Calendar(frozenset({date(2026, 2, 16)}), frozenset({date(2026, 2, 14)}))
    >>> spring.is_off(date(2026, 2, 16)), spring.is_off(date(2026, 2, 14)), spring.is_off(date(2026, 2, 15))
    (True, False, True)
    """

    holidays: frozenset = frozenset()
    workdays: frozenset = frozenset()

    def is_off(self, day):
        if day in self.holidays:
            return True
        return day.weekday() >= 5 and day not in self.workdays

    def knows(self, year):
        """Whether anything is entered for a year: without entries its holidays aren't known.

        >>> Calendar(frozenset({date(2026, 1, 1)})).knows(2026), Calendar().knows(2026)
        (True, False)
        """
        return any(day.year == year for days in (self.holidays, self.workdays) for day in days)

    def next_open(self, day):
        """The day itself, or the first one after it that isn't off.

        >>> Calendar().next_open(date(2026, 5, 10))
        datetime.date(2026, 5, 11)
        """
        while self.is_off(day):
            day += ONE_DAY
        return day

    def previous_open(self, day):
        """The day itself, or the last one before it that isn't off.

        >>> Calendar().previous_open(date(2026, 5, 10))
        datetime.date(2026, 5, 8)
        """
        while self.is_off(day):
            day -= ONE_DAY
        return day


def count(start, end):
    """Days from one day to another, the first not counted.

    >>> count(date(2026, 3, 12), date(2026, 3, 25))
    13
    """
    return (end - start).days


def after(start, days):
    """The day on which so many days have passed, the first not counted.

    >>> after(date(2026, 3, 2), 20), after(date(2026, 4, 10), 30)
    (datetime.date(2026, 3, 22), datetime.date(2026, 5, 10))
    """
    return start + timedelta(days=days)


def last_day(start, days, calendar):
    """The last day of a period: moved on when it is a day off, so it never falls on one.

    >>> last_day(date(2026, 4, 10), 30, Calendar())
    datetime.date(2026, 5, 11)
    """
    return calendar.next_open(after(start, days))


def before(end, days):
    """The last day from which so many days remain until the end.

    >>> before(date(2026, 3, 27), 15)
    datetime.date(2026, 3, 12)
    """
    return end - timedelta(days=days)


def working_after(start, days, calendar):
    """The working day on which so many working days have passed, the first day not counted.

    >>> working_after(date(2026, 3, 6), 5, Calendar())
    datetime.date(2026, 3, 13)
    """
    day = start
    for _number in range(days):
        day = calendar.next_open(day + ONE_DAY)
    return day


def working_before(end, days, calendar):
    """The working day that lies so many working days before the end.

    >>> working_before(date(2026, 3, 13), 5, Calendar())
    datetime.date(2026, 3, 6)
    """
    day = end
    for _number in range(days):
        day = calendar.previous_open(day - ONE_DAY)
    return day


def working_count(start, end, calendar):
    """Working days from one day to another, the first not counted.

    >>> working_count(date(2026, 3, 6), date(2026, 3, 13), Calendar())
    5
    """
    days = max((end - start).days, 0)
    return sum(not calendar.is_off(start + timedelta(days=number)) for number in range(1, days + 1))


def local_day(moment, zone):
    """The day of a moment (UTC, naive) where the tender is held. Midnight ends the day before: nothing of it is left.

    >>> local_day(datetime(2026, 3, 21, 16, 1), "Asia/Shanghai")
    datetime.date(2026, 3, 22)
    >>> local_day(datetime(2026, 3, 21, 16, 0), "Asia/Shanghai")
    datetime.date(2026, 3, 21)
    """
    local = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
    return local.date() - ONE_DAY if local.time() == time() else local.date()


def on_day(moment, day, zone):
    """The same time of day on another day, where the tender is held; UTC and naive again.

    >>> on_day(datetime(2026, 3, 21, 1, 30), date(2026, 3, 23), "Asia/Shanghai")
    datetime.datetime(2026, 3, 23, 1, 30)
    >>> on_day(datetime(2026, 3, 28, 8, 0), date(2026, 3, 30), "Europe/Berlin")  # summer time begins between
    datetime.datetime(2026, 3, 30, 7, 0)
    """
    shift = day - local_day(moment, zone)
    local = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).replace(tzinfo=None) + shift
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc).replace(tzinfo=None)
