"""Films of micro-videos, as they come (断点续传): begun, gone on with after any break, looked at when they are whole.

What was acknowledged is on disk. Whoever may not keep the course any more may not go on either.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from server.domain import micro_videos as videos
from server.domain import uploads as rules
from server.domain.access import Principal
from server.domain.micro_videos import MicroState, MicroVideo
from server.domain.refusals import Refusal
from server.domain.uploads import Upload
from server.services.commands import command, once
from server.services.depot import Received
from server.services.house import House
from server.services.micro_videos import kept_video
from server.services.records import Transaction

TAIL_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Tail:
    """The last of what is here: from byte ``since`` to the offset, and its SHA-256."""

    since: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Standing:
    """``offset``: so many bytes are here. ``done``: all of it, and it was taken."""

    id: str
    video_id: str
    size_bytes: int
    offset: int
    expires_at: dt.datetime
    done: bool
    tail: Tail | None = None


_BEGUN = TypeAdapter(Standing)


@dataclass(slots=True)
class Hands:
    """One hand writes a file at a time in this process. Whoever comes later is the one whose line works."""

    _locks: weakref.WeakValueDictionary[str, asyncio.Lock] = field(default_factory=weakref.WeakValueDictionary)
    _stops: dict[str, Callable[[], None]] = field(default_factory=dict)

    def of(self, upload_id: str) -> asyncio.Lock:
        """The one before it is stopped: its line may be dead for a minute before anybody notices."""
        stop = self._stops.pop(upload_id, None)
        if stop is not None:
            stop()
        return self._locks.setdefault(upload_id, asyncio.Lock())

    def holds(self, upload_id: str, stop: Callable[[], None]) -> None:
        self._stops[upload_id] = stop

    def lets_go(self, upload_id: str, stop: Callable[[], None]) -> None:
        if self._stops.get(upload_id) is stop:
            del self._stops[upload_id]


# ---- beginning ---------------------------------------------------------------------------------------------


async def begin_upload(
    house: House, principal: Principal, video_id: str, command_id: str, *, size: int, sha256: str, now: dt.datetime
) -> Standing:
    """In the place of what was on its way, or there, before.

    Raises ``micro_not_found``, ``micro_state``, ``file_too_large``, ``upload_empty``, ``upload_quota``,
    ``disk_full``, ``command_reused``.
    """
    asked = command(principal, command_id, "begin_upload", video_id=video_id, size=size, sha256=sha256)

    def start(tx: Transaction) -> tuple[Standing, bool, list[str]]:
        video = kept_video(tx, principal, video_id, now, lock=True)
        older = [each.id for each in tx.uploads.of_video(video_id)]
        older += [video.film_id] if video.film_id is not None else []

        def do() -> Standing:
            own = str(uuid.uuid4())
            others = [each for each in tx.uploads.open_of(principal.account_id, now) if each.video_id != video_id]
            upload = rules.begin(Upload(own, video_id, principal.account_id, size, sha256, now, now), others)
            for each in tx.uploads.of_video(video_id):
                tx.uploads.remove(each.id)
            tx.micro.put(videos.uploading(video, own))
            tx.uploads.put(upload)
            return _standing(upload, 0)

        begun = once(tx, asked, now, _BEGUN, do)
        after = tx.micro.get(video_id)
        present = after.film_id if after is not None else None  # another one's, where an old command comes again
        return begun, begun.id == present, [each for each in older if each != present]

    begun, holds, older = await house.records.write(start)
    for each in older:
        await house.films.remove(each)
    if holds and begun.id not in await house.films.ids():
        await house.films.begin(begun.id)
    return begun


def _standing(upload: Upload, offset: int) -> Standing:
    here = upload.size_bytes if upload.done else offset
    return Standing(upload.id, upload.video_id, upload.size_bytes, here, upload.expires_at, upload.done)


# ---- going on ----------------------------------------------------------------------------------------------


def _own(
    tx: Transaction, principal: Principal, upload_id: str, now: dt.datetime, *, lock: bool = False
) -> tuple[Upload, MicroVideo]:
    """Of this account, which still keeps the course. Raises ``upload_not_found``, ``upload_expired``."""
    upload = tx.uploads.get(upload_id)
    if upload is None or upload.account_id != principal.account_id:
        raise Refusal("upload_not_found", upload_id)
    try:
        video = kept_video(tx, principal, upload.video_id, now, lock=lock)
    except Refusal:
        raise Refusal("upload_not_found", upload_id) from None
    rules.check_open(upload, now)
    return upload, video


async def see_upload(
    house: House, principal: Principal, upload_id: str, now: dt.datetime, *, tail: bool = False
) -> Standing:
    """``tail``: with the digest of the last of what is here, by which another device knows the file again.

    Raises ``upload_not_found``, ``upload_expired``.
    """
    upload, _ = await house.records.read(lambda tx: _own(tx, principal, upload_id, now))
    here = 0 if upload.done else await house.films.here(upload.id)
    standing = _standing(upload, here)
    if not tail or upload.done or not here:
        return standing
    since = max(0, here - TAIL_BYTES)
    return replace(standing, tail=Tail(since, await house.films.digest(upload.id, since, here)))


async def add_piece(
    house: House,
    principal: Principal,
    upload_id: str,
    *,
    offset: int,
    chunks: AsyncIterator[bytes],
    sha256: bytes | None,
    now: dt.datetime,
) -> Standing:
    """On disk when it returns; the last piece makes the film wait for its conversion. To be called by one hand at a
    time (:class:`Hands`). The last piece again, whose answer was lost, is answered as before.

    Raises ``upload_not_found``, ``upload_expired``, ``upload_offset``, ``file_too_large``, ``disk_full``,
    ``upload_digest``, and what is wrong with the whole: ``film_playlist``, ``clip_not_video``, ``upload_digest``.
    """
    upload, _ = await house.records.read(lambda tx: _own(tx, principal, upload_id, now))
    if upload.done:
        rules.check_offset(upload, offset, upload.size_bytes)
        return _standing(upload, upload.size_bytes)
    here = await house.films.here(upload.id)
    rules.check_offset(upload, offset, here)
    if here < upload.size_bytes:  # else a process ended between the last byte and the record
        here = await house.films.append(upload.id, offset, chunks, upload.size_bytes, sha256)
    if here < upload.size_bytes:
        return await _keep(house, principal, upload_id, here, now)
    return await _whole(house, principal, upload, now)


async def _keep(house: House, principal: Principal, upload_id: str, here: int, now: dt.datetime) -> Standing:
    def note(tx: Transaction) -> Standing:
        upload, _ = _own(tx, principal, upload_id, now, lock=True)
        longer = rules.went_on(upload, now)
        tx.uploads.put(longer)
        return _standing(longer, here)

    return await house.records.write(note)


async def _whole(house: House, principal: Principal, upload: Upload, now: dt.datetime) -> Standing:
    received = await house.films.whole(upload.id)
    wrong: Refusal | None = None
    try:
        rules.check_film(received.head)
        rules.check_digest(upload, received.sha256)
    except Refusal as refusal:
        wrong = refusal

    def settle(tx: Transaction) -> Standing:
        present, video = _own(tx, principal, upload.id, now, lock=True)
        return _refuse(tx, present, video, wrong) if wrong else _take(tx, house.name, present, video, received, now=now)

    settled = await house.records.write(settle)
    if wrong is not None:
        await house.films.remove(upload.id)
        raise wrong
    return settled


def _refuse(tx: Transaction, upload: Upload, video: MicroVideo, wrong: Refusal) -> Standing:
    tx.micro.put(replace(videos.failed(video, wrong.code), film_id=None))
    tx.uploads.remove(upload.id)
    return _standing(upload, 0)


def _take(
    tx: Transaction, runner: str, upload: Upload, video: MicroVideo, received: Received, *, now: dt.datetime
) -> Standing:
    tx.micro.put(videos.arrived(video, received.size_bytes, received.sha256, runner))
    done = replace(rules.went_on(upload, now), done_at=now)
    tx.uploads.put(done)
    return _standing(done, done.size_bytes)


# ---- ending ------------------------------------------------------------------------------------------------


async def cancel_upload(house: House, principal: Principal, upload_id: str, now: dt.datetime) -> None:
    """What came of it goes. Raises ``upload_not_found``, ``upload_expired``, ``micro_state`` for one that is whole."""

    def work(tx: Transaction) -> None:
        upload, video = _own(tx, principal, upload_id, now, lock=True)
        if upload.done:
            raise Refusal("micro_state", "it was taken already")
        tx.micro.put(videos.abandoned(video))
        tx.uploads.remove(upload.id)

    await house.records.write(work)
    await house.films.remove(upload_id)


async def forget_uploads(house: House, now: dt.datetime) -> int:
    """What has expired, folders that no video has, and uploads of which a film was made; how many folders there were.

    Folders are listed first: each has its row before it is made.
    """
    there = await house.films.ids()

    def look(tx: Transaction) -> frozenset[str]:
        for upload in tx.uploads.expired(now):
            video = tx.micro.lock(upload.video_id)
            mine = video is not None and video.film_id == upload.id and video.state is MicroState.UPLOADING
            if video is not None and mine:
                tx.micro.put(videos.abandoned(video))
            tx.uploads.remove(upload.id)
        return tx.micro.films()

    strays = there - await house.records.write(look)
    for film_id in strays:
        await house.films.remove(film_id)
    for video in await house.records.read(lambda tx: tx.micro.in_states(videos.MADE)):
        if video.film_id in there:
            await house.films.drop_original(video.film_id)  # of whose conversion a process ended before it did this
    return len(strays)
