"""呼叫会控, and notices to the venues' operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from server.domain.helps import TEXT_LENGTH, Urgency
from server.services import helps
from server.services.helps import HelpView, NoticeView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Text, Word

calls = Endpoints()

_COMMAND = ("forbidden", "lesson_not_on_air", "command_reused")
_ROOM = ("which_venue", "venue_not_found")
_OF_ONE = (*_COMMAND, "help_not_found", "help_closed")
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$")]


class CallForHelp(Command):
    urgency: Urgency
    text: Words = ""
    lesson_venue_id: Word | None = None


class HelpAnswer(Command):
    text: Words = ""


class NewNotice(Command):
    text: Text


@dataclass(frozen=True, slots=True)
class Helps:
    items: tuple[HelpView, ...]


@dataclass(frozen=True, slots=True)
class Notices:
    items: tuple[NoticeView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/helps", refusals=("forbidden",))
async def get_helps(call: Call, lesson_id: UUID) -> Helps:
    """Calls for help: staff sees all, who waits on top; a caller the own."""
    return Helps(await helps.list_helps(call.site.house, call.principal, str(lesson_id), call.now))


@calls.on("POST", "/api/v1/lessons/{lesson_id}/helps", status=201, refusals=(*_COMMAND, *_ROOM, "helps_used"))
async def post_help(call: Call, lesson_id: UUID, body: CallForHelp) -> HelpView:
    """Call the director, or say the open call again."""
    return await helps.ask_help(
        *call.order(lesson_id, body),
        urgency=body.urgency,
        text=body.text,
        lesson_venue_id=body.lesson_venue_id,
        now=call.now,
    )


@calls.on("POST", "/api/v1/lessons/{lesson_id}/helps/{help_id}/answer", refusals=_OF_ONE)
async def post_help_answer(call: Call, lesson_id: UUID, help_id: UUID, body: HelpAnswer) -> HelpView:
    """Answer a call."""
    order = call.order(lesson_id, body)
    return await helps.answer_help(*order, help_id=str(help_id), text=body.text, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/helps/{help_id}/close", refusals=_OF_ONE)
async def post_help_close(call: Call, lesson_id: UUID, help_id: UUID, body: Command) -> HelpView:
    """Close a call: done, or not needed any more."""
    return await helps.close_help(*call.order(lesson_id, body), help_id=str(help_id), now=call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/notices", refusals=("forbidden",))
async def get_notices(call: Call, lesson_id: UUID) -> Notices:
    """What the director told all operators, newest first."""
    return Notices(await helps.list_notices(call.site.house, call.principal, str(lesson_id), call.now))


@calls.on("POST", "/api/v1/lessons/{lesson_id}/notices", status=201, refusals=(*_COMMAND, "notices_used"))
async def post_notice(call: Call, lesson_id: UUID, body: NewNotice) -> NoticeView:
    """Tell all operators something."""
    return await helps.send_notice(*call.order(lesson_id, body), text=body.text, now=call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/notices/{notice_id}/read",
    refusals=("forbidden", "notice_not_found", "command_reused"),
)
async def post_notice_read(call: Call, lesson_id: UUID, notice_id: UUID, body: Command) -> NoticeView:
    """The operator has seen it."""
    return await helps.read_notice(*call.order(lesson_id, body), notice_id=str(notice_id), now=call.now)
