"""How members go through micro-videos, as rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.make_ups import Attempt
from server.domain.marks import MarkAnswer
from server.domain.micro_studies import MicroQuestion, MicroStudy
from server.domain.micro_terms import MicroTerms
from server.domain.quiz import Option, Question, QuestionKind
from server.store.batches import batched
from server.store.make_ups import attempt_of, attempt_row
from server.store.schema import micro_attempts, micro_marks, micro_questions, micro_studies
from server.store.upserts import insert

_FIELDS = tuple(field.name for field in dataclasses.fields(MicroStudy))
_SECONDS = 60


class SqlStudies:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, video_id: str, member_id: str, *, lock: bool = False) -> MicroStudy | None:
        mine = (micro_studies.c.video_id == video_id, micro_studies.c.member_id == member_id)
        query = sa.select(micro_studies).where(*mine)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _study(row)

    def of_member(self, member_id: str, video_ids: Collection[str]) -> dict[str, MicroStudy]:
        found: dict[str, MicroStudy] = {}
        for some in batched(video_ids):
            theirs = (micro_studies.c.member_id == member_id, micro_studies.c.video_id.in_(some))
            found |= {
                row.video_id: _study(row) for row in self._connection.execute(sa.select(micro_studies).where(*theirs))
            }
        return found

    def add(self, study: MicroStudy) -> None:
        self._connection.execute(insert(self._connection, micro_studies).on_conflict_do_nothing().values(_row(study)))

    def save(self, study: MicroStudy) -> None:
        self._connection.execute(sa.update(micro_studies).where(micro_studies.c.id == study.id).values(_row(study)))

    def attempts(self, study_id: str) -> tuple[Attempt, ...]:
        theirs = sa.select(micro_attempts).where(micro_attempts.c.study_id == study_id)
        rows = self._connection.execute(theirs.order_by(micro_attempts.c.number))
        return tuple(attempt_of(row, "study_id") for row in rows)

    def add_attempt(self, attempt: Attempt) -> None:
        self._connection.execute(sa.insert(micro_attempts).values(attempt_row(attempt, "study_id")))

    def save_attempt(self, attempt: Attempt) -> None:
        change = sa.update(micro_attempts).where(micro_attempts.c.id == attempt.id)
        self._connection.execute(change.values(attempt_row(attempt, "study_id")))

    # ---- questions ----

    def questions(self, video_id: str) -> tuple[MicroQuestion, ...]:
        theirs = sa.select(micro_questions).where(micro_questions.c.video_id == video_id)
        rows = self._connection.execute(theirs.order_by(micro_questions.c.position))
        return tuple(_question(row) for row in rows)

    def tested(self, video_ids: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in batched(video_ids):
            wanted = (micro_questions.c.video_id.in_(some), micro_questions.c.mark_ms.is_(None))
            query = sa.select(micro_questions.c.video_id, sa.func.count()).where(*wanted)
            found |= {row[0]: row[1] for row in self._connection.execute(query.group_by(micro_questions.c.video_id))}
        return found

    def put_questions(self, video_id: str, questions: Sequence[MicroQuestion]) -> None:
        self._connection.execute(sa.delete(micro_questions).where(micro_questions.c.video_id == video_id))
        if questions:
            self._connection.execute(sa.insert(micro_questions), [_question_row(each) for each in questions])

    def marked(self, video_id: str, member_id: str) -> dict[str, MarkAnswer]:
        mine = (micro_marks.c.video_id == video_id, micro_marks.c.member_id == member_id)
        rows = self._connection.execute(sa.select(micro_marks).where(*mine))
        return {row.question_id: _mark(row) for row in rows}

    def mark(self, video_id: str, answer: MarkAnswer) -> None:
        values = {**asdict(answer), "choice": list(answer.choice), "video_id": video_id}
        self._connection.execute(insert(self._connection, micro_marks).on_conflict_do_nothing().values(values))


def _study(row: sa.Row[Any]) -> MicroStudy:
    values = {name: getattr(row, name) for name in _FIELDS}
    return MicroStudy(**{**values, "terms": MicroTerms(**row.terms)})


def _row(study: MicroStudy) -> dict[str, Any]:
    return {name: getattr(study, name) for name in _FIELDS} | {"terms": asdict(study.terms)}


def _mark(row: sa.Row[Any]) -> MarkAnswer:
    return MarkAnswer(row.question_id, row.member_id, tuple(row.choice), row.right, row.at)


def _question(row: sa.Row[Any]) -> MicroQuestion:
    options = tuple(Option(**each) for each in row.options)
    said = (QuestionKind(row.kind), row.text, options, tuple(row.correct), row.explanation)
    return MicroQuestion(Question(row.id, row.video_id, row.position, *said, seconds=_SECONDS), row.mark_ms)


def _question_row(one: MicroQuestion) -> dict[str, Any]:
    asked = one.question
    return {
        "id": asked.id,
        "video_id": asked.lesson_id,
        "position": asked.position,
        "kind": asked.kind.value,
        "text": asked.text,
        "options": [asdict(each) for each in asked.options],
        "correct": list(asked.correct),
        "explanation": asked.explanation,
        "mark_ms": one.mark_ms,
    }
