"""Presence goes into the record: every ``EVERY``, at every going, and what we ourselves were away for."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Sequence
from dataclasses import replace

from server.domain.access import Principal
from server.domain.lessons import ON_AIR
from server.domain.presence import Channel, Device, Face, Outage, Span, awaited
from server.domain.refusals import Refusal
from server.services.house import House
from server.services.media import MediaLost
from server.services.records import Records, Transaction
from server.services.sightings import Watcher

EVERY = dt.timedelta(seconds=15)
_LEAST_WAIT_S = 2
MOST_AT_ONCE = 1000
"""Spans in one transaction: a sign-in must not wait for the checkpoint of ten thousand phones."""
LONGEST_OUTAGE = dt.timedelta(hours=1)
SETTLES = dt.timedelta(seconds=1)
"""A page that is put away stays so for as long: one that turns at every message must not fill the record with spans."""


# ---- seeing ----------------------------------------------------------------------------------------------


def see_device(house: House, lesson_id: str, device: Device, now: dt.datetime, *, hidden: bool = False) -> None:
    """A socket that joined or beats, when it is a member's or a venue's own screen. ``hidden``: the member's page is
    put away, as it says itself; only a page to watch on is asked. A desk, console, board or venue's screen is there as
    long as it is connected.
    """
    if device.member_id is not None:
        _see_page(house, lesson_id, device, now, hidden=hidden and device.face is Face.PHONE)
    elif device.face is Face.VENUE and device.lesson_venue_id is not None:
        house.sightings.seen(lesson_id, device.id, Channel.VENUE, now, lesson_venue_id=device.lesson_venue_id)


def _see_page(house: House, lesson_id: str, device: Device, now: dt.datetime, *, hidden: bool) -> None:
    """Put away at once; in front again not before ``SETTLES``, else by the next beat."""
    since = house.sightings.begun(lesson_id, _hidden(device))
    hidden = hidden or (since is not None and now - since < SETTLES)
    said, other = (_hidden(device), device.id) if hidden else (device.id, _hidden(device))
    house.sightings.gone(lesson_id, other, now)
    channel = Channel.HIDDEN if hidden else Channel.SOCKET
    house.sightings.seen(lesson_id, said, channel, now, member_id=device.member_id)


async def lose_device(house: House, lesson_id: str, device: Device, now: dt.datetime) -> None:
    """A socket that left: its end is written at once."""
    gone = [house.sightings.gone(lesson_id, each, now) for each in (device.id, _hidden(device))]
    if any(gone):
        await _write(house, lesson_id, house.sightings.ended(lesson_id))


def _hidden(device: Device) -> str:
    """The same socket while its page is put away: a span of its own."""
    return f"{device.id} hidden"


def see_listener(house: House, lesson_id: str, principal: Principal, now: dt.datetime) -> None:
    """A member whose sockets are blocked, and who waits for events by plain HTTPS."""
    if principal.member_id is not None:
        device = f"wait {principal.account_id}"
        house.sightings.seen(lesson_id, device, Channel.SOCKET, now, member_id=principal.member_id)


async def see_viewer(house: House, lesson_id: str, session_id: str, account_id: str, now: dt.datetime) -> None:
    """A media connection came up; it is there until :func:`lose_viewer`."""
    watcher = await house.records.read(lambda tx: _watcher(tx, lesson_id, account_id))
    if watcher is None:
        return
    channel = Channel.MEDIA if watcher.member_id else Channel.VENUE
    house.sightings.seen(
        lesson_id,
        f"media {session_id}",
        channel,
        now,
        member_id=watcher.member_id,
        lesson_venue_id=watcher.lesson_venue_id,
        held=True,
    )


async def lose_viewer(house: House, lesson_id: str, session_id: str, now: dt.datetime) -> None:
    if house.sightings.gone(lesson_id, f"media {session_id}", now):
        await _write(house, lesson_id, house.sightings.ended(lesson_id))


async def see_segment(house: House, recording_id: str, account_id: str, now: dt.datetime) -> None:
    """An HLS player fetched a segment. Who that is, is looked up once; replays of what is over count for nothing."""
    watcher = await house.sightings.watcher(
        recording_id,
        account_id,
        lambda: house.records.read(lambda tx: _watcher_of_recording(tx, recording_id, account_id)),
    )
    if watcher is not None and watcher.member_id is not None:
        device = f"hls {account_id}"
        house.sightings.seen(watcher.lesson_id, device, Channel.HLS, now, member_id=watcher.member_id)


def _watcher_of_recording(tx: Transaction, recording_id: str, account_id: str) -> Watcher | None:
    recording = tx.recordings.get(recording_id)
    return None if recording is None else _watcher(tx, recording.lesson_id, account_id)


def _watcher(tx: Transaction, lesson_id: str, account_id: str) -> Watcher | None:
    """None for who is neither a member nor a venue of the lesson, or when the lesson is not on the air."""
    lesson, account = tx.lessons.get(lesson_id), tx.accounts.get(account_id)
    if lesson is None or account is None or not lesson.on_air:
        return None
    if account.member_id is not None:
        return Watcher(lesson_id, account.member_id, None)
    place = next((v.id for v in lesson.venues if v.venue_id == account.venue_id), None)
    return Watcher(lesson_id, None, place) if place else None


# ---- writing ---------------------------------------------------------------------------------------------


async def checkpoint(house: House, now: dt.datetime) -> None:
    """To be called every ``EVERY``. The pulse comes last: it says that everything seen before it is written."""
    for lesson_id, spans in house.sightings.due(now).items():
        await _write(house, lesson_id, spans)
    await house.records.write(lambda tx: _pulse(tx, house.name, now))


async def checkpoint_lesson(house: House, lesson_id: str, now: dt.datetime) -> None:
    """At once, because the lesson ended, or is about to be settled."""
    await _write(house, lesson_id, house.sightings.due(now).get(lesson_id, ()))


def check_complete(tx: Transaction, name: str, ended_at: dt.datetime | None, now: dt.datetime) -> None:
    """That every control process but ``name``, whose own is written, has said all that it saw until the end.

    Raises ``presence_pending``: each says it within ``EVERY``; one that died is not waited for.
    """
    if ended_at is None:
        return
    waiting = awaited({who: at for who, at in tx.outages.pulses().items() if who != name}, ended_at, now)
    if waiting:
        left = (max(waiting.values()) + EVERY - now) / dt.timedelta(seconds=1)
        raise Refusal("presence_pending", ", ".join(sorted(waiting)), retry_after_s=max(_LEAST_WAIT_S, math.ceil(left)))


async def _write(house: House, lesson_id: str, spans: Sequence[Span]) -> None:
    for first in range(0, len(spans), MOST_AT_ONCE):
        some = spans[first : first + MOST_AT_ONCE]
        goes_on = await house.records.write(functools.partial(_keep, lesson_id=lesson_id, spans=some))
        house.sightings.written(lesson_id, some)
    if spans and not goes_on:
        house.sightings.forget(lesson_id)


def _keep(tx: Transaction, lesson_id: str, spans: Sequence[Span]) -> bool:
    """Whether more of this lesson may count. What is after its end does not."""
    lesson = tx.lessons.get(lesson_id)
    if lesson is None:
        return False
    ended_at = lesson.ended_at
    kept = spans if ended_at is None else [_until(s, ended_at) for s in spans if s.since < ended_at]
    if lesson.opened_at is not None:
        tx.spans.checkpoint(lesson_id, kept)
    return ended_at is None


def _until(span: Span, end: dt.datetime) -> Span:
    return replace(span, until=min(span.until, end))


# ---- our own outages -------------------------------------------------------------------------------------


def _pulse(tx: Transaction, name: str, now: dt.datetime) -> None:
    """While nothing is on the air this process's silence would be nobody's loss."""
    if tx.lessons.in_states(ON_AIR):
        tx.outages.pulse(name, now)
    else:
        tx.outages.rest(name)


async def note_restart(records: Records, name: str, now: dt.datetime) -> Outage | None:
    """At the start: the time since the last pulse was our own outage, if there was one."""

    def note(tx: Transaction) -> Outage | None:
        last = tx.outages.last_pulse(name)
        _pulse(tx, name, now)
        if last is None or not dt.timedelta(0) < now - last <= LONGEST_OUTAGE:
            return None
        outage = Outage(last, now, "restart")
        tx.outages.add(outage)
        return outage

    return await records.write(note)


async def note_media_lost(house: House, lost: MediaLost, now: dt.datetime) -> None:
    """Its viewers are gone with it, and that is not their doing."""
    house.sightings.media_lost_at.setdefault(lost.worker, now)
    for channel in (Channel.MEDIA, Channel.VENUE):
        house.sightings.all_gone(channel, now, lost.lessons)
    for lesson_id in house.sightings.lessons:
        await _write(house, lesson_id, house.sightings.ended(lesson_id))


async def note_media_ready(house: House, worker: int, now: dt.datetime) -> None:
    """Bridges for everybody: who was in another lesson's room lost nothing by it."""
    lost_at = house.sightings.media_lost_at.get(worker)
    if lost_at is not None and lost_at < now:
        await house.records.write(lambda tx: tx.outages.add(Outage(lost_at, now, "media")))
    house.sightings.media_lost_at.pop(worker, None)
