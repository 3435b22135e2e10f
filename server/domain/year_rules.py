"""What a unit asks of its members for a year: targets by position, caps by type, what is carried over. Dated data, in
integer hundredths of 学时, never constants: they differ by place and by plan (32/56 in one of them).
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.domain.ledger import EntryKind
from server.domain.members import MemberKind
from server.domain.refusals import Refusal

MOST_HUNDREDTHS = 1_000_000


class Position(enum.StrEnum):
    """As what a member is asked for the year's credit: by what he does in the branch, else by the kind of member."""

    SECRETARY = "secretary"  # 支部书记
    COMMITTEE = "committee"  # 班子成员
    FULL = "full"
    PROBATIONARY = "probationary"
    CANDIDATE = "candidate"
    ACTIVIST = "activist"
    GUEST = "guest"

    @classmethod
    def of(cls, kind: MemberKind) -> Position:
        return cls(kind.value)


class LoanCount(enum.StrEnum):
    """In whose ratio a person on loan (借调) stands."""

    APART = "apart"  # in nobody's: both units see them counted separately
    HOME = "home"  # 原支部
    HOST = "host"  # 借调单位


TYPES = tuple(kind for kind in EntryKind if kind is not EntryKind.CORRECTION)
"""By which credit is capped and shown."""


def type_of(kind: EntryKind) -> EntryKind:
    """A correction stands in for what the lesson would have given: it is capped with it."""
    return EntryKind.LESSON if kind is EntryKind.CORRECTION else kind


@dataclass(frozen=True, slots=True)
class YearRule:
    """In force from ``since`` until before ``until``; a year is held against the one of its last day, the present year
    against the one of today.

    ``targets``: who is not in it is asked for nothing. ``caps``: how much of a type counts in a year, what is not in it
    counts whole. ``carry_most_hundredths``: how much of the year before may come in, 0: nothing. ``by_month``: a target
    is asked for the months in which one belonged and was not exempt, a twelfth each.
    """

    id: str
    unit_id: str
    name: str
    version: int
    since: dt.date
    until: dt.date | None = None
    targets: Mapping[Position, int] = field(default_factory=dict)
    caps: Mapping[EntryKind, int] = field(default_factory=dict)
    carry_most_hundredths: int = 0
    by_month: bool = False
    loans: LoanCount = LoanCount.APART
    made_by: str = ""  # account
    made_at: dt.datetime | None = None


def check_year_rule(rule: YearRule, today: dt.date) -> None:
    """Raises ``invalid_body``; ``past_fixed`` for one that would begin in a year that is over."""
    if rule.since.year < today.year:
        raise Refusal("past_fixed", str(rule.since))
    if any(kind not in TYPES for kind in rule.caps):
        raise Refusal("invalid_body", "caps: corrections are capped with lessons")
    for amount in (*rule.targets.values(), *rule.caps.values(), rule.carry_most_hundredths):
        if not 0 <= amount <= MOST_HUNDREDTHS:
            raise Refusal("invalid_body", f"hundredths: 0 to {MOST_HUNDREDTHS}")


def day_of_year(year: int, today: dt.date) -> dt.date:
    """On which a year's rule, position and unit are looked at: its last day, or today while it is not over."""
    return min(dt.date(year, 12, 31), max(today, dt.date(year, 1, 1)))
