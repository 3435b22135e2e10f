"""Hands (举手): raising and withdrawing one, and what staff do with the queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import hands as rules
from server.domain.access import Action, LessonTarget, Principal, allowed, standing
from server.domain.hands import Hand, HandState, HandStep
from server.domain.lessons import Lesson, check_media
from server.domain.refusals import Refusal
from server.domain.speakers import Speaker, SpeakerKind
from server.domain.venues import member_source
from server.services import hand_steps
from server.services.commands import Command, command, once
from server.services.finding import allowed_target, check_on_air
from server.services.guests import hang_up
from server.services.hand_steps import Stepped
from server.services.house import House
from server.services.muting import check_may_talk
from server.services.records import Records, Transaction
from server.services.rooms import keep_room, tell
from server.services.speaking import speaking_target

SHOWN_ENDED = 50


@dataclass(frozen=True, slots=True)
class HandView:
    """``position``: in the queue, from 1. ``through``: the lesson venue by whose camera and microphone it is heard."""

    id: str
    lesson_id: str
    kind: SpeakerKind
    speaker_id: str
    name: str
    unit: str
    topic: str
    through: str | None
    source: str
    state: HandState
    raised_at: dt.datetime
    position: int | None
    expires_at: dt.datetime | None
    on_air_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class HandsView:
    """``seq``: what the log held; later events come on top. ``own``: the caller's open hand. The rest is for staff."""

    seq: int
    server_time: dt.datetime
    waiting: int
    own: HandView | None
    active: HandView | None
    queue: tuple[HandView, ...]
    ended: tuple[HandView, ...]


_VIEW = TypeAdapter(HandView)


def hand_view(hand: Hand, place: int | None = None) -> HandView:
    return HandView(
        id=hand.id,
        lesson_id=hand.lesson_id,
        kind=hand.kind,
        speaker_id=hand.speaker_id,
        name=hand.name,
        unit=hand.unit,
        topic=hand.topic,
        through=hand.through,
        source=hand.source,
        state=hand.state,
        raised_at=hand.raised_at,
        position=place,
        expires_at=hand.expires_at,
        on_air_at=hand.on_air_at,
        ended_at=hand.ended_at,
    )


# ---- seeing ----------------------------------------------------------------------------------------------


