"""Questions at marks of a film or a replay (标记处提问): the player stops, asks once, and the first answer stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
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
    """The first one stays. ``right``: by the key of then."""

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
    return MarkAnswer(asked.id, member_id, choice, is_right(asked, choice), now)


def is_right(asked: Asked, choice: Collection[str]) -> bool:
    """By the key of now, which may have been put right since it was answered (改判)."""
    return set(choice) == set(asked.correct)


def tally(asked: Mapping[str, Asked], given: Collection[MarkAnswer]) -> MarkTally:
    """``asked``: by id. An answer to what is asked no more counts for nothing."""
    counted = [each for each in given if each.question_id in asked]
    right = sum(is_right(asked[each.question_id], each.choice) for each in counted)
    return MarkTally(len(asked), len(counted), right)


def missing(came: MarkTally, least_percent: int | None) -> int:
    """How many more answers, right or wrong, the terms want; ``least_percent`` None: none."""
    if least_percent is None:
        return 0
    wanted = -(-came.asked * least_percent // 100)
    return max(0, wanted - came.answered)
