"""Whether what was read is still so: known without reading again in the one process that writes (SQLite).

Every statement that the writer ran is looked at for the table that it changes, every one of a reading that asks for it
for the tables that it names. A transaction's changes are noted after its commit and before anybody is answered: what
was acknowledged to anybody is seen by whoever asks afterwards.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from server.store.schema import metadata

ADDED, CHANGED, GONE = "added", "changed", "gone"
EVERYTHING = "*"
Touch = tuple[str, str]
"""A table and what became of its rows."""
MARKS = {"sessions": "used_at", "lessons": "last_seq"}
"""Of a table the column that is written again and again, and decides little of what is read of a row. A statement that
sets it alone is noted as that."""

_MOST_STATEMENTS = 4096
_WORD = re.compile(r"\w+")
_HARMLESS = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|PRAGMA)\b", re.IGNORECASE)
_READS_WITH = re.compile(r"\s*WITH\b(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b)", re.IGNORECASE | re.DOTALL)
_WRITES = re.compile(r'\s*(INSERT(?:\s+OR\s+(\w+))?\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.IGNORECASE)
_MARKS = re.compile(r"UPDATE (\w+) SET (\w+)=(?:\?|\(\1\.\2 \+ \?\)) WHERE ")
_READS, _WRITTEN = "tables read", "rows touched"


@functools.lru_cache(maxsize=_MOST_STATEMENTS)
def named(statement: str) -> frozenset[str]:
    """Our tables that it names; a column of the same name only makes it one too many."""
    return frozenset(_WORD.findall(statement)) & metadata.tables.keys()


@functools.lru_cache(maxsize=_MOST_STATEMENTS)
def touched(statement: str) -> frozenset[Touch]:
    """What it changes. One that is not understood may have changed everything."""
    if _HARMLESS.match(statement) or _READS_WITH.match(statement):
        return frozenset()
    found = _WRITES.match(statement)
    if found is None:
        return frozenset({(EVERYTHING, how) for how in (ADDED, CHANGED, GONE)})
    verb, instead, table = found[1].split()[0].upper(), found[2], found[3]
    if verb == "UPDATE":
        alone = _MARKS.match(statement)
        only = alone is not None and MARKS.get(table) == alone[2]
        return frozenset({_mark(table) if only else (table, CHANGED)})
    if verb == "DELETE":
        return frozenset({(table, GONE)})
    replaces = (instead or "ignore").lower() != "ignore" or "DO UPDATE" in statement.upper()
    return frozenset({(table, ADDED), (table, CHANGED), (table, GONE)} if replaces else {(table, ADDED)})


def _mark(table: str) -> Touch:
    return table, f"{CHANGED} {MARKS[table]}"


class Changes:
    """When each table was last changed, counted in commits of this process's writer. For the loop and the writer."""

    def __init__(self) -> None:
        self.count = 0
        self._last: dict[Touch, int] = {}

    def note(self, touches: Iterable[Touch]) -> None:
        """Of a transaction that was committed, or may have been."""
        this = self.count + 1
        for touch in touches:
            self._last[touch] = this
        self.count = this

    def since(self, count: int, touches: Iterable[Touch]) -> bool:
        """Whether any of it happened after that commit."""
        last = self._last
        for touch in touches:  # noqa: SIM110 - asked thousands of times a second: a generator costs twice as much
            if last.get(touch, 0) > count:
                return True
        return False


@dataclass(slots=True)
class Seen:
    """What somebody read: which tables, and the last commit before."""

    changes: Changes
    count: int
    touches: frozenset[Touch] = field(repr=False)

    def holds(self) -> bool:
        """Whether it would be read the same now."""
        changes = self.changes
        count = changes.count  # before looking: what is noted meanwhile is looked at the next time
        if count == self.count:
            return True
        if changes.since(self.count, self.touches):
            return False
        self.count = count
        return True

    def despite_new(self, *tables: str) -> Seen:
        """For what rows that are added there can't alter."""
        return Seen(self.changes, self.count, self.touches - {(table, ADDED) for table in tables})

    def despite_marks(self, *tables: str) -> Seen:
        """For what the column of ``MARKS`` there can't alter."""
        return Seen(self.changes, self.count, self.touches - {_mark(table) for table in tables})


def seen(changes: Changes, count: int, tables: Collection[str]) -> Seen:
    return Seen(changes, count, _touches(frozenset(tables)))


@functools.lru_cache(maxsize=_MOST_STATEMENTS)
def _touches(tables: frozenset[str]) -> frozenset[Touch]:
    """Whatever may become of what was read of these."""
    touches = {(table, how) for table in (*tables, EVERYTHING) for how in (ADDED, CHANGED, GONE)}
    return frozenset(touches | {_mark(table) for table in tables if table in MARKS})


# ---- on a connection -------------------------------------------------------------------------------------


def watch_reads(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "before_cursor_execute")
    def look(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401
        tables = connection.info.get(_READS)
        if tables is not None:
            tables |= named(statement)


def watch_writes(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "before_cursor_execute")
    def look(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401
        connection.info.setdefault(_WRITTEN, set()).update(touched(statement))


def begin_reading(connection: sa.Connection) -> set[str]:
    """Filled from now on with the tables that are read, until :func:`end_reading`."""
    tables: set[str] = set()
    connection.info[_READS] = tables
    return tables


def end_reading(connection: sa.Connection) -> None:
    connection.info.pop(_READS, None)


def taken_writes(connection: sa.Connection) -> set[Touch]:
    """What its statements touched since this was last asked."""
    touches: set[Touch] = connection.info.pop(_WRITTEN, set())
    return touches
