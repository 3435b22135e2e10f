"""The audit log: who did what, when, from where, on what, and what came of it, in a chain that tells of tampering.

A line is never changed. Its ``detail`` (what was asked, which may name a person) stands outside the chain, which holds
its salted digest: it can be erased, nothing else can. That it was, and where, is told by a line of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from server.domain import chain
from server.domain.chain import EMPTY, Fault, Flaw, Head, Unreadable, head_after

DONE = "done"
"""The result of what was done; any other result is the code of a refusal."""
CUT = "audit.cut"
ERASED = "audit.details_erased"
MOST_ERASED_IN_LINE = 1000
_OUTSIDE = ("hash", "detail", "salt")


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be written. ``actor``: the account; None: a stranger, or the house itself (``address`` empty).

    ``login``: the beginning of the login's digest. ``about``: kind and id of what it was done to, ``lesson/…``.
    ``detail``: JSON, what was asked. ``salt``: random, so that a digest gives away no short detail.
    """

    at: dt.datetime
    actor: str | None
    address: str
    login: str
    request_id: str
    action: str
    about: str
    result: str
    detail: str
    salt: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log. ``detail`` and ``salt`` None: erased."""

    position: int
    at: dt.datetime
    actor: str | None
    address: str
    login: str
    request_id: str
    action: str
    about: str
    result: str
    detail_digest: str
    detail: str | None
    salt: str | None
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """``actors``: their account ids, None for everybody. ``what``: part of the action, of what it was about, of what
    was asked. ``action``: part of the action alone."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    actors: tuple[str, ...] | None = None
    what: str = ""
    action: str = ""
    result: Literal["", "done", "refused"] = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """``chain``: the head of a sound log, or its first flaw. ``since``: where it begins; earlier ones were cut."""

    chain: Head | Flaw
    since: Head = EMPTY
    erased: int = 0

    @property
    def sound(self) -> bool:
        return isinstance(self.chain, Head)

    @property
    def count(self) -> int:
        """Lines that were read and found sound."""
        return self.chain.position - self.since.position - (0 if self.sound else 1)


def digest_of(detail: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{detail}".encode("utf-8", "surrogatepass")).hexdigest()


def canonical(line: Line) -> bytes:
    """What is chained, as JSON: sorted keys, no spaces, ASCII, times in UTC with microseconds.

    A detail that is not the one of its digest makes it another line.
    """
    content = {name: getattr(line, name) for name in line.__slots__ if name not in _OUTSIDE}
    content["at"] = line.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if line.detail is not None and line.detail_digest != digest_of(line.detail, line.salt or ""):
        content["detail_digest"] = None
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def digest(line: Line) -> str:
    """SHA-256, in hexadecimal, over the hash of the line before, a line feed and :func:`canonical`."""
    return hashlib.sha256(line.previous_hash.encode("ascii", "replace") + b"\n" + canonical(line)).hexdigest()


def extend(head: Head, deeds: Iterable[Deed]) -> tuple[Line, ...]:
    """The lines that follow ``head``."""
    made: list[Line] = []
    for deed in deeds:
        content = {name: getattr(deed, name) for name in deed.__slots__}
        content["detail_digest"] = digest_of(deed.detail, deed.salt)
        line = Line(position=head.position + 1, previous_hash=head.hash, **content)
        made.append(replace(line, hash=digest(line)))
        head = head_after(made[-1])
    return tuple(made)


def check(
    rows: Iterable[Line | Unreadable], head: Head | None, noted: str | None = None, since: Head = EMPTY
) -> Findings:
    """Reads the whole log by position. Sound: chained from ``since`` to ``head``, what was cut was cut by a line that
    says so, and every detail that is missing was erased by one.
    """
    memory = _Memory()
    found = chain.check(memory.watch(rows), head, noted, digest=digest, start=since)
    if isinstance(found, Head):
        found = memory.flaw(since) or found
    return Findings(found, since, len(memory.missing))


class _Memory:
    """What the lines say of cuts and erasures."""

    def __init__(self) -> None:
        self.missing: set[int] = set()
        self._told: set[int] = set()
        self._cuts: set[tuple[object, object]] = set()

    def watch(self, rows: Iterable[Line | Unreadable]) -> Iterator[Line | Unreadable]:
        for row in rows:
            if isinstance(row, Line):
                self._note(row)
            yield row

    def _note(self, line: Line) -> None:
        if line.detail is None:
            self.missing.add(line.position)
            return
        if line.actor is None and line.action in {CUT, ERASED}:
            said = _said(line.detail)
            positions = said.get("positions")
            if isinstance(positions, list):
                self._told.update(position for position in positions if isinstance(position, int))
            self._cuts.add((said.get("position"), said.get("hash")))

    def flaw(self, since: Head) -> Flaw | None:
        if since != EMPTY and (since.position, since.hash) not in self._cuts:
            return Flaw(since.position, Fault.POSITION)
        untold = self.missing - self._told
        return Flaw(min(untold), Fault.CONTENT) if untold else None


def _said(detail: str) -> dict[str, object]:
    try:
        said = json.loads(detail)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def detail_of(**said: object) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)


def of_the_house(at: dt.datetime, action: str, about: str, salt: str, **said: object) -> Deed:
    """What the server did of itself."""
    return Deed(at, None, "", "", "", action, about, DONE, detail_of(**said), salt)
