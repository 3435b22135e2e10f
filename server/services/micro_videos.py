"""Micro-videos of a course (微视频): who keeps the course makes, orders, publishes and retires them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import micro_videos as rules
from server.domain.access import Action, Principal, may_in_unit
from server.domain.courses import Course, check_open
from server.domain.micro_videos import MicroState, MicroStep, MicroVideo
from server.domain.refusals import MEANINGS, Refusal
from server.services.commands import command, once
from server.services.house import House
from server.services.records import Records, Transaction

NOTHING: Mapping[str, object] = {}
SHOWN = frozenset({MicroState.PUBLISHED})
"""To members."""


@dataclass(frozen=True, slots=True)
class UploadView:
    """Of a film on its way. How much of it is here is asked of the upload itself."""

    id: str
    size_bytes: int
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class MicroVideoView:
    """``code`` and its sentences: why it failed. ``bytes``: of the film as it came; ``copied``: its picture was
    not encoded anew. ``film_gone``: it was retired for so long that its film was deleted.

    Whoever only watches is told neither of uploads nor of failures.
    """

    id: str
    course_id: str
    position: int
    title: str
    state: MicroState
    skips: bool
    asks: bool
    duration_ms: int
    bytes: int
    copied: bool
    progress: int
    code: str | None
    text: str | None
    text_en: str | None
    upload: UploadView | None
    created_by: str
    created_at: dt.datetime
    published_at: dt.datetime | None
    retired_at: dt.datetime | None
    film_gone: bool
    version: int


@dataclass(frozen=True, slots=True)
class MicroVideosView:
    items: tuple[MicroVideoView, ...]
    may_edit: bool


_VIEW = TypeAdapter(MicroVideoView)
_VIEWS = TypeAdapter(MicroVideosView)


# ---- finding -----------------------------------------------------------------------------------------------


def keeps(tx: Transaction, principal: Principal, course: Course, now: dt.datetime) -> bool:
    return may_in_unit(principal, Action.EDIT, tx.units.line(course.unit_id, tx.calendar.day(now)))


def studies(principal: Principal, course: Course) -> bool:
    """Whether the course is for this member: of its unit, or of one below."""
    return principal.member_id is not None and course.unit_id in (*principal.unit_line, *principal.loan_line)


def sees(tx: Transaction, principal: Principal, course: Course, now: dt.datetime) -> bool:
    """As a member, or in a role that sees the unit's lessons."""
    line = tx.units.line(course.unit_id, tx.calendar.day(now))
    return studies(principal, course) or may_in_unit(principal, Action.READ, line)


def kept_course(
    tx: Transaction, principal: Principal, course_id: str, now: dt.datetime, *, lock: bool = False
) -> Course:
    """Raises ``course_not_found``, also for who may not change it."""
    course = tx.courses.lock(course_id) if lock else tx.courses.get(course_id)
    if course is None or not keeps(tx, principal, course, now):
        raise Refusal("course_not_found", course_id)
    return course


def kept_video(
    tx: Transaction, principal: Principal, video_id: str, now: dt.datetime, *, lock: bool = False
) -> MicroVideo:
    """Raises ``micro_not_found``, also for who may not change it."""
    video = tx.micro.lock(video_id) if lock else tx.micro.get(video_id)
    course = tx.courses.get(video.course_id) if video else None
    if video is None or course is None or not keeps(tx, principal, course, now):
        raise Refusal("micro_not_found", video_id)
    return video


def seen_video(tx: Transaction, principal: Principal, video_id: str, now: dt.datetime) -> tuple[MicroVideo, Course]:
    """Published, or to who keeps the course ready. Raises ``micro_not_found``."""
    video = tx.micro.get(video_id)
    course = tx.courses.get(video.course_id) if video else None
    if video is None or course is None:
        raise Refusal("micro_not_found", video_id)
    there = video.state in SHOWN and sees(tx, principal, course, now)
    if not there and not (video.facts is not None and keeps(tx, principal, course, now)):
        raise Refusal("micro_not_found", video_id)
    return video, course


