"""The shelf of re-markings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from server.domain.quiz import Quiz
from server.domain.remarking import Change, Remark


class RemarkShelf(Protocol):
    def of_quiz(self, quiz_id: str) -> tuple[Remark, ...]:
        """The first one first."""
        ...

    def last(self, lesson_id: str) -> dict[str, Remark]:
        """By quiz, of those of the lesson that were marked again."""
        ...

    def answers(self, quiz_id: str) -> tuple[tuple[str, tuple[str, ...], int], ...]:
        """Member, choice and marks of every answer, by member."""
        ...

    def add(self, remark: Remark, changes: Sequence[Change]) -> None: ...

    def apply(self, quiz: Quiz, changes: Sequence[Change]) -> None:
        """The quiz's key, the answers' marks, and what came of it."""
        ...
