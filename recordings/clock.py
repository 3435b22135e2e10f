"""The only reader of the clock in ``recordings/``.

Media code counts monotonic milliseconds. A recording maps them to UTC once, when it starts to follow a room, so that
a step of the wall clock in mid-lesson bends no timeline.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both scales, in milliseconds: monotonic, and UTC since 1970."""

    monotonic_ms: float
    utc_ms: float


class Clock(Protocol):
    def now(self) -> Instant: ...

    def monotonic_ms(self) -> float: ...


class SystemClock:
    """CLOCK_MONOTONIC (the clock of the event loop, and so of ``media_ms``) beside UTC."""

    def now(self) -> Instant:
        return Instant(monotonic_ms=time.monotonic() * 1000.0, utc_ms=time.time() * 1000.0)

    def monotonic_ms(self) -> float:
        return time.monotonic() * 1000.0


def rfc3339(utc_ms: float) -> str:
    """UTC milliseconds as ``2026-11-22T08:00:00.123Z``."""
    moment = EPOCH + timedelta(milliseconds=round(utc_ms))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def from_rfc3339(text: str) -> float:
    """The inverse of :func:`rfc3339`; raises ValueError on anything that is not UTC."""
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"not UTC: {text!r}")
    return (moment - EPOCH) / timedelta(milliseconds=1)
