"""自助签到 at a venue's screen: turned on by its operator, for the people who are expected there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import (
    AccountKind,
    Action,
    LessonTarget,
    Principal,
    Role,
    allowed,
    lesson_venue_of,
    operated,
    operated_venue,
)
from server.domain.events import STAFF, kiosk_turned, to_venue
from server.domain.kiosk import MOST_FOUND, asked_for, check_kiosk, masked
from server.domain.proof import evidenced
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, Way, check_open
from server.domain.venues import LessonVenue
from server.services.assisting import helped_in, rostered
from server.services.commands import command, once
from server.services.finding import allowed_target, report_day
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.sign_in_views import SignInView, view_of
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class KioskView:
    lesson_venue_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class KioskName:
    """``name`` as far as the screen shows it to everybody."""

    member_id: str
    name: str
    unit: Named
    signed_in: bool


@dataclass(frozen=True, slots=True)
class KioskNames:
    """``more``: others are called so, too; one's number tells."""

    items: tuple[KioskName, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class KioskPerson:
    """Who was chosen, to be confirmed. ``sign_in``: it is done already."""

    member_id: str
    name: str
    unit: Named
    sign_in: SignInView | None


_ON = TypeAdapter(KioskView)
_SIGNED = TypeAdapter(SignInView)


async def turn_kiosk(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str | None = None,
    on: bool,
    now: dt.datetime,
) -> KioskView:
    """A venue's operator his own, by a login of a person; who runs the lesson any, a secretary those of his units. The
    screen follows. Raises ``forbidden``, ``kiosk_by_operator``, ``which_venue``, ``venue_not_found``,
    ``sign_in_closed``, ``command_reused``.
    """
    asked = command(principal, command_id, "turn_kiosk", lesson_id=lesson_id, lesson_venue_id=lesson_venue_id, on=on)

    def turn(tx: Transaction) -> KioskView:
        target = allowed_target(tx, principal, Action.ASSIST, lesson_id, now)
        venue = _meant(tx, principal, target, lesson_venue_id, now)
        check_open(target.lesson)

        def do() -> KioskView:
            if tx.lessons.set_kiosk(venue.id, on=on):
                said = [kiosk_turned(who, venue.id, on=on) for who in (STAFF, to_venue(venue.id))]
                tx.events.append(lesson_id, said, now, principal.account_id)
            return KioskView(venue.id, on)

        return once(tx, asked, now, _ON, do)

    return await house.records.write(turn)


def _meant(
    tx: Transaction, principal: Principal, target: LessonTarget, lesson_venue_id: str | None, now: dt.datetime
) -> LessonVenue:
    if principal.kind is AccountKind.DEVICE:
        raise Refusal("kiosk_by_operator")
    rooms = {venue.id for venue in operated(principal, target.lesson)}
    if rooms and (lesson_venue_id is None or lesson_venue_id in rooms):
        return operated_venue(principal, target.lesson, lesson_venue_id)
    if Action.RUN in allowed(principal, target):
        return target.lesson.venue(lesson_venue_id or "")
    meant = target.lesson.venue(lesson_venue_id) if lesson_venue_id else None
    if meant is None or not _of_secretary(tx, principal, meant, now):
        raise Refusal("forbidden", "another venue's kiosk")
    return meant


def _of_secretary(tx: Transaction, principal: Principal, meant: LessonVenue, now: dt.datetime) -> bool:
    venue = tx.venues.get(meant.venue_id)
    line = tx.units.line(venue.unit_id, tx.calendar.day(now)) if venue else ()
    return any(grant.role is Role.SECRETARY and grant.unit_id in line for grant in principal.grants)


async def find_names(
    records: Records, principal: Principal, lesson_id: str, typed: str, *, now: dt.datetime
) -> KioskNames:
    """By the whole number or all initials. Raises ``forbidden``, ``sign_in_closed``, ``kiosk_off``."""

    def load(tx: Transaction) -> KioskNames:
        target, _, found = _found(tx, principal, lesson_id, typed, now)
        units = tx.units.names({entry.unit_id for entry, _ in found}, report_day(tx, target.lesson))
        items = tuple(
            KioskName(
                entry.member_id, masked(entry.name), Named(entry.unit_id, units[entry.unit_id]), before is not None
            )
            for entry, before in found[:MOST_FOUND]
        )
        return KioskNames(items, len(found) > MOST_FOUND)

    return await records.read(load)


async def choose_name(
    records: Records, principal: Principal, lesson_id: str, typed: str, *, member_id: str, now: dt.datetime
) -> KioskPerson:
    """One of those that were found by what was typed. Raises ``member_not_found``, and as :func:`find_names`."""

    def load(tx: Transaction) -> KioskPerson:
        target, entry, before = _chosen(tx, principal, lesson_id, typed, member_id=member_id, now=now)
        unit = Named(entry.unit_id, tx.units.names([entry.unit_id], report_day(tx, target.lesson))[entry.unit_id])
        door = replace(rostered(tx, lesson_id, member_id), lesson=target.lesson)
        return KioskPerson(member_id, entry.name, unit, view_of(door, before) if before else None)

    return await records.read(load)


async def sign_in_at_kiosk(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    typed: str,
    member_id: str,
    address: str,
    now: dt.datetime,
) -> SignInView:
    """The venue's device signs in one after the other, whatever the venue says of sharing: that is what it is for.

    A repetition gives the first sign-in. Raises as :func:`choose_name`, ``command_reused``.
    """
    asked = command(principal, command_id, "sign_in_at_kiosk", lesson_id=lesson_id, member_id=member_id)

    def enter(tx: Transaction) -> SignInView:
        target, _, _ = _chosen(tx, principal, lesson_id, typed, member_id=member_id, now=now)
        place = _own(principal, target)
        made = SignIn(member_id, now, Way.KIOSK, place.id, principal.account_id, command_id, address=address)
        venue = tx.venues.get(place.venue_id)
        known = evidenced(made, venue.networks if venue else (), shares_device=True)
        return once(tx, asked, now, _SIGNED, lambda: helped_in(tx, target.lesson, known))

    return await house.records.write(enter)


def _own(principal: Principal, target: LessonTarget) -> LessonVenue:
    """A kiosk is the venue's own screen. Raises ``forbidden``, ``sign_in_closed``, ``kiosk_off``."""
    own = lesson_venue_of(principal, target.lesson)
    if own is None:
        raise Refusal("forbidden", "stands for no venue of this lesson")
    check_kiosk(target.lesson, own)
    return own


def _found(
    tx: Transaction, principal: Principal, lesson_id: str, typed: str, now: dt.datetime
) -> tuple[LessonTarget, LessonVenue, tuple[tuple[RosterEntry, SignIn | None], ...]]:
    target = allowed_target(tx, principal, Action.ASSIST, lesson_id, now)
    venue, wanted = _own(principal, target), asked_for(typed)
    return target, venue, tx.roster.called(lesson_id, venue.id, wanted, MOST_FOUND + 1) if wanted else ()


def _chosen(
    tx: Transaction, principal: Principal, lesson_id: str, typed: str, *, member_id: str, now: dt.datetime
) -> tuple[LessonTarget, RosterEntry, SignIn | None]:
    """What was typed is asked again: a name is told to nobody who has not found it."""
    target, _, found = _found(tx, principal, lesson_id, typed, now)
    for entry, before in found[:MOST_FOUND]:
        if entry.member_id == member_id:
            return target, entry, before
    raise Refusal("member_not_found", "not what was typed")
