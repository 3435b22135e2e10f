"""The waves of a lesson as the school sees them: what went out, what failed, and trying that again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain.access import Action, Principal
from server.domain.deliveries import Channel, Delivery, DeliveryState, check_repeatable
from server.domain.waves import ORDER, Wave, due_at
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction
from server.services.views import Named, Page
from server.services.waves import current_round

TROUBLED = (DeliveryState.FAILED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class WaveCount:
    channel: Channel
    state: DeliveryState
    count: int
    read: int


@dataclass(frozen=True, slots=True)
class WaveView:
    wave: Wave
    due_at: dt.datetime
    made_at: dt.datetime | None
    members: int
    counts: tuple[WaveCount, ...]


@dataclass(frozen=True, slots=True)
class WavesView:
    """``round``: the present one. ``told``: the time that was told last."""

    on: bool
    channels: tuple[Channel, ...]
    round: int
    told: dt.datetime | None
    waves: tuple[WaveView, ...]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    id: str
    wave: Wave
    member: Named
    channel: Channel
    state: DeliveryState
    code: str
    tries: int
    next_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Requeued:
    queued: int


_REQUEUED = TypeAdapter(Requeued)


async def see_waves(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> WavesView:
    """For who plans the lesson. Raises ``lesson_not_found``, ``forbidden``."""
    rules = house.notices

    def load(tx: Transaction) -> WavesView:
        lesson = allowed_target(tx, principal, Action.EDIT, lesson_id, now).lesson
        number, every = current_round(tx, lesson).number, tx.waves.of(lesson_id)
        made = {one.wave: one for one in every if one.round == number}
        tallies = [one for one in tx.deliveries.tallies(lesson_id) if one.round == number]

        def view(wave: Wave) -> WaveView:
            counted = sorted((one for one in tallies if one.wave is wave), key=lambda one: (one.channel, one.state))
            due = due_at(wave, lesson.starts_at, rules.times, tx.calendar.zone)
            counts = tuple(WaveCount(one.channel, one.state, one.count, one.read) for one in counted)
            there = made.get(wave)
            return WaveView(wave, due, there.made_at if there else None, there.members if there else 0, counts)

        told = every[-1].starts_at if every else None
        return WavesView(rules.on, rules.channels, number, told, tuple(view(wave) for wave in ORDER))

    return await house.records.read(load)


async def list_troubled(
    house: House, principal: Principal, lesson_id: str, *, cursor: str | None, limit: int, now: dt.datetime
) -> Page[DeliveryView]:
    """What failed, or may have. Raises as :func:`see_waves`. ``cursor`` is an id."""

    def load(tx: Transaction) -> Page[DeliveryView]:
        allowed_target(tx, principal, Action.EDIT, lesson_id, now)
        found = tx.deliveries.listed(lesson_id, TROUBLED, cursor, limit + 1)
        shown = found[:limit]
        names = tx.members.names({one.member_id for one in shown})
        return Page(
            tuple(_view(one, names[one.member_id]) for one in shown), shown[-1].id if len(found) > limit else None
        )

    return await house.records.read(load)


def _view(one: Delivery, name: str) -> DeliveryView:
    return DeliveryView(
        *(one.id, one.wave, Named(one.member_id, name), one.channel, one.state, one.code, one.tries, one.next_at)
    )


async def retry_troubled(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, unknown: bool, now: dt.datetime
) -> Requeued:
    """Of the last wave only: whoever missed all three is not told three times at once. ``unknown``: also what may have
    gone out. Raises ``delivery_over``, ``command_reused``, and as seeing."""
    asked = command(principal, command_id, "retry_notices", lesson_id=lesson_id, unknown=unknown)

    def work(tx: Transaction) -> Requeued:
        lesson = allowed_target(tx, principal, Action.EDIT, lesson_id, now, lock=True).lesson

        def do() -> Requeued:
            check_repeatable(lesson, now)
            states = TROUBLED if unknown else TROUBLED[:1]
            present = current_round(tx, lesson)
            last = [(present.number, wave) for wave in ORDER if wave in present.made][-1:]
            return Requeued(sum(tx.deliveries.requeue(lesson_id, which, states, now) for which in last))

        return once(tx, asked, now, _REQUEUED, do)

    return await house.records.write(work)
