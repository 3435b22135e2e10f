"""Making the waves of notices that are due: one transaction each, by whichever process comes first."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable, Iterator
from functools import partial

from server.domain.audit import of_the_house
from server.domain.deliveries import Address, Channel, Delivery, DeliveryState, mobile
from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.waves import MadeWave, Round, Wave, round_now, wave_due
from server.services.assignments import planned_roster
from server.services.audit import new_salt
from server.services.notices import NoticeRules
from server.services.records import Records, Transaction

MADE = "notices.wave"
"""The line in the audit log."""
log = logging.getLogger(__name__)
_PLANNABLE = (LessonState.SCHEDULED, LessonState.OPEN)


async def make_due(records: Records, rules: NoticeRules, now: dt.datetime) -> int:
    """All waves that are due; how many were made here. A lesson whose wave cannot be made holds up no other."""
    if not rules.on:
        return 0
    due = await records.read(lambda tx: tuple(_due(tx, rules, now)))
    made = 0
    for lesson_id in due:
        try:
            made += await records.write(partial(_make, lesson_id=lesson_id, rules=rules, now=now))
        except Refusal as refusal:
            log.warning("the wave of lesson %s was left: %s", lesson_id, refusal.code)
        except Exception:
            log.exception("the wave of lesson %s was not made", lesson_id)
    return made


def _due(tx: Transaction, rules: NoticeRules, now: dt.datetime) -> Iterator[str]:
    coming = [lesson for lesson in tx.lessons.in_states(_PLANNABLE) if lesson.starts_at > now]
    rounds = tx.waves.last_rounds([lesson.id for lesson in coming])
    for lesson in coming:
        if wave_due(lesson, round_now(rounds.get(lesson.id), lesson.starts_at), rules.times, tx.calendar.zone, now):
            yield lesson.id


def current_round(tx: Transaction, lesson: Lesson) -> Round:
    return round_now(tx.waves.last_rounds([lesson.id]).get(lesson.id), lesson.starts_at)


def _make(tx: Transaction, lesson_id: str, rules: NoticeRules, now: dt.datetime) -> bool:
    lesson = tx.lessons.lock(lesson_id)
    if lesson is None:
        return False
    present = current_round(tx, lesson)
    wave = wave_due(lesson, present, rules.times, tx.calendar.zone, now)
    if wave is None:
        return False
    people = _whom(tx, lesson, now)
    if not tx.waves.add(MadeWave(lesson.id, present.number, wave, lesson.starts_at, now, len(people))):
        return False
    tx.deliveries.stop_queued(lesson.id, "superseded")
    tx.deliveries.add(tuple(_deliveries(tx, lesson, (present.number, wave), people, rules, now=now)))
    said = {"wave": wave.value, "round": present.number, "members": len(people)}
    tx.audit.add(of_the_house(now, MADE, f"lesson/{lesson.id}", new_salt(), **said))
    return True


def _whom(tx: Transaction, lesson: Lesson, now: dt.datetime) -> tuple[RosterEntry, ...]:
    """Who is expected and neither there nor excused."""
    entries = expected_entries(tx, lesson, now)
    done = tx.leaves.approved(lesson.id) | tx.deliveries.signed_in(lesson.id, [one.member_id for one in entries])
    return tuple(entry for entry in entries if entry.member_id not in done)


def expected_entries(tx: Transaction, lesson: Lesson, now: dt.datetime) -> tuple[RosterEntry, ...]:
    """The roster, or before the opening whoever would be on it now."""
    return planned_roster(tx, lesson, now) if lesson.opened_at is None else tx.roster.of(lesson.id)


def _deliveries(
    tx: Transaction,
    lesson: Lesson,
    which: tuple[int, Wave],
    people: Iterable[RosterEntry],
    rules: NoticeRules,
    *,
    now: dt.datetime,
) -> Iterator[Delivery]:
    people = tuple(people)
    addresses = tx.deliveries.addresses([entry.member_id for entry in people]) if rules.channels else {}
    number, wave = which
    for entry in people:
        reachable = [one for one in rules.channels if address_for(one, addresses.get(entry.member_id))]
        for channel in (Channel.PORTAL, *reachable):
            sent = channel is Channel.PORTAL
            state = DeliveryState.SENT if sent else DeliveryState.QUEUED
            own = (str(uuid.uuid4()), lesson.id, number, wave, entry.member_id, channel, entry.place, state, now)
            yield Delivery(*own, sent_at=now if sent else None)


def address_for(channel: Channel, address: Address | None) -> str | None:
    """企业微信 knows a member by the login number, the gateway by a mobile number."""
    if address is None:
        return None
    return address.number if channel is Channel.WECOM else mobile(address.phone)
