"""Shelves of what people are asked to agree to, and of what becomes of their data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from server.domain.consents import Acceptance, ConsentText
from server.domain.data_exports import DataExport
from server.domain.erasures import Erasure, Hold, NamedLesson, Pseudonym, Standing
from server.domain.personal_data import Person
from server.domain.retention import RetentionRule, Sweep
from server.domain.retention_steps import Key, Step


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

    def asked_by(self, account_id: str, since: dt.datetime) -> tuple[DataExport, ...]:
        """Those of others that this administrator asked for since then."""
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

    def rows(self, person: Person, name: str) -> Iterator[list[dict[str, Any]]]:
        """Of one table that the inventory gives out, without secrets and without who acted."""
        ...

    def sheet_lines(self, person: Person) -> Iterator[list[dict[str, Any]]]:
        """The own line of every sign-in sheet."""
        ...

    def lessons_named(self, words: str, limit: int) -> tuple[NamedLesson, ...]:
        """Whose title holds the words, newest first; with none the newest."""
        ...

    def lesson_titles(self, lesson_ids: frozenset[str]) -> dict[str, str]: ...


class ErasureShelf(Protocol):
    def get(self, erasure_id: str, *, lock: bool = False) -> Erasure | None: ...

    def open_of(self, account_id: str) -> Erasure | None:
        """The person's request that waits."""
        ...

    def erased(self, account_id: str) -> bool:
        """Whether that was done to it: the account serves nobody ever again."""
        ...

    def erased_members(self) -> frozenset[str]: ...

    def newest(self, limit: int, account_id: str | None = None) -> tuple[Erasure, ...]:
        """Those that wait first."""
        ...

    def put(self, one: Erasure) -> None:
        """Add it, or save what changed of it."""

    def hold(self, hold_id: str, *, lock: bool = False) -> Hold | None: ...

    def lesson_held_since(self, lesson_id: str) -> Hold | None:
        """The oldest hold on the lesson itself that stands."""
        ...

    def holds(self, lifted: int) -> tuple[Hold, ...]:
        """All that hold, newest first, then the last ``lifted`` of those that do no more."""
        ...

    def put_hold(self, one: Hold) -> None:
        """Add it, or save that it was lifted."""


class ErasingShelf(Protocol):
    def standing(self, person: Person) -> Standing:
        """What stands against it."""
        ...

    def pseudonym(self, person: Person) -> Pseudonym: ...

    def longer(self, person: Person) -> frozenset[str]:
        """Names of others, now or on rosters of the past, in which this one stands."""
        ...

    def erase(self, person: Person, pseudonym: Pseudonym, now: dt.datetime, today: dt.date) -> dict[str, int]:
        """How many rows of each table were changed or deleted."""
        ...


class RetentionShelf(Protocol):
    def rules(self) -> tuple[RetentionRule, ...]: ...

    def put(self, rule: RetentionRule, now: dt.datetime) -> None:
        """What was to hold later for the class does not any more."""

    def sweep(self, day: dt.date, *, lock: bool = False) -> Sweep | None: ...

    def sweeps(self, limit: int) -> tuple[Sweep, ...]:
        """Newest first."""
        ...

    def begin(self, sweep: Sweep) -> bool:
        """False: another process has begun it."""
        ...

    def save(self, sweep: Sweep) -> None: ...

    def held(self) -> bool:
        """Whether any legal hold stands."""
        ...

    def due(self, step: Step, before: dt.datetime) -> int:
        """How many rows of it are older, and under no hold."""
        ...

    def found(self, step: Step, before: dt.datetime, after: Key | None, limit: int) -> tuple[Key, ...]:
        """The keys of some of them, in their order, beyond ``after``: a search that begins where the last one ended."""
        ...

    def audit_due(self, before: dt.datetime) -> int: ...

    def clear(self, step: Step, before: dt.datetime, found: Sequence[Key]) -> int:
        """Those of ``found`` that are due still (a hold may have been set) go or are emptied; how many."""
        ...
