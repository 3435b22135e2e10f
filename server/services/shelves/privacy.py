"""Shelf of what people are asked to agree to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from server.domain.consents import Acceptance, ConsentText


class ConsentShelf(Protocol):
    def current(self) -> ConsentText | None:
        """The newest; None: nobody is asked for anything."""
        ...

    def versions(self) -> tuple[ConsentText, ...]:
        """Newest first."""
        ...

    def publish(self, text: ConsentText) -> bool:
        """False: somebody else has published this version meanwhile."""
        ...

    def accepted(self, account_id: str, version: int) -> Acceptance | None: ...

    def accept(self, acceptance: Acceptance) -> None:
        """The first one counts."""
        ...

    def counts(self) -> Mapping[int, int]:
        """How many people whose account is enabled have accepted each version."""
        ...

    def people(self) -> int:
        """Enabled accounts of people."""
        ...
