"""设备自检: run on the venue's screen, measured here where we can, signed off by the operator, seen by staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import preflight as rules
from server.domain.access import Action, LessonTarget, Principal, allowed, operated, operated_venue
from server.domain.events import STAFF, to_venue
from server.domain.lessons import ON_AIR, Lesson, LessonState
from server.domain.preflight import CheckName, Preflight, PreflightState, Result, Thresholds, Values
from server.domain.reaches import by_unit
from server.domain.refusals import Refusal
from server.domain.roster import PHONE
from server.domain.venues import LessonVenue, Part
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.kit_looks import KitView, kits_seen
from server.services.kits import sends
from server.services.records import Transaction
from server.services.rooms import tell

_WHEN = ON_AIR | {LessonState.SCHEDULED}


@dataclass(frozen=True, slots=True)
class CheckView:
    name: CheckName
    result: Result
    code: str
    at: dt.datetime
    values: Values


@dataclass(frozen=True, slots=True)
class PreflightView:
    id: str
    lesson_venue_id: str
    state: PreflightState
    ran_at: dt.datetime
    device: str
    client: str
    checks: tuple[CheckView, ...]
    missing: tuple[CheckName, ...]
    signed_at: dt.datetime | None
    signed_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """A venue before the lesson. ``fallback``: another one's id or ``phone``; null: not chosen.

    ``kit``: what comes of its room kit; null: none has a key.
    """

    lesson_venue_id: str
    name: str
    part: Part
    seats: int
    state: PreflightState
    fallback: str | None
    preflight: PreflightView | None
    kit: KitView | None = None


_VIEW = TypeAdapter(PreflightView)


# ---- seeing ----------------------------------------------------------------------------------------------


async def list_readiness(
    house: House, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[ReadinessView, ...]:
    """Who plans or runs the lesson, and secretaries, see all venues, whoever operates rooms there these, a room's login
    itself. Raises ``forbidden``.
    """

    def load(tx: Transaction) -> tuple[Lesson, dict[str, bool], tuple[ReadinessView, ...]]:
        target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
        if not target.lesson.media:
            return target.lesson, {}, ()  # nothing has to be ready but the room
        latest = tx.preflights.latest(lesson_id)
        own = () if _sees_all(principal, target) else operated(principal, target.lesson)
        venues = own or target.lesson.venues
        keys = [key for key in tx.venue_keys.of_lesson(lesson_id) if key.revoked_at is None]
        with_kit = {key.lesson_venue_id: sends(tx, target.lesson, key) for key in keys}
        limits = house.thresholds
        listed = tuple(_readiness(tx, venue, latest.get(venue.id), now, limits) for venue in venues)
        return target.lesson, with_kit, listed

    lesson, with_kit, views = await house.records.read(load)
    listed = {view.lesson_venue_id for view in views}
    kits = await kits_seen(house, lesson, {id_: sent for id_, sent in with_kit.items() if id_ in listed}, now)
    return tuple(replace(view, kit=kits.get(view.lesson_venue_id)) for view in views)


def _staff(principal: Principal, target: LessonTarget) -> bool:
    return bool({Action.RUN, Action.EDIT} & allowed(principal, target))


def _sees_all(principal: Principal, target: LessonTarget) -> bool:
    """A room's own login stands for the room, whatever else it may do."""
    person = principal.venue_id is None
    return _staff(principal, target) or (person and by_unit(principal, Action.BOARD, target))


def _readiness(
    tx: Transaction, venue: LessonVenue, preflight: Preflight | None, now: dt.datetime, limits: Thresholds
) -> ReadinessView:
    room = tx.venues.get(venue.venue_id)
    return ReadinessView(
        lesson_venue_id=venue.id,
        name=venue.name,
        part=venue.part,
        seats=room.seats if room else 0,
        state=preflight.state(now, limits) if preflight else PreflightState.NONE,
        fallback=venue.fallback,
        preflight=_view(preflight, now, limits) if preflight else None,
    )


