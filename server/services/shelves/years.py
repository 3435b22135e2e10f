"""Shelves of what is asked for a year."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from server.domain.study_roles import RoleRow
from server.domain.year_rules import YearRule


class YearRuleShelf(Protocol):
    def of_units(self, unit_ids: Collection[str]) -> tuple[YearRule, ...]:
        """By unit and version."""
        ...

    def lock(self, unit_id: str) -> tuple[YearRule, ...]:
        """The unit's own, while nobody else adds one, until the end of the transaction."""
        ...

    def add(self, rule: YearRule) -> None: ...

    def end(self, rule: YearRule) -> None:
        """Takes over ``until``, nothing else."""


class StudyRoleShelf(Protocol):
    def get(self, row_id: str) -> RoleRow | None: ...

    def of_members(self, member_ids: Collection[str]) -> dict[str, tuple[RoleRow, ...]]:
        """By member, the earliest first; thousands at once. Who has none is not in it."""
        ...

    def add(self, row: RoleRow) -> None: ...

    def end(self, row: RoleRow) -> None:
        """Takes over when it ends, and who said so."""
