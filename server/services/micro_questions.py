"""Questions of a micro-video: its test, and those that stand at a mark of the film and are asked once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from server.domain import marks
from server.domain import micro_studies as rules
from server.domain.access import Principal
from server.domain.micro_studies import MicroQuestion
from server.domain.micro_videos import MOST_FILM_MS
from server.domain.quiz import CHOICES, QuestionKind
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.micro_studies import own_study
from server.services.micro_videos import kept_video
from server.services.questions import QuestionPlan, prepared
from server.services.records import Records, Transaction
from server.services.views import OptionView


@dataclass(frozen=True, slots=True)
class MicroQuestionPlan:
    """``mark_ms`` None: of the test."""

    question: QuestionPlan
    mark_ms: int | None = None


@dataclass(frozen=True, slots=True)
class MicroQuestionView:
    id: str
    kind: QuestionKind
    text: str
    options: tuple[OptionView, ...]
    correct: tuple[str, ...]
    explanation: str
    mark_ms: int | None


@dataclass(frozen=True, slots=True)
class MicroQuestionsView:
    items: tuple[MicroQuestionView, ...]


@dataclass(frozen=True, slots=True)
class MarkView:
    """What came of an answer at a mark. ``choice``: the first one, which stays."""

    question_id: str
    choice: tuple[str, ...]
    right: bool
    correct: tuple[str, ...]
    explanation: str


_VIEW = TypeAdapter(MicroQuestionsView)


def _view(one: MicroQuestion) -> MicroQuestionView:
    asked = one.question
    options = tuple(OptionView(option.id, option.text) for option in asked.options)
    return MicroQuestionView(asked.id, asked.kind, asked.text, options, asked.correct, asked.explanation, one.mark_ms)


async def list_micro_questions(
    records: Records, principal: Principal, video_id: str, now: dt.datetime
) -> MicroQuestionsView:
    """For who keeps the course. Raises ``micro_not_found``."""

    def load(tx: Transaction) -> MicroQuestionsView:
        kept_video(tx, principal, video_id, now)
        return MicroQuestionsView(tuple(map(_view, tx.studies.questions(video_id))))

    return await records.read(load)


async def put_micro_questions(
    records: Records,
    principal: Principal,
    video_id: str,
    command_id: str,
    *,
    plans: Sequence[MicroQuestionPlan],
    now: dt.datetime,
) -> MicroQuestionsView:
    """All of them, in the place of those that there were; attempts keep what they asked.

    Raises ``micro_not_found``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "put_micro_questions", id=video_id, plans=[asdict(plan) for plan in plans])

    def work(tx: Transaction) -> MicroQuestionsView:
        video = kept_video(tx, principal, video_id, now, lock=True)

        def do() -> MicroQuestionsView:
            if any(plan.question.kind not in CHOICES for plan in plans):
                raise Refusal("invalid_body", "kind: single, multiple or true_false")
            made = [
                MicroQuestion(prepared(video_id, place, plan.question), plan.mark_ms)
                for place, plan in enumerate(plans, start=1)
            ]
            rules.check_marks(made, video.duration_ms or MOST_FILM_MS)
            tx.studies.put_questions(video_id, made)
            return MicroQuestionsView(tuple(map(_view, made)))

        return once(tx, asked, now, _VIEW, do)

    return await records.write(work)


async def answer_mark(
    records: Records,
    principal: Principal,
    video_id: str,
    question_id: str,
    *,
    choice: Collection[str],
    now: dt.datetime,
) -> MarkView:
    """Asked once: a second answer changes nothing and is told what came of the first. It counts for nothing.

    Raises ``micro_not_found``, ``study_not_begun``, ``question_not_found``, ``option_unknown``, ``invalid_body``.
    """

    def work(tx: Transaction) -> MarkView:
        _, study = own_study(tx, principal, video_id, now)
        found = (each for each in tx.studies.questions(video_id) if each.mark_ms is not None)
        one = next((each.question for each in found if each.question.id == question_id), None)
        if one is None:
            raise Refusal("question_not_found", question_id)
        said = tx.studies.marked(video_id, study.member_id).get(question_id)
        if said is None:
            said = marks.answer(one, study.member_id, choice, now)
            tx.studies.mark(video_id, said)
        return MarkView(question_id, said.choice, said.right, one.correct, one.explanation)

    return await records.write(work)
