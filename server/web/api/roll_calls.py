"""点名: beginning, stepping, answering, finishing, and the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from server.domain.roll_calls import RollResult
from server.services import roll_calls
from server.services.roll_views import RollCallView
from server.services.views import StageView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Word
from server.web.sheets import csv_response

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")
_STEP = (*_COMMAND, "roll_call_over", "venue_not_found")


class CalledVenue(Command):
    lesson_venue_id: Word


class RollAnswer(Command):
    lesson_venue_id: Word | None = None


class RollDecision(Command):
    lesson_venue_id: Word
    result: RollResult


@dataclass(frozen=True, slots=True)
class RollCalls:
    items: tuple[RollCallView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/roll-calls", refusals=("forbidden",))
async def get_roll_calls(call: Call, lesson_id: UUID) -> RollCalls:
    """All roll calls of the lesson; the last one counts."""
    return RollCalls(await roll_calls.list_roll_calls(call.site.house, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/roll-calls",
    status=201,
    refusals=(*_COMMAND, "roll_call_running", "roll_call_empty", "roll_calls_used"),
)
async def post_roll_call(call: Call, lesson_id: UUID, body: Command) -> StageView:
    """Begin a roll call: the first sub-venue is called."""
    return await roll_calls.start_roll_call(*call.order(lesson_id, body), call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/roll-call/turn", refusals=_STEP)
async def post_turn(call: Call, lesson_id: UUID, body: CalledVenue) -> StageView:
    """Call a venue, back or ahead."""
    return await roll_calls.call_venue(*call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/roll-call/result", refusals=_STEP)
async def post_result(call: Call, lesson_id: UUID, body: RollDecision) -> StageView:
    """Set a venue's result; the next one is called."""
    return await roll_calls.decide_roll(
        *call.order(lesson_id, body), lesson_venue_id=body.lesson_venue_id, result=body.result, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/roll-call/answer",
    refusals=(*_COMMAND, "which_venue", "venue_not_found", "not_called", "roll_call_over"),
)
async def post_roll_answer(call: Call, lesson_id: UUID, body: RollAnswer) -> StageView:
    """The called venue's operator answers."""
    order = call.order(lesson_id, body)
    return await roll_calls.answer_roll_call(*order, lesson_venue_id=body.lesson_venue_id, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/roll-call/finish", refusals=(*_COMMAND, "roll_call_over"))
async def post_roll_finish(call: Call, lesson_id: UUID, body: Command) -> StageView:
    """Finish the roll call."""
    return await roll_calls.finish_roll_call(*call.order(lesson_id, body), call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/roll-call.csv", refusals=("forbidden", "roll_call_over"))
async def get_sheet(call: Call, lesson_id: UUID) -> web.Response:
    """The last roll call as CSV."""
    rows = await roll_calls.roll_call_rows(call.site.house, call.principal, str(lesson_id), call.now)
    return csv_response(rows, "点名.csv")
