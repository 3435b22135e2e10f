"""How many are expected where, of lessons to come."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

from server.domain.lessons import Lesson
from server.services.assignments import planned_roster
from server.services.records import Transaction

CROWD_FRESH = dt.timedelta(seconds=10)
MOST_CROWDS = 64


class Crowds:
    """Counted at most once in ``CROWD_FRESH``: a whole branch looks at its places in the same minute.

    Beyond ``MOST_CROWDS`` lessons, those counted longest ago are forgotten.
    """

    def __init__(self) -> None:
        self._counted: dict[str, tuple[dt.datetime, Mapping[str | None, int]]] = {}

    def forget(self) -> None:
        """Something was planned anew."""
        self._counted.clear()

    def of(self, tx: Transaction, lesson: Lesson, now: dt.datetime) -> Mapping[str | None, int]:
        known = self._counted.get(lesson.id)
        if known is not None and abs(now - known[0]) < CROWD_FRESH:
            return known[1]
        counted = Counter(entry.place for entry in planned_roster(tx, lesson, now))
        self._counted.pop(lesson.id, None)
        self._counted[lesson.id] = (now, counted)
        for oldest in list(self._counted)[:-MOST_CROWDS]:
            self._counted.pop(oldest, None)
        return counted
