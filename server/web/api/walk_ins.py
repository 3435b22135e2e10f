"""名单外到场 in a room. What is typed there names people: it comes in the body, and stands in no log."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.walk_ins import LONGEST
from server.services import walk_ins
from server.services.roster import RosterItem
from server.services.walk_ins import WalkInNames
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Text

calls = Endpoints()

_IN_ROOM = ("forbidden", "which_venue", "venue_not_found", "sign_in_closed")


class Sought(Form):
    typed: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)] = Field(repr=False)
    lesson_venue_id: UUID | None = None


class Came(Command):
    member_id: UUID
    lesson_venue_id: UUID | None = None
    reason: Text


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/walk-ins/names",
    refusals=_IN_ROOM,
    unaudited="it changes nothing: what was typed is no part of an address",
)
async def post_walk_in_names(call: Call, lesson_id: UUID, body: Sought) -> WalkInNames:
    """Who has this number or this name, for the operator of a room where nobody expected him."""
    call.site.pace.walk_in(call.principal.account_id)
    return await walk_ins.find_walk_ins(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        body.typed,
        lesson_venue_id=str(body.lesson_venue_id) if body.lesson_venue_id else None,
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/walk-ins",
    status=201,
    refusals=(*_IN_ROOM, "member_not_found", "command_reused"),
)
async def post_walk_in(call: Call, lesson_id: UUID, body: Came) -> RosterItem:
    """Sign in who came to a room without being expected there."""
    return await walk_ins.walk_in(
        *call.order(lesson_id, body),
        member_id=str(body.member_id),
        lesson_venue_id=str(body.lesson_venue_id) if body.lesson_venue_id else None,
        reason=body.reason,
        now=call.now,
    )
