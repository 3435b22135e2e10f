"""Keys by which room kits send for their venues."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.services import kits
from server.services.kits import VenueKeyView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Word

calls = Endpoints()


class NewVenueKey(Command):
    lesson_venue_id: Word


@dataclass(frozen=True, slots=True)
class VenueKeys:
    items: tuple[VenueKeyView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/venue-keys", refusals=("forbidden",))
async def get_venue_keys(call: Call, lesson_id: UUID) -> VenueKeys:
    """Keys of room kits that hold: of all sub-venues, or of the own one."""
    return VenueKeys(await kits.list_keys(call.site.house, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/venue-keys",
    status=201,
    refusals=(
        "forbidden",
        "lesson_not_on_air",
        "no_media",
        "venue_not_found",
        "venue_key_main",
        "venue_key_there",
        "command_reused",
    ),
)
async def post_venue_key(call: Call, lesson_id: UUID, body: NewVenueKey) -> VenueKeyView:
    """Issue one: this answer alone shows it."""
    return await kits.issue_key(*call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/venue-keys/{key_id}/revoke",
    refusals=("forbidden", "venue_key_not_found", "command_reused"),
)
async def post_venue_key_revoke(call: Call, lesson_id: UUID, key_id: UUID, body: Command) -> VenueKeyView:
    """Revoke it: the kit's connection ends."""
    return await kits.revoke_key(*call.order(lesson_id, body), key_id=str(key_id), now=call.now)
