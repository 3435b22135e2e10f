"""The networks of venues, which speak for sign-ins that come from there; and whether people share a venue's device."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import Action, Principal, held_in, require_in_unit
from server.domain.proof import networks_of
from server.domain.refusals import Refusal
from server.domain.registry import VenueChange, VenueChangeKind
from server.domain.venues import Venue
from server.services.commands import command, once
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.roster import units_below


@dataclass(frozen=True, slots=True)
class VenueNetworkView:
    venue_id: str
    name: str
    networks: tuple[str, ...]
    shares_device: bool


_VIEW = TypeAdapter(VenueNetworkView)


async def list_networks(records: Records, principal: Principal, now: dt.datetime) -> tuple[VenueNetworkView, ...]:
    """Of the venues where the principal plans lessons, by name. Raises ``forbidden``."""
    held = held_in(principal, Action.EDIT)

    def load(tx: Transaction) -> tuple[VenueNetworkView, ...]:
        units = units_below(tx, held, tx.calendar.day(now)) or frozenset()
        return tuple(_view(venue) for venue in tx.venues.all() if venue.unit_id in units)

    return await records.read(load)


async def set_network(
    house: House,
    principal: Principal,
    venue_id: str,
    command_id: str,
    *,
    networks: Sequence[str],
    shares_device: bool,
    now: dt.datetime,
) -> VenueNetworkView:
    """From now on; sign-ins keep what was known when they were made.

    Raises ``venue_not_found``, ``forbidden``, ``invalid_body``, ``command_reused``.
    """
    wanted = networks_of(networks)
    asked = command(
        principal, command_id, "set_network", venue_id=venue_id, networks=wanted, shares_device=shares_device
    )

    def work(tx: Transaction) -> VenueNetworkView:
        venue = tx.venues.get(venue_id)
        if venue is None:
            raise Refusal("venue_not_found", venue_id)
        require_in_unit(principal, Action.EDIT, tx.units.line(venue.unit_id, tx.calendar.day(now)))

        def do() -> VenueNetworkView:
            tx.venues.set_network(venue_id, wanted, shares_device=shares_device)
            before, after = [list(venue.networks), venue.shares_device], [list(wanted), shares_device]
            facts = {"networks": [before[0], after[0]], "shares_device": [before[1], after[1]]}
            if before != after:
                tx.venues.note(VenueChange(now, principal.account_id, VenueChangeKind.NETWORK, venue_id, facts))
            return _view(replace(venue, networks=wanted, shares_device=shares_device))

        return once(tx, asked, now, _VIEW, do)

    return await house.records.write(work)


def _view(venue: Venue) -> VenueNetworkView:
    return VenueNetworkView(venue.id, venue.name, venue.networks, venue.shares_device)
