"""Quizzes in a lesson: prepared questions, launched one at a time; the server's clock decides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """One member's answers in a lesson, closed quizzes only."""

    answered: int
    right: int
