"""The lesson's event log and the commands already done, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from server.domain.events import Announcement, Event, Listener
from server.domain.refusals import Refusal
from server.store.schema import commands, lesson_events, lessons
from server.store.upserts import insert

# Built once: building a statement costs as much as running it, and every command appends an event.
_CLAIM = (
    sa.update(lessons)
    .where(lessons.c.id == sa.bindparam("lesson"))
    .values(last_seq=lessons.c.last_seq + sa.bindparam("count"))
    .returning(lessons.c.last_seq)
)
_APPEND = sa.insert(lesson_events)


class SqlEvents:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(self, lesson_id: str, announcements: Sequence[Announcement], at: dt.datetime, actor: str | None) -> int:
        """The UPDATE holds the lesson's row until the commit: the next number is given after this one is visible."""
        last = self._claim(lesson_id, len(announcements))
        first = last - len(announcements) + 1
        rows = [
            {
                "lesson_id": lesson_id,
                "seq": seq,
                "at": at,
                "kind": announcement.kind,
                "audience": announcement.audience,
                "data": dict(announcement.data),
                "actor": actor,
            }
            for seq, announcement in enumerate(announcements, first)
        ]
        if rows:
            self._connection.execute(_APPEND, rows)
        return last

    def _claim(self, lesson_id: str, count: int) -> int:
        last = self._connection.execute(_CLAIM, {"lesson": lesson_id, "count": count}).scalar()
        if last is None:
            raise Refusal("lesson_not_found", lesson_id)
        return int(last)

    def since(self, lesson_id: str, seq: int, listener: Listener | None, limit: int) -> tuple[Event, ...]:
        query = sa.select(lesson_events).where(_after(lesson_id, seq, listener))
        return self._read(query.order_by(lesson_events.c.seq).limit(limit))

    def since_of(self, lesson_id: str, seq: int, audiences: Collection[str], limit: int) -> tuple[Event, ...]:
        mine = sa.and_(_after(lesson_id, seq, None), lesson_events.c.audience.in_(audiences))
        return self._read(sa.select(lesson_events).where(mine).order_by(lesson_events.c.seq).limit(limit))

    def beyond(self, lesson_id: str, seq: int, listener: Listener | None, count: int) -> bool:
        query = sa.select(lesson_events.c.seq).where(_after(lesson_id, seq, listener))
        one_more = query.order_by(lesson_events.c.seq).offset(count).limit(1)
        return self._connection.execute(one_more).first() is not None

    def latest(self, lesson_id: str, listener: Listener, nouns: Collection[str], count: int) -> tuple[Event, ...]:
        query = sa.select(lesson_events).where(_after(lesson_id, 0, listener))
        if nouns:
            query = query.where(
                sa.or_(*(lesson_events.c.kind.startswith(f"{noun}.", autoescape=True) for noun in nouns))
            )
        return self._read(query.order_by(lesson_events.c.seq.desc()).limit(count))[::-1]

    def of_kind(self, lesson_id: str, kind: str) -> tuple[Event, ...]:
        query = sa.select(lesson_events).where(_after(lesson_id, 0, None), lesson_events.c.kind == kind)
        return self._read(query.order_by(lesson_events.c.seq))

    def newest(self, lesson_id: str, kind: str) -> Event | None:
        query = sa.select(lesson_events).where(_after(lesson_id, 0, None), lesson_events.c.kind == kind)
        return next(iter(self._read(query.order_by(lesson_events.c.seq.desc()).limit(1))), None)

    def withdraw(self, lesson_id: str, seq: int, data: Mapping[str, Any]) -> None:
        one = sa.and_(lesson_events.c.lesson_id == lesson_id, lesson_events.c.seq == seq)
        self._connection.execute(sa.update(lesson_events).where(one).values(data=dict(data)))

    def _read(self, query: sa.Select[Any]) -> tuple[Event, ...]:
        rows = self._connection.execute(query)
        return tuple(Event(row.seq, row.at, row.kind, row.audience, row.data, row.actor) for row in rows)

    def seq(self, lesson_id: str) -> int:
        query = sa.select(lessons.c.last_seq).where(lessons.c.id == lesson_id)
        return self._connection.execute(query).scalar() or 0

    def empty(self, lesson_id: str, seq: int) -> None:
        that = sa.and_(lesson_events.c.lesson_id == lesson_id, lesson_events.c.seq == seq)
        self._connection.execute(sa.update(lesson_events).where(that).values(data={}))


def _after(lesson_id: str, seq: int, listener: Listener | None) -> sa.ColumnElement[bool]:
    """``None``: whoever it is for."""
    later = sa.and_(lesson_events.c.lesson_id == lesson_id, lesson_events.c.seq > seq)
    return later if listener is None else sa.and_(later, lesson_events.c.audience.in_(listener.audiences))


class SqlCommands:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def begin(self, command_id: str, actor: str, body_digest: str, at: dt.datetime) -> str | None:
        """On PostgreSQL the INSERT waits for a twin in another process to commit or fail."""
        values = {"command_id": command_id, "actor": actor, "body_digest": body_digest, "at": at}
        claim = insert(self._connection, commands).values(values).on_conflict_do_nothing()
        if self._connection.execute(claim).rowcount == 1:
            return None
        row = self._connection.execute(sa.select(commands).where(commands.c.command_id == command_id)).one()
        if (row.actor, row.body_digest) != (actor, body_digest):
            raise Refusal("command_reused", command_id)
        return row.result or ""

    def finish(self, command_id: str, result: str) -> None:
        change = sa.update(commands).where(commands.c.command_id == command_id)
        self._connection.execute(change.values(result=result))
