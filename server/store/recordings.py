"""Recordings, alarms and peer connections, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.access import Reach
from server.domain.alarms import Alarm
from server.domain.keeping import Place
from server.domain.lessons import ON_AIR, Lesson
from server.domain.recordings import Mark, Recording, RecordingFilter, RecordingState, RecordingSummary
from server.domain.streams import Direction, MediaSession
from server.store import marks
from server.store.lessons import lesson_of, older_than, within
from server.store.schema import accounts, alarms, kept_recordings, lessons, media_sessions, members, recordings
from server.store.upserts import insert

_DELETED = sa.select(kept_recordings.c.recording_id).where(kept_recordings.c.deleted_at.is_not(None))
_NOT_HERE = sa.select(kept_recordings.c.recording_id).where(
    sa.or_(kept_recordings.c.deleted_at.is_not(None), kept_recordings.c.place != Place.LOCAL.value)
)
_WHOLE = ""  # an alarm of the whole lesson; a key cannot hold NULL


class SqlRecordings:
    """Lessons that come with a recording come without their venues."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, recording_id: str) -> Recording | None:
        row = self._connection.execute(sa.select(recordings).where(recordings.c.id == recording_id)).one_or_none()
        return None if row is None else _recording(row)

    def of_lesson(self, lesson_id: str) -> tuple[Recording, ...]:
        query = sa.select(recordings).where(recordings.c.lesson_id == lesson_id).order_by(recordings.c.id)
        return tuple(_recording(row) for row in self._connection.execute(query))

    def listed(
        self, reach: Reach, wanted: RecordingFilter, before: tuple[dt.datetime, str] | None, limit: int
    ) -> tuple[tuple[Recording, Lesson], ...]:
        conditions = [recordings.c.duration_ms > 0, within(reach), *_wanted(wanted), recordings.c.id.not_in(_DELETED)]
        if before is not None:
            conditions.append(older_than(before, recordings.c.id))
        return self._with_lessons(*conditions, limit=limit)

    def marks(self, lesson_ids: Collection[str], text: str) -> dict[str, tuple[Mark, ...]]:
        return marks.found(self._connection, lesson_ids, text)

    def unfinished(self) -> tuple[tuple[Recording, Lesson], ...]:
        return self._with_lessons(recordings.c.state != RecordingState.FINISHED.value)

    def finished(self, limit: int) -> tuple[str, ...]:
        query = sa.select(recordings.c.id).where(
            recordings.c.state == RecordingState.FINISHED.value,
            recordings.c.duration_ms > 0,
            recordings.c.id.not_in(_NOT_HERE),
        )
        return tuple(
            self._connection.scalars(query.order_by(recordings.c.started_at.desc(), recordings.c.id).limit(limit))
        )

    def untold(self, limit: int) -> tuple[tuple[Recording, Lesson], ...]:
        over = recordings.c.state == RecordingState.FINISHED.value
        return self._with_lessons(over, recordings.c.told_at.is_(None), limit=limit)

    def note_told(self, recording_id: str, now: dt.datetime | None) -> None:
        change = sa.update(recordings).where(recordings.c.id == recording_id)
        self._connection.execute(change.values(told_at=now))

    def _with_lessons(
        self, *conditions: sa.ColumnElement[bool], limit: int | None = None
    ) -> tuple[tuple[Recording, Lesson], ...]:
        order = (lessons.c.starts_at.desc(), recordings.c.id.desc())
        joined = recordings.join(lessons, lessons.c.id == recordings.c.lesson_id)
        keys = sa.select(recordings.c.id, lessons.c.id).select_from(joined).where(*conditions)
        pairs = self._connection.execute(keys.order_by(*order).limit(limit)).all()
        mine = self._by_id(recordings, [pair[0] for pair in pairs])
        theirs = self._by_id(lessons, [pair[1] for pair in pairs])
        return tuple((_recording(mine[a]), lesson_of(theirs[b])) for a, b in pairs)

    def _by_id(self, table: sa.Table, ids: list[str]) -> dict[str, sa.Row[Any]]:
        return {row.id: row for row in self._connection.execute(sa.select(table).where(table.c.id.in_(ids)))}

    def add(self, recording: Recording) -> None:
        self._connection.execute(sa.insert(recordings).values({**asdict(recording), "state": recording.state.value}))

    def set_state(self, recording_id: str, state: RecordingState) -> None:
        change = sa.update(recordings).where(recordings.c.id == recording_id)
        self._connection.execute(change.values(state=state.value))

    def save_summary(self, summary: RecordingSummary) -> None:
        change = sa.update(recordings).where(recordings.c.id == summary.recording_id)
        self._connection.execute(
            change.values(
                state=RecordingState(summary.state).value,
                started_at=summary.started_at,
                duration_ms=summary.duration_ms,
                bytes=summary.bytes,
                recovered=summary.recovered,
                gaps_ms=summary.gaps_ms,
            )
        )


def _wanted(wanted: RecordingFilter) -> Iterator[sa.ColumnElement[bool]]:
    its = lessons.c
    exact = (
        (its.id, wanted.lesson_id),
        (its.lecturer_id, wanted.lecturer_id),
        (its.kind, wanted.kind.value if wanted.kind else None),
    )
    yield from (column == value for column, value in exact if value is not None)
    if wanted.since is not None:
        yield its.starts_at >= wanted.since
    if wanted.until is not None:
        yield its.starts_at < wanted.until
    if wanted.unit_ids is not None:
        yield its.unit_id.in_(wanted.unit_ids)
    if wanted.text:
        yield sa.or_(
            its.title.icontains(wanted.text, autoescape=True),
            its.lecturer_id.in_(_called(wanted.text)),
            marks.holding(its.id, wanted.text),
        )


