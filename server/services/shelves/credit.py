"""Shelves of study credit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.chain import Head
from server.domain.credit import CreditRule, Review, ReviewState, Verdict, VerdictFilter
from server.domain.credit_sums import KindSum, MonthSum
from server.domain.day_heads import DayHead
from server.domain.entry_corrections import EntryCorrection
from server.domain.ledger import Entry
from server.domain.lessons import Lesson


class CreditRuleShelf(Protocol):
    def get(self, rule_id: str) -> CreditRule | None: ...

    def named(self, rule_ids: Collection[str]) -> dict[str, CreditRule]: ...

    def of_units(self, unit_ids: Collection[str]) -> tuple[CreditRule, ...]:
        """By unit and version."""
        ...

    def lock(self, unit_id: str) -> tuple[CreditRule, ...]:
        """The unit's own, while nobody else adds one, until the end of the transaction."""
        ...

    def add(self, rule: CreditRule) -> None: ...

    def end(self, rule: CreditRule) -> None:
        """Takes over ``until``, nothing else."""


class VerdictShelf(Protocol):
    def get(self, lesson_id: str, member_id: str) -> tuple[Verdict, str] | None:
        """With the member's name as it was."""
        ...

    def listed(
        self, lesson_id: str, wanted: VerdictFilter, after: str | None, limit: int
    ) -> tuple[tuple[Verdict, str], ...]:
        """By unit, name and member, with the name; ``after``: a member of the roster, else ``invalid_body``."""
        ...

    def add(self, lesson_id: str, verdicts: Sequence[Verdict]) -> None: ...

    def save(self, lesson_id: str, verdict: Verdict) -> None: ...


class LedgerShelf(Protocol):
    def lock(self) -> Head:
        """The end of the ledger, while nobody else appends, until the end of the transaction."""
        ...

    def append(self, head: Head, entries: Sequence[Entry]) -> None:
        """``head``: what :meth:`lock` gave; ``entries`` follow it."""

    def of_lesson(self, lesson_id: str) -> tuple[Entry, ...]: ...

    def of_member(self, member_id: str, since: dt.datetime, until: dt.datetime) -> tuple[Entry, ...]:
        """For lessons that began, or what was learned outside, in that time (else, entries made then), newest first."""
        ...

    def sums(self, unit_ids: Collection[str], since: dt.datetime, until: dt.datetime) -> tuple[KindSum, ...]:
        """Of entries made for members of those units, in that time as :meth:`of_member` has it; by unit and member."""
        ...

    def sums_of_members(
        self, member_ids: Collection[str], since: dt.datetime, until: dt.datetime
    ) -> tuple[KindSum, ...]:
        """The same of these members, in whichever units they were."""
        ...

    def months_of_members(self, member_ids: Collection[str], bounds: Sequence[dt.datetime]) -> tuple[MonthSum, ...]:
        """The same by month. ``bounds``: the first moment of each month, and the end of the last one."""
        ...

    def named(self, entry_ids: Collection[str]) -> dict[str, Entry]: ...

    def head(self) -> Head:
        """The end of the ledger, without waiting for who appends."""
        ...

    def ended_with(self, hash_: str) -> tuple[int, Entry | None] | None:
        """Where the chain says that it had this hash, by the entry that follows or by the head, and the entry there:
        None when it is gone or cannot be read. None altogether: nowhere.
        """
        ...

    def note_day(self, noted: DayHead) -> bool:
        """False: the day has one already, which stays."""
        ...

    def day_heads(self, before: dt.date | None, limit: int | None) -> tuple[DayHead, ...]:
        """Newest first, of days before ``before``."""
        ...


class EntryCorrectionShelf(Protocol):
    def add(self, correction: EntryCorrection) -> None: ...

    def about(self, entry_ids: Collection[str]) -> tuple[EntryCorrection, ...]:
        """That correct one of these, or are one of these; by corrected entry and number."""
        ...


class ReviewShelf(Protocol):
    def get(self, review_id: str) -> Review | None: ...

    def of(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, Review]:
        """The newest of each member."""
        ...

    def listed(
        self,
        unit_ids: Collection[str],
        states: Collection[ReviewState],
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[tuple[Review, Lesson], ...]:
        """In lessons of these units (without their venues), newest first, after the cursor ``before``."""
        ...

    def add(self, review: Review) -> bool:
        """Whether the member had no open one in this lesson."""
        ...

    def save(self, review: Review) -> None: ...
