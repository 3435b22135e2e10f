"""What came of each room kit a moment ago: one look shows no movement, and whoever speaks pauses. In memory."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict

from server.domain.preflight import (
    READING_LASTS,
    THRESHOLDS,
    Arriving,
    Check,
    CheckName,
    Preflight,
    Thresholds,
    arrived,
)

MOST = 2_000
"""Kits; of more the one that was looked at longest ago is forgotten."""


class KitReadings:
    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[dt.datetime, Preflight]] = OrderedDict()

    def note(
        self, lesson_venue_id: str, arriving: Arriving, now: dt.datetime, limits: Thresholds = THRESHOLDS
    ) -> tuple[Check, ...]:
        """One more look; what all of them together say. Nothing after the first, which cannot tell a frozen picture."""
        known = self._last.pop(lesson_venue_id, None)
        fresh = known is not None and now - known[0] < READING_LASTS
        before = known[1] if known is not None and fresh else _blank(lesson_venue_id, now)
        after = arrived(before, arriving, now, limits)
        self._last[lesson_venue_id] = (now, after)
        if len(self._last) > MOST:
            self._last.popitem(last=False)
        return tuple(after.checks[name] for name in CheckName if name in after.checks) if fresh else ()

    def forget(self, lesson_venue_id: str) -> None:
        """It does not send any more."""
        self._last.pop(lesson_venue_id, None)


def _blank(lesson_venue_id: str, now: dt.datetime) -> Preflight:
    return Preflight("", "", lesson_venue_id, now, "", "", "")