def _called(text: str) -> sa.Select[Any]:
    """Accounts whose name holds the text, or begins with it in pinyin, whole or by initials."""
    asked = text.lower().replace(" ", "")
    spelled = sa.func.replace(members.c.spelling, " ", "")
    whose = sa.select(accounts.c.id).outerjoin(members, members.c.id == accounts.c.member_id)
    return whose.where(
        sa.or_(
            accounts.c.name.icontains(text, autoescape=True),
            spelled.startswith(asked, autoescape=True),
            members.c.initials.startswith(asked, autoescape=True),
        )
    )


def _recording(row: sa.Row[Any]) -> Recording:
    return Recording(
        row.id,
        row.lesson_id,
        RecordingState(row.state),
        row.started_at,
        row.duration_ms,
        row.bytes,
        row.recovered,
        row.gaps_ms,
    )


class SqlAlarms:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def active(self, lesson_id: str) -> tuple[Alarm, ...]:
        query = (
            sa.select(alarms)
            .where(alarms.c.lesson_id == lesson_id)
            .order_by(alarms.c.since, alarms.c.code, alarms.c.source)
        )
        rows = self._connection.execute(query)
        return tuple(Alarm(row.code, row.detail, row.since, row.source or None) for row in rows)

    def raise_(self, lesson_id: str, alarm: Alarm) -> bool:
        key = {"lesson_id": lesson_id, "code": alarm.code, "source": alarm.source or _WHOLE}
        values: dict[str, Any] = {**key, "detail": alarm.detail, "since": alarm.since}
        added = insert(self._connection, alarms).values(values).on_conflict_do_nothing()
        return self._connection.execute(added).rowcount == 1

    def clear(self, lesson_id: str, code: str, source: str | None = None) -> bool:
        which = (alarms.c.lesson_id == lesson_id, alarms.c.code == code, alarms.c.source == (source or _WHOLE))
        return self._connection.execute(sa.delete(alarms).where(*which)).rowcount == 1


class SqlMediaSessions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, session: MediaSession) -> None:
        self.add_all([session])

    def add_all(self, sessions: Sequence[MediaSession]) -> None:
        rows = [{**asdict(session), "direction": session.direction.value} for session in sessions]
        if rows:
            self._connection.execute(sa.insert(media_sessions), rows)

    def by_resource(self, resource_digest: str, *, ended: bool = False) -> MediaSession | None:
        conditions = [media_sessions.c.resource_digest == resource_digest]
        if not ended:
            conditions.append(media_sessions.c.ended_at.is_(None))
        return next(iter(self._loaded(*conditions)), None)

    def publisher(self, lesson_id: str, source: str) -> MediaSession | None:
        return self._one(
            media_sessions.c.lesson_id == lesson_id,
            media_sessions.c.name == source,
            media_sessions.c.direction == Direction.PUBLISH.value,
        )

    def published(self, lesson_id: str, source: str, client_id: str, *, before: dt.datetime) -> bool:
        earlier = self._loaded(
            media_sessions.c.lesson_id == lesson_id,
            media_sessions.c.name == source,
            media_sessions.c.direction == Direction.PUBLISH.value,
            media_sessions.c.client_id == client_id,
            media_sessions.c.started_at < before,
            limit=1,
        )
        return bool(earlier)

    def open_of_lesson(self, lesson_id: str) -> tuple[MediaSession, ...]:
        return self._open(media_sessions.c.lesson_id == lesson_id)

    def open_of_login(self, login: str) -> tuple[MediaSession, ...]:
        return self._open(media_sessions.c.login == login)

    def _open(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> tuple[MediaSession, ...]:
        return self._loaded(*conditions, media_sessions.c.ended_at.is_(None), limit=limit)

    def _loaded(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> tuple[MediaSession, ...]:
        """Newest first."""
        query = sa.select(media_sessions).where(*conditions)
        rows = self._connection.execute(query.order_by(media_sessions.c.started_at.desc()).limit(limit))
        return tuple(MediaSession(**{**row._mapping, "direction": Direction(row.direction)}) for row in rows)

    def _one(self, *conditions: sa.ColumnElement[bool]) -> MediaSession | None:
        return next(iter(self._open(*conditions, limit=1)), None)

    def rename(self, session_id: str, name: str) -> None:
        change = sa.update(media_sessions).where(media_sessions.c.session_id == session_id)
        self._connection.execute(change.values(name=name))

    def end(self, session_id: str, at: dt.datetime) -> None:
        self._end(at, media_sessions.c.session_id == session_id)

    def end_of_lesson(self, lesson_id: str, at: dt.datetime) -> int:
        return self._end(at, media_sessions.c.lesson_id == lesson_id)

    def end_left_over(self, before: dt.datetime, at: dt.datetime) -> None:
        on_air = sa.select(lessons.c.id).where(lessons.c.state.in_([state.value for state in ON_AIR]))
        left = sa.and_(media_sessions.c.lesson_id.not_in(on_air), media_sessions.c.started_at < before)
        self._end(at, left)

    def _end(self, at: dt.datetime, condition: sa.ColumnElement[bool]) -> int:
        change = sa.update(media_sessions).where(media_sessions.c.ended_at.is_(None), condition)
        return self._connection.execute(change.values(ended_at=at)).rowcount
