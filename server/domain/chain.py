"""A chain of entries, each with the hash of the one before: nobody changes, cuts, doubles or reorders one unnoticed.

The ledger of credit and the audit log are such chains. Whoever keeps a head (position and hash) from some evening can
prove later that everything before it is still the same.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

GENESIS = "0" * 64
"""What the first entry has for the hash of the one before."""


class Link(Protocol):
    """``position`` counts from 1 without gaps."""

    @property
    def position(self) -> int: ...
    @property
    def previous_hash(self) -> str: ...
    @property
    def hash(self) -> str: ...


T = TypeVar("T", bound=Link)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends. Position 0: it is empty."""

    position: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of the chain that is no entry any more: ``field`` does not hold what it must ("": nothing does)."""

    field: str = ""


EMPTY = Head()


def head_after(entry: Link) -> Head:
    return Head(entry.position, entry.hash)


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
    Fault.NOTED: ("所记录的账头不在账中", "the head that you noted is not in the chain"),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first position at which the chain is not what was written. ``field``: the one that cannot be read."""

    position: int
    fault: Fault
    field: str = ""


def check(
    rows: Iterable[T | Unreadable],
    head: Head | None,
    noted: str | None = None,
    *,
    digest: Callable[[T], str],
    start: Head = EMPTY,
) -> Head | Flaw:
    """The head of a sound chain, or its first flaw. ``rows`` by position; ``head`` as it stands in the record.

    ``noted``: the hash of a head from earlier, which must still be in the chain. ``start``: what the first row follows,
    where earlier ones were cut. One pass, constant memory.
    """
    last, seen = start, noted in {None, start.hash}
    for row, following in _with_following(rows):
        if isinstance(row, Unreadable):
            return Flaw(last.position + 1, Fault.UNREADABLE, row.field)
        fault = _fault(last, row, digest(row), _witness(following, head))
        if fault is not None:
            return Flaw(last.position + 1, fault)
        last = head_after(row)
        seen = seen or last.hash == noted
    if last != (head or start):
        return Flaw(last.position + 1, Fault.HEAD)
    return last if seen else Flaw(0, Fault.NOTED)


def _with_following(
    rows: Iterable[T | Unreadable],
) -> Iterator[tuple[T | Unreadable, T | Unreadable | None]]:
    waiting = None
    for row in rows:
        if waiting is not None:
            yield waiting, row
        waiting = row
    if waiting is not None:
        yield waiting, None


def _witness(following: Link | Unreadable | None, head: Head | None) -> str | None:
    """The hash of an entry as others remember it: the entry after it, or the head."""
    if following is None:
        return None if head is None else head.hash
    return None if isinstance(following, Unreadable) else following.previous_hash


def _fault(last: Head, entry: Link, found: str, witness: str | None) -> Fault | None:
    if entry.position != last.position + 1:
        return Fault.POSITION
    if entry.previous_hash != last.hash:
        return Fault.LINK
    if found == entry.hash:
        return None
    return Fault.HASH if found == witness else Fault.CONTENT
