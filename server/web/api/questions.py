"""Preparing a lesson's questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import hdrs
from pydantic import Field, StringConstraints

from server.domain.bank import MOST_ACCEPTED, MOST_BLANKS
from server.domain.question_pictures import ALT_LENGTH, Picture
from server.domain.quiz import LEAST_SECONDS, MOST_OPTIONS, MOST_SECONDS, QuestionKind
from server.domain.scoring import Scoring
from server.services.questions import (
    QuestionChange,
    QuestionPlan,
    add_question,
    change_question,
    list_questions,
    remove_question,
)
from server.services.views import QuestionView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Form, Prose, Text

calls = Endpoints()

_TEXT_LENGTH = 500
_CHANGE = ("forbidden", "question_not_found", "not_editable", "precondition_required", "precondition_failed")

QuestionText = Annotated[Prose, Field(min_length=1, max_length=_TEXT_LENGTH)]
Options = Annotated[tuple[Text, ...], Field(max_length=MOST_OPTIONS, strict=False)]
Places = Annotated[
    tuple[Annotated[int, Field(ge=0, lt=MOST_OPTIONS)], ...], Field(max_length=MOST_OPTIONS, strict=False)
]
Accepted = Annotated[tuple[Text, ...], Field(max_length=MOST_ACCEPTED, strict=False)]
Blanks = Annotated[tuple[Accepted, ...], Field(max_length=MOST_BLANKS, strict=False)]
Rule = Annotated[int, Field(ge=0, lt=len(Scoring))]
Seconds = Annotated[int, Field(ge=LEAST_SECONDS, le=MOST_SECONDS)]


class NamedPicture(Form):
    """One that the caller brought, or that the question has. ``alt``: what it shows."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    alt: Annotated[Text, StringConstraints(min_length=1, max_length=ALT_LENGTH)]


class NewQuestion(Command):
    kind: QuestionKind
    text: QuestionText
    options: Options = ()
    correct: Places = ()
    explanation: Prose = ""
    seconds: Seconds = 60
    blanks: Blanks = ()
    scoring: Rule | None = None
    picture: NamedPicture | None = None


class ChangedQuestion(Form):
    """Fields that are left out stay; new `options` of choices need `correct` beside them; `bare` takes its picture
    away.
    """

    command_id: UUID | None = None
    kind: QuestionKind | None = None
    text: QuestionText | None = None
    options: Options | None = None
    correct: Places | None = None
    explanation: Prose | None = None
    seconds: Seconds | None = None
    blanks: Blanks | None = None
    scoring: Rule | None = None
    picture: NamedPicture | None = None
    bare: bool = False


def picture_of(named: NamedPicture | None) -> Picture | None:
    return None if named is None else Picture(named.sha256, named.alt)


def rule_of(number: int | None) -> Scoring | None:
    return None if number is None else Scoring(number)


@dataclass(frozen=True, slots=True)
class Questions:
    items: tuple[QuestionView, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/questions", refusals=("forbidden",))
async def get_questions(call: Call, lesson_id: UUID) -> Questions:
    """The lesson's prepared questions, for who launches or plans."""
    return Questions(await list_questions(call.site.house.records, call.principal, str(lesson_id), call.now))


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/questions",
    status=201,
    refusals=("forbidden", "not_editable", "blanks_differ", "picture_not_found", "command_reused"),
)
async def post_question(call: Call, lesson_id: UUID, body: NewQuestion) -> QuestionView:
    """Prepare one more question."""
    said = (body.kind, body.text, body.options, body.correct, body.explanation, body.seconds, body.blanks)
    plan = QuestionPlan(*said, scoring=rule_of(body.scoring), picture=picture_of(body.picture))
    records = call.site.house.records
    added = await add_question(records, call.principal, str(lesson_id), body.command, plan=plan, now=call.now)
    return _tagged(call, added)


@calls.on(
    "PATCH",
    "/api/v1/questions/{question_id}",
    refusals=(*_CHANGE, "blanks_differ", "picture_not_found", "command_reused"),
)
async def patch_question(call: Call, question_id: UUID, body: ChangedQuestion) -> QuestionView:
    """Change a prepared question; what was launched of it stays as it was."""
    said = (body.kind, body.text, body.options, body.correct, body.explanation, body.seconds, body.blanks)
    change = QuestionChange(*said, scoring=rule_of(body.scoring), picture=picture_of(body.picture), bare=body.bare)
    changed = await change_question(
        call.site.house.records,
        call.principal,
        str(question_id),
        change,
        version=call.if_match,
        command_id=str(body.command_id) if body.command_id else None,
        now=call.now,
    )
    return _tagged(call, changed)


@calls.on("DELETE", "/api/v1/questions/{question_id}", status=204, refusals=_CHANGE)
async def delete_question(call: Call, question_id: UUID) -> None:
    """Take a prepared question away."""
    records = call.site.house.records
    await remove_question(records, call.principal, str(question_id), version=call.if_match, now=call.now)


def _tagged(call: Call, question: QuestionView) -> QuestionView:
    call.headers[hdrs.ETAG] = f'"{question.version}"'
    return question
