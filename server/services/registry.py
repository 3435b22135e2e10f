"""The registry of venues: listed by filter, added, changed, retired; every change is kept with who made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain.access import AccountKind, Action, Principal, Role, require_in_unit, scope, units_held
from server.domain.names import in_natural_order
from server.domain.operators import appointing
from server.domain.refusals import Refusal
from server.domain.registry import HISTORY, VenueChange, VenueChangeKind, VenueFacts, changed, kind_of
from server.domain.venues import Venue
from server.services.commands import command, once
from server.services.house import House
from server.services.operators import close_room
from server.services.records import Records, Transaction
from server.services.roster import units_below
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class OperatorView:
    """``number``: of the login. ``assigned``: a person, by days; else the room's own login."""

    account_id: str
    name: str
    number: str
    assigned: bool = False


@dataclass(frozen=True, slots=True)
class RegistryVenue:
    """``devices``: that are paired; ``operators``: today's. ``may_edit``: who plans lessons there; ``may_pair``: its
    operator, too; ``may_appoint``: who says which people operate it. Others who work in its unit see it without its
    networks.
    """

    id: str
    name: str
    unit: Named
    room: str
    seats: int
    notes: str
    retired: bool
    version: int
    networks: tuple[str, ...]
    shares_device: bool
    devices: int
    operators: tuple[OperatorView, ...]
    may_edit: bool
    may_pair: bool
    may_appoint: bool = False


@dataclass(frozen=True, slots=True)
class VenueChangeView:
    at: dt.datetime
    by: Named
    kind: VenueChangeKind
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class Filter:
    """``words`` in name or room; ``unit_id`` with all below."""

    words: str = ""
    unit_id: str | None = None
    retired: bool = False


_VENUE = TypeAdapter(RegistryVenue)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Units where the principal keeps venues, the venues that he operates, where he sees them, and for whose venues
    he appoints operators.
    """

    units: frozenset[str]
    own: frozenset[str]
    seen: frozenset[str]
    appoints: frozenset[str]

    def keeps(self, venue: Venue) -> bool:
        return venue.unit_id in self.units or venue.id in self.own

    def sees(self, venue: Venue) -> bool:
        return self.keeps(venue) or venue.unit_id in self.seen


async def list_registry(
    records: Records, principal: Principal, wanted: Filter, now: dt.datetime
) -> tuple[RegistryVenue, ...]:
    """By name, as people count. Raises ``forbidden`` for a device, and for who has no work here."""

    def load(tx: Transaction) -> tuple[RegistryVenue, ...]:
        on, kept = tx.calendar.day(now), _scope(tx, principal, now)
        within = tx.units.tree().subtree(wanted.unit_id, on) if wanted.unit_id else None
        words = wanted.words.strip().lower()
        found = (
            venue
            for venue in tx.venues.all()
            if kept.sees(venue)
            and venue.retired == wanted.retired
            and (within is None or venue.unit_id in within)
            and words in f"{venue.name} {venue.room}".lower()
        )
        return _views(tx, sorted(found, key=lambda venue: in_natural_order(venue.name)), kept, now)

    return await records.read(load)


async def see_venue(records: Records, principal: Principal, venue_id: str, now: dt.datetime) -> RegistryVenue:
    """Raises ``venue_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> RegistryVenue:
        kept = _scope(tx, principal, now)
        venue = tx.venues.get(venue_id)
        if venue is None or not kept.sees(venue):
            raise Refusal("venue_not_found", venue_id)
        return _views(tx, [venue], kept, now)[0]

    return await records.read(load)


async def see_history(
    records: Records, principal: Principal, venue_id: str, now: dt.datetime
) -> tuple[VenueChangeView, ...]:
    """The newest first. Raises ``venue_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[VenueChangeView, ...]:
        _kept(tx, _scope(tx, principal, now), venue_id)
        changes = tx.venues.history(venue_id, HISTORY)
        about = {str(one.facts["account_id"]) for one in changes if "account_id" in one.facts}
        names = tx.accounts.names({change.actor for change in changes} | about)

        def facts(one: VenueChange) -> dict[str, object]:
            who = one.facts.get("account_id")
            return {**one.facts, **({"name": names.get(str(who), "")} if who else {})}

        return tuple(
            VenueChangeView(one.at, Named(one.actor, names.get(one.actor, "")), one.kind, facts(one)) for one in changes
        )

    return await records.read(load)


async def add_venue(
    house: House, principal: Principal, command_id: str, *, unit_id: str, facts: VenueFacts, now: dt.datetime
) -> RegistryVenue:
    """Raises ``unit_not_found``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "add_venue", unit_id=unit_id, **{"facts": asdict(facts)})

    def work(tx: Transaction) -> RegistryVenue:
        require_in_unit(principal, Action.EDIT, tx.units.line(unit_id, tx.calendar.day(now)))

        def do() -> RegistryVenue:
            venue = Venue(str(uuid4()), facts.name, unit_id, facts.room, facts.seats, notes=facts.notes)
            tx.venues.add([venue])
            tx.venues.note(
                VenueChange(now, principal.account_id, VenueChangeKind.ADDED, venue.id, {"name": venue.name})
            )
            return _views(tx, [venue], _scope(tx, principal, now), now)[0]

        return once(tx, asked, now, _VENUE, do)

    return await house.records.write(work)


