"""待核实: doubtful sign-ins and what came of them; the networks that a venue's sign-ins come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.findings import Outcome
from server.domain.proof import MOST_NETWORKS
from server.services import findings, venue_networks
from server.services.findings import DoubtfulView
from server.services.venue_networks import VenueNetworkView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text

calls = Endpoints()

Network = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class NewFinding(Command):
    member_id: UUID
    outcome: Outcome
    reason: Text


class NewNetwork(Command):
    networks: Annotated[tuple[Network, ...], Field(max_length=MOST_NETWORKS, strict=False)]
    shares_device: bool = False


@dataclass(frozen=True, slots=True)
class Doubts:
    items: tuple[DoubtfulView, ...]


@dataclass(frozen=True, slots=True)
class VenueNetworks:
    items: tuple[VenueNetworkView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/doubts", refusals=("forbidden",))
async def get_doubts(call: Call, lesson_id: UUID) -> Doubts:
    """Sign-ins that somebody should look at, of the people the caller may vouch for."""
    return Doubts(await findings.list_doubts(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/findings",
    status=201,
    refusals=("forbidden", "doubt_not_found", "doubt_own", "command_reused"),
)
async def post_finding(call: Call, lesson_id: UUID, body: NewFinding) -> DoubtfulView:
    """Say what was found out about a doubtful sign-in."""
    return await findings.decide_doubt(
        *call.order(lesson_id, body),
        member_id=str(body.member_id),
        outcome=body.outcome,
        reason=body.reason,
        now=call.now,
    )


@calls.on("GET", "/api/v1/venue-networks", refusals=("forbidden",))
async def get_venue_networks(call: Call) -> VenueNetworks:
    """Where the sign-ins of the caller's venues come from."""
    return VenueNetworks(await venue_networks.list_networks(call.site.house.records, call.principal, call.now))


@calls.on("PUT", "/api/v1/venues/{venue_id}/network", refusals=("forbidden", "venue_not_found", "command_reused"))
async def put_venue_network(call: Call, venue_id: UUID, body: NewNetwork) -> VenueNetworkView:
    """Say which networks a venue's people come from, and whether they share its device."""
    return await venue_networks.set_network(
        *call.order(venue_id, body), networks=body.networks, shares_device=body.shares_device, now=call.now
    )
