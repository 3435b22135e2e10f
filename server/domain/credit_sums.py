"""What a unit's members were granted in a year, summed from the ledger: never from anything but entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.domain.ledger import EntryKind


@dataclass(frozen=True, slots=True)
class KindSum:
    """Of a member, as long as it was in the unit. ``hundredths`` of 学时."""

    unit_id: str
    member_id: str
    kind: str
    hundredths: int
    entries: int


@dataclass(frozen=True, slots=True)
class MonthSum:
    """Of a member in a month, 1 to 12 in the school's time. ``hundredths`` of 学时."""

    member_id: str
    month: int
    kind: str
    hundredths: int


@dataclass(slots=True)
class MemberYear:
    """Who changed units in the year has one for each, so that every unit adds up. ``kinds``: every one there is."""

    unit_id: str
    member_id: str
    kinds: dict[EntryKind, int] = field(default_factory=lambda: dict.fromkeys(EntryKind, 0))
    entries: int = 0

    @property
    def hundredths(self) -> int:
        return sum(self.kinds.values())


def of_members(sums: Iterable[KindSum]) -> tuple[MemberYear, ...]:
    """By unit and member, in the order of their first sums. ValueError for a kind that nobody knows."""
    found: dict[tuple[str, str], MemberYear] = {}
    for each in sums:
        key = (each.unit_id, each.member_id)
        one = found.setdefault(key, MemberYear(*key))
        one.kinds[EntryKind(each.kind)] += each.hundredths
        one.entries += each.entries
    return tuple(found.values())
