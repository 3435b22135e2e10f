"""Answering for somebody who sits in a room without a phone (协助作答): for whom who may, and who waits for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import AccountKind, Action, LessonTarget, Principal
from server.domain.names import in_natural_order
from server.domain.quiz import Quiz
from server.domain.reaches import assist_reach
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn
from server.services.assisting import rostered
from server.services.finding import allowed_target
from server.services.quizzes import quiz_target
from server.services.records import Records, Transaction
from server.services.roster import units_below
from server.services.views import Named
from server.services.vouching import check_assisted


@dataclass(frozen=True, slots=True)
class HelpedMember:
    member: Named
    number: str | None
    unit: Named


@dataclass(frozen=True, slots=True)
class HelpedPage:
    """Who sits in a room and has not answered: by name. ``waiting``: how many."""

    quiz_id: str
    waiting: int
    items: tuple[HelpedMember, ...]
    next_cursor: str | None


async def to_be_helped(
    records: Records,
    principal: Principal,
    quiz_id: str,
    *,
    lesson_venue_id: str | None,
    offset: int,
    limit: int,
    now: dt.datetime,
) -> HelpedPage:
    """Those whom the principal may help; of one room, or (None) of all. Of answers it tells but that there is none, and
    of a closed one nothing: nobody can be helped any more, and reports keep it from operators. Who handed the paper in
    is through with it.

    Raises ``quiz_not_found``, ``forbidden``, ``venue_not_found``.
    """

    def load(tx: Transaction) -> HelpedPage:
        quiz, target = quiz_target(tx, principal, quiz_id, now, Action.ASSIST, lock=False)
        _check_person(principal)
        if lesson_venue_id is not None:
            target.lesson.venue(lesson_venue_id)
        if quiz.closed:
            return HelpedPage(quiz.id, 0, (), None)
        reach = _Reach(tx, principal, target, now)
        # Twenty operators ask every few seconds while a question runs: each reads the own room, not the hall.
        lesson_id = quiz.lesson_id
        there = tx.sign_ins.at(lesson_id, lesson_venue_id) if lesson_venue_id else tx.sign_ins.of(lesson_id)
        rooms = {one.member_id: room for one in there if (room := room_of(one)) is not None}
        through = set(tx.quiz_reports.answerers(quiz.id))
        if quiz.run_id is not None:
            through |= tx.papers.hand_ins(quiz.run_id, quiz.round).keys()
        wanted = [
            one for one in tx.roster.those(lesson_id, rooms.keys() - through) if reach.holds(one, rooms[one.member_id])
        ]
        wanted.sort(key=lambda one: (in_natural_order(one.name), one.member_id))
        shown = wanted[offset : offset + limit]
        more = str(offset + limit) if len(wanted) > offset + limit else None
        return HelpedPage(quiz.id, len(wanted), _named(tx, shown, now), more)

    return await records.read(load)


def check_may_help(tx: Transaction, principal: Principal, quiz: Quiz, member_id: str, now: dt.datetime) -> None:
    """An operator whoever is in the own room, a secretary the own units' people in any room, who runs the lesson all.

    Raises ``quiz_not_found``, ``forbidden`` (also for oneself, and for a room's own login), ``member_not_found`` for
    who is in no room.
    """
    try:
        target = allowed_target(tx, principal, Action.ASSIST, quiz.lesson_id, now)
    except Refusal as refusal:
        raise Refusal("quiz_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    _check_person(principal)
    if member_id == principal.member_id:
        raise Refusal("forbidden", "one's own answer")
    door = rostered(tx, quiz.lesson_id, member_id)
    room = room_of(door.before)
    if room is None:
        raise Refusal("member_not_found", "in no room")
    check_assisted(tx, principal, target, door.entry.unit_id, room, now=now)


def _check_person(principal: Principal) -> None:
    """Somebody vouches for what was said; the screen in the room is nobody, and everybody reads it. Raises
    ``forbidden``.
    """
    if principal.kind is AccountKind.DEVICE:
        raise Refusal("forbidden", "a screen answers for nobody")


def room_of(sign_in: SignIn | None) -> str | None:
    """The room that somebody is known to be in, and did not leave."""
    return None if sign_in is None or sign_in.left_at is not None else sign_in.room


class _Reach:
    """Whom the principal may help, by room and unit."""

    def __init__(self, tx: Transaction, principal: Principal, target: LessonTarget, now: dt.datetime) -> None:
        self._tx, self._principal, self._target = tx, principal, target
        self._on = tx.calendar.day(now)
        self._units: dict[str, frozenset[str] | None] = {}

    def holds(self, one: RosterEntry, room: str) -> bool:
        if one.member_id == self._principal.member_id:
            return False
        if room not in self._units:
            reach = assist_reach(self._principal, self._target, room)
            self._units[room] = units_below(self._tx, reach, self._on)
        units = self._units[room]
        return units is None or one.unit_id in units


def _named(tx: Transaction, entries: list[RosterEntry], now: dt.datetime) -> tuple[HelpedMember, ...]:
    tree, on = tx.units.tree(), tx.calendar.day(now)
    numbers = tx.accounts.numbers([one.member_id for one in entries])
    return tuple(
        HelpedMember(
            Named(one.member_id, one.name),
            numbers.get(one.member_id),
            Named(one.unit_id, tree.name(one.unit_id, on)),
        )
        for one in entries
    )
