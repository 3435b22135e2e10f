"""The shelf of papers and what was drawn of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.bank import Version
from server.domain.paper_runs import HandIn, HandInKey, PaperRun
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

    def hand_in(self, one: HandIn) -> bool:
        """False: handed in before, in this round."""
        ...

    def handed_in(self, run_ids: Collection[str], member_ids: Collection[str]) -> dict[HandInKey, dt.datetime]:
        """What these members handed in of these, and when."""
        ...

    def hand_ins(self, run_id: str, number: int) -> dict[str, dt.datetime]:
        """By member, in this round."""
        ...

    def versions(self, version_ids: Collection[str]) -> dict[str, tuple[Version, str]]:
        """Versions of the bank, each with the unit of its question."""
        ...

    def candidates(self, unit_ids: Collection[str], draw: Draw) -> tuple[str, ...]:
        """The newest versions of questions in use that a draw may take, by id."""
        ...
