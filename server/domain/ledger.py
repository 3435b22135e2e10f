"""The ledger of study credit: append-only, every entry carries the hash of the one before.

Balances are sums of entries in integer hundredths. A correction is a new entry; nothing is ever changed. Whoever
keeps a head (position and hash) from some evening can prove later that everything before it is still the same.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from json.encoder import encode_basestring_ascii
from typing import Any

from server.domain import chain
from server.domain.chain import Flaw, Head, Unreadable, head_after

_SPACE = uuid.UUID("b0c8fa0e-6f8c-4b0e-9d6a-5a3f2b1c7d90")


class EntryKind(enum.StrEnum):
    LESSON = "lesson"  # granted when a lesson was settled
    CORRECTION = "correction"  # granted by a review, or when a quiz was marked again
    MAKE_UP = "make_up"  # 补学
    MICRO = "micro"  # 微视频: watched, or its test passed
    OUTSIDE = "outside"  # 校外学时: proved, confirmed by a person, and every correction of it
    TEACHING = "teaching"  # 授课: for who taught the lesson


@dataclass(frozen=True, slots=True)
class Award:
    """What is to be entered. ``idempotency_key`` names the occasion: the same occasion is entered once.

    ``rule`` and ``evidence`` are JSON texts: what was known and asked, as it was then. ``corrects`` is the
    idempotency key of the award that a correction stands in for, or takes back from. ``actor``: who did it; None: the
    house.
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


def lesson_key(lesson_id: str, member_id: str) -> str:
    return f"lesson:{lesson_id}:{member_id}"


def make_up_key(lesson_id: str, member_id: str) -> str:
    return f"make_up:{lesson_id}:{member_id}"


def micro_key(video_id: str, member_id: str) -> str:
    return f"micro:{video_id}:{member_id}"


def micro_test_key(video_id: str, member_id: str) -> str:
    return f"micro_test:{video_id}:{member_id}"


def teaching_key(lesson_id: str, member_id: str) -> str:
    return f"teaching:{lesson_id}:{member_id}"


def review_key(review_id: str) -> str:
    return f"review:{review_id}"


def remark_key(remark_id: str, member_id: str) -> str:
    return f"remark:{remark_id}:{member_id}"


CORRECTING = "correct:"
"""How the idempotency key of a person's correction begins."""


def correcting_key(entry_id: str, number: int) -> str:
    """The ``number``-th correction of that entry, by a person (学时更正)."""
    return f"{CORRECTING}{entry_id}:{number}"


def is_correcting(idempotency_key: str) -> bool:
    """Whether such an entry gives or takes the difference to another one. Not the grant of a review."""
    return idempotency_key.startswith(CORRECTING)


def flat(record: Award | Entry) -> dict[str, Any]:
    """The fields by name. Not ``asdict``: its deep copies were half of the time of settling a lesson."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def canonical(entry: Entry) -> bytes:
    """All fields but the hash, as JSON: sorted keys, no spaces, ASCII, times in UTC with microseconds.

    Spelled out: it is most of what verifying a million entries costs. A test holds it against :mod:`json`.
    """
    at, text = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), encode_basestring_ascii
    return (
        f'{{"actor":{_text(entry.actor)},"at":"{at}","corrects":{_text(entry.corrects)},'
        f'"evidence":{text(entry.evidence)},"hundredths":{entry.hundredths:d},"id":{text(entry.id)},'
        f'"idempotency_key":{text(entry.idempotency_key)},"kind":{text(entry.kind)},'
        f'"lesson_id":{_text(entry.lesson_id)},"member_id":{text(entry.member_id)},"position":{entry.position:d},'
        f'"previous_hash":{text(entry.previous_hash)},"reason":{text(entry.reason)},"rule":{text(entry.rule)},'
        f'"unit_id":{text(entry.unit_id)}}}'
    ).encode("ascii")


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


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


def balance(entries: Iterable[Entry]) -> int:
    """In hundredths of 学时."""
    return sum(entry.hundredths for entry in entries)


def check(rows: Iterable[Entry | Unreadable], head: Head | None, noted: str | None = None) -> Head | Flaw:
    """As :func:`server.domain.chain.check`, from the first entry on."""
    return chain.check(rows, head, noted, digest=digest)