async def check_kept(records: Records, principal: Principal, video_id: str, now: dt.datetime) -> None:
    """Raises ``micro_not_found``, also for who may not change it."""
    await records.read(lambda tx: kept_video(tx, principal, video_id, now))


# ---- seeing ------------------------------------------------------------------------------------------------


async def list_micro_videos(
    records: Records, principal: Principal, course_id: str, now: dt.datetime
) -> MicroVideosView:
    """In their order; members are shown those that are published. Raises ``course_not_found``."""

    def load(tx: Transaction) -> MicroVideosView:
        course = tx.courses.get(course_id)
        if course is None or not sees(tx, principal, course, now):
            raise Refusal("course_not_found", course_id)
        return _all(tx, principal, course, now)

    return await records.read(load)


def _all(tx: Transaction, principal: Principal, course: Course, now: dt.datetime) -> MicroVideosView:
    kept = keeps(tx, principal, course, now)
    listed = (video for video in tx.micro.of_course(course.id) if kept or video.state in SHOWN)
    return MicroVideosView(tuple(view(tx, video, now, kept=kept) for video in listed), kept)


def view(tx: Transaction, video: MicroVideo, now: dt.datetime, *, kept: bool = True) -> MicroVideoView:
    code = video.code if kept else None
    meaning = MEANINGS[code] if code else None
    return MicroVideoView(
        id=video.id,
        course_id=video.course_id,
        position=video.position,
        title=video.title,
        state=video.state,
        skips=video.skips,
        asks=video.asks,
        duration_ms=video.duration_ms,
        bytes=video.bytes,
        copied=bool((video.facts or {}).get("copied", False)),
        progress=video.progress,
        code=code,
        text=meaning.title if meaning else None,
        text_en=meaning.title_en if meaning else None,
        upload=_on_its_way(tx, video, now) if kept else None,
        created_by=video.created_by if kept else "",
        created_at=video.created_at,
        published_at=video.published_at,
        retired_at=video.retired_at,
        film_gone=video.state is MicroState.RETIRED and video.film_id is None,
        version=video.version,
    )


def _on_its_way(tx: Transaction, video: MicroVideo, now: dt.datetime) -> UploadView | None:
    if video.state is not MicroState.UPLOADING or video.film_id is None:
        return None
    upload = tx.uploads.get(video.film_id)
    if upload is None or now >= upload.expires_at:
        return None
    return UploadView(upload.id, upload.size_bytes, upload.expires_at)


# ---- changing ----------------------------------------------------------------------------------------------


async def add_micro_video(
    records: Records, principal: Principal, course_id: str, command_id: str, *, title: str, now: dt.datetime
) -> MicroVideoView:
    """After the last one. Raises ``course_not_found``, ``course_closed``, ``micro_used``, ``command_reused``."""
    asked = command(principal, command_id, "add_micro_video", course_id=course_id, title=title)

    def do(tx: Transaction, course: Course) -> MicroVideoView:
        check_open(course)
        present = tx.micro.of_course(course.id)
        if len(present) >= rules.MOST_VIDEOS:
            raise Refusal("micro_used", course.id)
        place = 1 + max((each.position for each in present), default=0)
        by = (principal.account_id, principal.name)
        video = MicroVideo(str(uuid.uuid4()), course.id, place, title, *by, now)
        tx.micro.put(video)
        return view(tx, video, now)

    def work(tx: Transaction) -> MicroVideoView:
        course = kept_course(tx, principal, course_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx, course))

    return await records.write(work)


