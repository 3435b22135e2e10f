"""Questions at marks of a film or a replay (标记处提问): the player stops, asks once, and the first answer stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from server.domain.quiz import Option, QuestionKind
from server.domain.refusals import Refusal


class Asked(Protocol):
    """A prepared question, or one that was put in a lesson."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> QuestionKind: ...

    @property
    def options(self) -> tuple[Option, ...]: ...

    @property
    def correct(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """The first one stays."""

    question_id: str
    member_id: str
    choice: tuple[str, ...]
    right: bool
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class MarkTally:
    """Of one member's questions at marks: how many there are, how many have an answer, how many a right one."""

    asked: int
    answered: int
    right: int


def answer(asked: Asked, member_id: str, chosen: Collection[str], now: dt.datetime) -> MarkAnswer:
    """Raises ``option_unknown``, ``invalid_body``."""
    wanted = set(chosen)
    if not wanted <= {option.id for option in asked.options}:
        raise Refusal("option_unknown")
    if not wanted or (asked.kind is not QuestionKind.MULTIPLE and len(wanted) > 1):
        raise Refusal("invalid_body", "choice: at least one; several only where several may be chosen")
    choice = tuple(option.id for option in asked.options if option.id in wanted)
    return MarkAnswer(asked.id, member_id, choice, wanted == set(asked.correct), now)


def tally(asked: Collection[str], given: Collection[MarkAnswer]) -> MarkTally:
    """``asked``: ids. An answer to what is asked no more counts for nothing."""
    counted = [each for each in given if each.question_id in asked]
    return MarkTally(len(asked), len(counted), sum(each.right for each in counted))


def missing(came: MarkTally, least_percent: int | None) -> int:
    """How many more answers, right or wrong, the terms want; ``least_percent`` None: none."""
    if least_percent is None:
        return 0
    wanted = -(-came.asked * least_percent // 100)
    return max(0, wanted - came.answered)
