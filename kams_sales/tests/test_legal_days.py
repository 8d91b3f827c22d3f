from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase, tagged

from ..tools import legal_days
from ..tools.legal_days import Calendar

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:  # an Odoo without our test requirements; `make test` has them
    given = None


def brute_last_day(start, days, calendar):
    """Art 201 and 203 word by word: count days one by one, then go on while the day is off."""
    day, counted = start, 0
    while counted < days:
        day += timedelta(days=1)
        counted += 1
    while day in calendar.holidays or (day.weekday() in (5, 6) and day not in calendar.workdays):
        day += timedelta(days=1)
    return day


@tagged("post_install", "-at_install")
class TestLegalDays(BaseCase):
    """Counting days, whatever the calendar."""


if given is not None:
    DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
    CALENDARS = st.builds(
        lambda off, worked: Calendar(frozenset(off), frozenset(worked - off)),
        st.sets(DAYS, max_size=40),
        st.sets(DAYS, max_size=40),
    )
    PERIODS = st.integers(0, 60)
    ZONES = st.sampled_from(["Asia/Shanghai", "UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
    MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31))
    EACH = settings(max_examples=200, deadline=None, derandomize=True, database=None)

    @tagged("post_install", "-at_install")
    class TestLegalDaysAlways(BaseCase):
        """What holds whatever the day, the period and the calendar."""

        @EACH
        @given(DAYS, PERIODS, CALENDARS)
        def test_a_deadline_never_falls_on_a_day_the_calendar_excludes(self, start, days, calendar):
            self.assertFalse(calendar.is_off(legal_days.last_day(start, days, calendar)))
            if days:
                self.assertFalse(calendar.is_off(legal_days.working_after(start, days, calendar)))
                self.assertFalse(calendar.is_off(legal_days.working_before(start, days, calendar)))

        @EACH
        @given(DAYS, PERIODS, CALENDARS)
        def test_the_last_day_is_counted_as_the_code_says(self, start, days, calendar):
            self.assertEqual(legal_days.last_day(start, days, calendar), brute_last_day(start, days, calendar))

        @EACH
        @given(DAYS, PERIODS)
        def test_the_first_day_is_not_counted(self, start, days):
            self.assertEqual(legal_days.count(start, legal_days.after(start, days)), days)
            self.assertEqual(legal_days.before(legal_days.after(start, days), days), start)

        @EACH
        @given(DAYS, st.integers(1, 30), CALENDARS)
        def test_so_many_working_days_lie_behind_and_not_one_less(self, start, days, calendar):
            end = legal_days.working_after(start, days, calendar)
            self.assertEqual(legal_days.working_count(start, end, calendar), days)
            self.assertEqual(legal_days.working_count(start, end - timedelta(days=1), calendar), days - 1)

        @EACH
        @given(DAYS, st.integers(0, 30), CALENDARS)
        def test_a_longer_period_never_ends_sooner(self, start, days, calendar):
            self.assertLessEqual(
                legal_days.last_day(start, days, calendar), legal_days.last_day(start, days + 1, calendar)
            )
            self.assertLess(
                legal_days.working_after(start, days, calendar), legal_days.working_after(start, days + 1, calendar)
            )

        @EACH
        @given(MOMENTS, DAYS, ZONES)
        def test_a_date_that_is_moved_lies_on_its_day_at_its_time(self, moment, day, zone):
            moved = legal_days.on_day(moment, day, zone)

            def local(value):
                return value.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))

            if local(moved).time() == local(moment).time():  # an hour that summer time skips has no such time
                self.assertEqual(legal_days.local_day(moved, zone), day)
