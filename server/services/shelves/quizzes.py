"""Shelves of questions, quizzes and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.quiz import Answer, AnswerKey, Outcome, Question, Quiz, Tally
from server.domain.quiz_answers import Counted


class QuestionShelf(Protocol):
    """Prepared questions."""

    def of(self, lesson_id: str) -> tuple[Question, ...]:
        """By position."""
        ...

    def get(self, question_id: str) -> Question | None: ...

    def add(self, question: Question) -> None: ...

    def save(self, question: Question) -> None: ...

    def remove(self, question_id: str) -> None: ...


class QuizShelf(Protocol):
    """Launched quizzes and their answers. At most one of a lesson runs: the database sees to it."""

    def get(self, quiz_id: str) -> Quiz | None: ...

    def of(self, lesson_id: str) -> tuple[tuple[Quiz, Outcome | None], ...]:
        """By number, with what came of those that are closed."""
        ...

    def count(self, lesson_id: str) -> int: ...

    def running(self, lesson_id: str) -> Quiz | None:
        """Of a paper asked as a whole the first one."""
        ...

    def together(self, quiz: Quiz) -> tuple[Quiz, ...]:
        """Those that share its time, in their common order: of a paper asked as a whole all, else itself."""
        ...

    def all_running(self) -> tuple[Quiz, ...]:
        """Of every lesson, the next deadline first."""
        ...

    def add(self, quiz: Quiz) -> None: ...

    def save(self, quiz: Quiz) -> None:
        """What the lecturer did to its time."""
        ...

    def close(self, quiz: Quiz, at: dt.datetime) -> Outcome | None:
        """What came of it, counted after the last answer and kept; None when it was closed already."""
        ...

    def held(self, quiz_ids: Collection[str]) -> dict[str, Quiz]:
        """Those that there are, by id. They can't be closed until this transaction ends."""
        ...

    def put(self, new: Sequence[Answer]) -> frozenset[AnswerKey]:
        """Which were written. Of the others the member had answered or the command was used, perhaps among them."""
        ...

    def given(self, quiz_id: str, member_ids: Collection[str], *, lock: bool = False) -> tuple[Answer, ...]:
        """Those of the members. ``lock``: nobody else changes them until this transaction ends."""
        ...

    def change(self, changed: Sequence[Answer]) -> None:
        """What stands instead of what did. The rows are locked."""
        ...

    def own(self, lesson_id: str, member_id: str) -> dict[str, Answer]:
        """What the member answered, by quiz."""
        ...

    def counted(self, quiz_id: str) -> list[Counted]:
        """Distinct answers, and how many of each."""
        ...

    def expected(self, lesson_id: str) -> int:
        """Everybody on the roster: whoever may answer."""
        ...

    def answered(self, quiz_id: str) -> int: ...

    def progress(self, quizzes_of: Sequence[Quiz]) -> tuple[int, int]:
        """How many members have answered any of them, and how many every one."""
        ...

    def outcome(self, quiz: Quiz, *, units: bool = True) -> Outcome:
        """As of now."""
        ...

    def asked(self, lesson_id: str) -> int:
        """How many quizzes of the lesson are closed, of those that are scored."""
        ...

    def tallies(self, lesson_id: str) -> dict[str, Tally]:
        """By member, over closed quizzes that are scored; members without an answer are not in it."""
        ...