def _view(preflight: Preflight, now: dt.datetime, limits: Thresholds) -> PreflightView:
    checks = [preflight.checks[name] for name in CheckName if name in preflight.checks]
    return PreflightView(
        id=preflight.id,
        lesson_venue_id=preflight.lesson_venue_id,
        state=preflight.state(now, limits),
        ran_at=preflight.ran_at,
        device=preflight.device,
        client=preflight.client,
        checks=tuple(CheckView(each.name, each.result, each.code, each.at, each.values) for each in checks),
        missing=preflight.missing,
        signed_at=preflight.signed_at,
        signed_by=preflight.signed_by,
        reason=preflight.reason,
    )


async def choose_fallback(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str,
    fallback: str | None,
    now: dt.datetime,
) -> ReadinessView:
    """By who plans it before the opening, by who runs it from then on. ``fallback``: another venue's id or ``phone``.

    Raises ``venue_not_found``, ``failover_same``, ``forbidden``, ``command_reused``.
    """
    asked = command(principal, command_id, "choose_fallback", lesson_id=lesson_id, venue=lesson_venue_id, to=fallback)

    def change(tx: Transaction) -> ReadinessView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        if not _staff(principal, target):
            raise Refusal("forbidden", "neither plans nor runs the lesson")

        def do() -> ReadinessView:
            venue = target.lesson.venue(lesson_venue_id)
            if fallback == venue.id:
                raise Refusal("failover_same", fallback)
            if fallback not in {None, PHONE}:
                target.lesson.venue(str(fallback))
            if fallback != venue.fallback:
                tx.lessons.set_fallback(venue.id, fallback)
                said = events.venue_fallback(venue.id, fallback, principal.name)
                tx.events.append(lesson_id, [said], now, principal.account_id)
            changed = replace(venue, fallback=fallback)
            return _readiness(tx, changed, tx.preflights.latest(lesson_id).get(venue.id), now, house.thresholds)

        return once(tx, asked, now, TypeAdapter(ReadinessView), do)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view


# ---- running ---------------------------------------------------------------------------------------------


async def begin_preflight(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    device: str,
    client: str,
    lesson_venue_id: str | None = None,
    now: dt.datetime,
) -> PreflightView:
    """By the venue itself, or its operator. Raises ``forbidden``, ``which_venue``, ``venue_not_found``,
    ``lesson_not_on_air``, ``too_fast``, ``command_reused``.
    """
    meant = {} if lesson_venue_id is None else {"venue": lesson_venue_id}
    asked = command(
        principal, command_id, "begin_preflight", lesson_id=lesson_id, device=device, client=client, **meant
    )

    def change(tx: Transaction) -> PreflightView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        venue = own_part(principal, target, lesson_venue_id)

        def do() -> PreflightView:
            if tx.preflights.count(venue.id) >= rules.MOST:
                raise Refusal("too_fast", f"{rules.MOST} preflights of this venue", retry_after_s=3600)
            begun = Preflight(str(uuid4()), lesson_id, venue.id, now, principal.account_id, device, client)
            return _kept(tx, begun, now, principal, house.thresholds)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view


def own_part(principal: Principal, target: LessonTarget, lesson_venue_id: str | None = None) -> LessonVenue:
    venue = operated_venue(principal, target.lesson, lesson_venue_id)
    if target.lesson.state not in _WHEN:
        raise Refusal("lesson_not_on_air", target.lesson.state)
    return venue


def newest_of(
    tx: Transaction, principal: Principal, target: LessonTarget, preflight_id: str
) -> tuple[LessonVenue, Preflight]:
    """A room that the principal operates, and its newest one, which is meant; an older one is over.

    Raises ``forbidden``, ``lesson_not_on_air``, ``preflight_missing``.
    """
    newest = tx.preflights.latest(target.lesson.id)
    for venue in operated(principal, target.lesson) or (own_part(principal, target),):
        found = newest.get(venue.id)
        if found is not None and found.id == preflight_id:
            return own_part(principal, target, venue.id), found
    raise Refusal("preflight_missing", preflight_id)


