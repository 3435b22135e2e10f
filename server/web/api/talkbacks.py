"""Talkback to one venue's operator."""

from __future__ import annotations

from uuid import UUID

from server.services import talkbacks
from server.services.views import StageView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Word

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")


class TalkTo(Command):
    lesson_venue_id: Word
    confirmed: bool = False


class TalkEnd(Command):
    """``source``: that talkback only; without it whichever runs there."""

    lesson_venue_id: Word
    source: Word | None = None


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/talkback",
    refusals=(*_COMMAND, "venue_not_found", "talkback_away", "talkback_on_air", "talkback_busy"),
)
async def post_talkback(call: Call, lesson_id: UUID, body: TalkTo) -> StageView:
    """Talk to one venue's operator; the programme does not hear it."""
    return await talkbacks.begin_talkback(
        *call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, confirmed=body.confirmed, now=call.now
    )


@calls.on("POST", "/api/v1/lessons/{lesson_id}/talkback/end", refusals=_COMMAND)
async def post_talkback_end(call: Call, lesson_id: UUID, body: TalkEnd) -> StageView:
    """The talkback to this venue is over."""
    return await talkbacks.end_talkback(
        *call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, source=body.source, now=call.now
    )
