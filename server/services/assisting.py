"""Signing in for somebody without a phone (协助签到), and the operator's mark that somebody left the room."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from pydantic import TypeAdapter

from server.domain import sign_ins as rules
from server.domain.access import Action, LessonTarget, Principal, operated
from server.domain.lessons import Lesson
from server.domain.reaches import assisted_place, by_unit
from server.domain.refusals import Refusal
from server.domain.sign_ins import Door, SignIn, Way
from server.services.commands import command, once
from server.services.entrance import arrived
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction
from server.services.sign_in_views import SignInView, view_of
from server.services.vouching import check_assisted

_VIEW = TypeAdapter(SignInView)


async def assist(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    member_id: str,
    lesson_venue_id: str | None = None,
    reason: str = "",
    now: dt.datetime,
) -> SignInView:
    """协助签到: a venue or its operator for whoever is in the room, staff and a secretary (for his units' people) for
    any place (None: elsewhere, by phone).

    Raises ``forbidden``, ``which_venue``, ``member_not_found``, ``venue_not_found``, ``sign_in_closed``,
    ``command_reused``.
    """
    body = {"lesson_id": lesson_id, "member_id": member_id, "lesson_venue_id": lesson_venue_id, "reason": reason}
    asked = command(principal, command_id, "assist", **body)

    def enter(tx: Transaction) -> SignInView:
        target = allowed_target(tx, principal, Action.ASSIST, lesson_id, now)
        _check_other(principal, member_id)
        place = assisted_place(principal, target, lesson_venue_id)
        check_assisted(tx, principal, target, rostered(tx, lesson_id, member_id).entry.unit_id, place, now=now)
        helped = SignIn(member_id, now, Way.ASSISTED, place, principal.account_id, command_id, reason=reason)
        return once(tx, asked, now, _VIEW, lambda: helped_in(tx, target.lesson, helped))

    return await house.records.write(enter)


def _check_other(principal: Principal, member_id: str) -> None:
    """A secretary who is far away is not in the room because he says so. Raises ``forbidden``."""
    if member_id == principal.member_id:
        raise Refusal("forbidden", "one's own attendance")


def helped_in(tx: Transaction, lesson: Lesson, asked: SignIn) -> SignInView:
    """By somebody else's account: staff's, or the venue's (自助签到). The first sign-in stands.

    Raises ``member_not_found``, ``sign_in_closed``.
    """
    door = replace(rostered(tx, lesson.id, asked.member_id), lesson=lesson)
    if door.before is not None:
        return view_of(door, arrived(tx, lesson.id, door.before, asked, asked.at))
    rules.check_open(lesson)
    tx.sign_ins.add_first(lesson.id, asked)
    return view_of(door, tx.sign_ins.get(lesson.id, asked.member_id) or asked)


def rostered(tx: Transaction, lesson_id: str, member_id: str) -> Door:
    """Raises ``member_not_found``."""
    door = tx.roster.door(lesson_id, member_id)
    if door is None:
        raise Refusal("member_not_found", "not on the roster")
    return door


async def mark_departure(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    member_id: str,
    left: bool = True,
    now: dt.datetime,
) -> SignInView:
    """The member left the room; ``left=False`` takes the mark back. A repetition keeps the first time.

    Raises ``forbidden``, ``member_not_found`` for who is not signed in (at this venue), ``sign_in_closed``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "mark_departure", lesson_id=lesson_id, member_id=member_id, left=left)

    def mark(tx: Transaction) -> SignInView:
        target = allowed_target(tx, principal, Action.ASSIST, lesson_id, now)
        return once(tx, asked, now, _VIEW, lambda: _mark(tx, principal, target, member_id, left=left, now=now))

    return await house.records.write(mark)


def _mark(
    tx: Transaction, principal: Principal, target: LessonTarget, member_id: str, *, left: bool, now: dt.datetime
) -> SignInView:
    lesson = target.lesson
    rules.check_open(lesson)
    _check_other(principal, member_id)
    door = replace(rostered(tx, lesson.id, member_id), lesson=lesson)
    before = _leaving(tx, principal, target, door, now)
    if left != (before.left_at is not None):
        tx.sign_ins.mark_left(lesson.id, member_id, now if left else None, principal.account_id)
    return view_of(door, before)


def _leaving(tx: Transaction, principal: Principal, target: LessonTarget, door: Door, now: dt.datetime) -> SignIn:
    """Raises ``member_not_found`` for who is not signed in where the principal may say so, ``forbidden``."""
    rooms = {venue.id for venue in operated(principal, target.lesson)}
    place = door.before.place if door.before else None
    if not rooms or place in rooms or by_unit(principal, Action.ASSIST, target):
        check_assisted(tx, principal, target, door.entry.unit_id, place, now=now)
        if door.before is not None:
            return door.before
    raise Refusal("member_not_found", "not signed in here")
