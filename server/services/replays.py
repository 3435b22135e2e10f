"""Watching a replay so that it counts: what goes out under a member's pass, and what the page says of it.

Written down only for who has something to make up. A segment is written before it is sent and a beat before it is
answered; of many people's at once each is one row of the same transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.access import Principal
from server.domain.make_ups import MakeUp, Step
from server.domain.refusals import Refusal
from server.domain.replays import Beat, Heard, Span, hear, progress_percent, reached_ms
from server.domain.tickets import PlayGrant, Playing
from server.services.house import House
from server.services.make_ups import finish, own_make_up
from server.services.media import Track
from server.services.records import Transaction
from server.services.replay_passes import Timeline


@dataclass(frozen=True, slots=True)
class BeatView:
    """``heard``: what came of it. ``reached_ms``: so far a first watch may seek; ``position_ms``: where to go on."""

    heard: Heard
    step: Step
    progress: int
    reached_ms: int
    position_ms: int


# ---- what goes out ---------------------------------------------------------------------------------------


async def note_segment(house: House, grant: PlayGrant, name: str) -> None:
    """A replay's segment is about to be sent, all of it. Of who has nothing to make up nothing is kept."""
    if grant.kind is not Playing.REPLAY:
        return
    recording_id = grant.recording_id
    key = (recording_id, grant.account_id, grant.expires_at.isoformat())
    holder = await house.replays.holder(
        key, lambda: house.records.read(lambda tx: _watcher(tx, recording_id, grant.account_id))
    )
    if holder.member_id is None:
        return
    place = (await _timeline(house, recording_id)).places.get(name)
    if place is not None and holder.lacks(place):
        await house.records.write_together(_keep, _Fetched(recording_id, holder.member_id, place))
        holder.wrote(place)


def _watcher(tx: Transaction, recording_id: str, account_id: str) -> str | None:
    account = tx.accounts.get(account_id)
    member_id = account.member_id if account else None
    return member_id if member_id and tx.watches.is_kept(recording_id, member_id) else None


async def _timeline(house: House, recording_id: str) -> Timeline:
    return await house.replays.timeline(recording_id, lambda: house.library.playlist(recording_id, Track.CAMERA))


@dataclass(frozen=True, slots=True)
class _Fetched:
    recording_id: str
    member_id: str
    place: Span


def _keep(tx: Transaction, items: Sequence[_Fetched]) -> list[Refusal | None]:
    """In the order of their keys: no two transactions wait for each other."""
    together: dict[tuple[str, str], list[Span]] = {}
    for item in items:
        together.setdefault((item.recording_id, item.member_id), []).append(item.place)
    for (recording_id, member_id), places in sorted(together.items()):
        tx.watches.fetch(recording_id, member_id, places)
    return [None] * len(items)


# ---- what the page says ----------------------------------------------------------------------------------


async def beat(house: House, principal: Principal, make_up_id: str, said: Beat, now: dt.datetime) -> BeatView:
    """Committed when it returns; the same beat again changes nothing. The last one that is needed grants the credit,
    where no questions are asked.

    Raises ``make_up_not_found``, ``make_up_expired``, ``make_up_closed``, ``recording_unknown``.
    """
    known = await house.records.read(lambda tx: own_make_up(tx, principal, make_up_id, now))
    total_ms = (await _timeline(house, known.recording_id)).total_ms
    return await house.records.write_together(_hear_all, _Said(principal, make_up_id, said, total_ms, now))


@dataclass(frozen=True, slots=True)
class _Said:
    principal: Principal
    make_up_id: str
    beat: Beat
    total_ms: int
    now: dt.datetime


def _hear_all(tx: Transaction, items: Sequence[_Said]) -> list[BeatView | Refusal]:
    order = sorted(range(len(items)), key=lambda place: (items[place].make_up_id, place))
    answers = {place: _answer(tx, items[place]) for place in order}
    return [answers[place] for place in range(len(items))]


def _answer(tx: Transaction, item: _Said) -> BeatView | Refusal:
    try:
        return _hear(tx, item)
    except Refusal as refusal:
        return refusal


def _hear(tx: Transaction, item: _Said) -> BeatView:
    make_up = own_make_up(tx, item.principal, item.make_up_id, item.now, lock=True)
    kept = tx.watches.get(make_up.recording_id, make_up.member_id, lock=True)
    if kept is None:
        raise Refusal("make_up_not_found", "nothing is kept of it")
    before, fetched = kept
    rule = make_up.replay_rule
    watch, heard = hear(before, item.beat, item.now, fetched=fetched, total_ms=item.total_ms, rule=rule)
    if watch != before:
        tx.watches.save(make_up.recording_id, make_up.member_id, watch)
    progress = progress_percent(watch.watched, item.total_ms, make_up.terms.watched_percent)
    make_up = _further(tx, make_up, progress, item)
    return BeatView(heard, make_up.step(item.now), make_up.progress, reached_ms(watch.watched), watch.position_ms)


def _further(tx: Transaction, make_up: MakeUp, progress: int, item: _Said) -> MakeUp:
    if progress <= make_up.progress and not make_up.watched:
        return make_up
    moved = finish(tx, replace(make_up, progress=progress), item.principal.account_id, item.now)
    tx.make_ups.save(moved)
    return moved
