"""Units, venues and lecturers in a principal's scope."""

from __future__ import annotations

import datetime as dt

from server.domain.access import Principal, Role, scope
from server.domain.names import in_natural_order
from server.domain.units import UnitTree
from server.services.records import Records, Transaction
from server.services.views import PersonView, UnitView, VenueView


def _seen(tree: UnitTree, principal: Principal, on: dt.date) -> frozenset[str]:
    return frozenset[str]().union(*(tree.subtree(unit_id, on) for unit_id in scope(principal)))


async def list_units(records: Records, principal: Principal, now: dt.datetime) -> tuple[UnitView, ...]:
    """Parents before children. ``parent_id`` is None where the parent lies outside the scope."""
    return await records.read(lambda tx: _units(tx, principal, tx.calendar.day(now)))


def _units(tx: Transaction, principal: Principal, on: dt.date) -> tuple[UnitView, ...]:
    tree, direct = tx.units.tree(), tx.units.member_counts(on)
    seen = _seen(tree, principal, on)
    totals = dict.fromkeys(seen, 0)
    for unit_id, count in direct.items():
        for above in tree.line(unit_id, on):
            if above in totals:
                totals[above] += count
    ordered = sorted(
        (tree.unit(unit_id) for unit_id in seen if tree.stands(unit_id, on)),
        key=lambda u: (len(tree.line(u.id, on)), in_natural_order(tree.name(u.id, on))),
    )
    parents = {unit.id: tree.parent(unit.id, on) for unit in ordered}
    return tuple(
        UnitView(
            unit.id,
            parents[unit.id] if parents[unit.id] in seen else None,
            tree.name(unit.id, on),
            unit.kind,
            totals[unit.id],
        )
        for unit in ordered
    )


async def list_venues(records: Records, principal: Principal, now: dt.datetime) -> tuple[VenueView, ...]:
    """By name, as people count."""

    def load(tx: Transaction) -> tuple[VenueView, ...]:
        seen = _seen(tx.units.tree(), principal, tx.calendar.day(now))
        return tuple(
            VenueView(venue.id, venue.name, venue.unit_id, venue.room, venue.seats)
            for venue in sorted(tx.venues.all(), key=lambda venue: in_natural_order(venue.name))
            if venue.unit_id in seen and not venue.retired
        )

    return await records.read(load)


async def list_lecturers(records: Records, principal: Principal, now: dt.datetime) -> tuple[PersonView, ...]:
    """Who teaches somewhere in the scope, or in a unit above it; by name."""

    def load(tx: Transaction) -> tuple[PersonView, ...]:
        tree, on = tx.units.tree(), tx.calendar.day(now)
        above = {unit_id for own in scope(principal) for unit_id in tree.line(own, on)}
        near = _seen(tree, principal, on) | above
        teaching = {who.id: who.name for who, held_in in tx.accounts.with_role(Role.LECTURER) if held_in in near}
        return tuple(PersonView(account_id, name) for account_id, name in teaching.items())

    return await records.read(load)
