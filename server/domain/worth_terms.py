"""What a lesson is worth by rule (核定学时), in hundredths of 学时: fixed by kind, else by its length. Part of a credit
rule, and dated with it: 1 学时 is 45 or 60 minutes, a half day 3 or 4, a day 6 or 8, as the plan in force has it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.lesson_kinds import LessonKind
from server.domain.refusals import Refusal


class By(enum.StrEnum):
    """From which part of the terms it follows."""

    KIND = "kind"
    DAY = "day"
    HALF_DAY = "half_day"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class WorthTerms:
    """``kinds``: what a lesson of the kind is worth however long. ``credit_minutes``: minutes of 1 学时, None: length
    says nothing; rounded down to whole ``step_hundredths``.

    From ``half_day_minutes`` on a lesson is worth ``half_day_hundredths``, from ``day_minutes`` on ``day_hundredths``;
    None: the plan knows none.
    """

    kinds: Mapping[LessonKind, int] = field(default_factory=dict)
    credit_minutes: int | None = None
    step_hundredths: int = 25
    half_day_minutes: int | None = None
    half_day_hundredths: int = 0
    day_minutes: int | None = None
    day_hundredths: int = 0


def check(terms: WorthTerms) -> None:
    """Raises ``invalid_body``."""
    both = terms.half_day_minutes is not None and terms.day_minutes is not None
    if both and (terms.half_day_minutes or 0) >= (terms.day_minutes or 0):
        raise Refusal("invalid_body", "day_minutes: more than half_day_minutes")


@dataclass(frozen=True, slots=True)
class Worth:
    hundredths: int
    by: By


def worth(terms: WorthTerms | None, kind: LessonKind, minutes: int) -> Worth | None:
    """``minutes``: from its planned begin to its planned end. None: the rule does not say."""
    if terms is None:
        return None
    if kind in terms.kinds:
        return Worth(terms.kinds[kind], By.KIND)
    if terms.day_minutes is not None and minutes >= terms.day_minutes:
        return Worth(terms.day_hundredths, By.DAY)
    if terms.half_day_minutes is not None and minutes >= terms.half_day_minutes:
        return Worth(terms.half_day_hundredths, By.HALF_DAY)
    if terms.credit_minutes is None:
        return None
    steps = minutes * 100 // (terms.credit_minutes * terms.step_hundredths)
    return Worth(steps * terms.step_hundredths, By.LENGTH)


def facts_of(terms: WorthTerms | None) -> dict[str, Any] | None:
    """As JSON types."""
    if terms is None:
        return None
    facts = {name: getattr(terms, name) for name in terms.__slots__}
    return {**facts, "kinds": {kind.value: amount for kind, amount in terms.kinds.items()}}


def terms_of(facts: Mapping[str, Any] | None) -> WorthTerms | None:
    """What :func:`facts_of` came from."""
    if facts is None:
        return None
    return WorthTerms(**{**facts, "kinds": {LessonKind(name): amount for name, amount in facts["kinds"].items()}})