async def change_venue(
    house: House,
    principal: Principal,
    venue_id: str,
    command_id: str,
    *,
    facts: VenueFacts,
    version: int,
    now: dt.datetime,
) -> RegistryVenue:
    """Lessons that were planned keep the name that they have. Raises ``venue_not_found``, ``forbidden``,
    ``precondition_failed``, ``command_reused``.
    """
    asked = command(principal, command_id, "change_venue", venue_id=venue_id, facts=asdict(facts), version=version)

    def work(tx: Transaction) -> RegistryVenue:
        before = _kept(tx, _scope(tx, principal, now), venue_id)
        require_in_unit(principal, Action.EDIT, tx.units.line(before.unit_id, tx.calendar.day(now)))

        def do() -> RegistryVenue:
            after, differs = changed(before, facts, version)
            if differs:
                tx.venues.save(after)
                kind = kind_of(differs, retired=after.retired)
                tx.venues.note(VenueChange(now, principal.account_id, kind, venue_id, differs))
                if after.retired:
                    close_room(tx, principal, venue_id, now)
            return _views(tx, [after], _scope(tx, principal, now), now)[0]

        return once(tx, asked, now, _VENUE, do)

    return await house.records.write(work)


def _scope(tx: Transaction, principal: Principal, now: dt.datetime) -> _Scope:
    """Raises ``forbidden`` for a device, and for who has no work here."""
    works = principal.venue_id is not None or any(grant.role is not Role.MEMBER for grant in principal.grants)
    if principal.kind is AccountKind.DEVICE or not (works or principal.operates):
        raise Refusal("forbidden", "sees no venues")
    on = tx.calendar.day(now)

    def below(units: frozenset[str]) -> frozenset[str]:
        return units_below(tx, units, on) or frozenset()

    seen = below(scope(principal)) if works else frozenset[str]()
    return _Scope(below(units_held(principal, Action.EDIT)), principal.rooms, seen, below(appointing(principal)))


def _kept(tx: Transaction, kept: _Scope, venue_id: str) -> Venue:
    venue = tx.venues.get(venue_id)
    if venue is None:
        raise Refusal("venue_not_found", venue_id)
    if not kept.keeps(venue):
        raise Refusal("forbidden", "another's venue")
    return venue


def _views(tx: Transaction, venues: Iterable[Venue], kept: _Scope, now: dt.datetime) -> tuple[RegistryVenue, ...]:
    listed = tuple(venues)
    units = tx.units.names({venue.unit_id for venue in listed}, tx.calendar.day(now))
    devices, operators = _belongings(tx, {venue.id for venue in listed}, tx.calendar.day(now))

    def one(venue: Venue) -> RegistryVenue:
        return RegistryVenue(
            id=venue.id,
            name=venue.name,
            unit=Named(venue.unit_id, units.get(venue.unit_id, "")),
            room=venue.room,
            seats=venue.seats,
            notes=venue.notes,
            retired=venue.retired,
            version=venue.version,
            networks=venue.networks if kept.keeps(venue) else (),
            shares_device=venue.shares_device,
            devices=devices.get(venue.id, 0),
            operators=tuple(operators.get(venue.id, ())),
            may_edit=venue.unit_id in kept.units,
            may_pair=kept.keeps(venue),
            may_appoint=venue.unit_id in kept.appoints,
        )

    return tuple(one(venue) for venue in listed)


def _belongings(
    tx: Transaction, venue_ids: Collection[str], on: dt.date
) -> tuple[dict[str, int], dict[str, list[OperatorView]]]:
    """Of all of them at once: how many devices are paired, and who operates each: its own logins, then people."""
    operators: dict[str, list[OperatorView]] = {}
    for account in tx.accounts.of_venues(venue_ids):
        if account.kind is AccountKind.PERSON and account.venue_id:
            operators.setdefault(account.venue_id, []).append(OperatorView(account.id, account.name, account.number))
    assigned = [one for one in tx.operators.of_venues(venue_ids) if one.holds(on)]
    people = tx.accounts.principals({one.account_id for one in assigned}, on)
    for one in assigned:
        found = people.get(one.account_id)
        if found is not None:
            view = OperatorView(found.account_id, found.name, found.number, assigned=True)
            operators.setdefault(one.venue_id, []).append(view)
    return tx.devices.counted(venue_ids), operators
