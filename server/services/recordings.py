"""Recordings: who may play them, and playing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from server.domain.access import Action, Principal, allowed
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.tickets import PlayGrant, renewal
from server.domain.tickets import Playing as Kind
from server.services.finding import placed
from server.services.media import Away, ReplayLibrary, Track
from server.services.records import Records, Transaction
from server.services.tickets import GrantSigner, playlist_path

PICTURES, POSTER = "pictures.json", "poster.webp"


@dataclass(frozen=True, slots=True)
class Playing:
    """Paths below the server's root. ``screen`` None: there was no screen picture.

    After ``renew_after_s`` seconds a page asks for the next ones.
    """

    camera: str
    screen: str | None
    duration_ms: int
    expires_at: dt.datetime
    renew_after_s: int
    watermark: bool  # the player writes who watches over the picture
    pictures: str | None = None
    """Small pictures of it, as their index says; None: none are made (yet)."""


def may_replay(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> bool:
    """Asked of every recording that is shown or played, also beside a query that reaches no further."""
    return not _closed(tx, lesson) and Action.REPLAY in allowed(principal, placed(tx, lesson, now, [principal]))


def _closed(tx: Transaction, lesson: Lesson) -> bool:
    """What was cut from everybody's screens is not fetched back by the way of the replay while the lesson runs."""
    return lesson.on_air and tx.programmes.get(lesson.id).last_cut_at is not None


async def live_barrier(records: Records, recording_id: str) -> dt.datetime | None:
    """Whoever watches live gets nothing that was recorded before: there the programme was cut the last time."""

    def find(tx: Transaction) -> dt.datetime | None:
        recording = tx.recordings.get(recording_id)
        return tx.programmes.get(recording.lesson_id).last_cut_at if recording is not None else None

    return await records.read(find)


async def replay_closed(records: Records, recording_id: str) -> bool:
    """Also to who has its address already: it was deleted, or its lesson was cut and is on the air still."""

    def find(tx: Transaction) -> bool:
        recording = tx.recordings.get(recording_id)
        lesson = tx.lessons.get(recording.lesson_id) if recording is not None else None
        gone = tx.keeping.of(recording_id).deleted_at is not None
        return gone or (lesson is not None and _closed(tx, lesson))

    return await records.read(find)


async def play_recording(
    records: Records,
    library: ReplayLibrary,
    signer: GrantSigner,
    principal: Principal,
    recording_id: str,
    *,
    lifetime: dt.timedelta,
    now: dt.datetime,
) -> Playing:
    """Raises ``recording_not_found``, ``recording_deleted``."""
    lesson = await records.read(lambda tx: _replayable(tx, principal, recording_id, now))
    try:
        summary = await library.summary(recording_id)
    except Refusal as refusal:
        raise Refusal("recording_not_found", recording_id) from refusal
    grant = PlayGrant(recording_id, principal.account_id, Kind.REPLAY, now + lifetime)
    sealed = signer.sign_grant(grant)
    screen = playlist_path(recording_id, sealed, Track.SCREEN, live=False)
    return Playing(
        camera=playlist_path(recording_id, sealed, Track.CAMERA, live=False),
        screen=screen if await _has_screen(library, recording_id) else None,
        duration_ms=summary.duration_ms,
        expires_at=grant.expires_at,
        renew_after_s=renewal(lifetime),
        watermark=lesson.watermark,
        pictures=f"{screen.rpartition('/')[0]}/{PICTURES}"
        if await _has_file(library, recording_id, PICTURES)
        else None,
    )


async def poster_file(
    records: Records, library: ReplayLibrary, principal: Principal, recording_id: str, now: dt.datetime
) -> Path:
    """For lists. Raises ``recording_not_found``: also where none is made, or none is on this machine."""
    await records.read(lambda tx: _replayable(tx, principal, recording_id, now))
    try:
        return await library.file(recording_id, POSTER)
    except (Away, Refusal):
        raise Refusal("recording_not_found", "no poster") from None


def _replayable(tx: Transaction, principal: Principal, recording_id: str, now: dt.datetime) -> Lesson:
    recording = tx.recordings.get(recording_id)
    lesson = tx.lessons.get(recording.lesson_id) if recording else None
    if recording is None or lesson is None or not may_replay(tx, principal, lesson, now):
        raise Refusal("recording_not_found", recording_id)
    if tx.keeping.of(recording_id).deleted_at is not None:
        raise Refusal("recording_deleted", recording_id)
    return lesson


async def _has_file(library: ReplayLibrary, recording_id: str, name: str) -> bool:
    try:
        await library.file(recording_id, name)
    except Away:
        return True
    except Refusal:
        return False
    return True


async def _has_screen(library: ReplayLibrary, recording_id: str) -> bool:
    try:
        return "#EXTINF" in await library.playlist(recording_id, Track.SCREEN)
    except Refusal:
        return False
