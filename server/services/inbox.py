"""A member's inbox in the portal: the waves of notices, read and unread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.deliveries import Delivery
from server.domain.lessons import LessonState
from server.domain.refusals import Refusal
from server.domain.waves import Wave
from server.services.commands import command, once
from server.services.finding import cursor_of, read_cursor
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
    """``starts_at``: as it was told; ``was``: the time told before it, when the lesson was moved."""

    id: str
    wave: Wave
    lesson: LetterLesson
    starts_at: dt.datetime
    was: dt.datetime | None
    place: str
    sent_at: dt.datetime
    read: bool
    deadline_at: dt.datetime | None = None
    """Of a lesson that is to be made up."""


@dataclass(frozen=True, slots=True)
class InboxView:
    items: tuple[LetterView, ...]
    unread: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Unread:
    unread: int


_UNREAD = TypeAdapter(Unread)


async def see_inbox(records: Records, principal: Principal, *, cursor: str | None, limit: int) -> InboxView:
    """Newest first; nobody but a member has letters. Raises ``invalid_body`` for a foreign cursor."""
    member, before = principal.member_id, read_cursor(cursor)
    if member is None:
        return InboxView((), 0, None)

    def load(tx: Transaction) -> InboxView:
        found = tx.deliveries.letters(member, before, limit + 1)
        shown = found[:limit]
        last = shown[-1] if len(found) > limit else None
        following = cursor_of(last.sent_at, last.id) if last is not None and last.sent_at else None
        return InboxView(_letters(tx, shown), tx.deliveries.unread(member), following)

    return await records.read(load)


async def count_unread(records: Records, principal: Principal) -> Unread:
    member = principal.member_id
    if member is None:
        return Unread(0)
    return Unread(await records.read(lambda tx: tx.deliveries.unread(member)))


async def mark_letters(
    records: Records, principal: Principal, letter_id: str | None, command_id: str, *, read: bool, now: dt.datetime
) -> Unread:
    """One, or all that are unread (None). Raises ``letter_not_found``, ``command_reused``."""
    asked = command(principal, command_id, "mark_letters", letter_id=letter_id, read=read)
    member = principal.member_id

    def work(tx: Transaction) -> Unread:
        return once(tx, asked, now, _UNREAD, lambda: do(tx))

    def do(tx: Transaction) -> Unread:
        if member is None:
            raise Refusal("letter_not_found", "no member")
        found = tx.deliveries.mark(member, letter_id, now if read else None)
        if letter_id is not None and not found:
            raise Refusal("letter_not_found", letter_id)
        return Unread(tx.deliveries.unread(member))

    return await records.write(work)


def _letters(tx: Transaction, shown: Sequence[Delivery]) -> tuple[LetterView, ...]:
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
