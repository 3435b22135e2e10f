"""A moment's day and year are those of the school's zone."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calendar import Calendar

SINCE = dt.datetime(1995, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.integers(0, 100 * 365 * 24 * 3600).map(lambda s: SINCE + dt.timedelta(seconds=s))
ZONES = st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "UTC", "America/New_York"]).map(zoneinfo.ZoneInfo)


@pytest.mark.parametrize("calendar", [Calendar(), Calendar(zoneinfo.ZoneInfo("Asia/Shanghai"))])
def test_the_year_turns_at_midnight_of_the_country(calendar):
    morning = dt.datetime(2026, 12, 31, 23, 0, tzinfo=dt.UTC)  # 07:00 on 1 January
    assert calendar.day(morning) == dt.date(2027, 1, 1)
    first, following = calendar.year_bounds(2027)
    assert first <= morning < following


def test_another_zone_has_another_day():
    moment = dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC)
    zones = ("Asia/Shanghai", "Asia/Urumqi", "UTC")
    days = [Calendar(zoneinfo.ZoneInfo(name)).day(moment) for name in zones]
    assert days == [dt.date(2026, 11, 23), dt.date(2026, 11, 22), dt.date(2026, 11, 22)]


@given(MOMENTS, ZONES)
def test_every_moment_is_in_the_year_of_its_day_and_in_no_other(moment, zone):
    calendar = Calendar(zone)
    year = calendar.day(moment).year
    holding = [each for each in (year - 1, year, year + 1) if calendar.year_bounds(each)[0] <= moment]
    assert holding == [year - 1, year]
    assert moment < calendar.year_bounds(year)[1] == calendar.year_bounds(year + 1)[0]