def _kept(
    tx: Transaction, preflight: Preflight, now: dt.datetime, principal: Principal, limits: Thresholds
) -> PreflightView:
    before = tx.preflights.latest(preflight.lesson_id).get(preflight.lesson_venue_id)
    tx.preflights.put(preflight)
    state = preflight.state(now, limits)
    if before is None or before.id != preflight.id or before.state(now, limits) is not state:
        place = preflight.lesson_venue_id
        said = [events.preflight_changed(who, place, state.value) for who in (STAFF, to_venue(place))]
        tx.events.append(preflight.lesson_id, said, now, principal.account_id)
    return _view(preflight, now, limits)


async def change_newest(
    house: House,
    principal: Principal,
    lesson_id: str,
    preflight_id: str,
    step: Callable[[Preflight], Preflight],
    *,
    now: dt.datetime,
) -> PreflightView:
    """Of the venue's newest one; an older one is over. Raises ``preflight_missing``."""

    def change(tx: Transaction) -> PreflightView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        _, before = newest_of(tx, principal, target, preflight_id)
        return _kept(tx, step(before), now, principal, house.thresholds)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view


async def note_check(
    house: House,
    principal: Principal,
    lesson_id: str,
    *,
    preflight_id: str,
    name: CheckName,
    values: Values,
    now: dt.datetime,
) -> PreflightView:
    """What the page found, or (:func:`note_clock` and the like) what we measured. Sent again it is judged again.

    Raises ``preflight_missing``, ``forbidden``, ``lesson_not_on_air``.
    """

    def step(before: Preflight) -> Preflight:
        return rules.found(before, name, values, now, house.thresholds)

    return await change_newest(house, principal, lesson_id, preflight_id, step, now=now)


async def note_clock(
    house: House, principal: Principal, lesson_id: str, *, preflight_id: str, client_at: dt.datetime, now: dt.datetime
) -> PreflightView:
    """``now``: when the request came; of several the smallest difference counts, it has the shortest way in it."""
    offset = round((client_at - now) / dt.timedelta(milliseconds=1))

    def step(before: Preflight) -> Preflight:
        known = before.checks.get(CheckName.CLOCK)
        old = known.values.get("offset_ms") if known and now - known.at < dt.timedelta(seconds=30) else None
        best = old if isinstance(old, int) and abs(old) < abs(offset) else offset
        return rules.found(before, CheckName.CLOCK, {"offset_ms": best}, now, house.thresholds)

    return await change_newest(house, principal, lesson_id, preflight_id, step, now=now)


async def note_device(
    house: House, principal: Principal, lesson_id: str, *, device: str, now: dt.datetime
) -> ReadinessView:
    """Which camera and microphone the room uses now: others than were looked at make its preflight stale."""

    def change(tx: Transaction) -> ReadinessView:
        venue = own_part(principal, allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True))
        newest = tx.preflights.latest(lesson_id).get(venue.id)
        if newest is not None and newest.device_now != device:
            newest = replace(newest, device_now=device)
            _kept(tx, newest, now, principal, house.thresholds)
        return _readiness(tx, venue, newest, now, house.thresholds)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view


# ---- signing off -----------------------------------------------------------------------------------------


async def sign_off(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    preflight_id: str,
    name: str,
    reason: str,
    now: dt.datetime,
) -> PreflightView:
    """签字确认, by the operator at the venue; without a ``name`` it is the account's. Logged with the account.

    Raises ``preflight_*``, ``forbidden``, ``lesson_not_on_air``, ``command_reused``.
    """
    body = {"lesson_id": lesson_id, "preflight": preflight_id, "signer": name, "reason": reason}
    asked = command(principal, command_id, "sign_off", **body)

    def change(tx: Transaction) -> PreflightView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)

        def do() -> PreflightView:
            _, before = newest_of(tx, principal, target, preflight_id)
            signed = rules.sign(before, by=name or principal.name, reason=reason, now=now, limits=house.thresholds)
            return _kept(tx, signed, now, principal, house.thresholds)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view
