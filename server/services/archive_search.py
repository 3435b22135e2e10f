"""The archive: recordings found by lesson, unit, lecturer, time, kind and the words at their places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from server.domain.access import Principal, reach
from server.domain.lessons import Lesson
from server.domain.recordings import Recording, RecordingFilter
from server.domain.refusals import Refusal
from server.services.finding import MOST_LISTED, cursor_of, read_cursor
from server.services.recordings import may_replay
from server.services.records import Records, Transaction
from server.services.shelves.pictures import Pictures
from server.services.views import Named, Page, PersonView, RecordingMarkView, RecordingView

MOST_MARKS = 3
_ALL = RecordingFilter()


async def list_recordings(
    records: Records,
    principal: Principal,
    wanted: RecordingFilter = _ALL,
    *,
    unit_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    pictures: Pictures | None = None,
    now: dt.datetime,
) -> Page[RecordingView]:
    """Newest lesson first; only what the principal may watch, and only where something was recorded.

    ``unit_id``: convened by this unit or one below. Raises ``unit_not_found``, ``invalid_body`` for a foreign cursor.
    """
    before = read_cursor(cursor)
    most = max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[RecordingView]:
        mine = wanted
        if unit_id is not None:
            mine = replace(wanted, unit_ids=tx.units.tree().subtree(unit_id, tx.calendar.day(now)))
        kept = _found(tx, principal, mine, before, most=most + 1, now=now)
        shown = kept[:most]
        following = cursor_of(shown[-1][1].starts_at, shown[-1][0].id) if len(kept) > most else None
        return Page(_views(tx, shown, wanted.text, now), following)

    page = await records.read(load)
    if pictures is None:
        return page
    there = await pictures.posters([one.id for one in page.items])
    return replace(page, items=tuple(replace(one, poster=one.id in there) for one in page.items))


def _found(
    tx: Transaction,
    principal: Principal,
    wanted: RecordingFilter,
    before: tuple[dt.datetime, str] | None,
    *,
    most: int,
    now: dt.datetime,
) -> list[tuple[Recording, Lesson]]:
    net = reach(principal, tx.units.tree(), tx.calendar.day(now))
    kept: list[tuple[Recording, Lesson]] = []
    while len(kept) < most:
        chunk = tx.recordings.listed(net, wanted, before, most)
        kept += [pair for pair in chunk if may_replay(tx, principal, pair[1], now)]
        if len(chunk) < most:
            break
        before = (chunk[-1][1].starts_at, chunk[-1][0].id)
    return kept[:most]


async def see_recording(records: Records, principal: Principal, recording_id: str, now: dt.datetime) -> RecordingView:
    """Raises ``recording_not_found``."""

    def load(tx: Transaction) -> RecordingView:
        recording = tx.recordings.get(recording_id)
        lesson = tx.lessons.get(recording.lesson_id) if recording else None
        if recording is None or lesson is None or not may_replay(tx, principal, lesson, now):
            raise Refusal("recording_not_found", recording_id)
        return _views(tx, [(recording, lesson)], "", now)[0]

    return await records.read(load)


def _views(
    tx: Transaction, pairs: Sequence[tuple[Recording, Lesson]], text: str, now: dt.datetime
) -> tuple[RecordingView, ...]:
    """Units by their names of today: that is how they are looked for."""
    shown = [lesson for _, lesson in pairs]
    units = tx.units.names({lesson.unit_id for lesson in shown}, tx.calendar.day(now))
    people = tx.accounts.names({lesson.lecturer_id for lesson in shown if lesson.lecturer_id})
    marks = tx.recordings.marks({lesson.id for lesson in shown}, text) if text else {}

    def one(recording: Recording, lesson: Lesson) -> RecordingView:
        those = marks.get(lesson.id, ())
        lecturer = lesson.lecturer_id
        return RecordingView(
            id=recording.id,
            lesson_id=lesson.id,
            title=lesson.title,
            state=recording.state.value,
            started_at=recording.started_at,
            duration_ms=recording.duration_ms,
            bytes=recording.bytes,
            recovered=recording.recovered,
            gaps_ms=recording.gaps_ms,
            starts_at=lesson.starts_at,
            kind=lesson.kind,
            unit=Named(lesson.unit_id, units.get(lesson.unit_id, "")),
            lecturer=PersonView(lecturer, people.get(lecturer, "")) if lecturer else None,
            marks=tuple(RecordingMarkView(mark.at, mark.title) for mark in those[:MOST_MARKS]),
            marks_found=len(those),
        )

    return tuple(one(*pair) for pair in pairs)
