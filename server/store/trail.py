"""The audit log as rows that are only ever added.

Lines are chained together just before their batch's COMMIT: the head is the last lock of every transaction, so it
closes no circle with other locks, and it is held for one insertion, however many deeds the batch has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa

from server.domain.audit import AuditQuery, Deed, Findings, Line, check, extend
from server.domain.chain import EMPTY, Head, head_after
from server.store.chained import rows
from server.store.heads import lock_head, move_head, read_head
from server.store.schema import audit_lines, claims
from server.store.upserts import insert

BOOK = "audit"
CUT = "audit-cut"
SENT = "audit-sent"
_SYSLOG = "syslog"
"""Among the claims of channels."""
_PENDING = "audit deeds of this batch"
_MAY_BE_NULL = frozenset({"actor", "detail", "salt"})
_HEARD_EVERY = 500
_lines = audit_lines.c
T = TypeVar("T")


def examine(
    connection: sa.Connection, noted: str | None = None, heard: Callable[[int], None] = lambda _read: None
) -> Findings:
    """The whole log, as it stands in this transaction."""
    lines = _counted(rows(connection, audit_lines, Line, _MAY_BE_NULL), heard)
    return check(lines, read_head(connection, BOOK), noted, read_head(connection, CUT) or EMPTY)


def _counted(lines: Iterable[T], heard: Callable[[int], None]) -> Iterator[T]:
    for count, line in enumerate(lines):
        if count % _HEARD_EVERY == 0:
            heard(count)
        yield line


def pending(connection: sa.Connection) -> list[Deed]:
    """What the present batch has done so far and is not written yet."""
    deeds: list[Deed] = connection.info.setdefault(_PENDING, [])
    return deeds


def write_pending(connection: sa.Connection) -> None:
    """The batch's last act."""
    deeds = pending(connection)
    if not deeds:
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")  # nobody holds it for longer than a COMMIT
    head = lock_head(connection, BOOK)
    lines = extend(head, deeds)
    connection.execute(sa.insert(audit_lines), [_values(line) for line in lines])
    move_head(connection, BOOK, head, head_after(lines[-1]))
    deeds.clear()


def _values(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in Line.__slots__}


class SqlAudit:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, deed: Deed) -> None:
        pending(self._connection).append(deed)

    def head(self) -> Head:
        return read_head(self._connection, BOOK) or EMPTY

    def since(self) -> Head:
        return read_head(self._connection, CUT) or EMPTY

    def page(self, wanted: AuditQuery, before: int | None, limit: int) -> tuple[Line, ...]:
        query = sa.select(audit_lines).where(*_matches(wanted))
        if before is not None:
            query = query.where(_lines.position < before)
        return self._read(query.order_by(_lines.position.desc()).limit(limit))

    def after(self, position: int, limit: int) -> tuple[Line, ...]:
        query = sa.select(audit_lines).where(_lines.position > position)
        return self._read(query.order_by(_lines.position).limit(limit))

    def last_before(self, moment: dt.datetime) -> Head | None:
        """The newest line of which it and all before it are older than ``moment``."""
        first_kept = sa.select(sa.func.min(_lines.position)).where(_lines.at >= moment).scalar_subquery()
        query = sa.select(_lines.position, _lines.hash).where(
            _lines.position < sa.func.coalesce(first_kept, self.head().position + 1)
        )
        row = self._connection.execute(query.order_by(_lines.position.desc()).limit(1)).one_or_none()
        return Head(row.position, row.hash) if row else None

    def cut(self, to: Head) -> int:
        """Everything up to ``to`` goes, and where the rest begins is kept. How many lines that were: none where another
        process has cut further meanwhile.
        """
        here = lock_head(self._connection, CUT)
        if to.position <= here.position:
            return 0
        move_head(self._connection, CUT, here, to)
        return self._connection.execute(sa.delete(audit_lines).where(_lines.position <= to.position)).rowcount

    def erase_details(
        self, words: tuple[str, ...], actor: str | None, says: Callable[[str], bool] = lambda _detail: True
    ) -> tuple[int, ...]:
        """Of whatever that account did, or that speaks of these words and ``says`` so. Their positions."""
        spoken = [_lines.detail.contains(word, autoescape=True) for word in words if word]
        whose = [_lines.actor == actor] if actor else []
        if not (spoken or whose):
            return ()
        query = sa.select(_lines.position, _lines.actor, _lines.detail)
        found = query.where(_lines.detail.is_not(None), sa.or_(*spoken, *whose)).order_by(_lines.position)
        positions = tuple(
            row.position
            for row in self._connection.execute(found)
            if (actor and row.actor == actor) or says(str(row.detail))
        )
        for start in range(0, len(positions), 500):
            those = _lines.position.in_(positions[start : start + 500])
            self._connection.execute(sa.update(audit_lines).where(those).values(detail=None, salt=None))
        return positions

    def examine(self, noted: str | None, heard: Callable[[int], None]) -> Findings:
        return examine(self._connection, noted, heard)

    def sent(self) -> Head | None:
        return read_head(self._connection, SENT)

    def move_sent(self, to: Head) -> None:
        """Never back: of two processes that send, the slower one notes less."""
        here = lock_head(self._connection, SENT)
        if to.position >= here.position:
            move_head(self._connection, SENT, here, to)

    def claim_sending(self, now: dt.datetime, until: dt.datetime) -> bool:
        mine = insert(self._connection, claims).values(channel=_SYSLOG, at=until)
        over = mine.on_conflict_do_update(index_elements=["channel"], set_={"at": until}, where=claims.c.at <= now)
        return self._connection.execute(over).rowcount == 1

    def release_sending(self, until: dt.datetime) -> None:
        mine = (claims.c.channel == _SYSLOG, claims.c.at == until)
        self._connection.execute(sa.delete(claims).where(*mine))

    def _read(self, query: sa.Select[Any]) -> tuple[Line, ...]:
        return tuple(Line(**row._mapping) for row in self._connection.execute(query))


def _matches(wanted: AuditQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(_lines.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_lines.at < wanted.until)
    if wanted.actors is not None:
        conditions.append(_lines.actor.in_(wanted.actors))
    if wanted.action:
        conditions.append(_lines.action.contains(wanted.action, autoescape=True))
    if wanted.what:
        text = wanted.what
        spoken = (column.contains(text, autoescape=True) for column in (_lines.action, _lines.about, _lines.detail))
        conditions.append(sa.or_(*spoken))
    if wanted.result == "done":
        conditions.append(_lines.result == "done")
    elif wanted.result == "refused":
        conditions.append(_lines.result != "done")
    return conditions
