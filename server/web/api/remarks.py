"""Re-marking closed quizzes whose key was wrong (改判)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.bank import MOST_ACCEPTED, MOST_BLANKS
from server.domain.quiz import MOST_OPTIONS
from server.domain.remarking import MOST_REMARKS
from server.domain.scoring import Key
from server.services.remark_views import RemarkPreview, RemarkSheet, RemarkView
from server.services.remarking import preview_remark, remark_quiz, see_remarks
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Prose, Text, Word

calls = Endpoints()

Accepted = Annotated[tuple[Text, ...], Field(min_length=1, max_length=MOST_ACCEPTED, strict=False)]
Correct = Annotated[tuple[Word, ...], Field(max_length=MOST_OPTIONS, strict=False)]
Blanks = Annotated[tuple[Accepted, ...], Field(max_length=MOST_BLANKS, strict=False)]
_REFUSALS = (
    *("quiz_not_found", "forbidden", "quiz_open", "remark_unscored", "remark_same"),
    *("remark_own", "remarks_full"),
)


class RightKey(Form):
    correct: Correct = ()
    blanks: Blanks = ()


class NewRemark(Command):
    correct: Correct = ()
    blanks: Blanks = ()
    reason: Annotated[Prose, StringConstraints(min_length=1, max_length=200)]
    after: Annotated[int, Field(ge=0, le=MOST_REMARKS)]


@calls.on("GET", "/api/v1/quizzes/{quiz_id}/remarks", refusals=("quiz_not_found", "forbidden", "quiz_open"))
async def get_remarks(call: Call, quiz_id: UUID) -> RemarkSheet:
    """A closed quiz with its key, and how often it was marked again, by whom and why."""
    return await see_remarks(call.site.house.records, call.principal, str(quiz_id), call.now)


@calls.on("POST", "/api/v1/quizzes/{quiz_id}/remark-preview", refusals=_REFUSALS)
async def post_remark_preview(call: Call, quiz_id: UUID, body: RightKey) -> RemarkPreview:
    """For whom the right key makes a difference. Changes nothing."""
    key = Key(body.correct, body.blanks)
    return await preview_remark(call.site.house.records, call.principal, str(quiz_id), key, call.now)


@calls.on(
    "POST",
    "/api/v1/quizzes/{quiz_id}/remarks",
    status=201,
    refusals=(*_REFUSALS, "remark_outdated", "command_reused"),
)
async def post_remark(call: Call, quiz_id: UUID, body: NewRemark) -> RemarkView:
    """Give a closed quiz its right key: every answer is marked again, and who reaches it gets the credit."""
    return await remark_quiz(
        *(call.site.house, call.principal, str(quiz_id), body.command),
        key=Key(body.correct, body.blanks),
        reason=body.reason,
        after=body.after,
        now=call.now,
    )
