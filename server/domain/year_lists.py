"""A branch's list of a year (年度学时名单): who is reminded that something is missing, and the list as it is confirmed.

The list holds ids and amounts in hundredths, no names: it stays as it is when a person is erased.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

REMIND_AFTER = dt.timedelta(days=30)
"""Nobody is reminded of the same year more often."""
MOST_REMINDED = 200


@dataclass(frozen=True, slots=True)
class Reminder:
    """``short``: what was missing then, in hundredths. ``by``: account."""

    id: str
    member_id: str
    unit_id: str
    year: int
    short: int
    by: str
    at: dt.datetime


def may_remind(last: dt.datetime | None, now: dt.datetime) -> bool:
    return last is None or now - last >= REMIND_AFTER


@dataclass(frozen=True, slots=True)
class ListLine:
    """One member. ``state``: as in :class:`server.domain.year_standing.StandingState`; amounts in hundredths."""

    member_id: str
    unit_id: str
    state: str
    target: int | None
    total: int
    short: int
    rule_id: str | None
    rule_version: int | None


@dataclass(frozen=True, slots=True)
class YearList:
    """``digest``: of ``content``. ``version`` counts from 1 for a unit and year; a confirmed one is never changed."""

    id: str
    unit_id: str
    year: int
    version: int
    content: str
    digest: str
    confirmed_by: str  # account
    confirmed_at: dt.datetime


def content_of(unit_id: str, year: int, lines: Iterable[ListLine]) -> str:
    """JSON in one spelling: sorted keys, no spaces, by member."""
    listed = sorted(lines, key=lambda line: line.member_id)
    said: dict[str, Any] = {
        "unit_id": unit_id,
        "year": year,
        "lines": [{name: getattr(line, name) for name in ListLine.__slots__} for line in listed],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(content: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()
