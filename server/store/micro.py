"""Micro-videos and uploads, as rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from server.domain.micro_videos import MicroState, MicroVideo
from server.domain.uploads import Upload
from server.store.batches import batched
from server.store.schema import legal_holds, micro_questions, micro_videos, uploads
from server.store.upserts import insert

_OF_VIDEO = tuple(field.name for field in dataclasses.fields(MicroVideo))
_OF_UPLOAD = tuple(field.name for field in dataclasses.fields(Upload))


class SqlMicro:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, video_id: str) -> MicroVideo | None:
        return self._one(sa.select(micro_videos).where(micro_videos.c.id == video_id))

    def lock(self, video_id: str) -> MicroVideo | None:
        return self._one(sa.select(micro_videos).where(micro_videos.c.id == video_id).with_for_update())

    def of_course(self, course_id: str) -> tuple[MicroVideo, ...]:
        theirs = sa.select(micro_videos).where(micro_videos.c.course_id == course_id)
        rows = self._connection.execute(theirs.order_by(micro_videos.c.position, micro_videos.c.id))
        return tuple(_video(row) for row in rows)

    def counts(self, course_ids: Collection[str], states: Collection[MicroState]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in batched(course_ids):
            wanted = (micro_videos.c.course_id.in_(some), micro_videos.c.state.in_([each.value for each in states]))
            query = sa.select(micro_videos.c.course_id, sa.func.count()).where(*wanted)
            found |= {row[0]: row[1] for row in self._connection.execute(query.group_by(micro_videos.c.course_id))}
        return found

    def in_states(self, states: Collection[MicroState]) -> tuple[MicroVideo, ...]:
        query = sa.select(micro_videos).where(micro_videos.c.state.in_([each.value for each in states]))
        rows = self._connection.execute(query.order_by(micro_videos.c.created_at, micro_videos.c.id))
        return tuple(_video(row) for row in rows)

    def put(self, video: MicroVideo) -> None:
        values = {name: getattr(video, name) for name in _OF_VIDEO} | {"state": video.state.value}
        added = insert(self._connection, micro_videos).values(values)
        self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))

    def remove(self, video_id: str) -> None:
        self._connection.execute(sa.delete(uploads).where(uploads.c.video_id == video_id))
        self._connection.execute(sa.delete(micro_questions).where(micro_questions.c.video_id == video_id))
        self._connection.execute(sa.delete(micro_videos).where(micro_videos.c.id == video_id))

    def retired_before(self, before: dt.datetime, limit: int) -> tuple[str, ...]:
        held = sa.select(legal_holds.c.account_id).where(
            legal_holds.c.lifted_at.is_(None), legal_holds.c.account_id.is_not(None)
        )
        query = sa.select(micro_videos.c.id).where(
            micro_videos.c.state == MicroState.RETIRED.value,
            micro_videos.c.retired_at < before,
            micro_videos.c.film_id.is_not(None),
            micro_videos.c.account_id.not_in(held),
        )
        return tuple(self._connection.scalars(query.order_by(micro_videos.c.retired_at).limit(limit)))

    def films(self) -> frozenset[str]:
        kept = sa.select(micro_videos.c.film_id).where(micro_videos.c.film_id.is_not(None))
        return frozenset(self._connection.execute(kept.union(sa.select(uploads.c.id))).scalars())

    def _one(self, query: sa.Select[Any]) -> MicroVideo | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _video(row)


class SqlUploads:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, upload_id: str, *, lock: bool = False) -> Upload | None:
        query = sa.select(uploads).where(uploads.c.id == upload_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Upload(**row._mapping)

    def open_of(self, account_id: str, now: dt.datetime) -> tuple[Upload, ...]:
        theirs = (uploads.c.account_id == account_id, uploads.c.done_at.is_(None), uploads.c.expires_at > now)
        return self._listed(*theirs)

    def of_video(self, video_id: str) -> tuple[Upload, ...]:
        return self._listed(uploads.c.video_id == video_id)

    def put(self, upload: Upload) -> None:
        values = {name: getattr(upload, name) for name in _OF_UPLOAD}
        added = insert(self._connection, uploads).values(values)
        self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))

    def remove(self, upload_id: str) -> None:
        self._connection.execute(sa.delete(uploads).where(uploads.c.id == upload_id))

    def expired(self, now: dt.datetime) -> tuple[Upload, ...]:
        return self._listed(uploads.c.expires_at <= now)

    def _listed(self, *wanted: sa.ColumnElement[bool]) -> tuple[Upload, ...]:
        query = sa.select(uploads).where(*wanted).order_by(uploads.c.created_at, uploads.c.id)
        return tuple(Upload(**row._mapping) for row in self._connection.execute(query))


def _video(row: sa.Row[Any]) -> MicroVideo:
    values = {name: getattr(row, name) for name in _OF_VIDEO}
    return MicroVideo(**{**values, "state": MicroState(row.state)})
