"""The ledger of study credit: append-only, every entry carries the hash of the one before.

Balances are sums of entries in integer hundredths. A correction is a new entry; nothing is ever changed. Whoever
keeps a head (position and hash) from some evening can prove later that everything before it is still the same.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

GENESIS = "0" * 64
"""What the first entry has for the hash of the one before."""
_SPACE = uuid.UUID("b0c8fa0e-6f8c-4b0e-9d6a-5a3f2b1c7d90")


class EntryKind(enum.StrEnum):
    LESSON = "lesson"  # granted when a lesson was settled
    CORRECTION = "correction"  # granted by a review
    MAKE_UP = "make_up"  # 补学


@dataclass(frozen=True, slots=True)
class Award:
    """What is to be entered. ``idempotency_key`` names the occasion: the same occasion is entered once.

    ``rule`` and ``evidence`` are JSON texts: what was known and asked, as it was then. ``corrects`` is the
    idempotency key of the award that a correction stands in for. ``actor``: who did it; None: the house.
    """

    idempotency_key: str
    kind: EntryKind
    member_id: str
    unit_id: str
    lesson_id: str | None
    hundredths: int
    rule: str
    evidence: str
    reason: str
    corrects: str | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger. ``position`` counts from 1 without gaps."""

    position: int
    id: str
    idempotency_key: str
    kind: str
    member_id: str
    unit_id: str
    lesson_id: str | None
    hundredths: int
    rule: str
    evidence: str
    reason: str
    corrects: str | None
    actor: str | None
    at: dt.datetime
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends. Position 0: it is empty."""

    position: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of the ledger that is no entry any more: ``field`` does not hold what it must ("": nothing does)."""

    field: str = ""


def lesson_key(lesson_id: str, member_id: str) -> str:
    return f"lesson:{lesson_id}:{member_id}"


def review_key(review_id: str) -> str:
    return f"review:{review_id}"


def flat(record: Award | Entry) -> dict[str, Any]:
    """The fields by name. Not ``asdict``: its deep copies were half of the time of settling a lesson."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def canonical(entry: Entry) -> bytes:
    """All fields but the hash, as JSON: sorted keys, no spaces, ASCII, times in UTC with microseconds."""
    content = flat(entry) | {"at": entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")}
    del content["hash"]
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def digest(entry: Entry) -> str:
    """SHA-256, in hexadecimal, over the hash of the entry before, a line feed and :func:`canonical`."""
    return hashlib.sha256(entry.previous_hash.encode("ascii", "replace") + b"\n" + canonical(entry)).hexdigest()


def extend(head: Head, awards: Iterable[Award], at: dt.datetime) -> tuple[Entry, ...]:
    """The entries that follow ``head``, in the order of the awards. An entry's id follows from its occasion."""
    made: list[Entry] = []
    for award in awards:
        content = {**flat(award), "kind": award.kind.value}
        entry_id = str(uuid.uuid5(_SPACE, award.idempotency_key))
        entry = Entry(position=head.position + 1, id=entry_id, at=at, previous_hash=head.hash, **content)
        made.append(replace(entry, hash=digest(entry)))
        head = head_after(made[-1])
    return tuple(made)


def head_after(entry: Entry) -> Head:
    return Head(entry.position, entry.hash)


def balance(entries: Iterable[Entry]) -> int:
    """In hundredths of 学时."""
    return sum(entry.hundredths for entry in entries)


# ---- verifying -------------------------------------------------------------------------------------------


class Fault(enum.StrEnum):
    """What is wrong, by the kind of field that gives it away."""

    POSITION = "position"
    LINK = "link"
    CONTENT = "content"
    HASH = "hash"
    UNREADABLE = "unreadable"
    HEAD = "head"
    NOTED = "noted"


SENTENCES: dict[Fault, tuple[str, str]] = {
    Fault.POSITION: ("缺少、重复或顺序被改动", "an entry is missing, doubled or out of order"),
    Fault.LINK: ("与前一条的衔接（previous_hash）被改动", "its link to the entry before (previous_hash) was changed"),
    Fault.CONTENT: ("内容被改动", "its content was changed"),
    Fault.HASH: ("校验值（hash）被改动，内容完好", "its hash was changed, its content is what it was"),
    Fault.UNREADABLE: ("无法读取", "it cannot be read"),
    Fault.HEAD: (
        "末尾与账头记录不符：末尾的条目被删除或追加",
        "the end is not where the head says: entries were cut or added",
    ),
    Fault.NOTED: ("所记录的账头不在账中", "the head that you noted is not in the ledger"),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first position at which the ledger is not what was written. ``field``: the one that cannot be read."""

    position: int
    fault: Fault
    field: str = ""


def check(rows: Iterable[Entry | Unreadable], head: Head | None, noted: str | None = None) -> Head | Flaw:
    """The head of a sound ledger, or its first flaw. ``rows`` by position; ``head`` as it stands in the record.

    ``noted``: the hash of a head from earlier, which must still be in the chain. One pass, constant memory.
    """
    last, seen = Head(), noted in {None, GENESIS}
    for row, following in _with_following(rows):
        if isinstance(row, Unreadable):
            return Flaw(last.position + 1, Fault.UNREADABLE, row.field)
        fault = _fault(last, row, _witness(following, head))
        if fault is not None:
            return Flaw(last.position + 1, fault)
        last = head_after(row)
        seen = seen or last.hash == noted
    if last != (head or Head()):
        return Flaw(last.position + 1, Fault.HEAD)
    return last if seen else Flaw(0, Fault.NOTED)


def _with_following(
    rows: Iterable[Entry | Unreadable],
) -> Iterator[tuple[Entry | Unreadable, Entry | Unreadable | None]]:
    waiting = None
    for row in rows:
        if waiting is not None:
            yield waiting, row
        waiting = row
    if waiting is not None:
        yield waiting, None


def _witness(following: Entry | Unreadable | None, head: Head | None) -> str | None:
    """The hash of an entry as others remember it: the entry after it, or the head."""
    if isinstance(following, Entry):
        return following.previous_hash
    return head.hash if following is None and head is not None else None


def _fault(last: Head, entry: Entry, witness: str | None) -> Fault | None:
    if entry.position != last.position + 1:
        return Fault.POSITION
    if entry.previous_hash != last.hash:
        return Fault.LINK
    found = digest(entry)
    if found == entry.hash:
        return None
    return Fault.HASH if found == witness else Fault.CONTENT
