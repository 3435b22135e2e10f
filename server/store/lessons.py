"""Lessons, their venues and their programme, as rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from server.domain.access import Reach
from server.domain.clips import Clip
from server.domain.curtain import Cut, Standby
from server.domain.lesson_kinds import REGULAR, LessonKind
from server.domain.lessons import GroupName, HeldLesson, Lesson, LessonFilter, LessonState
from server.domain.programme import Programme
from server.domain.talkback import Talkback, Talkbacks
from server.domain.venues import Guest, LecturerDesk, LessonVenue, Microphone, Part
from server.store.schema import lesson_venues, lessons, preflights, programmes, roster_entries, venue_keys
from server.store.schema import member_assignments as planned
from server.store.upserts import insert, padded

_OWN: tuple[str, ...] = ("title", "unit_id", "lecturer_id", "state", "starts_at", "ends_at", "recorded", "video_codec")
_OWN += ("opened_at", "live_at", "ended_at", "recording_id", "credit_hundredths", "rule_id", "settled_at", "version")
_OWN += ("replay_skips", "watermark", "kind", "media", "course_id", "series_id")
_COLUMNS = (*_OWN, "group_id", "group_name")
_ALL = LessonFilter()
_TALK_TIMES = ("since", "heard_at")


# Built once: hundreds of phones look at one lesson in the same second.
_BY_ID = sa.select(lessons).where(lessons.c.id == sa.bindparam("lesson"))
_VENUES = (
    sa.select(lesson_venues)
    .where(lesson_venues.c.lesson_id.in_(sa.bindparam("lessons", expanding=True)))
    .order_by(lesson_venues.c.position)
)
_LABEL = "lesson__"
LABELLED = tuple(lessons.c[name].label(_LABEL + name) for name in ("id", *_COLUMNS))
"""A lesson's own columns for a query that joins it."""
_HOLDING = (
    sa.select(*LABELLED, *lesson_venues.c)
    .join(lesson_venues, lesson_venues.c.lesson_id == lessons.c.id)
    .where(lesson_venues.c.id == sa.bindparam("venue"))
)
_SOME_VENUES = sa.select(lesson_venues).where(lesson_venues.c.id.in_(sa.bindparam("venues", expanding=True)))


