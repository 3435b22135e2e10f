"""Where members take part: their own choice, and what staff change after the opening."""

from __future__ import annotations

from uuid import UUID

from server.services import places
from server.services.places import PlaceView
from server.services.roster import RosterItem
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text

calls = Endpoints()


class ChosenPlace(Command):
    lesson_venue_id: UUID | None


class ChangedPlace(Command):
    member_id: UUID
    lesson_venue_id: UUID | None
    reason: Text


@calls.on("GET", "/api/v1/lessons/{lesson_id}/place", refusals=("not_on_roster",))
async def get_place(call: Call, lesson_id: UUID) -> PlaceView:
    """Where the caller is expected, and where else he may choose to be."""
    return await places.see_place(call.site.house, call.principal, str(lesson_id), call.now)


@calls.on(
    "PUT",
    "/api/v1/lessons/{lesson_id}/place",
    refusals=("not_on_roster", "venue_not_found", "place_closed", "place_given", "place_not_open", "command_reused"),
)
async def put_place(call: Call, lesson_id: UUID, body: ChosenPlace) -> PlaceView:
    """Choose one's own place before the lesson opens; a full room warns and never blocks."""
    chosen = str(body.lesson_venue_id) if body.lesson_venue_id else None
    return await places.choose_place(*call.order(lesson_id, body), lesson_venue_id=chosen, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/places",
    refusals=(
        *("forbidden", "member_not_found", "venue_not_found", "lesson_not_on_air", "place_signed_in"),
        *("place_not_open", "failover_target", "command_reused"),
    ),
)
async def post_places(call: Call, lesson_id: UUID, body: ChangedPlace) -> RosterItem:
    """Expect somebody of the roster elsewhere, with a reason, as long as nobody has signed him in."""
    return await places.change_place(
        *call.order(lesson_id, body),
        member_id=str(body.member_id),
        lesson_venue_id=str(body.lesson_venue_id) if body.lesson_venue_id else None,
        reason=body.reason,
        now=call.now,
    )