async def see_hands(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> HandsView:
    """Staff see the queue, everybody else the own hand and how many wait. Raises ``lesson_not_found``."""

    def load(tx: Transaction) -> HandsView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        seq = tx.events.seq(lesson_id)
        own = _own(tx, principal, target)
        if Action.RUN not in allowed(principal, target):
            return HandsView(seq, now, tx.hands.waiting_count(lesson_id), own, None, (), ())
        waiting = tx.hands.waiting(lesson_id)
        active = tx.hands.active(lesson_id)
        return HandsView(
            seq=seq,
            server_time=now,
            waiting=len(waiting),
            own=own,
            active=hand_view(active) if active else None,
            queue=tuple(hand_view(hand, place) for place, hand in enumerate(waiting, 1)),
            ended=tuple(hand_view(hand) for hand in tx.hands.ended(lesson_id, SHOWN_ENDED)),
        )

    return await records.read(load)


def _own(tx: Transaction, principal: Principal, target: LessonTarget) -> HandView | None:
    try:
        _, speaker_id = standing(principal, target)
    except Refusal:
        return None
    hand = tx.hands.open_of(target.lesson.id, speaker_id)
    return None if hand is None else _placed(tx, hand)


def _placed(tx: Transaction, hand: Hand) -> HandView:
    if hand.state is not HandState.WAITING:
        return hand_view(hand)
    return hand_view(hand, rules.position(tx.hands.waiting(hand.lesson_id), hand.id))


# ---- one's own hand --------------------------------------------------------------------------------------


async def raise_hand(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, topic: str, now: dt.datetime
) -> HandView:
    """For oneself, or for the room one stands for. A hand that is up stays as it is.

    Raises ``forbidden``, ``lesson_not_on_air``, ``no_media``, ``talk_muted``, ``too_fast``, ``hands_full``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "raise_hand", lesson_id=lesson_id, topic=topic)

    def work(tx: Transaction) -> HandView:
        target, speaker = speaking_target(tx, principal, lesson_id, now, lock=True)
        check_media(target.lesson)
        return once(tx, asked, now, _VIEW, lambda: _placed(tx, _raised(tx, target.lesson, speaker, topic, now)))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _raised(tx: Transaction, lesson: Lesson, speaker: Speaker, topic: str, now: dt.datetime) -> Hand:
    up = tx.hands.open_of(lesson.id, speaker.id)
    if up is not None:
        return up
    check_may_talk(tx, lesson.id, speaker, now)
    rules.check_raising(tx.hands.raised_at(lesson.id, speaker.id), tx.hands.waiting_count(lesson.id), now)
    through = _room_of(tx, lesson, speaker)
    hand = Hand(
        id=str(uuid4()),
        lesson_id=lesson.id,
        kind=speaker.kind,
        speaker_id=speaker.id,
        account_id=speaker.account_id,
        name=speaker.name,
        unit=speaker.unit,
        topic=topic,
        through=through,
        source=lesson.venue(through).source if through else member_source(speaker.id),
        state=HandState.WAITING,
        raised_at=now,
    )
    tx.hands.add(hand)
    said = [events.hand_raised(audience, hand) for audience in hand_steps.audiences(hand)]
    tx.events.append(lesson.id, said, now, speaker.account_id)
    return hand


def _room_of(tx: Transaction, lesson: Lesson, speaker: Speaker) -> str | None:
    """Whose camera and microphone it is heard by: a phone inside a room would only echo."""
    if speaker.kind is SpeakerKind.VENUE:
        return speaker.id
    signed_in = tx.sign_ins.get(lesson.id, speaker.id)
    return signed_in.room if signed_in is not None and signed_in.left_at is None else None


async def withdraw_hand(
    house: House, principal: Principal, hand_id: str, command_id: str, now: dt.datetime
) -> HandView:
    """Taking it down, saying 稍后 to an invitation, or ending one's turn.

    Raises ``hand_not_found``, also for somebody else's; ``hand_over``, ``lesson_not_on_air``, ``command_reused``.
    """
    asked = command(principal, command_id, "withdraw_hand", hand_id=hand_id)

    def work(tx: Transaction) -> HandView:
        hand = _found(tx.hands.get(hand_id))
        try:
            target, speaker = speaking_target(tx, principal, hand.lesson_id, now, lock=True)
        except Refusal as refusal:
            raise Refusal("hand_not_found" if refusal.code != "lesson_not_on_air" else refusal.code) from None
        if speaker.id != hand.speaker_id:
            raise Refusal("hand_not_found", "somebody else's")
        return _stepped(tx, asked, target.lesson, _ending(hand_id, HandStep.WITHDRAW, principal, now), now)

    view = await house.records.write(work)
    return await _followed(house, view, now)


# ---- staff -----------------------------------------------------------------------------------------------

_Step = Callable[[Transaction, Lesson], Stepped]


async def take_next(house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime) -> HandView:
    """Whoever waits longest is asked to speak. Raises ``hands_none``, ``hand_active``, ``forbidden``,
    ``lesson_not_on_air``, ``command_reused``.
    """
    asked = command(principal, command_id, "take_next_hand", lesson_id=lesson_id)

    def first(tx: Transaction, lesson: Lesson) -> Stepped:
        _check_free(tx, lesson)
        waiting = tx.hands.waiting(lesson.id)
        if not waiting:
            raise Refusal("hands_none")
        return hand_steps.invite(tx, lesson, waiting[0], now, by=principal.name)

    def work(tx: Transaction) -> HandView:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        return _stepped(tx, asked, target.lesson, first, now)

    view = await house.records.write(work)
    return await _followed(house, view, now)


async def take_hand(house: House, principal: Principal, hand_id: str, command_id: str, now: dt.datetime) -> HandView:
    """This one is asked to speak, whatever its place. Raises ``hand_not_found``, ``hand_over``, and as
    :func:`take_next`.
    """

    def chosen(tx: Transaction, lesson: Lesson) -> Stepped:
        _check_free(tx, lesson)
        return hand_steps.invite(tx, lesson, _found(tx.hands.get(hand_id)), now, by=principal.name)

    asked = command(principal, command_id, "take_hand", hand_id=hand_id)
    return await _by_staff(house, principal, hand_id, asked, chosen, now=now)


async def lower_hand(house: House, principal: Principal, hand_id: str, command_id: str, now: dt.datetime) -> HandView:
    """It is put down, unheard. Raises ``hand_not_found``, ``hand_over``, ``forbidden``, ``command_reused``."""
    work = _ending(hand_id, HandStep.LOWER, principal, now)
    asked = command(principal, command_id, "lower_hand", hand_id=hand_id)
    return await _by_staff(house, principal, hand_id, asked, work, now=now)


async def finish_hand(house: House, principal: Principal, hand_id: str, command_id: str, now: dt.datetime) -> HandView:
    """结束发言: the former picture is back. Raises as :func:`lower_hand`."""
    work = _ending(hand_id, HandStep.FINISH, principal, now)
    asked = command(principal, command_id, "finish_hand", hand_id=hand_id)
    return await _by_staff(house, principal, hand_id, asked, work, now=now)


async def lower_all(house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime) -> HandsView:
    """Everybody who waits is put down; who speaks goes on. Raises ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "lower_all_hands", lesson_id=lesson_id)

    def lower(tx: Transaction, lesson: Lesson) -> int:
        waiting = tx.hands.waiting(lesson.id)
        said = [events.hands_moved(None)] if waiting else []
        for hand in waiting:
            ended = rules.step(hand, HandStep.LOWER, now, by=principal.account_id)
            tx.hands.save(ended)
            said += [events.hand_changed(audience, ended) for audience in hand_steps.audiences(ended)]
        if said:
            tx.events.append(lesson.id, said, now, principal.account_id)
        return len(waiting)

    def work(tx: Transaction) -> None:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        once(tx, asked, now, TypeAdapter(int), lambda: lower(tx, target.lesson))

    await house.records.write(work)
    await tell(house, lesson_id)
    return await see_hands(house.records, principal, lesson_id, now)


