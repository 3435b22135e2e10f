"""点名: begun, stepped through and finished by who runs the lesson, answered by the venues' operators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from uuid import uuid4

from server.domain import events
from server.domain import roll_calls as rules
from server.domain.access import Action, Principal, operated_venue
from server.domain.events import STAFF, Announcement, to_venue
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.roll_calls import RollCall, RollEntry, RollResult
from server.services.commands import Command, command
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction
from server.services.roll_views import RollCallView, proposed_now, seen
from server.services.rooms import tell
from server.services.stage import Work, do_once, see_stage
from server.services.views import StageView

_Step = Callable[[RollCall, Lesson], RollCall]
WORDS = {
    RollResult.ANSWERED: "在线应答",
    RollResult.NO_PICTURE: "无画面",
    RollResult.NO_SOUND: "无声音",
    RollResult.ABSENT: "未应答",
}
_HEAD = ("序号", "会场", "结果", "系统判断", "应答时间", "登记时间", "登记人")


async def start_roll_call(
    house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime
) -> StageView:
    """Raises ``forbidden``, ``lesson_not_on_air``, ``roll_call_running``, ``roll_call_empty``, ``command_reused``."""

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        last = tx.roll_calls.last(lesson.id)
        roll = rules.begin(str(uuid4()), lesson.id, lesson.venues, last, by=principal.name, now=now)
        tx.roll_calls.add(roll)
        return [events.roll_call_started(roll), *_turns(None, roll)]

    asked = command(principal, command_id, "start_roll_call", lesson_id=lesson_id)
    return await _run(house, principal, lesson_id, asked, work, now=now)


async def call_venue(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, lesson_venue_id: str, now: dt.datetime
) -> StageView:
    """Back or ahead to a venue. Raises ``venue_not_found``, ``roll_call_over``, and as :func:`start_roll_call`."""

    def step(roll: RollCall, _lesson: Lesson) -> RollCall:
        return rules.call_venue(roll, lesson_venue_id, now)

    asked = command(principal, command_id, "call_venue", lesson_id=lesson_id, venue=lesson_venue_id)
    return await _run(house, principal, lesson_id, asked, _stepping(step), now=now)


async def decide_roll(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str,
    result: RollResult,
    now: dt.datetime,
) -> StageView:
    """The result of one venue; what the house would have said is kept beside it. Raises as :func:`call_venue`."""
    room = await house.glances.state(lesson_id, now)

    def step(roll: RollCall, lesson: Lesson) -> RollCall:
        kept = roll.entry(lesson_venue_id).proposed
        proposed = proposed_now(roll, lesson, room, house.watches, now) if roll.called == lesson_venue_id else kept
        return rules.decide(roll, lesson_venue_id, result, proposed=proposed or result, by=principal.name, now=now)

    asked = command(
        principal, command_id, "decide_roll", lesson_id=lesson_id, venue=lesson_venue_id, result=result.value
    )
    return await _run(house, principal, lesson_id, asked, _stepping(step), now=now)


async def finish_roll_call(
    house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime
) -> StageView:
    """Raises ``roll_call_over``, and as :func:`start_roll_call`."""

    def step(roll: RollCall, _lesson: Lesson) -> RollCall:
        return rules.finish(roll, now)

    asked = command(principal, command_id, "finish_roll_call", lesson_id=lesson_id)
    return await _run(house, principal, lesson_id, asked, _stepping(step), now=now)


async def answer_roll_call(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str | None = None,
    now: dt.datetime,
) -> StageView:
    """应答, by the called venue's operator. Raises ``not_called``, ``forbidden``, ``which_venue``, ``venue_not_found``,
    ``lesson_not_on_air``.
    """
    meant = {} if lesson_venue_id is None else {"venue": lesson_venue_id}
    asked = command(principal, command_id, "answer_roll_call", lesson_id=lesson_id, **meant)

    def change(tx: Transaction) -> None:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        venue = operated_venue(principal, target.lesson, lesson_venue_id)

        def step(roll: RollCall, _lesson: Lesson) -> RollCall:
            return rules.answer(roll, venue.id, now) if roll.running else _not_called(venue.id)

        do_once(tx, asked, target.lesson, _stepping(step), now)

    await house.records.write(change)
    await tell(house, lesson_id)
    return await see_stage(house, principal, lesson_id, now)


def _not_called(lesson_venue_id: str) -> RollCall:
    raise Refusal("not_called", lesson_venue_id)


async def _run(
    house: House, principal: Principal, lesson_id: str, asked: Command, work: Work, *, now: dt.datetime
) -> StageView:
    """One command of who runs the lesson; the media process has no part in it."""

    def change(tx: Transaction) -> None:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        do_once(tx, asked, target.lesson, work, now)

    await house.records.write(change)
    await tell(house, lesson_id)
    return await see_stage(house, principal, lesson_id, now)


def _stepping(step: _Step) -> Work:
    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        before = tx.roll_calls.last(lesson.id)
        if before is None:
            raise Refusal("roll_call_over", "there is none")
        after = step(before, lesson)
        if after == before:
            return ()
        tx.roll_calls.save(after)
        return _told(before, after)

    return work


def finish_running(tx: Transaction, lesson_id: str, now: dt.datetime) -> list[Announcement]:
    """The lesson is over, and with it its roll call. The lesson's row is locked."""
    before = tx.roll_calls.last(lesson_id)
    if before is None or not before.running:
        return []
    after = rules.finish(before, now)
    tx.roll_calls.save(after)
    return _told(before, after)


