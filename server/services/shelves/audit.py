"""The shelf of the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Protocol

from server.domain.audit import AuditQuery, Deed, Findings, Line
from server.domain.audit_checks import AuditCheck
from server.domain.chain import Head


class AuditShelf(Protocol):
    def add(self, deed: Deed) -> None:
        """Written at the end of the transaction, when the transaction is."""
        ...

    def head(self) -> Head: ...

    def since(self) -> Head:
        """The last line that was cut."""
        ...

    def page(self, wanted: AuditQuery, before: int | None, limit: int) -> tuple[Line, ...]:
        """Newest first, those with a position below ``before``."""
        ...

    def after(self, position: int, limit: int) -> tuple[Line, ...]:
        """Oldest first."""
        ...

    def last_before(self, moment: dt.datetime) -> Head | None: ...

    def cut(self, to: Head) -> int: ...

    def erase_details(
        self, words: tuple[str, ...], actor: str | None, says: Callable[[str], bool] = lambda _detail: True
    ) -> tuple[int, ...]: ...

    def examine(self, noted: str | None, heard: Callable[[int], None]) -> Findings:
        """Reads all of it. ``noted``: the hash of a head from earlier. ``heard`` is told now and then how many lines
        were read, and may raise.
        """
        ...

    def sent(self) -> Head | None: ...

    def move_sent(self, to: Head) -> None: ...

    def claim_sending(self, now: dt.datetime, until: dt.datetime) -> bool:
        """False while another process sends."""
        ...

    def release_sending(self, until: dt.datetime) -> None:
        """The claim that was to end then."""


class AuditCheckShelf(Protocol):
    def get(self, check_id: str, *, lock: bool = False) -> AuditCheck | None: ...

    def put(self, one: AuditCheck) -> None:
        """Add it, or save what changed of it."""

    def newest(self, limit: int) -> tuple[AuditCheck, ...]: ...

    def unfinished(self) -> tuple[AuditCheck, ...]:
        """Oldest first."""
        ...