async def _by_staff(
    house: House, principal: Principal, hand_id: str, asked: Command, work: _Step, *, now: dt.datetime
) -> HandView:
    def change(tx: Transaction) -> HandView:
        hand = _found(tx.hands.get(hand_id))
        try:
            target = allowed_target(tx, principal, Action.RUN, hand.lesson_id, now, lock=True)
        except Refusal as refusal:
            raise Refusal("hand_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
        return _stepped(tx, asked, target.lesson, work, now)

    view = await house.records.write(change)
    return await _followed(house, view, now)


def _ending(hand_id: str, event: HandStep, principal: Principal, now: dt.datetime) -> _Step:
    def work(tx: Transaction, lesson: Lesson) -> Stepped:
        hand = _found(tx.hands.get(hand_id))
        return hand_steps.end(tx, lesson, hand, event, now, account_id=principal.account_id, by=principal.name)

    return work


def _stepped(tx: Transaction, asked: Command, lesson: Lesson, work: _Step, now: dt.datetime) -> HandView:
    """A repetition does nothing; its result is the one it had."""

    def do() -> HandView:
        check_on_air(lesson)
        stepped = work(tx, lesson)
        tx.events.append(lesson.id, stepped.announced, now, asked.actor)
        return hand_view(stepped.hand)

    return once(tx, asked, now, _VIEW, do)


async def _followed(house: House, view: HandView, now: dt.datetime) -> HandView:
    """After the commit: hint, room, and the end of a phone's connection that has no right to be there any more."""
    await tell(house, view.lesson_id)
    await keep_room(house, view.lesson_id, now)
    if view.through is None and view.ended_at is not None:
        await hang_up(house, view.lesson_id, view.source, now)
    return view


def _check_free(tx: Transaction, lesson: Lesson) -> None:
    if tx.hands.active(lesson.id) is not None:
        raise Refusal("hand_active")


def _found(hand: Hand | None) -> Hand:
    if hand is None:
        raise Refusal("hand_not_found")
    return hand