# ---- what is announced -----------------------------------------------------------------------------------


def _told(before: RollCall, after: RollCall) -> list[Announcement]:
    said: list[Announcement] = []
    for old, new in zip(before.entries, after.entries, strict=True):
        if new.decided_at is not None and (new.result, new.decided_at) != (old.result, old.decided_at):
            said += [events.roll_call_decided(who, after, new) for who in (STAFF, to_venue(new.lesson_venue_id))]
        elif new.answered_at is not None and new.answered_at != old.answered_at:
            said.append(events.roll_call_answered(after, new))
    said += _turns(before, after)
    return said if after.running else [*said, events.roll_call_finished(after)]


def _turns(before: RollCall | None, after: RollCall) -> list[Announcement]:
    """Whose turn went by hears it first, then who is called now."""
    was = before.called if before else None
    if before is not None and (was, before.called_at) == (after.called, after.called_at):
        return []
    said = [
        events.roll_call_called(to_venue(place), after, after.entry(place), called=place == after.called)
        for place in (was, after.called)
        if place is not None and (place == after.called or was != after.called)
    ]
    if after.called is not None:
        said.append(events.roll_call_called(STAFF, after, after.entry(after.called), called=True))
    return said


# ---- looking back ----------------------------------------------------------------------------------------


async def list_roll_calls(
    house: House, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[RollCallView, ...]:
    """All, oldest first; the last one counts. For who runs the lesson. Raises ``forbidden``, ``lesson_not_found``."""

    def load(tx: Transaction) -> tuple[RollCallView, ...]:
        allowed_target(tx, principal, Action.RUN, lesson_id, now)
        return tuple(seen(roll) for roll in tx.roll_calls.of(lesson_id))

    return await house.records.read(load)


async def roll_call_rows(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> list[tuple[str, ...]]:
    """The one that counts, as a table in the school's own time. Raises ``roll_call_over`` when there was none."""

    def load(tx: Transaction) -> tuple[RollCall | None, dt.tzinfo]:
        allowed_target(tx, principal, Action.RUN, lesson_id, now)
        return tx.roll_calls.last(lesson_id), tx.calendar.zone

    roll, zone = await house.records.read(load)
    if roll is None:
        raise Refusal("roll_call_over", "there was none")
    return [_HEAD, *(_row(position, entry, zone) for position, entry in enumerate(roll.entries, 1))]


def _row(position: int, entry: RollEntry, zone: dt.tzinfo) -> tuple[str, ...]:
    words = (_word(entry.result), _word(entry.proposed))
    times = (_time(entry.answered_at, zone), _time(entry.decided_at, zone))
    return (str(position), entry.name, *words, *times, entry.decided_by or "")


def _word(result: RollResult | None) -> str:
    return WORDS[result] if result else "未点到"


def _time(at: dt.datetime | None, zone: dt.tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""
