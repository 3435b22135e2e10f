"""Quizzes in a running lesson: launching, closing, seeing, answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.papers import MOST_QUESTIONS
from server.domain.quiz import MOST_GRACE_MS, MOST_NTH, USUAL_GRACE_MS, AnswerChannel, Keep, Terms
from server.domain.quiz_answers import LONGEST_TEXT, MOST_PARTS
from server.services.answering import Attempt, Helped, answer_for, answer_quiz
from server.services.hand_ins import HandInView, hand_in
from server.services.helping import HelpedPage, to_be_helped
from server.services.paper_runs import RunEvidence, RunPlan, RunView, launch_run, list_runs
from server.services.quiz_launches import launch_quiz
from server.services.quiz_times import extend_quiz, pause_quiz, reopen_quiz, resume_quiz
from server.services.quizzes import close_quiz, list_quizzes
from server.services.views import AnswerView, QuizView
from server.web.api.questions import Seconds
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query, Text

calls = Endpoints()

Part = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
"""An option's id, or a text: see the kinds of questions."""


class Launch(Command):
    question_id: UUID
    seconds: Seconds | None = None
    grace_ms: Annotated[int, Field(ge=0, le=MOST_GRACE_MS)] = USUAL_GRACE_MS
    keep: Keep = Field(default=Keep.FIRST, strict=False)


class LaunchTogether(Command):
    question_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_QUESTIONS, strict=False)]
    seconds: Seconds
    grace_ms: Annotated[int, Field(ge=0, le=MOST_GRACE_MS)] = USUAL_GRACE_MS
    keep: Keep = Field(default=Keep.FIRST, strict=False)
    mix_questions: bool = False
    mix_options: bool = False


class Longer(Command):
    seconds: Seconds


class Again(Longer):
    reason: Text


_TIMED = ("forbidden", "quiz_not_found", "quiz_closed", "command_reused")


class Chosen(Command):
    choice: Annotated[tuple[Part, ...], Field(min_length=1, max_length=MOST_PARTS, strict=False)]
    nth: Annotated[int, Field(ge=1, le=MOST_NTH)] = 1


class ChosenFor(Command):
    """``choice`` stands with the answer, not in the audit log."""

    member_id: UUID
    choice: Annotated[tuple[Part, ...], Field(min_length=1, max_length=MOST_PARTS, strict=False, repr=False)]
    reason: Text


class WantedHelped(Query):
    lesson_venue_id: UUID | None = None
    cursor: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 200


