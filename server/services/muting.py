"""Who was asked to be silent in a lesson: asked by everything that lets members speak."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import chat as rules
from server.domain import chat_events as events
from server.domain.access import Action, Principal
from server.domain.chat import Line, Mute
from server.domain.events import STAFF, to_account
from server.domain.hands import HandState, HandStep
from server.domain.refusals import Refusal
from server.domain.speakers import STAFF_KINDS, Speaker
from server.services import hand_steps
from server.services.commands import command, once
from server.services.finding import allowed_target, found
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell


@dataclass(frozen=True, slots=True)
class MuteView:
    lesson_id: str
    speaker_id: str
    name: str
    until: dt.datetime
    reason: str


MUTE_VIEW = TypeAdapter(MuteView)


def check_may_talk(tx: Transaction, lesson_id: str, speaker: Speaker, now: dt.datetime) -> None:
    """Raises ``talk_muted``."""
    rules.check_not_muted(tx.mutes.get(lesson_id, speaker.id), now)


async def list_mutes(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> tuple[MuteView, ...]:
    """Those that last. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[MuteView, ...]:
        allowed_target(tx, principal, Action.RUN, lesson_id, now)
        lasting = tx.mutes.of(lesson_id, now)
        return tuple(MuteView(each.lesson_id, each.speaker_id, each.name, each.until, each.reason) for each in lasting)

    return await records.read(load)


async def mute_speaker(
    house: House, principal: Principal, line_id: str, command_id: str, *, minutes: int, reason: str, now: dt.datetime
) -> MuteView:
    """Whoever wrote this line says nothing in its lesson for so long; an earlier mute is replaced.

    Raises ``line_not_found``, ``forbidden``, also for a line of staff, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "mute_speaker", line_id=line_id, minutes=minutes, reason=reason)

    def work(tx: Transaction) -> MuteView:
        line = moderated_line(tx, principal, line_id, now)
        if line.kind in STAFF_KINDS:
            raise Refusal("forbidden", "a line of staff")
        until, by = rules.mute_until(now, minutes), principal.account_id
        mute = Mute(line.lesson_id, line.speaker_id, line.account_id, line.name, until, reason, by, now)
        return once(tx, asked, now, MUTE_VIEW, lambda: put_mute(tx, mute))

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view


def put_mute(tx: Transaction, mute: Mute) -> MuteView:
    """Announced, and a hand that waits is put down: who may not talk is not asked to. The lesson's row is locked."""
    tx.mutes.put(mute)
    said = [events.talk_muted(audience, mute) for audience in (to_account(mute.account_id), STAFF)]
    hand = tx.hands.open_of(mute.lesson_id, mute.speaker_id)
    if hand is not None and hand.state is HandState.WAITING:
        lesson = found(tx.lessons.get(mute.lesson_id))
        said += hand_steps.end(tx, lesson, hand, HandStep.LOWER, mute.at, account_id=mute.by).announced
    tx.events.append(mute.lesson_id, said, mute.at, mute.by)
    return MuteView(mute.lesson_id, mute.speaker_id, mute.name, mute.until, mute.reason)


async def unmute_speaker(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, speaker_id: str, now: dt.datetime
) -> None:
    """One who is not muted stays so. Raises ``lesson_not_found``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "unmute_speaker", lesson_id=lesson_id, speaker_id=speaker_id)

    def work(tx: Transaction) -> None:
        allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)

        def unmute() -> None:
            mute = tx.mutes.remove(lesson_id, speaker_id)
            if mute is not None:
                said = [events.talk_unmuted(audience, mute) for audience in (to_account(mute.account_id), STAFF)]
                tx.events.append(lesson_id, said, now, principal.account_id)

        once(tx, asked, now, TypeAdapter(None), unmute)

    await house.records.write(work)
    await tell(house, lesson_id)


def moderated_line(tx: Transaction, principal: Principal, line_id: str, now: dt.datetime) -> Line:
    """For who runs its lesson, the lesson's row locked. Whoever may not know the lesson learns of no line."""
    line = tx.chat.get(line_id)
    if line is None:
        raise Refusal("line_not_found", line_id)
    try:
        allowed_target(tx, principal, Action.RUN, line.lesson_id, now, lock=True)
    except Refusal as refusal:
        raise Refusal("line_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    again = tx.chat.get(line_id)  # it may have been decided while we waited for the lock
    assert again is not None
    return again
