"""The shelf of what staff decided on opinions and words of clouds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from server.domain.opinions import Ruled


class OpinionShelf(Protocol):
    def ruled(self, quiz_id: str) -> dict[str, Ruled]:
        """By key of the saying."""
        ...

    def rule(self, decided: Sequence[Ruled]) -> None:
        """In place of what was decided before."""
        ...

    def retell(self, quiz_id: str) -> None:
        """What was kept of a closed quiz says what may be shown now."""
        ...
