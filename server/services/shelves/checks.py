"""Shelf of random checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.presence_checks import CheckAnswer, CheckPlan, PresenceCheck


class CheckShelf(Protocol):
    def plan(self, lesson_id: str) -> CheckPlan | None: ...

    def add(self, plan: CheckPlan, checks: Sequence[PresenceCheck]) -> None: ...

    def of(self, lesson_id: str) -> tuple[PresenceCheck, ...]:
        """By number."""
        ...

    def held(self, check_ids: Collection[str]) -> dict[str, PresenceCheck]: ...

    def waiting(self, now: dt.datetime) -> tuple[str, ...]:
        """Lessons with one whose moment has come, to be asked or to be closed."""
        ...

    def save(self, check: PresenceCheck) -> None: ...

    def put(self, answers: Sequence[CheckAnswer]) -> None:
        """A member's first answer stands."""

    def given(self, check_id: str, member_ids: Collection[str]) -> dict[str, CheckAnswer]:
        """By member."""
        ...

    def answered(self, lesson_id: str) -> dict[str, int]:
        """How many, by check."""
        ...

    def answers(self, lesson_id: str) -> dict[str, frozenset[str]]:
        """By member, the checks that were answered."""
        ...
