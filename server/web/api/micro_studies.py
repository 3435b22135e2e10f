"""Going through micro-videos (微视频): the member's courses, watching, tests; the questions, for who prepares."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.domain.micro_studies import MOST_QUESTIONS
from server.domain.micro_videos import MOST_FILM_MS
from server.domain.quiz import QuestionKind
from server.domain.replays import Beat
from server.services import micro_questions, micro_studies, micro_views
from server.services.make_up_views import AttemptView
from server.services.micro_questions import MarkView, MicroQuestionPlan, MicroQuestionsView
from server.services.micro_views import CourseStudyView, MicroStudyView
from server.services.questions import QuestionPlan
from server.services.recordings import Playing
from server.services.replays import BeatView
from server.web.api.make_ups import Answers, MarkAnswerBody, NewBeat
from server.web.api.questions import Options, Places, QuestionText
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Prose

calls = Endpoints()

LIFETIME = dt.timedelta(hours=4)
"""Of a film's address: longer than any film, since a browser's own player can't be given another without a gap."""
_OWN = ("micro_not_found", "study_not_begun")


class MicroQuestionBody(Form):
    """`mark_ms`: where the film pauses and asks it once; without, it belongs to the test."""

    kind: QuestionKind
    text: QuestionText
    options: Options = ()
    correct: Places
    explanation: Prose = ""
    mark_ms: Annotated[int, Field(ge=1000, le=MOST_FILM_MS)] | None = None

    def plan(self) -> MicroQuestionPlan:
        said = (self.kind, self.text, self.options, self.correct, self.explanation)
        return MicroQuestionPlan(QuestionPlan(*said), self.mark_ms)


class MicroQuestionBodies(Command):
    items: Annotated[list[MicroQuestionBody], Field(max_length=MOST_QUESTIONS)]


@dataclass(frozen=True, slots=True)
class CourseStudies:
    items: tuple[CourseStudyView, ...]


@calls.on("GET", "/api/v1/course-studies")
async def get_course_studies(call: Call) -> CourseStudies:
    """The caller's own courses of micro-videos, by title, with how far each is."""
    return CourseStudies(await micro_views.list_course_studies(call.site.house.records, call.principal, call.now))


@calls.on("GET", "/api/v1/courses/{course_id}/study", refusals=("course_not_found",))
async def get_course_study(call: Call, course_id: UUID) -> CourseStudyView:
    """One of them."""
    return await micro_views.see_course_study(call.site.house.records, call.principal, str(course_id), call.now)


@calls.on("GET", "/api/v1/micro-videos/{video_id}/study", refusals=("micro_not_found",))
async def get_micro_study(call: Call, video_id: UUID) -> MicroStudyView:
    """The caller's own way through a video; who keeps the course looks at it without being measured."""
    return await micro_views.see_micro_study(call.site.house.records, call.principal, str(video_id), call.now)


@calls.on(
    "POST",
    "/api/v1/micro-videos/{video_id}/play",
    status=201,
    refusals=("micro_not_found",),
    unaudited="a pass; who begins a video by it stands in a row of its own",
)
async def post_micro_play(call: Call, video_id: UUID) -> Playing:
    """The film's address, good for four hours; a member begins the video by it."""
    house, grants = call.site.house, call.site.grants
    return await micro_studies.play_micro_video(
        house, grants, call.principal, str(video_id), lifetime=LIFETIME, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/micro-videos/{video_id}/beats",
    refusals=_OWN,
    unaudited="where a player stands, every few seconds: what counts of it is evidence in rows of its own",
)
async def post_micro_beat(call: Call, video_id: UUID, body: NewBeat) -> BeatView:
    """Where the player is, and what of it counted."""
    call.site.pace.beat(call.principal.account_id)
    said = Beat(**{**body.model_dump(), "device": str(body.device)})
    return await micro_studies.beat(call.site.house, call.principal, str(video_id), said, call.now)


@calls.on(
    "POST",
    "/api/v1/micro-videos/{video_id}/attempts",
    status=201,
    refusals=(*_OWN, "study_not_watched", "study_passed", "study_no_test", "study_pause", "command_reused"),
)
async def post_micro_attempt(call: Call, video_id: UUID, body: Command) -> AttemptView:
    """Begin the test, or go on with the one that was begun."""
    records = call.site.house.records
    return await micro_studies.begin_test(records, call.principal, str(video_id), body.command, call.now)


@calls.on(
    "POST",
    "/api/v1/micro-videos/{video_id}/attempts/{attempt_id}/answers",
    refusals=(*_OWN, "attempt_not_found", "attempt_over", "question_not_found", "option_unknown", "command_reused"),
)
async def post_micro_answers(call: Call, video_id: UUID, attempt_id: UUID, body: Answers) -> AttemptView:
    """Hand in; passing grants what the test is worth."""
    return await micro_studies.hand_in_test(
        call.site.house.records,
        call.principal,
        str(video_id),
        str(attempt_id),
        body.command,
        choices={str(each): tuple(chosen) for each, chosen in body.choices.items()},
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/micro-videos/{video_id}/marks/{question_id}",
    refusals=(*_OWN, "question_not_found", "option_unknown"),
    unaudited="an answer at a mark: it stands in a row of its own, once, and counts for nothing",
)
async def post_mark(call: Call, video_id: UUID, question_id: UUID, body: MarkAnswerBody) -> MarkView:
    """Answer a question at its mark, once."""
    records, principal = call.site.house.records, call.principal
    return await micro_questions.answer_mark(
        records, principal, str(video_id), str(question_id), choice=body.choice, now=call.now
    )


@calls.on("GET", "/api/v1/micro-videos/{video_id}/questions", refusals=("micro_not_found",))
async def get_micro_questions(call: Call, video_id: UUID) -> MicroQuestionsView:
    """Its test and the questions at marks, for who keeps the course."""
    records = call.site.house.records
    return await micro_questions.list_micro_questions(records, call.principal, str(video_id), call.now)


@calls.on(
    "PUT",
    "/api/v1/micro-videos/{video_id}/questions",
    refusals=("micro_not_found", "blanks_differ", "command_reused"),
    large=True,
)
async def put_micro_questions(call: Call, video_id: UUID, body: MicroQuestionBodies) -> MicroQuestionsView:
    """All of them, in the place of those that there were."""
    plans = [item.plan() for item in body.items]
    records, principal = call.site.house.records, call.principal
    return await micro_questions.put_micro_questions(
        records, principal, str(video_id), body.command, plans=plans, now=call.now
    )
