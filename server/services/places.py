"""Where members take part: chosen by themselves until the lesson opens, changed by staff with a reason afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain import events
from server.domain import places as rules
from server.domain.access import Action, LessonTarget, Principal, allowed
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.roster import PlaceChoice, RosterEntry, assigned_venue
from server.services.assignments import expected_place, roster_line
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.roster import RosterItem, roster_items
from server.services.views import Named
from server.services.vouching import check_within, vouched_lesson


@dataclass(frozen=True, slots=True)
class PlaceOption:
    """``lesson_venue`` None: by phone. ``seats`` None: no limit; ``expected`` is a few seconds old."""

    lesson_venue: Named | None
    seats: int | None
    expected: int
    full: bool


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Of one member. ``place`` None: by phone. ``chosen``: by the member; ``given``: by staff, by name."""

    place: Named | None
    chosen: bool
    given: bool
    open: bool
    options: tuple[PlaceOption, ...]


_ITEM = TypeAdapter(RosterItem)
_DONE = TypeAdapter(str)


async def see_place(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> PlaceView:
    """One's own, before the opening. Raises ``lesson_not_found``, ``not_on_roster``."""

    def load(tx: Transaction) -> PlaceView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        return _view(house, tx, principal, target.lesson, now)

    return await house.records.read(load)


async def choose_place(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str | None,
    now: dt.datetime,
) -> PlaceView:
    """``lesson_venue_id`` None: by phone. A full room takes whoever wants to come.

    Raises ``lesson_not_found``, ``not_on_roster``, ``venue_not_found``, ``place_closed``, ``place_given``,
    ``place_not_open``, ``command_reused``.
    """
    asked = command(principal, command_id, "choose_place", lesson_id=lesson_id, lesson_venue_id=lesson_venue_id)

    def work(tx: Transaction) -> PlaceView:
        lesson = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True).lesson
        once(tx, asked, now, _DONE, lambda: _choose(tx, principal, lesson, lesson_venue_id, now))
        return _view(house, tx, principal, lesson, now)

    return await house.records.write(work)


def _choose(
    tx: Transaction, principal: Principal, lesson: Lesson, lesson_venue_id: str | None, now: dt.datetime
) -> str:
    member_id = _expected(tx, principal, lesson, now)
    rules.check_choosable(lesson, tx.assignments.of(lesson.id), member_id)
    venue_id = None if lesson_venue_id is None else lesson.venue(lesson_venue_id).venue_id
    if venue_id not in _open(tx, principal, lesson, now):
        raise Refusal("place_not_open", lesson_venue_id or "by phone")
    tx.assignments.choose(lesson.id, PlaceChoice(member_id, venue_id), now)
    return member_id


def _expected(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> str:
    member_id = principal.member_id
    listed = member_id is not None and tx.roster.get(lesson.id, member_id) is not None
    if member_id is None or not (listed or expected_place(tx, principal, lesson, now)[0]):
        raise Refusal("not_on_roster", lesson.id)
    return member_id


def _open(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> tuple[str | None, ...]:
    line = roster_line(tx, principal, now)
    owners = {one.id: one.unit_id for one in tx.venues.of_places([venue.id for venue in lesson.venues]).values()}
    return rules.open_to(lesson, line, owners, assigned_venue(line, tx.assignments.of(lesson.id).venue_of_unit))


def _view(house: House, tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> PlaceView:
    member_id, entry = _expected(tx, principal, lesson, now), None
    if lesson.opened_at is not None:
        entry = tx.roster.get(lesson.id, member_id)
    place = entry.place if entry else expected_place(tx, principal, lesson, now)[1]
    own = None if place is None else Named(place, lesson.place_name(place))
    given = member_id in tx.assignments.of(lesson.id).exceptions
    chosen = bool(tx.assignments.choices(lesson.id, member_id)) and not given
    if rules.choosable(lesson) and not given:
        return PlaceView(own, chosen, given, open=True, options=_options(house, tx, principal, lesson, now))
    return PlaceView(own, chosen, given, open=False, options=())


def _options(
    house: House, tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime
) -> tuple[PlaceOption, ...]:
    crowd, rooms = house.crowds.of(tx, lesson, now), tx.venues.of_places([venue.id for venue in lesson.venues])
    places = {venue.venue_id: venue for venue in lesson.venues}

    def one(venue_id: str | None) -> PlaceOption:
        if venue_id is None:
            return PlaceOption(None, None, crowd.get(None, 0), full=False)
        venue = places[venue_id]
        seats, expected = rooms[venue.id].seats, crowd.get(venue.id, 0)
        return PlaceOption(Named(venue.id, venue.name), seats, expected, full=expected >= seats)

    return tuple(one(venue_id) for venue_id in _open(tx, principal, lesson, now))


# ---- after the opening -----------------------------------------------------------------------------------


async def change_place(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    member_id: str,
    lesson_venue_id: str | None,
    reason: str,
    now: dt.datetime,
) -> RosterItem:
    """Of somebody on the roster who has not signed in: by who runs the lesson, or a secretary for his units' people.

    Raises ``lesson_not_found``, ``forbidden``, ``member_not_found``, ``venue_not_found``, ``lesson_not_on_air``,
    ``place_signed_in``, ``place_not_open``, ``failover_target``, ``command_reused``.
    """
    body = {"member_id": member_id, "lesson_venue_id": lesson_venue_id, "reason": reason}
    asked = command(principal, command_id, "change_place", lesson_id=lesson_id, **body)

    def work(tx: Transaction) -> RosterItem:
        target = _changing(tx, principal, lesson_id, member_id, now)
        place = lesson_venue_id, reason
        return once(tx, asked, now, _ITEM, lambda: _change(tx, principal, target.lesson, member_id, place, now=now))

    item = await house.records.write(work)
    await tell(house, lesson_id)
    return item


def _changing(tx: Transaction, principal: Principal, lesson_id: str, member_id: str, now: dt.datetime) -> LessonTarget:
    target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
    if Action.RUN in allowed(principal, target):
        return target
    _, units = vouched_lesson(tx, principal, lesson_id, now)
    entry = tx.roster.get(lesson_id, member_id)
    if entry is None:
        raise Refusal("member_not_found", "not on the roster")
    check_within(entry.unit_id, units)
    return target


def _change(
    tx: Transaction,
    principal: Principal,
    lesson: Lesson,
    member_id: str,
    place: tuple[str | None, str],
    *,
    now: dt.datetime,
) -> RosterItem:
    to, reason = place
    before = tx.roster.get(lesson.id, member_id)
    rules.check_changeable(lesson, before, tx.sign_ins.get(lesson.id, member_id), to)
    assert before is not None
    tx.roster.place(lesson.id, member_id, to)
    entry = replace(before, lesson_venue_id=to, moved_at=None, moved_to=None)
    item = roster_items(tx, lesson, [(entry, None)], None)[0]
    said = _said(tx, lesson, (before, entry), item, (reason, principal.name))
    tx.events.append(lesson.id, said, now, principal.account_id)
    return item


def _said(
    tx: Transaction, lesson: Lesson, entries: tuple[RosterEntry, RosterEntry], item: RosterItem, why: tuple[str, str]
) -> list[events.Announcement]:
    before, after = (lesson.place_name(one.place) for one in entries)
    account = tx.accounts.of_members([item.member_id]).get(item.member_id)
    hearers = (events.STAFF, events.to_account(account)) if account else (events.STAFF,)
    return [events.roster_placed(each, (item.name, item.unit.name), (before, after), *why) for each in hearers]
