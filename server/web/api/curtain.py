"""The curtain over the programme: emergency cut, standby slate."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.curtain import LONGEST_STANDBY, NOTE_LENGTH
from server.services import curtain
from server.services.views import StageView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")
REASON_LENGTH = 200
_LINE = r"^[^\x00-\x1f\x7f]*$"


class CutOff(Command):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=REASON_LENGTH, pattern=_LINE)] = ""


class StandBy(Command):
    seconds: Annotated[int, Field(ge=1, le=int(LONGEST_STANDBY.total_seconds()))] | None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_LENGTH, pattern=_LINE)] = ""


@calls.on("POST", "/api/v1/lessons/{lesson_id}/cut", refusals=_COMMAND)
async def post_cut(call: Call, lesson_id: UUID, body: CutOff) -> StageView:
    """Emergency cut: slate and silence for every viewer."""
    return await curtain.begin_cut(*call.order(lesson_id, body), reason=body.reason, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/cut/end", refusals=_COMMAND)
async def post_cut_end(call: Call, lesson_id: UUID, body: Command) -> StageView:
    """Back on the air."""
    return await curtain.end_cut(*call.order(lesson_id, body), call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/standby", refusals=_COMMAND)
async def post_standby(call: Call, lesson_id: UUID, body: StandBy) -> StageView:
    """The standby slate with a countdown, or another countdown."""
    return await curtain.set_standby(*call.order(lesson_id, body), seconds=body.seconds, note=body.note, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/standby/end", refusals=_COMMAND)
async def post_standby_end(call: Call, lesson_id: UUID, body: Command) -> StageView:
    """End the standby slate."""
    return await curtain.end_standby(*call.order(lesson_id, body), call.now)
