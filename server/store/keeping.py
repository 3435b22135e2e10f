"""How long recordings stay and where, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.exports import UNFINISHED
from server.domain.jobs import JobState
from server.domain.keeping import KeepClass, KeepRule, Kept, KindRule, Place
from server.domain.lesson_kinds import LessonKind
from server.domain.make_ups import MakeUpState
from server.domain.moves import Move
from server.domain.recordings import RecordingState
from server.store.retaining import OVER, held_lessons
from server.store.schema import (
    exports,
    keep_kinds,
    keep_rules,
    kept_recordings,
    lessons,
    make_ups,
    recording_moves,
    recordings,
)
from server.store.upserts import insert

_kept = kept_recordings.c
_EXPORTING = [state.value for state in UNFINISHED]


class SqlKeeping:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rules(self) -> tuple[KeepRule, ...]:
        rows = self._connection.execute(sa.select(keep_rules).order_by(keep_rules.c.since))
        return tuple(
            KeepRule(**{**row._mapping, "keep_class": KeepClass(row.keep_class), "place": Place(row.place)})
            for row in rows
        )

    def kinds(self) -> tuple[KindRule, ...]:
        rows = self._connection.execute(sa.select(keep_kinds).order_by(keep_kinds.c.since))
        return tuple(
            KindRule(**{**row._mapping, "kind": LessonKind(row.kind), "keep_class": KeepClass(row.keep_class)})
            for row in rows
        )

    def put_rule(self, rule: KeepRule) -> None:
        self._upsert(keep_rules, asdict(rule), ("keep_class", "since"))

    def put_kind(self, rule: KindRule) -> None:
        self._upsert(keep_kinds, asdict(rule), ("kind", "since"))

    def of(self, recording_id: str, *, lock: bool = False) -> Kept:
        if lock:  # of the recording: what was never decided has no row of its own
            self._connection.execute(
                sa.select(recordings.c.id).where(recordings.c.id == recording_id).with_for_update()
            )
        query = sa.select(kept_recordings).where(_kept.recording_id == recording_id)
        row = self._connection.execute(query).one_or_none()
        return _one(row) if row is not None else Kept(recording_id)

    def put(self, one: Kept) -> None:
        self._upsert(kept_recordings, asdict(one), ("recording_id",))

    def _upsert(self, table: sa.Table, fields: dict[str, Any], key: tuple[str, ...]) -> None:
        adding = insert(self._connection, table).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name not in key}
        self._connection.execute(adding.on_conflict_do_update(index_elements=list(key), set_=changed))

    def due(
        self, keep_class: KeepClass, kinds: Collection[LessonKind], before: dt.datetime, now: dt.datetime, limit: int
    ) -> tuple[str, ...]:
        query = self._due(sa.select(recordings.c.id), keep_class, kinds, before, now)
        return tuple(self._connection.execute(query.order_by(recordings.c.id).limit(limit)).scalars())

    def due_count(
        self, keep_class: KeepClass, kinds: Collection[LessonKind], before: dt.datetime, now: dt.datetime
    ) -> int:
        query = self._due(sa.select(sa.func.count()), keep_class, kinds, before, now)
        return int(self._connection.execute(query).scalar_one())

    @staticmethod
    def _due(
        query: sa.Select[Any],
        keep_class: KeepClass,
        kinds: Collection[LessonKind],
        before: dt.datetime,
        now: dt.datetime,
    ) -> sa.Select[Any]:
        joined = recordings.join(lessons, lessons.c.id == recordings.c.lesson_id).outerjoin(
            kept_recordings, _kept.recording_id == recordings.c.id
        )
        own = sa.and_(_kept.keep_class.is_(None), lessons.c.kind.in_([kind.value for kind in kinds]))
        return query.select_from(joined).where(
            recordings.c.state == RecordingState.FINISHED.value,
            recordings.c.duration_ms > 0,
            _kept.deleted_at.is_(None),
            sa.or_(_kept.keep_class == keep_class.value, own),
            lessons.c.state.in_(OVER),
            sa.func.coalesce(lessons.c.settled_at, lessons.c.ended_at, lessons.c.ends_at) < before,
            *(lessons.c.id.not_in(those) for those in held_lessons()),
            ~sa.exists().where(*_open_make_ups(lessons.c.id, now)),
        )

    def held(self, lesson_id: str) -> bool:
        query = sa.select(lessons.c.id).where(lessons.c.id == lesson_id)
        found = query.where(sa.or_(*(lessons.c.id.in_(those) for those in held_lessons())))
        return self._connection.execute(found).first() is not None

    def needed(self, lesson_id: str, now: dt.datetime) -> bool:
        query = sa.select(make_ups.c.id).where(*_open_make_ups(sa.literal(lesson_id), now)).limit(1)
        return self._connection.execute(query).first() is not None

    def to_purge(self, limit: int) -> tuple[Kept, ...]:
        query = sa.select(kept_recordings).join(recordings, recordings.c.id == _kept.recording_id)
        query = query.where(
            _kept.deleted_at.is_not(None),
            _kept.purged_at.is_(None),
            *(recordings.c.lesson_id.not_in(those) for those in held_lessons()),
        )
        return tuple(_one(row) for row in self._connection.execute(query.order_by(_kept.deleted_at).limit(limit)))

    def to_move(
        self, classes: Sequence[tuple[KeepClass, Collection[LessonKind]]], to: Place, limit: int
    ) -> tuple[str, ...]:
        of_class = (
            sa.or_(
                _kept.keep_class == one.value,
                sa.and_(_kept.keep_class.is_(None), lessons.c.kind.in_([kind.value for kind in kinds])),
            )
            for one, kinds in classes
        )
        joined = recordings.join(lessons, lessons.c.id == recordings.c.lesson_id)
        joined = joined.outerjoin(kept_recordings, _kept.recording_id == recordings.c.id)
        joined = joined.outerjoin(recording_moves, recording_moves.c.recording_id == recordings.c.id)
        unended = recording_moves.c.state != JobState.DONE.value
        query = sa.select(recordings.c.id).select_from(joined)
        query = query.where(
            recordings.c.state == RecordingState.FINISHED.value,
            recordings.c.duration_ms > 0,
            _kept.deleted_at.is_(None),
            sa.or_(sa.func.coalesce(_kept.place, Place.LOCAL.value) != to.value, unended),
            sa.or_(*of_class),
            ~sa.exists().where(exports.c.recording_id == recordings.c.id, exports.c.state.in_(_EXPORTING)),
        )
        ended = recording_moves.c.ended_at
        tried = sa.case((ended.is_(None), 0), else_=1)  # those that failed wait behind all that were not tried yet
        query = query.order_by(tried, ended, lessons.c.starts_at, recordings.c.id).limit(limit)
        return tuple(self._connection.execute(query).scalars())

    def exporting(self, recording_id: str) -> bool:
        query = sa.select(exports.c.id).where(exports.c.recording_id == recording_id, exports.c.state.in_(_EXPORTING))
        return self._connection.execute(query.limit(1)).first() is not None

    def move(self, recording_id: str, *, lock: bool = False) -> Move | None:
        query = sa.select(recording_moves).where(recording_moves.c.recording_id == recording_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Move(**{**row._mapping, "state": JobState(row.state)})

    def put_move(self, one: Move) -> None:
        self._upsert(recording_moves, {**asdict(one), "state": one.state.value}, ("recording_id",))


def _open_make_ups(lesson_id: sa.ColumnElement[str], now: dt.datetime) -> Iterator[sa.ColumnElement[bool]]:
    yield make_ups.c.lesson_id == lesson_id
    yield make_ups.c.state == MakeUpState.OPEN.value
    yield make_ups.c.deadline_at >= now


def _one(row: sa.Row[Any]) -> Kept:
    keep_class = KeepClass(row.keep_class) if row.keep_class is not None else None
    return Kept(**{**row._mapping, "keep_class": keep_class, "place": Place(row.place)})
