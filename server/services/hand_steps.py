"""One step of a hand, with what it does to picture and sound, inside a transaction that holds the lesson's row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from server.domain import events, programme
from server.domain.events import STAFF, Announcement, to_account, to_venue
from server.domain.hands import Hand, HandState, HandStep, position, step
from server.domain.lessons import Lesson
from server.domain.speakers import SpeakerKind
from server.domain.venues import Guest
from server.services.programming import reprogram
from server.services.records import Transaction


@dataclass(frozen=True, slots=True)
class Stepped:
    hand: Hand
    announced: list[Announcement]


def audiences(hand: Hand) -> tuple[str, ...]:
    """Staff, whoever it belongs to, and the venue that it is heard by."""
    own = to_account(hand.account_id) if hand.kind is SpeakerKind.MEMBER else to_venue(hand.speaker_id)
    room = [to_venue(hand.through)] if hand.through is not None else []
    return tuple(dict.fromkeys([STAFF, own, *room]))


def invite(tx: Transaction, lesson: Lesson, hand: Hand, now: dt.datetime, *, by: str) -> Stepped:
    """A member's phone is asked; a venue is there already and goes on the air at once. ``by``: a name.

    Raises ``hand_over``.
    """
    moved = _left_queue(tx, hand)
    invited = step(hand, HandStep.INVITE, now)
    if invited.by_phone:
        tx.lessons.set_guest(lesson.id, Guest(invited.source, invited.label, invited.account_id))
        tx.hands.save(invited)
        return Stepped(invited, [*_changed(invited), *moved])
    tx.hands.save(invited)
    on_air = connect(tx, lesson, invited, now, picture=True, by=by)
    return Stepped(on_air.hand, [*on_air.announced, *moved])


def connect(tx: Transaction, lesson: Lesson, hand: Hand, now: dt.datetime, *, picture: bool, by: str) -> Stepped:
    """Its picture or sound is there. Raises ``hand_over``."""
    former = tx.programmes.get(lesson.id).camera
    on_air = replace(step(hand, HandStep.CONNECT, now), former=former)
    tx.hands.save(on_air)
    return Stepped(on_air, [*bring_on(tx, lesson, on_air, picture=picture, by=by), *_changed(on_air)])


def bring_on(tx: Transaction, lesson: Lesson, hand: Hand, *, picture: bool, by: str) -> list[Announcement]:
    """Also again, when its connection came back."""
    return reprogram(
        tx,
        lesson,
        lambda before: programme.bring_on(before, hand.source, lesson.sources, picture=picture),
        by=by,
    )


def take_off(tx: Transaction, lesson: Lesson, hand: Hand, *, by: str) -> list[Announcement]:
    """The former picture is back, nobody hears it any more; the hand itself stays as it is."""
    known = [source for source in lesson.sources if lesson.guest is None or source != lesson.guest.source]
    return reprogram(tx, lesson, lambda before: programme.take_off(before, hand.source, hand.former, known), by=by)


def end(
    tx: Transaction,
    lesson: Lesson,
    hand: Hand,
    event: HandStep,
    now: dt.datetime,
    *,
    account_id: str | None = None,
    by: str = "",
) -> Stepped:
    """Any step that ends it. Raises ``hand_over``."""
    said = _left_queue(tx, hand)
    ended = step(hand, event, now, by=account_id)
    if hand.state is HandState.ON_AIR:
        said += take_off(tx, lesson, hand, by=by)
    if hand.active and hand.by_phone:
        tx.lessons.set_guest(lesson.id, None)
    tx.hands.save(ended)
    return Stepped(ended, [*said, *_changed(ended)])


def close_hands(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[Announcement]:
    """The lesson is over, and with it the queue. The room ends with it, so nothing is put back on the air."""
    said: list[Announcement] = []
    active = tx.hands.active(lesson.id)
    for hand in [*([active] if active else []), *tx.hands.waiting(lesson.id)]:
        ended = step(hand, HandStep.EXPIRE, now)
        tx.hands.save(ended)
        said += _changed(ended)
    if lesson.guest is not None:
        tx.lessons.set_guest(lesson.id, None)
    return said


def _changed(hand: Hand) -> list[Announcement]:
    return [events.hand_changed(audience, hand) for audience in audiences(hand)]


def _left_queue(tx: Transaction, hand: Hand) -> list[Announcement]:
    """Before the step: whoever waits behind it moves up."""
    if hand.state is not HandState.WAITING:
        return []
    return [events.hands_moved(position(tx.hands.waiting(hand.lesson_id), hand.id))]
