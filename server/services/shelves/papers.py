"""The shelf of papers and what was drawn of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from server.domain.bank import Version
from server.domain.paper_runs import PaperRun
from server.domain.papers import Draw, Drawn, Paper


class PaperShelf(Protocol):
    def get(self, paper_id: str, *, lock: bool = False) -> Paper | None: ...

    def of_units(self, unit_ids: Collection[str], *, retired: bool) -> tuple[Paper, ...]:
        """By name."""
        ...

    def count_in(self, unit_id: str) -> int:
        """Retired ones among them."""
        ...

    def put(self, paper: Paper) -> None:
        """New, or in place of what was."""

    def draws(self, lesson_id: str) -> tuple[Drawn, ...]:
        """What was drawn for a lesson, the first one first."""
        ...

    def keep(self, drawn: Drawn) -> None: ...

    def runs(self, lesson_id: str) -> tuple[PaperRun, ...]:
        """Papers asked as a whole in a lesson, the first one first."""
        ...

    def keep_run(self, run: PaperRun) -> None: ...

    def versions(self, version_ids: Collection[str]) -> dict[str, tuple[Version, str]]:
        """Versions of the bank, each with the unit of its question."""
        ...

    def candidates(self, unit_ids: Collection[str], draw: Draw) -> tuple[str, ...]:
        """The newest versions of questions in use that a draw may take, by id."""
        ...
