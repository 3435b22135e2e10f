"""The registry of venues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.registry import MOST_NOTES, MOST_SEATS, VenueFacts
from server.services import registry
from server.services.registry import Filter, RegistryVenue, VenueChangeView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Searched, Text

calls = Endpoints()

Notes = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=MOST_NOTES, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
]
_KEEPS = ("forbidden", "venue_not_found")


class Wanted(Query):
    q: Searched = ""
    unit_id: UUID | None = None
    retired: bool = False


class Facts(Command):
    name: Text
    room: Text
    seats: Annotated[int, Field(ge=0, le=MOST_SEATS)]
    notes: Notes = ""

    def facts(self, *, retired: bool = False) -> VenueFacts:
        return VenueFacts(self.name, self.room, self.seats, self.notes, retired)


class NewVenue(Facts):
    unit_id: UUID


class ChangedVenue(Facts):
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Registry:
    items: tuple[RegistryVenue, ...]


@dataclass(frozen=True, slots=True)
class VenueHistory:
    items: tuple[VenueChangeView, ...]


@calls.on("GET", "/api/v1/venue-registry", refusals=("forbidden", "unit_not_found"))
async def get_registry(call: Call, query: Wanted) -> Registry:
    """The venues that the caller keeps, by name."""
    wanted = Filter(query.q, str(query.unit_id) if query.unit_id else None, query.retired)
    return Registry(await registry.list_registry(call.site.house.records, call.principal, wanted, call.now))


@calls.on("GET", "/api/v1/venues/{venue_id}", refusals=_KEEPS)
async def get_venue(call: Call, venue_id: UUID) -> RegistryVenue:
    """One of the venues that the caller keeps."""
    return await registry.see_venue(call.site.house.records, call.principal, str(venue_id), call.now)


@calls.on("GET", "/api/v1/venues/{venue_id}/history", refusals=_KEEPS)
async def get_venue_history(call: Call, venue_id: UUID) -> VenueHistory:
    """What was changed in it, by whom."""
    return VenueHistory(await registry.see_history(call.site.house.records, call.principal, str(venue_id), call.now))


@calls.on("POST", "/api/v1/venues", status=201, refusals=("forbidden", "unit_not_found", "command_reused"))
async def post_venue(call: Call, body: NewVenue) -> RegistryVenue:
    """Add a venue to a unit."""
    return await registry.add_venue(
        call.site.house,
        call.principal,
        body.command,
        unit_id=str(body.unit_id),
        facts=body.facts(),
        now=call.now,
    )


@calls.on(
    "PATCH",
    "/api/v1/venues/{venue_id}",
    refusals=(*_KEEPS, "precondition_required", "precondition_failed", "command_reused"),
)
async def patch_venue(call: Call, venue_id: UUID, body: ChangedVenue) -> RegistryVenue:
    """Change, retire or restore a venue."""
    return await registry.change_venue(
        *call.order(venue_id, body), facts=body.facts(retired=body.retired), version=call.if_match, now=call.now
    )
