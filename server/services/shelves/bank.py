"""The shelf of the question bank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from server.domain.bank import BankFilter, BankKind, BankQuestion, Version


class BankShelf(Protocol):
    def get(self, bank_id: str) -> BankQuestion | None: ...

    def lock(self, bank_id: str) -> BankQuestion | None: ...

    def listed(self, wanted: BankFilter, after: str | None, limit: int) -> tuple[BankQuestion, ...]:
        """The newest first. ``after``: the id of the last one seen; of one that is not there, nothing follows."""
        ...

    def count(self, wanted: BankFilter) -> int: ...

    def tags(self, unit_ids: Collection[str], limit: int) -> tuple[tuple[str, int], ...]:
        """Of questions in use, the most frequent first."""
        ...

    def count_in(self, unit_id: str) -> int:
        """Retired ones among them."""
        ...

    def alike(self, unit_id: str, texts: Collection[str]) -> dict[tuple[BankKind, str], list[BankQuestion]]:
        """Those in use with one of these texts; of several with the same kind and text the oldest first."""
        ...

    def locked(self, bank_ids: Collection[str]) -> Mapping[str, BankQuestion]:
        """All of them at once; whoever locks several locks them in the same order."""
        ...

    def add(self, questions: Sequence[BankQuestion]) -> None:
        """With their first versions."""
        ...

    def succeed(self, questions: Sequence[BankQuestion]) -> None:
        """Their newest versions are new."""
        ...

    def save(self, question: BankQuestion) -> None:
        """Whether it is retired; no version changes."""
        ...

    def versions(self, bank_id: str) -> tuple[Version, ...]:
        """The newest first."""
        ...

    def use(self, version_ids: Collection[str], at: dt.datetime) -> None:
        """They are taken for a lesson, perhaps not for the first time."""
        ...