async def change_micro_video(
    records: Records,
    principal: Principal,
    video_id: str,
    command_id: str,
    *,
    title: str | None = None,
    skips: bool | None = None,
    asks: bool | None = None,
    now: dt.datetime,
) -> MicroVideoView:
    """Another title; whether a first watch may skip, and whether questions at marks are asked.

    Raises ``micro_not_found``, ``command_reused``."""

    def change(video: MicroVideo) -> MicroVideo:
        skipping = video.skips if skips is None else skips
        asking = video.asks if asks is None else asks
        named = replace(video, title=title or video.title, version=video.version + 1)
        return replace(named, skips=skipping, asks=asking)

    body: Mapping[str, object] = {"title": title, "skips": skips, "asks": asks}
    return await _change(records, principal, video_id, (command_id, "change_micro_video", body), change=change, now=now)


async def publish_micro_video(
    records: Records, principal: Principal, video_id: str, command_id: str, now: dt.datetime
) -> MicroVideoView:
    """Raises ``micro_not_found``, ``micro_state``, ``command_reused``."""
    said = (command_id, "publish_micro_video", NOTHING)
    return await _change(records, principal, video_id, said, change=lambda video: rules.published(video, now), now=now)


async def retire_micro_video(
    records: Records, principal: Principal, video_id: str, command_id: str, now: dt.datetime
) -> MicroVideoView:
    """Nobody begins it any more. Raises ``micro_not_found``, ``micro_state``, ``command_reused``."""
    said = (command_id, "retire_micro_video", NOTHING)
    return await _change(records, principal, video_id, said, change=lambda video: rules.retired(video, now), now=now)


async def cancel_conversion(
    records: Records, principal: Principal, video_id: str, command_id: str, now: dt.datetime
) -> MicroVideoView:
    """It ends within about a second; another film may be uploaded. Raises ``micro_not_found``, ``micro_state``,
    ``command_reused``.
    """

    def change(video: MicroVideo) -> MicroVideo:
        if video.state not in rules.WORKED_ON:
            raise Refusal("micro_state", f"{MicroStep.FAIL} in {video.state}")
        return rules.failed(video, "job_cancelled")

    said = (command_id, "cancel_conversion", NOTHING)
    return await _change(records, principal, video_id, said, change=change, now=now)


async def _change(
    records: Records,
    principal: Principal,
    video_id: str,
    said: tuple[str, str, Mapping[str, object]],
    *,
    change: Callable[[MicroVideo], MicroVideo],
    now: dt.datetime,
) -> MicroVideoView:
    command_id, name, body = said
    asked = command(principal, command_id, name, video_id=video_id, **body)

    def work(tx: Transaction) -> MicroVideoView:
        video = kept_video(tx, principal, video_id, now, lock=True)

        def do() -> MicroVideoView:
            after = change(video)
            tx.micro.put(after)
            return view(tx, after, now)

        return once(tx, asked, now, _VIEW, do)

    return await records.write(work)


async def order_micro_videos(
    records: Records, principal: Principal, course_id: str, command_id: str, *, ids: Sequence[str], now: dt.datetime
) -> MicroVideosView:
    """``ids``: all of the course. Raises ``course_not_found``, ``micro_order``, ``command_reused``."""
    asked = command(principal, command_id, "order_micro_videos", course_id=course_id, ids=list(ids))

    def work(tx: Transaction) -> MicroVideosView:
        course = kept_course(tx, principal, course_id, now, lock=True)

        def do() -> MicroVideosView:
            for video in rules.ordered(tx.micro.of_course(course_id), ids):
                tx.micro.put(video)
            return _all(tx, principal, course, now)

        return once(tx, asked, now, _VIEWS, do)

    return await records.write(work)


async def remove_micro_video(house: House, principal: Principal, video_id: str, now: dt.datetime) -> None:
    """With its film. One that was published is retired instead. Raises ``micro_not_found``, ``micro_state``."""

    def work(tx: Transaction) -> str | None:
        video = kept_video(tx, principal, video_id, now, lock=True)
        rules.check_removable(video)
        tx.micro.remove(video.id)
        return video.film_id

    film_id = await house.records.write(work)
    if film_id is not None:
        await house.films.remove(film_id)
