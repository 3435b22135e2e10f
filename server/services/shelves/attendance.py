"""Shelves of who is expected, who came and who was there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

from server.domain.attendance import Standing
from server.domain.attendance_report import By, Held, Narrowed, Part, Record, Slice
from server.domain.board import Cell
from server.domain.leaves import Leave
from server.domain.lesson_kinds import LessonKind
from server.domain.presence import Outage, Span
from server.domain.roster import Assignments, PlaceChoice, RosterEntry, RosterFilter
from server.domain.sign_ins import Door, Proof, SignIn


class AssignmentShelf(Protocol):
    """Who is to be where, before the lesson opens."""

    def of(self, lesson_id: str) -> Assignments:
        """Without the members' choices."""
        ...

    def choices(self, lesson_id: str, member_id: str | None = None) -> tuple[PlaceChoice, ...]:
        """Everybody's, or one member's."""
        ...

    def choose(self, lesson_id: str, choice: PlaceChoice, at: dt.datetime) -> None:
        """In place of what the member chose before."""

    def replace(self, lesson_id: str, assignments: Assignments) -> None: ...


class RosterShelf(Protocol):
    def of(self, lesson_id: str) -> tuple[RosterEntry, ...]:
        """By unit and name; later additions among them."""
        ...

    def those(self, lesson_id: str, member_ids: Collection[str]) -> tuple[RosterEntry, ...]:
        """Of these members, in no order; who is not on the roster is not in it."""
        ...

    def get(self, lesson_id: str, member_id: str) -> RosterEntry | None: ...

    def door(self, lesson_id: str, member_id: str) -> Door | None:
        """All that is asked when a member signs in, at once, the lesson without its venues. None: not on the roster."""
        ...

    def doors(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, Door]:
        """Likewise of several; who is not on the roster is not in it."""
        ...

    def listed(
        self, lesson_id: str, narrowed: RosterFilter, after: str | None, limit: int
    ) -> tuple[tuple[RosterEntry, SignIn | None], ...]:
        """By the unit's name and the member's, after the member ``after``."""
        ...

    def cells(self, lesson_id: str, late_after: dt.datetime | None) -> tuple[Cell, ...]:
        """The whole roster, counted for the board."""
        ...

    def stamp(self, lesson_id: str) -> tuple[object, ...]:
        """Differs when the board may differ. Cheap."""

    def among(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        """Those of the members who are on it."""
        ...

    def place(self, lesson_id: str, member_id: str, lesson_venue_id: str | None) -> None:
        """Expected there from now on, whatever was before."""

    def correct(self, lesson_id: str, member_id: str, standing: Standing) -> None:
        """What a person puts in place of what the record says."""

    def units(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, str]:
        """Of those of the members who are on it."""
        ...

    def guests(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        """Those of the members who are on it, or are planned for it by name."""
        ...

    def called(
        self, lesson_id: str, lesson_venue_id: str, asked: str, limit: int
    ) -> tuple[tuple[RosterEntry, SignIn | None], ...]:
        """Who is expected or signed in at a venue and has this number or these initials; by name."""
        ...

    def add(self, lesson_id: str, entries: Sequence[RosterEntry]) -> None: ...


class AttendanceShelf(Protocol):
    """What settling found of everybody on a roster, over many lessons."""

    def settle(self, lesson_id: str, standings: Mapping[str, Standing]) -> None:
        """By member."""

    def held(
        self,
        within: tuple[dt.datetime, dt.datetime],
        kind: LessonKind | None,
        day: Callable[[dt.datetime], dt.date],
    ) -> tuple[Held, ...]:
        """Lessons that are over and began in there, in the order of their beginning."""
        ...

    def covered(self, slices: Sequence[Slice]) -> frozenset[str]:
        """The lessons that expected somebody of those units."""
        ...

    def parts(self, slices: Sequence[Slice], narrowed: Narrowed, by: By) -> Iterator[Part]:
        """In no order. To be drawn within the transaction."""
        ...

    def records(self, slices: Sequence[Slice], narrowed: Narrowed, offset: int, limit: int) -> tuple[Record, ...]:
        """The newest lesson first, in it by unit and name."""
        ...

    def venues(self, lesson_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Id and name of the venue behind each lesson venue."""
        ...


class SignInShelf(Protocol):
    def of(self, lesson_id: str) -> tuple[SignIn, ...]:
        """In the order of their times."""
        ...

    def at(self, lesson_id: str, lesson_venue_id: str) -> tuple[SignIn, ...]:
        """Of those who are counted at this venue, in no order."""
        ...

    def get(self, lesson_id: str, member_id: str) -> SignIn | None: ...

    def add(self, lesson_id: str, sign_in: SignIn) -> None: ...

    def add_first(self, lesson_id: str, sign_in: SignIn) -> bool:
        """False, and nothing added, when the member has one, or the device or the proof signed somebody in."""
        ...

    def add_each(self, sign_ins: Sequence[tuple[str, SignIn]]) -> list[tuple[str, str, str]]:
        """The same for many, of any lessons: lesson, member and command of those that were added."""
        ...

    def any_by(self, lesson_id: str, account_ids: Collection[str]) -> bool:
        """Whether one of these accounts signed its own member in."""
        ...

    def of_proof(self, proof_digest: str) -> SignIn | None: ...

    def mark_left(self, lesson_id: str, member_id: str, at: dt.datetime | None, by: str) -> None:
        """``at`` None takes the mark back."""

    def grace_minutes(self, lesson_id: str) -> int | None:
        """What the lesson's credit rule calls late; None without a rule."""
        ...


class ProofShelf(Protocol):
    """Codes of venues that were redeemed in time, by the digest of the browser's secret."""

    def add(self, proofs: Sequence[Proof]) -> None:
        """Nothing happens to those that are there already."""

    def get(self, digest: str) -> Proof | None: ...

    def those(self, digests: Collection[str]) -> dict[str, Proof]: ...

    def forget_before(self, before: dt.datetime) -> int: ...


class SpanShelf(Protocol):
    """Presence, as it was checkpointed."""

    def of(self, lesson_id: str) -> tuple[Span, ...]: ...

    def checkpoint(self, lesson_id: str, spans: Sequence[Span]) -> None:
        """New spans, or known ones (same device and beginning) with a later end."""


class LeaveShelf(Protocol):
    def get(self, leave_id: str) -> Leave | None: ...

    def of(self, lesson_id: str) -> tuple[Leave, ...]:
        """In the order in which they were asked."""
        ...

    def last(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, Leave]:
        """The newest of each member."""
        ...

    def approved(self, lesson_id: str) -> frozenset[str]:
        """Members."""
        ...

    def add(self, leave: Leave) -> bool:
        """Whether the member had none that stands."""
        ...

    def save(self, leave: Leave) -> None: ...


class OutageShelf(Protocol):
    """The server's own absences, and the pulse of each process by which they are known."""

    def between(self, since: dt.datetime, until: dt.datetime) -> tuple[Outage, ...]: ...

    def add(self, outage: Outage) -> None: ...

    def pulse(self, name: str, at: dt.datetime) -> None: ...

    def last_pulse(self, name: str) -> dt.datetime | None: ...

    def pulses(self) -> dict[str, dt.datetime]:
        """The last one of each process that does not rest."""
        ...

    def rest(self, name: str) -> None:
        """The process has nothing to watch: its silence from now on is no outage."""
