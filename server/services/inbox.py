"""A person's inbox in the portal: the waves of notices, and letters that belong to no lesson; read and unread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.deliveries import Delivery
from server.domain.lessons import LessonState
from server.domain.letters import Letter, Reader, Topic
from server.domain.refusals import Refusal
from server.domain.waves import Wave
from server.services.commands import command, once
from server.services.finding import cursor_of, read_cursor
from server.services.letters import (
    CorrectionLetter,
    CreditLetter,
    OversightLetter,
    correction_letters,
    credit_letters,
    oversight_letters,
)
from server.services.records import Records, Transaction
from server.services.sending import place_name, was_before


@dataclass(frozen=True, slots=True)
class LetterLesson:
    id: str
    title: str
    state: LessonState
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class LetterView:
    """``starts_at``: as it was told; ``was``: the time told before it, when the lesson was moved. ``lesson`` and
    ``starts_at`` are None of a letter that belongs to none: that has ``credit``, ``correction`` or ``oversight``, or
    nothing of what is not the reader's business any more. ``deadline_at``: of a lesson that is to be made up.
    """

    id: str
    wave: Wave | Topic
    lesson: LetterLesson | None
    starts_at: dt.datetime | None
    was: dt.datetime | None
    place: str
    sent_at: dt.datetime
    read: bool
    deadline_at: dt.datetime | None = None
    credit: CreditLetter | None = None
    oversight: OversightLetter | None = None
    correction: CorrectionLetter | None = None


@dataclass(frozen=True, slots=True)
class InboxView:
    items: tuple[LetterView, ...]
    unread: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Unread:
    unread: int


_UNREAD = TypeAdapter(Unread)


async def see_inbox(
    records: Records, principal: Principal, *, cursor: str | None, limit: int, now: dt.datetime
) -> InboxView:
    """Newest first. Lessons are told to members alone. Raises ``invalid_body`` for a foreign cursor."""
    member, before = principal.member_id, read_cursor(cursor)

    def load(tx: Transaction) -> InboxView:
        told = tx.deliveries.letters(member, before, limit + 1) if member else ()
        found = _merged(told, tx.letters.listed(_reader(principal), before, limit + 1))
        shown = found[:limit]
        following = cursor_of(*shown[-1][:2]) if len(found) > limit else None
        return InboxView(_views(tx, principal, [one for _, _, one in shown], now), _unread(tx, principal), following)

    return await records.read(load)


async def count_unread(records: Records, principal: Principal) -> Unread:
    return Unread(await records.read(lambda tx: _unread(tx, principal)))


async def mark_letters(
    records: Records, principal: Principal, letter_id: str | None, command_id: str, *, read: bool, now: dt.datetime
) -> Unread:
    """One, or all that are unread (None). Raises ``letter_not_found``, ``command_reused``."""
    asked = command(principal, command_id, "mark_letters", letter_id=letter_id, read=read)
    member = principal.member_id

    def work(tx: Transaction) -> Unread:
        return once(tx, asked, now, _UNREAD, lambda: do(tx))

    def do(tx: Transaction) -> Unread:
        at = now if read else None
        found = tx.deliveries.mark(member, letter_id, at) if member else 0
        found += tx.letters.mark(_reader(principal), letter_id, at)
        if letter_id is not None and not found:
            raise Refusal("letter_not_found", letter_id)
        return Unread(_unread(tx, principal))

    return await records.write(work)


def _reader(principal: Principal) -> Reader:
    return Reader(principal.member_id, principal.account_id)


def _unread(tx: Transaction, principal: Principal) -> int:
    of_lessons = tx.deliveries.unread(principal.member_id) if principal.member_id else 0
    return of_lessons + tx.letters.unread(_reader(principal))


def _merged(told: Sequence[Delivery], letters: Sequence[Letter]) -> list[tuple[dt.datetime, str, Delivery | Letter]]:
    """Newest first, of one moment by id: in the order of each."""
    both: list[tuple[dt.datetime, str, Delivery | Letter]] = [(one.sent_at, one.id, one) for one in letters]
    both += [(one.sent_at, one.id, one) for one in told if one.sent_at]
    return sorted(sorted(both, key=lambda row: row[1]), key=lambda row: row[0], reverse=True)


def _views(
    tx: Transaction, principal: Principal, shown: Sequence[Delivery | Letter], now: dt.datetime
) -> tuple[LetterView, ...]:
    of_lessons = {one.id: one for one in _of_lessons(tx, [each for each in shown if isinstance(each, Delivery)])}
    others = [each for each in shown if isinstance(each, Letter)]
    credit = credit_letters(tx, principal, others, now) if others else {}
    asked = oversight_letters(tx, principal, others, now) if others else {}
    corrected = correction_letters(tx, others) if others else {}

    def view(one: Delivery | Letter) -> LetterView:
        if isinstance(one, Delivery):
            return of_lessons[one.id]
        own = (one.id, one.topic, None, None, None, "", one.sent_at)
        read, about = one.read_at is not None, (credit.get(one.id), asked.get(one.id), corrected.get(one.id))
        return LetterView(*own, read=read, credit=about[0], oversight=about[1], correction=about[2])

    return tuple(map(view, shown))


def _of_lessons(tx: Transaction, shown: Sequence[Delivery]) -> tuple[LetterView, ...]:
    lessons = {each: tx.lessons.get(each) for each in {one.lesson_id for one in shown}}
    waves = {each: tx.waves.of(each) for each in lessons}
    made_up = [one.id for one in shown if one.wave is Wave.MAKE_UP]
    deadlines = {each.id: each.deadline_at for each in tx.make_ups.among(made_up)}

    def view(one: Delivery) -> LetterView:
        lesson = lessons[one.lesson_id]
        assert lesson is not None
        assert one.sent_at is not None
        told = next((made.starts_at for made in waves[one.lesson_id] if made.round == one.round), lesson.starts_at)
        about = LetterLesson(lesson.id, lesson.title, lesson.state, lesson.starts_at, lesson.ends_at)
        was = was_before(one, waves[one.lesson_id])
        place = place_name(lesson, one.place)
        read, until = one.read_at is not None, deadlines.get(one.id)
        return LetterView(one.id, one.wave, about, told, was, place, one.sent_at, read=read, deadline_at=until)

    return tuple(view(one) for one in shown)
