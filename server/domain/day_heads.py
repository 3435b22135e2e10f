"""The heads of the ledger that were noted, one a day: each must be in the chain for ever after.

A note inside the database proves something only once it has left it (docs/operations.md): whoever can write the chain
anew can write the notes anew. Inside, it tells a mistake of one table from one of the other.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from server.domain.chain import Head, Unreadable
from server.domain.ledger import Entry, digest

NOTED = "ledger.head"
"""The action of the audit line of each note."""


@dataclass(frozen=True, slots=True)
class DayHead:
    """Where the ledger ended when the school's ``day`` began, or as soon after as the server ran; noted ``at``."""

    day: dt.date
    head: Head
    at: dt.datetime


def is_due(newest: DayHead | None, today: dt.date, head: Head) -> bool:
    """One a day, and none of a ledger that is empty."""
    return head.position > 0 and (newest is None or newest.day < today)


def about(noted: DayHead) -> str:
    """What the audit line is about; syslog carries it, so the note leaves the machine with the log."""
    return f"ledger/{noted.day.isoformat()}/{noted.head.position}/{noted.head.hash}"


class Standing(enum.StrEnum):
    """Of a hash that was noted elsewhere."""

    HELD = "held"  # the ledger had it, and the entry there is what it was
    CHANGED = "changed"  # what follows names it, and the entry there is gone or another one
    UNKNOWN = "unknown"  # nothing in the ledger has it


def standing_of(noted: str, found: tuple[int, Entry | None] | None) -> Standing:
    """``found``: the place that the chain says had the hash, and the entry that is there."""
    if found is None:
        return Standing.UNKNOWN
    entry = found[1]
    return Standing.HELD if entry is not None and entry.hash == noted == digest(entry) else Standing.CHANGED


@dataclass(slots=True)
class Kept:
    """Holds notes against entries as they pass. ``missing``: days whose head was not met, oldest first."""

    notes: Iterable[DayHead]
    _waiting: dict[int, list[DayHead]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for note in self.notes:
            self._waiting.setdefault(note.head.position, []).append(note)

    def over(self, rows: Iterable[Entry | Unreadable]) -> Iterator[Entry | Unreadable]:
        """The same rows."""
        for row in rows:
            if isinstance(row, Entry) and row.position in self._waiting:
                self._met(row)
            yield row

    def _met(self, entry: Entry) -> None:
        others = [note for note in self._waiting.pop(entry.position) if note.head.hash != entry.hash]
        if others:
            self._waiting[entry.position] = others

    @property
    def missing(self) -> tuple[DayHead, ...]:
        waiting = (note for notes in self._waiting.values() for note in notes)
        return tuple(sorted(waiting, key=lambda note: note.day))