class SqlLessons:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, lesson_id: str) -> Lesson | None:
        rows = self._connection.execute(_BY_ID, {"lesson": lesson_id}).all()
        return next(iter(self._with_venues(rows)), None)

    def lock(self, lesson_id: str) -> Lesson | None:
        """SQLite has one writer and needs no row lock; its dialect leaves FOR UPDATE out."""
        return self._one(sa.select(lessons).where(lessons.c.id == lesson_id).with_for_update())

    def held_state(self, lesson_id: str) -> LessonState | None:
        held = sa.select(lessons.c.state).where(lessons.c.id == sa.bindparam("lesson")).with_for_update()
        state = self._connection.execute(held, {"lesson": lesson_id}).scalar()
        return None if state is None else LessonState(state)

    def _one(self, query: sa.Select[Any]) -> Lesson | None:
        return next(iter(self._loaded(query)), None)

    def listed(
        self,
        reach: Reach,
        states: Collection[LessonState],
        before: tuple[dt.datetime, str] | None,
        limit: int,
        narrowed: LessonFilter = _ALL,
    ) -> tuple[Lesson, ...]:
        query = (
            sa.select(lessons)
            .where(within(reach), *_narrowed(narrowed))
            .order_by(lessons.c.starts_at.desc(), lessons.c.id.desc())
            .limit(limit)
        )
        if states:
            query = query.where(lessons.c.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(older_than(before, lessons.c.id))
        return self._loaded(query)

    def of_series(self, series_id: str) -> tuple[Lesson, ...]:
        query = sa.select(lessons).where(lessons.c.series_id == series_id)
        return self._loaded(query.order_by(lessons.c.starts_at, lessons.c.id).with_for_update())

    def counts_of_courses(self, course_ids: Collection[str]) -> dict[str, int]:
        mine = (lessons.c.course_id.in_(course_ids), lessons.c.state != LessonState.CANCELLED.value)
        query = sa.select(lessons.c.course_id, sa.func.count()).where(*mine).group_by(lessons.c.course_id)
        return {row[0]: row[1] for row in self._connection.execute(query)} if course_ids else {}

    def held_regularly(self, since: dt.datetime, until: dt.datetime) -> tuple[HeldLesson, ...]:
        query = (
            sa.select(*(lessons.c[name] for name in ("id", "unit_id", "kind", "starts_at", "state", "group_id")))
            .where(
                lessons.c.starts_at >= since,
                lessons.c.starts_at < until,
                lessons.c.kind.in_([kind.value for kind in REGULAR]),
                lessons.c.state.not_in([LessonState.DRAFT.value, LessonState.CANCELLED.value]),
            )
            .order_by(lessons.c.starts_at, lessons.c.id)
        )
        return tuple(
            HeldLesson(row.id, row.unit_id, LessonKind(row.kind), row.starts_at, LessonState(row.state), row.group_id)
            for row in self._connection.execute(query)
        )

    def in_states(self, states: Collection[LessonState]) -> tuple[Lesson, ...]:
        query = sa.select(lessons).where(lessons.c.state.in_([state.value for state in states]))
        return self._loaded(query.order_by(lessons.c.starts_at, lessons.c.id))

    def opened_since(self, moment: dt.datetime) -> bool:
        query = sa.select(lessons.c.id).where(lessons.c.opened_at >= moment).limit(1)
        return self._connection.execute(query).first() is not None

    def titles(self, lesson_ids: Collection[str]) -> dict[str, str]:
        query = sa.select(lessons.c.id, lessons.c.title).where(lessons.c.id.in_(lesson_ids))
        return {row.id: row.title for row in self._connection.execute(query)}

    def _loaded(self, query: sa.Select[Any]) -> tuple[Lesson, ...]:
        return self._with_venues(self._connection.execute(query).all())

    def _with_venues(self, rows: Sequence[sa.Row[Any]]) -> tuple[Lesson, ...]:
        venues = self._venues([row.id for row in rows])
        return tuple(lesson_of(row, venues[row.id]) for row in rows)

    def _venues(self, lesson_ids: Iterable[str]) -> defaultdict[str, list[LessonVenue]]:
        found: defaultdict[str, list[LessonVenue]] = defaultdict(list)
        for row in self._connection.execute(_VENUES, {"lessons": list(lesson_ids)}):
            found[row.lesson_id].append(_venue(row))
        return found

    def holding(self, lesson_venue_id: str) -> Lesson | None:
        row = self._connection.execute(_HOLDING, {"venue": lesson_venue_id}).one_or_none()
        return None if row is None else replace(labelled_lesson(row), venues=(_venue(row),))

    def venues(self, lesson_venue_ids: Collection[str]) -> tuple[LessonVenue, ...]:
        rows = self._connection.execute(_SOME_VENUES, {"venues": list(lesson_venue_ids)})
        return tuple(_venue(row) for row in rows)

    def add(self, lesson: Lesson) -> None:
        self._connection.execute(sa.insert(lessons).values(id=lesson.id, last_seq=0, **_own(lesson)))
        self._add_venues(lesson)

    def save(self, lesson: Lesson) -> None:
        self._connection.execute(sa.update(lessons).where(lessons.c.id == lesson.id).values(_own(lesson)))

    def replace_venues(self, lesson: Lesson) -> None:
        kept = [venue.id for venue in lesson.venues]
        gone = sa.select(lesson_venues.c.id).where(
            lesson_venues.c.lesson_id == lesson.id, lesson_venues.c.id.not_in(kept)
        )
        self._connection.execute(sa.delete(preflights).where(preflights.c.lesson_venue_id.in_(gone)))
        self._connection.execute(sa.delete(venue_keys).where(venue_keys.c.lesson_venue_id.in_(gone)))
        self._connection.execute(sa.delete(lesson_venues).where(lesson_venues.c.id.in_(gone)))
        self._add_venues(lesson)

    def _add_venues(self, lesson: Lesson) -> None:
        """Or change those that are there already."""
        rows = [_venue_row(lesson.id, position, venue) for position, venue in enumerate(lesson.venues)]
        if rows:
            added = insert(self._connection, lesson_venues)
            planned = {name: added.excluded[name] for name in ("name", "part", "position", "fallback")}
            self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=planned), rows)

    def set_fallback(self, lesson_venue_id: str, fallback: str | None) -> None:
        change = sa.update(lesson_venues).where(lesson_venues.c.id == lesson_venue_id)
        self._connection.execute(change.values(fallback=fallback))

    def set_guest(self, lesson_id: str, guest: Guest | None) -> None:
        change = sa.update(lessons).where(lessons.c.id == lesson_id)
        self._connection.execute(change.values(guest=asdict(guest) if guest else None))

    def set_clip(self, lesson_id: str, clip: Clip | None) -> None:
        change = sa.update(lessons).where(lessons.c.id == lesson_id)
        self._connection.execute(change.values(clip=_clip_row(clip) if clip else None))

    def set_talkbacks(self, lesson_id: str, talkbacks: Talkbacks) -> None:
        rows = [{**asdict(one), **{name: getattr(one, name).isoformat() for name in _TALK_TIMES}} for one in talkbacks]
        self._connection.execute(sa.update(lessons).where(lessons.c.id == lesson_id).values(talkbacks=rows or None))

    def set_venue_online(self, lesson_venue_id: str, *, online: bool) -> bool:
        return self._set(lesson_venue_id, lesson_venues.c.online, online)

    def set_microphone(self, lesson_venue_id: str, microphone: Microphone) -> bool:
        return self._set(lesson_venue_id, lesson_venues.c.microphone, microphone.value)

    def set_kiosk(self, lesson_venue_id: str, *, on: bool) -> bool:
        return self._set(lesson_venue_id, lesson_venues.c.kiosk, on)

    def _set(self, lesson_venue_id: str, column: sa.Column[Any], value: object) -> bool:
        change = sa.update(lesson_venues).where(lesson_venues.c.id == lesson_venue_id, column != value)
        return self._connection.execute(change.values({column: value})).rowcount == 1


