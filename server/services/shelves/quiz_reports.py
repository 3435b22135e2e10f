"""The shelf of what reports on quizzes count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from server.domain.quiz import HelpedAnswer
from server.domain.quiz_figures import Marked


class QuizReportShelf(Protocol):
    def answers(self, lesson_id: str, unit_ids: Collection[str] | None, most: int) -> tuple[Marked, ...]:
        """To closed quizzes of a lesson, by those who are on its roster in these units (None: in any); ``most``."""
        ...

    def expected(self, lesson_id: str, unit_ids: Collection[str] | None) -> dict[str, int]:
        """How many are on the roster, by unit."""
        ...

    def helped(
        self, lesson_id: str, unit_ids: Collection[str] | None, offset: int, limit: int
    ) -> tuple[HelpedAnswer, ...]:
        """Answers that stand and that somebody else put in, by those on the roster in these units; the newest first."""
        ...

    def answerers(self, quiz_id: str) -> frozenset[str]:
        """The members who answered."""
        ...

    def given(self, quiz_ids: Collection[str]) -> dict[str, int]:
        """By member, how many of these were answered; nobody who answered none."""
        ...

    def uses(self, bank_id: str, most: int) -> tuple[tuple[int, str, str], ...]:
        """Where a question of the bank was asked, the newest first: number of its version, quiz, lesson."""
        ...
