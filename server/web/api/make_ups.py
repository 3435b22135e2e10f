"""Make-up study (补学): the own offers, watching and answering; and the branch's, for whoever vouches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.domain.make_up_terms import MOST_ATTEMPTS
from server.domain.quiz_answers import MOST_PARTS
from server.domain.replays import Beat
from server.services import make_up_questions, make_ups, replays
from server.services.make_up_marks import MakeUpMarkView
from server.services.make_up_views import AttemptView, BranchMakeUpView, MakeUpView
from server.services.make_ups import Reminded
from server.services.replays import BeatView
from server.web.api.quizzes import Part
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Moment, Paged, Text

calls = Endpoints()

_MOST_MS = 7 * 24 * 3_600_000
_ENDED = ("make_up_not_found", "make_up_expired", "make_up_closed")


class NewBeat(Form):
    """``number`` counts up on each device; ``rate_percent`` 100 is the usual speed."""

    device: UUID
    number: Annotated[int, Field(ge=1, le=1_000_000_000)]
    position_ms: Annotated[int, Field(ge=0, le=_MOST_MS)]
    rate_percent: Annotated[int, Field(ge=1, le=1600)]
    playing: bool
    visible: bool


class Answers(Command):
    """Options by question."""

    choices: Annotated[dict[UUID, Annotated[list[Part], Field(max_length=MOST_PARTS)]], Field(max_length=200)]


class MarkAnswerBody(Command):
    choice: Annotated[list[Text], Field(min_length=1, max_length=10)]


class NewExtension(Command):
    deadline_at: Moment
    more_attempts: Annotated[int, Field(ge=0, le=MOST_ATTEMPTS)] = 0
    reason: Text


class Reminders(Command):
    ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class Listing(Paged):
    lesson: UUID | None = None
    unit: UUID | None = None
    only_open: bool = False


@dataclass(frozen=True, slots=True)
class OwnMakeUps:
    items: tuple[MakeUpView, ...]


@dataclass(frozen=True, slots=True)
class MakeUpPage:
    items: tuple[BranchMakeUpView, ...]
    next_cursor: str | None


@calls.on("GET", "/api/v1/make-ups/mine")
async def get_own_make_ups(call: Call) -> OwnMakeUps:
    """The caller's own lessons to make up, the last deadline first."""
    return OwnMakeUps(await make_ups.list_own(call.site.house.records, call.principal, call.now))


@calls.on("GET", "/api/v1/make-ups", refusals=("forbidden", "unit_not_found"))
async def get_make_ups(call: Call, query: Listing) -> MakeUpPage:
    """Who has something to make up, of those the caller vouches for: steps, no minutes."""
    page = await make_ups.list_branch(
        call.site.house.records,
        call.principal,
        lesson_id=str(query.lesson) if query.lesson else None,
        unit_id=str(query.unit) if query.unit else None,
        only_open=query.only_open,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return MakeUpPage(page.items, page.next_cursor)


@calls.on("POST", "/api/v1/make-ups/reminders", refusals=("forbidden", "command_reused"))
async def post_reminders(call: Call, body: Reminders) -> Reminded:
    """A letter in the inbox of each."""
    ids = [str(each) for each in body.ids]
    return await make_ups.remind(call.site.house.records, call.principal, ids, body.command, call.now)


@calls.on("GET", "/api/v1/make-ups/{make_up_id}", refusals=("make_up_not_found",))
async def get_make_up(call: Call, make_up_id: UUID) -> MakeUpView:
    """One of the caller's own."""
    return await make_ups.see_own(call.site.house.records, call.principal, str(make_up_id), call.now)


@calls.on(
    "POST",
    "/api/v1/make-ups/{make_up_id}/beats",
    refusals=(*_ENDED, "recording_unknown", "storage_unavailable"),
    unaudited="where a player stands, every few seconds: what counts of it is evidence in rows of its own",
)
async def post_beat(call: Call, make_up_id: UUID, body: NewBeat) -> BeatView:
    """Where the player is, and what of it counted."""
    call.site.pace.beat(call.principal.account_id)
    said = Beat(**{**body.model_dump(), "device": str(body.device)})
    return await replays.beat(call.site.house, call.principal, str(make_up_id), said, call.now)


@calls.on(
    "POST",
    "/api/v1/make-ups/{make_up_id}/attempts",
    status=201,
    refusals=(
        *(*_ENDED, "make_up_not_watched", "make_up_passed", "make_up_no_attempts", "make_up_pause"),
        *("make_up_no_questions", "command_reused"),
    ),
)
async def post_attempt(call: Call, make_up_id: UUID, body: Command) -> AttemptView:
    """Begin the questions, or go on with those that were begun."""
    records, principal = call.site.house.records, call.principal
    return await make_up_questions.begin_attempt(records, principal, str(make_up_id), body.command, call.now)


@calls.on(
    "POST",
    "/api/v1/make-ups/{make_up_id}/attempts/{attempt_id}/answers",
    refusals=(*_ENDED, "attempt_not_found", "attempt_over", "question_not_found", "option_unknown", "command_reused"),
)
async def post_attempt_answers(call: Call, make_up_id: UUID, attempt_id: UUID, body: Answers) -> AttemptView:
    """Hand in; passing makes it done."""
    return await make_up_questions.hand_in_attempt(
        call.site.house.records,
        call.principal,
        str(make_up_id),
        str(attempt_id),
        body.command,
        choices={str(each): tuple(chosen) for each, chosen in body.choices.items()},
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/make-ups/{make_up_id}/marks/{question_id}",
    refusals=(*_ENDED, "question_not_found", "option_unknown", "command_reused"),
    unaudited="an answer at a mark: it stands in a row of its own, once, and its credit in the ledger",
)
async def post_make_up_mark(call: Call, make_up_id: UUID, question_id: UUID, body: MarkAnswerBody) -> MakeUpMarkView:
    """Answer what was asked in the lesson at its mark of the replay, once."""
    records, principal = call.site.house.records, call.principal
    ids = (str(make_up_id), str(question_id), body.command)
    return await make_up_questions.answer_mark(records, principal, *ids, choice=body.choice, now=call.now)


@calls.on(
    "POST",
    "/api/v1/make-ups/{make_up_id}/extension",
    refusals=("forbidden", "make_up_not_found", "make_up_own", "make_up_closed", "command_reused"),
)
async def post_extension(call: Call, make_up_id: UUID, body: NewExtension) -> BranchMakeUpView:
    """A later deadline, by name and with a reason."""
    return await make_ups.extend_make_up(
        call.site.house.records,
        call.principal,
        str(make_up_id),
        body.command,
        deadline_at=body.deadline_at,
        more_attempts=body.more_attempts,
        reason=body.reason,
        now=call.now,
    )
