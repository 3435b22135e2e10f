"""Playing clips (播放短片): started, paused and stopped by who runs the lesson, ended by themselves."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from uuid import uuid4

from server.domain import clip_events, events
from server.domain import clips as rules
from server.domain.access import Principal
from server.domain.chapters import MOST_CHAPTERS, Chapter
from server.domain.clips import LATEST, Clip, ClipEnd
from server.domain.events import Announcement
from server.domain.lessons import ON_AIR, Lesson, LessonState
from server.domain.materials import Material, MaterialKind, MaterialState
from server.domain.programme import leave_clip, show_clip
from server.domain.refusals import Refusal
from server.services.commands import command
from server.services.house import House
from server.services.media import ClipOver
from server.services.programming import reprogram
from server.services.records import Transaction
from server.services.rooms import keep_room, tell
from server.services.stage import direct
from server.services.views import StageView


async def play_clip(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, material_id: str, now: dt.datetime
) -> StageView:
    """It takes the camera's place and is heard alone; in the replay a chapter of its name begins.

    Raises ``forbidden``, ``lesson_not_on_air``, ``material_not_found``, ``material_not_ready``, ``command_reused``.
    """

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        clip = _begun(tx, lesson, _material(tx, lesson, material_id), principal, now)
        ended = [clip_events.clip_ended(lesson.clip, ClipEnd.REPLACED)] if lesson.clip else []
        tx.lessons.set_clip(lesson.id, clip)
        shown = _with(lesson, clip)
        said = reprogram(tx, shown, show_clip, by=principal.name)
        return [*ended, *said, clip_events.clip_started(clip), *_chapter(tx, lesson, clip, principal, now)]

    asked = command(principal, command_id, "play_clip", lesson_id=lesson_id, material=material_id)
    return await direct(house, principal, lesson_id, asked, work, now=now)


def _with(lesson: Lesson, clip: Clip | None) -> Lesson:
    return dataclasses.replace(lesson, clip=clip)


def _material(tx: Transaction, lesson: Lesson, material_id: str) -> Material:
    material = tx.materials.get(material_id)
    known = material is not None and material.lesson_id == lesson.id and material.kind is MaterialKind.CLIP
    if material is None or not known or material.state is MaterialState.DELETED:
        raise Refusal("material_not_found", material_id)
    if material.state is not MaterialState.READY:
        raise Refusal("material_not_ready", material.state)
    return material


def _begun(tx: Transaction, lesson: Lesson, material: Material, principal: Principal, now: dt.datetime) -> Clip:
    """What was on the air before the first of several clips is what comes back after the last."""
    before = tx.programmes.get(lesson.id)
    former = (before.camera, before.opened)
    if lesson.clip is not None:
        former = (lesson.clip.former_camera, lesson.clip.former_opened)
    return Clip(
        material_id=material.id,
        name=material.name,
        duration_ms=material.duration_ms,
        order=_order(tx, lesson),
        position_ms=0,
        since=now,
        paused=False,
        former_camera=former[0],
        former_opened=former[1],
        started_by=principal.name,
    )


def _order(tx: Transaction, lesson: Lesson) -> int:
    """Every change of a clip is announced, so that the log has grown since the last."""
    return tx.events.seq(lesson.id) + 1


def _chapter(
    tx: Transaction, lesson: Lesson, clip: Clip, principal: Principal, now: dt.datetime
) -> Sequence[Announcement]:
    if lesson.state is not LessonState.LIVE or len(tx.chapters.of(lesson.id)) >= MOST_CHAPTERS:
        return ()
    chapter = Chapter(str(uuid4()), lesson.id, now, clip.name, principal.account_id)
    tx.chapters.add(chapter)
    return [events.chapter_marked(chapter)]


async def pause_clip(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, paused: bool, now: dt.datetime
) -> StageView:
    """Its picture stands, at most two seconds before where it was; or it goes on from there.

    Raises ``forbidden``, ``lesson_not_on_air``, ``clip_not_playing``, ``command_reused``.
    """

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        before = _playing(lesson)
        after = (rules.paused if paused else rules.resumed)(before, _order(tx, lesson), now)
        if after == before:
            return ()
        tx.lessons.set_clip(lesson.id, after)
        return [(clip_events.clip_paused if paused else clip_events.clip_resumed)(after, principal.name)]

    asked = command(principal, command_id, "pause_clip", lesson_id=lesson_id, paused=paused)
    return await direct(house, principal, lesson_id, asked, work, now=now)


async def stop_clip(house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime) -> StageView:
    """What was on the air before is back. Raises ``forbidden``, ``lesson_not_on_air``, ``clip_not_playing``."""

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        return _end(tx, lesson, _playing(lesson), ClipEnd.STOPPED, by=principal.name)

    asked = command(principal, command_id, "stop_clip", lesson_id=lesson_id)
    return await direct(house, principal, lesson_id, asked, work, now=now)


def _playing(lesson: Lesson) -> Clip:
    if lesson.clip is None:
        raise Refusal("clip_not_playing", lesson.id)
    return lesson.clip


def _end(tx: Transaction, lesson: Lesson, clip: Clip, why: ClipEnd, *, by: str) -> list[Announcement]:
    tx.lessons.set_clip(lesson.id, None)
    rest = _with(lesson, None)
    back = reprogram(
        tx, rest, lambda before: leave_clip(before, clip.former_camera, clip.former_opened, lesson.sources), by=by
    )
    return [*back, clip_events.clip_ended(clip, why)]


def close_clip(tx: Transaction, lesson: Lesson, _now: dt.datetime) -> list[Announcement]:
    """The lesson is over, and with it the clip. The room ends with it, so nothing is put back on the air."""
    if lesson.clip is None:
        return []
    tx.lessons.set_clip(lesson.id, None)
    return [clip_events.clip_ended(lesson.clip, ClipEnd.STOPPED)]


# ---- what ends by itself ---------------------------------------------------------------------------------


async def clip_over(house: House, over: ClipOver, now: dt.datetime) -> None:
    """The media process says so. Of an order that is no longer the last it says nothing new."""
    why = ClipEnd.PLAYED if over.reason == ClipEnd.PLAYED.value else ClipEnd.BROKEN
    await _end_if(house, over.lesson_id, why, now, lambda clip: clip.order == over.order)


async def end_overdue(house: House, now: dt.datetime) -> None:
    """To be called every second: whoever should have said that a clip is over has perhaps ended himself."""
    for lesson in await house.records.read(lambda tx: tx.lessons.in_states(ON_AIR)):
        clip = lesson.clip
        if clip is not None and clip.overdue(now) and not await _plays_late(house, lesson.id, clip, now):
            await _end_if(house, lesson.id, ClipEnd.PLAYED, now, lambda each: each.overdue(now))


async def _plays_late(house: House, lesson_id: str, clip: Clip, now: dt.datetime) -> bool:
    """A slow disk has made it late, by so much at most: what is still to come of it is played."""
    room = await house.glances.state(lesson_id, now)
    playing = room.clip if room is not None else None
    late = playing is not None and playing.order == clip.order and playing.at_ms < clip.duration_ms
    return late and not clip.ended(now - LATEST)


async def _end_if(house: House, lesson_id: str, why: ClipEnd, now: dt.datetime, still: Callable[[Clip], bool]) -> None:
    def work(tx: Transaction) -> bool:
        lesson = tx.lessons.lock(lesson_id)
        clip = lesson.clip if lesson is not None and lesson.on_air else None
        if lesson is None or clip is None or not still(clip):
            return False
        tx.events.append(lesson_id, _end(tx, lesson, clip, why, by=""), now, None)
        return True

    if await house.records.write(work):
        await tell(house, lesson_id)
        await keep_room(house, lesson_id, now)
