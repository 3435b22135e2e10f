"""What a micro-video (微视频) is worth and what it asks, in hundredths: part of a credit rule, and dated with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.refusals import Refusal
from server.domain.replays import MOST_RATE_PERCENT

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class MicroTerms:
    """Up to ``short_minutes`` it is worth ``short_hundredths``, from ``long_minutes`` on ``long_hundredths``, between
    them ``middle_hundredths``; who passes its test is granted ``test_hundredths`` more.

    ``watched_percent``: of the film. ``right_percent``: of the test. ``pause_minutes``: from an attempt that failed to
    the next; after ``attempts`` of them, a day.
    """

    short_minutes: int = 15
    long_minutes: int = 30
    short_hundredths: int = 25
    middle_hundredths: int = 50
    long_hundredths: int = 100
    test_hundredths: int = 50
    watched_percent: int = 90
    right_percent: int = 60
    attempts: int = 3
    pause_minutes: int = 10
    most_rate_percent: int = MOST_RATE_PERCENT


def check(terms: MicroTerms) -> None:
    """Raises ``invalid_body``."""
    if terms.short_minutes >= terms.long_minutes:
        raise Refusal("invalid_body", "long_minutes: more than short_minutes")


def worth(terms: MicroTerms, duration_ms: int) -> int:
    """In hundredths, without its test."""
    if duration_ms <= terms.short_minutes * _MINUTE_MS:
        return terms.short_hundredths
    if duration_ms >= terms.long_minutes * _MINUTE_MS:
        return terms.long_hundredths
    return terms.middle_hundredths


def terms_of(facts: Mapping[str, Any] | None) -> MicroTerms | None:
    """From JSON, as ``asdict`` made it."""
    return None if facts is None else MicroTerms(**facts)
