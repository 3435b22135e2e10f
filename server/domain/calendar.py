"""The school's calendar: to which day and which year of credit a moment belongs. All that is dated asks here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calendar:
    """Of one time zone. Without another: China's, UTC+8 (no summer time since 1991).

    A lesson at 07:00 on 1 January belongs to the new year, though it is still the old one in UTC.
    """

    zone: dt.tzinfo = dt.timezone(dt.timedelta(hours=8))

    def day(self, moment: dt.datetime) -> dt.date:
        """The date on the school's wall."""
        return moment.astimezone(self.zone).date()

    def begins(self, day: dt.date) -> dt.datetime:
        """The first moment of a day, in UTC."""
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)

    def year_bounds(self, year: int) -> tuple[dt.datetime, dt.datetime]:
        """The first moment of a civil year, and that of the next, in UTC."""
        first, next_one = (dt.datetime(each, 1, 1, tzinfo=self.zone).astimezone(dt.UTC) for each in (year, year + 1))
        return first, next_one

    def month_bounds(self, year: int) -> tuple[dt.datetime, ...]:
        """The first moment of each of its months, and that of the next year, in UTC: thirteen."""
        firsts = [dt.date(year, month, 1) for month in range(1, 13)]
        return tuple(self.begins(first) for first in (*firsts, dt.date(year + 1, 1, 1)))
