"""What the questions of a lesson weigh together: part of a credit rule, and dated with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class QuizTerms:
    """At least ``least_percent`` of all questions that were asked, where answering one weighs ``answered_weight`` and
    answering it right ``right_weight`` more.
    """

    answered_weight: int
    right_weight: int
    least_percent: int


def check(terms: QuizTerms) -> None:
    """Raises ``invalid_body``."""
    if terms.answered_weight + terms.right_weight < 1:
        raise Refusal("invalid_body", "quiz: one of the weights at least")


def weighed_percent(terms: QuizTerms, asked: int, answered: int, right: int) -> int:
    """Whole percents, rounded down, 0…100; of no questions everything was reached."""
    whole = asked * (terms.answered_weight + terms.right_weight)
    part = answered * terms.answered_weight + right * terms.right_weight
    return 100 if whole <= 0 else max(0, min(100, part * 100 // whole))


def terms_of(facts: Mapping[str, Any] | None) -> QuizTerms | None:
    """From JSON, as ``asdict`` made it."""
    return None if facts is None else QuizTerms(**facts)
