"""Shelves of what people are asked to agree to, and of what becomes of their data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from server.domain.consents import Acceptance, ConsentText
from server.domain.data_exports import DataExport
from server.domain.personal_data import Person


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


class DataExportShelf(Protocol):
    def get(self, export_id: str, *, lock: bool = False) -> DataExport | None: ...

    def put(self, one: DataExport, content: bytes | None = None) -> None:
        """Add it, or save what changed of it. ``content``: the file."""

    def of_account(self, account_id: str, limit: int) -> tuple[DataExport, ...]:
        """Those that the person asked for, newest first."""
        ...

    def of_others(self, limit: int) -> tuple[DataExport, ...]:
        """Those that administrators asked for, newest first."""
        ...

    def unfinished(self) -> tuple[DataExport, ...]:
        """Oldest first."""
        ...

    def content(self, export_id: str) -> bytes | None: ...

    def forget_before(self, before: dt.datetime) -> int: ...


class PersonalShelf(Protocol):
    def by_number(self, number: str) -> Person | None: ...

    def of_account(self, account_id: str) -> Person | None: ...

    def people(self, account_ids: frozenset[str]) -> dict[str, Person]: ...

    def rows(self, person: Person, name: str) -> list[dict[str, Any]]:
        """Of one table that the inventory gives out, without secrets and without who acted."""
        ...

    def sheet_lines(self, person: Person) -> list[dict[str, Any]]:
        """The own line of every sign-in sheet."""
        ...

    def lesson_titles(self, lesson_ids: frozenset[str]) -> dict[str, str]: ...