def _narrowed(wanted: LessonFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(lessons.c.starts_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(lessons.c.starts_at < wanted.until)
    if wanted.kind is not None:
        conditions.append(lessons.c.kind == wanted.kind.value)
    if wanted.course_id is not None:
        conditions.append(lessons.c.course_id == wanted.course_id)
    if wanted.unit_ids is not None:
        conditions.append(lessons.c.unit_id.in_(wanted.unit_ids))
    return conditions


def older_than(before: tuple[dt.datetime, str], key: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """After the cursor in a list of newest lessons first."""
    starts_at, last_id = before
    return sa.or_(lessons.c.starts_at < starts_at, sa.and_(lessons.c.starts_at == starts_at, key < last_id))


def within(reach: Reach) -> sa.ColumnElement[bool]:
    conditions = [lessons.c.unit_id.in_(reach.unit_ids), lessons.c.lecturer_id == reach.account_id]
    if reach.venue_ids:
        mine = sa.select(lesson_venues.c.lesson_id).where(lesson_venues.c.venue_id.in_(padded(reach.venue_ids)))
        conditions.append(lessons.c.id.in_(mine))
    if reach.member_id is not None:
        conditions += [lessons.c.id.in_(_naming(table, reach.member_id)) for table in (roster_entries, planned)]
    return sa.or_(*conditions)


def labelled_lesson(row: sa.Row[Any]) -> Lesson:
    """From a row with the columns ``LABELLED`` among others; without venues and guest."""
    fields = {name: row._mapping[_LABEL + name] for name in ("id", *_COLUMNS)}
    group = _group(fields.pop("group_id"), fields.pop("group_name"))
    return Lesson(**{**fields, "state": LessonState(fields["state"]), "kind": LessonKind(fields["kind"])}, group=group)


def _group(group_id: str | None, name: str | None) -> GroupName | None:
    return GroupName(group_id, name or "") if group_id else None


def _venue(row: sa.Row[Any]) -> LessonVenue:
    return LessonVenue(
        row.id,
        row.venue_id,
        row.name,
        Part(row.part),
        row.online,
        Microphone(row.microphone),
        row.fallback,
        row.failover_id,
        row.failover_to,
        row.kiosk,
    )


def _naming(table: sa.Table, member_id: str) -> sa.Select[Any]:
    return sa.select(table.c.lesson_id).where(table.c.member_id == member_id)


def lesson_of(row: sa.Row[Any], venues: Iterable[LessonVenue] = ()) -> Lesson:
    own = {name: getattr(row, name) for name in _OWN}
    guest = Guest(**row.guest) if row.guest else None
    clip = _clip(row.clip) if row.clip else None
    talkbacks = tuple(_talkback(one) for one in row.talkbacks or ())
    own["state"], own["kind"] = LessonState(row.state), LessonKind(row.kind)
    own["group"] = _group(row.group_id, row.group_name)
    return Lesson(id=row.id, **own, venues=tuple(venues), guest=guest, talkbacks=talkbacks, clip=clip)


def _clip_row(clip: Clip) -> dict[str, Any]:
    return {**asdict(clip), "since": clip.since.isoformat(), "former_opened": sorted(clip.former_opened)}


def _clip(row: dict[str, Any]) -> Clip:
    since, opened = dt.datetime.fromisoformat(row["since"]), frozenset(row["former_opened"])
    return Clip(**{**row, "since": since, "former_opened": opened})


def _talkback(kept: dict[str, Any]) -> Talkback:
    return Talkback(**{**kept, **{name: dt.datetime.fromisoformat(kept[name]) for name in _TALK_TIMES}})


def _own(lesson: Lesson) -> dict[str, Any]:
    coded: dict[str, Any] = {"state": lesson.state.value, "kind": lesson.kind.value}
    group = lesson.group
    coded |= {"group_id": group.id if group else None, "group_name": group.name if group else None}
    return {**{name: getattr(lesson, name) for name in _OWN}, **coded}


def _venue_row(lesson_id: str, position: int, venue: LessonVenue) -> dict[str, Any]:
    return {
        "id": venue.id,
        "lesson_id": lesson_id,
        "venue_id": venue.venue_id,
        "name": venue.name,
        "part": venue.part.value,
        "position": position,
        "online": venue.online,
        "microphone": venue.microphone.value,
        "fallback": venue.fallback,
        "failover_id": venue.failover_id,
        "failover_to": venue.failover_to,
        "kiosk": venue.kiosk,
    }


def _written(curtain: Cut | Standby | None) -> dict[str, Any] | None:
    """Its times as text."""
    if curtain is None:
        return None
    fields = asdict(curtain)
    return {name: one.isoformat() if isinstance(one, dt.datetime) else one for name, one in fields.items()}


def _timed(fields: dict[str, Any]) -> dict[str, Any]:
    times = {name: dt.datetime.fromisoformat(fields[name]) for name in ("since", "until") if fields.get(name)}
    return {**fields, **times}


class SqlProgrammes:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, lesson_id: str) -> Programme:
        query = sa.select(programmes).where(programmes.c.lesson_id == lesson_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return Programme()
        opened, muted = frozenset(row.opened), frozenset(row.muted)
        return Programme(
            row.camera,
            row.screen,
            opened,
            row.recording_paused,
            row.version,
            muted,
            LecturerDesk(row.desk),
            Cut(**_timed(row.cut)) if row.cut else None,
            Standby(**_timed(row.standby)) if row.standby else None,
            row.last_cut_at,
        )

    def save(self, lesson_id: str, programme: Programme) -> None:
        values = {
            "camera": programme.camera,
            "screen": programme.screen,
            "opened": sorted(programme.opened),
            "muted": sorted(programme.muted),
            "recording_paused": programme.recording_paused,
            "cut": _written(programme.cut),
            "standby": _written(programme.standby),
            "last_cut_at": programme.last_cut_at,
            "version": programme.version,
            "desk": programme.desk.value,
        }
        added = insert(self._connection, programmes).values(lesson_id=lesson_id, **values)
        self._connection.execute(added.on_conflict_do_update(index_elements=["lesson_id"], set_=values))
