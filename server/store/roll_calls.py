"""Roll calls, as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.roll_calls import RollCall, RollEntry, RollResult
from server.store.schema import roll_calls, roll_entries

# Built once: staff look at the stage twice a second.
_LAST = (
    sa.select(roll_calls)
    .where(roll_calls.c.lesson_id == sa.bindparam("lesson"))
    .order_by(roll_calls.c.number.desc())
    .limit(1)
)
_ENTRIES = (
    sa.select(roll_entries)
    .where(roll_entries.c.roll_call_id.in_(sa.bindparam("roll_calls", expanding=True)))
    .order_by(roll_entries.c.position)
)
_OWN = ("number", "started_at", "started_by", "called", "called_at", "finished_at")


class SqlRollCalls:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def last(self, lesson_id: str) -> RollCall | None:
        return next(iter(self._loaded(self._connection.execute(_LAST, {"lesson": lesson_id}).all())), None)

    def of(self, lesson_id: str) -> tuple[RollCall, ...]:
        query = sa.select(roll_calls).where(roll_calls.c.lesson_id == lesson_id).order_by(roll_calls.c.number)
        return self._loaded(self._connection.execute(query).all())

    def _loaded(self, rows: Sequence[sa.Row[Any]]) -> tuple[RollCall, ...]:
        entries: defaultdict[str, list[RollEntry]] = defaultdict(list)
        for row in self._connection.execute(_ENTRIES, {"roll_calls": [row.id for row in rows]}) if rows else ():
            entries[row.roll_call_id].append(_entry(row))
        return tuple(_roll_call(row, entries[row.id]) for row in rows)

    def add(self, roll_call: RollCall) -> None:
        own = {"id": roll_call.id, "lesson_id": roll_call.lesson_id, **_own(roll_call)}
        self._connection.execute(sa.insert(roll_calls).values(own))
        self._add_entries(roll_call)

    def save(self, roll_call: RollCall) -> None:
        self._connection.execute(sa.update(roll_calls).where(roll_calls.c.id == roll_call.id).values(_own(roll_call)))
        self._connection.execute(sa.delete(roll_entries).where(roll_entries.c.roll_call_id == roll_call.id))
        self._add_entries(roll_call)

    def _add_entries(self, roll_call: RollCall) -> None:
        rows = [
            {**asdict(entry), "roll_call_id": roll_call.id, "position": position}
            for position, entry in enumerate(roll_call.entries)
        ]
        self._connection.execute(sa.insert(roll_entries), rows)


def _own(roll_call: RollCall) -> dict[str, Any]:
    return {name: getattr(roll_call, name) for name in _OWN}


def _roll_call(row: sa.Row[Any], entries: Iterable[RollEntry]) -> RollCall:
    own = {name: getattr(row, name) for name in _OWN}
    return RollCall(id=row.id, lesson_id=row.lesson_id, entries=tuple(entries), **own)


def _entry(row: sa.Row[Any]) -> RollEntry:
    return RollEntry(
        lesson_venue_id=row.lesson_venue_id,
        name=row.name,
        answered_at=row.answered_at,
        proposed=RollResult(row.proposed) if row.proposed else None,
        result=RollResult(row.result) if row.result else None,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
