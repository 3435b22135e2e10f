"""Units, venues and lecturers in the caller's scope."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.directory import list_lecturers, list_units, list_venues
from server.services.views import PersonView, UnitView, VenueView
from server.web.call import Call
from server.web.endpoint import Endpoints

calls = Endpoints()


@dataclass(frozen=True, slots=True)
class Units:
    items: tuple[UnitView, ...]


@dataclass(frozen=True, slots=True)
class Venues:
    items: tuple[VenueView, ...]


@dataclass(frozen=True, slots=True)
class Lecturers:
    items: tuple[PersonView, ...]


@calls.on("GET", "/api/v1/units")
async def get_units(call: Call) -> Units:
    """Units in scope, parents before children."""
    return Units(await list_units(call.site.house.records, call.principal, call.now))


@calls.on("GET", "/api/v1/venues")
async def get_venues(call: Call) -> Venues:
    """Venues in scope."""
    return Venues(await list_venues(call.site.house.records, call.principal, call.now))


@calls.on("GET", "/api/v1/lecturers")
async def get_lecturers(call: Call) -> Lecturers:
    """People with the lecturer's role in scope."""
    return Lecturers(await list_lecturers(call.site.house.records, call.principal, call.now))
