"""The ledger as double entry: what an entry gives a member, it takes from the account of what granted it.

An entry's two accounts follow from the entry alone, so entries made before anybody asked have them, too, and no byte
that a hash covers had to change. A source goes below zero by what it granted, in integer hundredths of 学时; all
accounts together are zero. Source of the rule: docs/decisions/0128.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from server.domain.chain import Unreadable
from server.domain.ledger import Entry, EntryKind, is_correcting


class Grant(enum.StrEnum):
    """What grants credit."""

    LESSON = "lesson"
    REVIEW = "review"  # 复核
    REMARK = "remark"  # 改判
    MAKE_UP = "make_up"
    MICRO = "micro"
    OUTSIDE = "outside"  # 校外
    TEACHING = "teaching"


_REMARKED = "remark:"
"""How the idempotency key of a correction begins that a corrected answer key brought about, not a review."""

_GRANTS = {
    EntryKind.LESSON.value: Grant.LESSON,
    EntryKind.CORRECTION.value: Grant.REVIEW,
    EntryKind.MAKE_UP.value: Grant.MAKE_UP,
    EntryKind.MICRO.value: Grant.MICRO,
    EntryKind.OUTSIDE.value: Grant.OUTSIDE,
    EntryKind.TEACHING.value: Grant.TEACHING,
}


@dataclass(frozen=True, slots=True)
class Posting:
    """``account``: ``lesson:<unit>`` and the like for a source, ``member:<member>`` for a person."""

    account: str
    hundredths: int


def source_of(entry: Entry) -> str | None:
    """The account that grants: what it was, and the unit in which the member was then. None: a kind nobody knows."""
    grant = _GRANTS.get(entry.kind)
    if grant is Grant.REVIEW and _occasion(entry).startswith(_REMARKED):
        grant = Grant.REMARK
    return None if grant is None else f"{grant.value}:{entry.unit_id}"


def _occasion(entry: Entry) -> str:
    """Of what granted: a correction by a person goes against the account of what it corrects."""
    return entry.corrects or "" if is_correcting(entry.idempotency_key) else entry.idempotency_key


def member_account(member_id: str) -> str:
    return f"member:{member_id}"


def postings(entry: Entry) -> tuple[Posting, Posting]:
    """The source's side, then the member's. ValueError for a kind nobody knows."""
    source = source_of(entry)
    if source is None:
        raise ValueError(f"no source grants {entry.kind!r}")
    return Posting(source, -entry.hundredths), Posting(member_account(entry.member_id), entry.hundredths)


@dataclass(slots=True)
class Trial:
    """The trial balance of entries read so far. ``unsourced``: the position of the first of an unknown kind.

    Its size is that of the accounts: members, and units times grants.
    """

    sources: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    unsourced: int | None = None

    def add(self, entry: Entry) -> None:
        source = source_of(entry)
        if source is None:
            self.unsourced = self.unsourced or entry.position
            return
        self.sources[source] = self.sources.get(source, 0) - entry.hundredths
        self.members[entry.member_id] = self.members.get(entry.member_id, 0) + entry.hundredths

    def over(self, rows: Iterable[Entry | Unreadable]) -> Iterator[Entry | Unreadable]:
        """The same rows, counted as they pass."""
        for row in rows:
            if isinstance(row, Entry):
                self.add(row)
            yield row

    @property
    def granted(self) -> int:
        """What all sources gave, in hundredths."""
        return -sum(self.sources.values())

    @property
    def held(self) -> int:
        """What all members have, in hundredths."""
        return sum(self.members.values())

    def differing(self, members: Mapping[str, int]) -> tuple[str, ...]:
        """Whose balance is another one there than the entries say; sorted."""
        everybody = self.members.keys() | members.keys()
        return tuple(sorted(who for who in everybody if self.members.get(who, 0) != members.get(who, 0)))