@dataclass(frozen=True, slots=True)
class Quizzes:
    items: tuple[QuizView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/quizzes")
async def get_quizzes(call: Call, lesson_id: UUID) -> Quizzes:
    """All quizzes of the lesson, newest last, each as the caller may see it."""
    return Quizzes(await list_quizzes(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/quizzes",
    status=201,
    refusals=("forbidden", "lesson_not_on_air", "quiz_running", "question_not_found", "command_reused"),
)
async def post_quiz(call: Call, lesson_id: UUID, body: Launch) -> QuizView:
    """Launch a prepared question."""
    return await launch_quiz(
        *call.order(lesson_id, body),
        question_id=str(body.question_id),
        terms=Terms(body.seconds, keep=body.keep, grace_ms=body.grace_ms),
        now=call.moment(),
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/paper-runs",
    status=201,
    refusals=("forbidden", "lesson_not_on_air", "quiz_running", "question_not_found", "command_reused"),
)
async def post_paper_run(call: Call, lesson_id: UUID, body: LaunchTogether) -> RunView:
    """Launch prepared questions as one paper, with one time for all of them."""
    ids = tuple(str(each) for each in body.question_ids)
    return await launch_run(
        *call.order(lesson_id, body),
        plan=RunPlan(ids, mix_questions=body.mix_questions, mix_options=body.mix_options),
        terms=Terms(body.seconds, keep=body.keep, grace_ms=body.grace_ms),
        now=call.moment(),
    )


@dataclass(frozen=True, slots=True)
class PaperRuns:
    items: tuple[RunEvidence, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/paper-runs", refusals=("forbidden",))
async def get_paper_runs(call: Call, lesson_id: UUID) -> PaperRuns:
    """Papers that were asked as a whole, with what each member's order follows from."""
    return PaperRuns(await list_runs(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on("POST", "/api/v1/quizzes/{quiz_id}/close", refusals=("forbidden", "quiz_not_found", "command_reused"))
async def post_close(call: Call, quiz_id: UUID, body: Command) -> QuizView:
    """Close a quiz; answers are refused from now on."""
    return await close_quiz(*call.order(quiz_id, body), call.moment())


@calls.on("POST", "/api/v1/quizzes/{quiz_id}/pause", refusals=_TIMED)
async def post_pause(call: Call, quiz_id: UUID, body: Command) -> QuizView:
    """Let its time stand still; answers wait."""
    return await pause_quiz(*call.order(quiz_id, body), call.moment())


@calls.on("POST", "/api/v1/quizzes/{quiz_id}/resume", refusals=_TIMED)
async def post_resume(call: Call, quiz_id: UUID, body: Command) -> QuizView:
    """Let its time go on with what was left."""
    return await resume_quiz(*call.order(quiz_id, body), call.moment())


@calls.on("POST", "/api/v1/quizzes/{quiz_id}/extension", refusals=_TIMED)
async def post_extension(call: Call, quiz_id: UUID, body: Longer) -> QuizView:
    """Give more time."""
    return await extend_quiz(*call.order(quiz_id, body), seconds=body.seconds, now=call.moment())


@calls.on(
    "POST",
    "/api/v1/quizzes/{quiz_id}/reopening",
    refusals=(
        *("forbidden", "quiz_not_found", "quiz_open", "quiz_reopened_often"),
        *("quiz_running", "lesson_not_on_air", "command_reused"),
    ),
)
async def post_reopening(call: Call, quiz_id: UUID, body: Again) -> QuizView:
    """Open a closed quiz again, and say why."""
    order = call.order(quiz_id, body)
    return await reopen_quiz(*order, seconds=body.seconds, reason=body.reason, now=call.moment())


@calls.on(
    "POST",
    "/api/v1/quizzes/{quiz_id}/answer",
    refusals=(
        "quiz_not_found",
        "not_on_roster",
        "quiz_closed",
        "quiz_paused",
        "option_unknown",
        "paper_handed_in",
        "already_answered",
        "command_reused",
    ),
    unaudited="the answer is evidence in a row of its own",
)
async def post_answer(call: Call, quiz_id: UUID, body: Chosen) -> AnswerView:
    """Answer a quiz: once, or again until it is closed where the last answer counts."""
    attempt = Attempt(str(quiz_id), body.command, body.choice, AnswerChannel.HTTPS, call.moment(), nth=body.nth)
    return await answer_quiz(call.site.house, call.principal, attempt)


@calls.on(
    "GET", "/api/v1/quizzes/{quiz_id}/assisted-answers", refusals=("quiz_not_found", "forbidden", "venue_not_found")
)
async def get_helped(call: Call, quiz_id: UUID, query: WantedHelped) -> HelpedPage:
    """Who sits in a room and has not answered, of those for whom the caller may."""
    room = str(query.lesson_venue_id) if query.lesson_venue_id else None
    page = {"offset": query.cursor, "limit": query.limit}
    records = call.site.house.records
    return await to_be_helped(records, call.principal, str(quiz_id), lesson_venue_id=room, **page, now=call.now)


@calls.on(
    "POST",
    "/api/v1/quizzes/{quiz_id}/assisted-answers",
    refusals=(
        *("quiz_not_found", "forbidden", "member_not_found", "quiz_closed", "quiz_paused", "option_unknown"),
        *("paper_handed_in", "already_answered", "command_reused"),
    ),
)
async def post_helped(call: Call, quiz_id: UUID, body: ChosenFor) -> AnswerView:
    """协助作答: put in what somebody without a phone answers, who sits in a room; never over an answer that stands."""
    helped = Helped(str(body.member_id), body.reason)
    choice, moment = body.choice, call.moment()
    attempt = Attempt(str(quiz_id), body.command, choice, AnswerChannel.ASSISTED, moment, helped=helped)
    return await answer_for(call.site.house, call.principal, attempt)


@calls.on(
    "POST",
    "/api/v1/quizzes/{quiz_id}/hand-in",
    refusals=("quiz_not_found", "not_on_roster", "not_a_paper", "quiz_closed", "quiz_paused"),
    unaudited="handing in is evidence in a row of its own",
)
async def post_hand_in(call: Call, quiz_id: UUID) -> HandInView:
    """Hand in the paper that this quiz is in: what was saved of it stands."""
    return await hand_in(call.site.house, call.principal, str(quiz_id), call.moment())
