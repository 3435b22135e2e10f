"""The record as use cases see it: one synchronous function per transaction, over these shelves.

``read`` and ``write`` run ``fn`` to its end even when the caller is cancelled. ``fn`` must have no effect besides
the transaction (it may run again after a deadlock or a lost link). An exception rolls its work back. ``write``
returns after the commit. Both raise ``busy`` when too much waits, ``unavailable`` when the database is away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from server.domain.access import Principal, Reach, Role, RoleGrant
from server.domain.accounts import Account, Session
from server.domain.alarms import Alarm
from server.domain.board import Cell
from server.domain.credit import CreditRule, Review, ReviewState, Verdict, VerdictFilter
from server.domain.events import Announcement, Event, Listener
from server.domain.ledger import Entry, Head
from server.domain.lessons import Lesson, LessonState
from server.domain.members import Member, Membership
from server.domain.presence import Outage, Span
from server.domain.programme import Programme
from server.domain.quiz import Answer, AnswerKey, Outcome, Question, Quiz, Tally
from server.domain.recordings import Recording, RecordingState, RecordingSummary
from server.domain.refusals import Refusal
from server.domain.roster import Assignments, Person, RosterEntry, RosterFilter
from server.domain.sign_ins import Door, Proof, SignIn
from server.domain.streams import MediaSession
from server.domain.units import Placement, Unit, UnitTree
from server.domain.venues import LessonVenue, Microphone, Venue

S = TypeVar("S")
T = TypeVar("T")


class UnitShelf(Protocol):
    def tree(self) -> UnitTree: ...

    def line(self, unit_id: str, on: dt.date) -> tuple[str, ...]:
        """The unit, its parent, … up to the root. Raises ``unit_not_found``."""
        ...

    def names(self, unit_ids: Collection[str]) -> dict[str, str]: ...

    def member_counts(self, on: dt.date) -> dict[str, int]:
        """Members who belong to each unit directly."""
        ...

    def add(self, units: Sequence[Unit], placements: Sequence[Placement]) -> None: ...


class MemberShelf(Protocol):
    def names(self, member_ids: Collection[str]) -> dict[str, str]: ...

    def add(self, members: Sequence[Member], memberships: Sequence[Membership]) -> None: ...

    def people(self, unit_ids: Collection[str], on: dt.date) -> tuple[Person, ...]:
        """Who belongs to these units directly."""
        ...

    def found(self, member_ids: Collection[str], on: dt.date) -> dict[str, Person]:
        """By id; who belongs to no unit on that day is not in it."""
        ...


class VenueShelf(Protocol):
    def get(self, venue_id: str) -> Venue | None: ...

    def all(self) -> tuple[Venue, ...]: ...

    def add(self, venues: Sequence[Venue]) -> None: ...


class AccountShelf(Protocol):
    def get(self, account_id: str) -> Account | None: ...

    def by_number(self, number: str) -> Account | None: ...

    def grants(self, account_id: str) -> tuple[RoleGrant, ...]: ...

    def with_role(self, role: Role) -> tuple[tuple[Account, str], ...]:
        """Accounts and the unit in which each holds the role, by name."""
        ...

    def names(self, account_ids: Collection[str]) -> dict[str, str]: ...

    def numbers(self, member_ids: Collection[str]) -> dict[str, str]:
        """The login number of each member that has an account."""
        ...

    def add(self, accounts: Sequence[Account], grants: Sequence[tuple[str, RoleGrant]]) -> None:
        """Accounts, and roles by account id."""

    def count(self) -> int: ...

    def principal(self, account_id: str, on: dt.date) -> Principal | None:
        """None when there is no such account or it is disabled."""
        ...

    def principals(self, account_ids: Collection[str], on: dt.date) -> dict[str, Principal]:
        """The same for many, in a few queries; those that :meth:`principal` gives None for are left out."""
        ...


class SessionShelf(Protocol):
    def add(self, session: Session) -> None: ...

    def get(self, token_digest: str) -> Session | None: ...

    def holders(self, token_digests: Collection[str], now: dt.datetime) -> dict[str, str]:
        """The account of each of these logins that has not ended."""
        ...

    def end(self, token_digest: str) -> None: ...

    def end_expired(self, now: dt.datetime) -> int: ...


class AttemptShelf(Protocol):
    """Failed logins by number and address."""

    def failures(self, number: str, address: str, since: dt.datetime) -> tuple[dt.datetime, ...]: ...

    def add(self, number: str, address: str, at: dt.datetime) -> None: ...

    def clear(self, number: str, address: str) -> None: ...

    def forget_before(self, before: dt.datetime) -> int: ...


class LessonShelf(Protocol):
    def get(self, lesson_id: str) -> Lesson | None: ...

    def lock(self, lesson_id: str) -> Lesson | None:
        """The lesson, its row locked until the end of the transaction."""
        ...

    def listed(
        self, reach: Reach, states: Collection[LessonState], before: tuple[dt.datetime, str] | None, limit: int
    ) -> tuple[Lesson, ...]:
        """Newest start first (ties by id), within reach, after the cursor ``before``; no states: all."""
        ...

    def in_states(self, states: Collection[LessonState]) -> tuple[Lesson, ...]: ...

    def titles(self, lesson_ids: Collection[str]) -> dict[str, str]: ...

    def holding(self, lesson_venue_id: str) -> Lesson | None:
        """The lesson that this is a venue of, with this venue alone."""
        ...

    def venues(self, lesson_venue_ids: Collection[str]) -> tuple[LessonVenue, ...]: ...

    def add(self, lesson: Lesson) -> None: ...

    def save(self, lesson: Lesson) -> None:
        """The lesson's own fields, not its venues."""

    def replace_venues(self, lesson: Lesson) -> None: ...

    def set_venue_online(self, lesson_venue_id: str, *, online: bool) -> bool:
        """Whether that was a change."""
        ...

    def set_microphone(self, lesson_venue_id: str, microphone: Microphone) -> bool:
        """Whether that was a change."""
        ...


class ProgrammeShelf(Protocol):
    def get(self, lesson_id: str) -> Programme:
        """A lesson that was never opened has the opening programme."""
        ...

    def save(self, lesson_id: str, programme: Programme) -> None: ...


class EventShelf(Protocol):
    def append(self, lesson_id: str, announcements: Sequence[Announcement], at: dt.datetime, actor: str | None) -> int:
        """Give each the lesson's next ``seq`` under the lesson row's lock; returns the last one."""
        ...

    def since(self, lesson_id: str, seq: int, listener: Listener | None, limit: int) -> tuple[Event, ...]:
        """In order of ``seq``, only what the listener may hear (None: everything)."""
        ...

    def seq(self, lesson_id: str) -> int:
        """The last one given, 0 at first."""
        ...


class CommandShelf(Protocol):
    """Commands already done, by the id their client made."""

    def begin(self, command_id: str, actor: str, body_digest: str, at: dt.datetime) -> str | None:
        """None: it is new and now ours, to be completed by :meth:`finish` in this transaction.

        Else the result that it had. Raises ``command_reused`` for another actor or body.
        """
        ...

    def finish(self, command_id: str, result: str) -> None: ...


class RecordingShelf(Protocol):
    def get(self, recording_id: str) -> Recording | None: ...

    def of_lesson(self, lesson_id: str) -> tuple[Recording, ...]: ...

    def listed(
        self, reach: Reach, lesson_id: str | None, before: tuple[dt.datetime, str] | None, limit: int
    ) -> tuple[tuple[Recording, Lesson], ...]:
        """Of something recorded, within reach, newest lesson first, after the cursor (start, recording id)."""
        ...

    def unfinished(self) -> tuple[tuple[Recording, Lesson], ...]: ...

    def add(self, recording: Recording) -> None: ...

    def set_state(self, recording_id: str, state: RecordingState) -> None: ...

    def save_summary(self, summary: RecordingSummary) -> None:
        """Takes over what is on disk. Unknown recordings are ignored."""


class AlarmShelf(Protocol):
    def active(self, lesson_id: str) -> tuple[Alarm, ...]: ...

    def raise_(self, lesson_id: str, alarm: Alarm) -> bool:
        """Whether it was not active yet."""
        ...

    def clear(self, lesson_id: str, code: str) -> bool:
        """Whether it was active."""
        ...


class MediaSessionShelf(Protocol):
    """Peer connections, by the digest of their resource's secret."""

    def add(self, session: MediaSession) -> None: ...

    def by_resource(self, resource_digest: str, *, ended: bool = False) -> MediaSession | None:
        """None when it has ended, unless ``ended`` ones count too."""
        ...

    def publisher(self, lesson_id: str, source: str) -> MediaSession | None:
        """The newest that has not ended."""
        ...

    def open_of_lesson(self, lesson_id: str) -> tuple[MediaSession, ...]:
        """Those that have not ended."""
        ...

    def open_of_login(self, login: str) -> tuple[MediaSession, ...]: ...

    def end(self, session_id: str, at: dt.datetime) -> None: ...

    def end_of_lesson(self, lesson_id: str, at: dt.datetime) -> None:
        """Its room is gone."""


class AssignmentShelf(Protocol):
    """Who is to be where, before the lesson opens."""

    def of(self, lesson_id: str) -> Assignments: ...

    def replace(self, lesson_id: str, assignments: Assignments) -> None: ...


class RosterShelf(Protocol):
    def of(self, lesson_id: str) -> tuple[RosterEntry, ...]:
        """By unit and name; later additions among them."""
        ...

    def get(self, lesson_id: str, member_id: str) -> RosterEntry | None: ...

    def door(self, lesson_id: str, member_id: str) -> Door | None:
        """All that is asked when a member signs in, at once, the lesson without its venues. None: not on the roster."""
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

    def guests(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        """Those of the members who are on it, or are planned for it by name."""
        ...

    def add(self, lesson_id: str, entries: Sequence[RosterEntry]) -> None: ...


class SignInShelf(Protocol):
    def of(self, lesson_id: str) -> tuple[SignIn, ...]:
        """In the order of their times."""
        ...

    def get(self, lesson_id: str, member_id: str) -> SignIn | None: ...

    def add(self, lesson_id: str, sign_in: SignIn) -> None: ...

    def add_first(self, lesson_id: str, sign_in: SignIn) -> bool:
        """False, and nothing added, when the member has one, or the device or the proof signed somebody in."""
        ...

    def add_each(self, sign_ins: Sequence[tuple[str, SignIn]]) -> list[tuple[str, str, str]]:
        """The same for many, of any lessons: lesson, member and command of those that were added."""
        ...

    def of_device(self, lesson_id: str, device_digest: str) -> SignIn | None: ...

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

    def forget_before(self, before: dt.datetime) -> int: ...


class SpanShelf(Protocol):
    """Presence, as it was checkpointed."""

    def of(self, lesson_id: str) -> tuple[Span, ...]: ...

    def checkpoint(self, lesson_id: str, spans: Sequence[Span]) -> None:
        """New spans, or known ones (same device and beginning) with a later end."""


class OutageShelf(Protocol):
    """The server's own absences, and the pulse of each process by which they are known."""

    def between(self, since: dt.datetime, until: dt.datetime) -> tuple[Outage, ...]: ...

    def add(self, outage: Outage) -> None: ...

    def pulse(self, name: str, at: dt.datetime) -> None: ...

    def last_pulse(self, name: str) -> dt.datetime | None: ...

    def rest(self, name: str) -> None:
        """The process has nothing to watch: its silence from now on is no outage."""


class QuestionShelf(Protocol):
    """Prepared questions."""

    def of(self, lesson_id: str) -> tuple[Question, ...]:
        """By position."""
        ...

    def get(self, question_id: str) -> Question | None: ...

    def add(self, question: Question) -> None: ...

    def save(self, question: Question) -> None: ...

    def remove(self, question_id: str) -> None: ...


class QuizShelf(Protocol):
    """Launched quizzes and their answers. At most one of a lesson runs: the database sees to it."""

    def get(self, quiz_id: str) -> Quiz | None: ...

    def of(self, lesson_id: str) -> tuple[tuple[Quiz, Outcome | None], ...]:
        """By number, with what came of those that are closed."""
        ...

    def count(self, lesson_id: str) -> int: ...

    def running(self, lesson_id: str) -> Quiz | None: ...

    def all_running(self) -> tuple[Quiz, ...]:
        """Of every lesson, the next deadline first."""
        ...

    def add(self, quiz: Quiz) -> None: ...

    def close(self, quiz: Quiz, at: dt.datetime) -> Outcome | None:
        """What came of it, counted after the last answer and kept; None when it was closed already."""
        ...

    def held(self, quiz_ids: Collection[str]) -> dict[str, Quiz]:
        """Those that there are, by id. They can't be closed until this transaction ends."""
        ...

    def put(self, new: Sequence[Answer]) -> frozenset[AnswerKey]:
        """Which were written. Of the others the member had answered or the command was used, perhaps among them."""
        ...

    def given(self, quiz_id: str, member_ids: Collection[str]) -> tuple[Answer, ...]:
        """Those of the members."""
        ...

    def choices(self, lesson_id: str, member_id: str) -> dict[str, tuple[str, ...]]:
        """What the member chose, by quiz."""
        ...

    def expected(self, lesson_id: str) -> int:
        """Everybody on the roster: whoever may answer."""
        ...

    def answered(self, quiz_id: str) -> int: ...

    def outcome(self, quiz: Quiz, *, units: bool = True) -> Outcome:
        """As of now."""
        ...

    def asked(self, lesson_id: str) -> int:
        """How many quizzes of the lesson are closed."""
        ...

    def tallies(self, lesson_id: str) -> dict[str, Tally]:
        """By member, over closed quizzes; members without an answer are not in it."""
        ...


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
        """For lessons that began (else, entries made) in that time, newest first."""
        ...

    def named(self, entry_ids: Collection[str]) -> dict[str, Entry]: ...


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


class Transaction(Protocol):
    @property
    def units(self) -> UnitShelf: ...
    @property
    def members(self) -> MemberShelf: ...
    @property
    def venues(self) -> VenueShelf: ...
    @property
    def accounts(self) -> AccountShelf: ...
    @property
    def sessions(self) -> SessionShelf: ...
    @property
    def attempts(self) -> AttemptShelf: ...
    @property
    def lessons(self) -> LessonShelf: ...
    @property
    def programmes(self) -> ProgrammeShelf: ...
    @property
    def events(self) -> EventShelf: ...
    @property
    def commands(self) -> CommandShelf: ...
    @property
    def recordings(self) -> RecordingShelf: ...
    @property
    def alarms(self) -> AlarmShelf: ...
    @property
    def media_sessions(self) -> MediaSessionShelf: ...
    @property
    def assignments(self) -> AssignmentShelf: ...
    @property
    def roster(self) -> RosterShelf: ...
    @property
    def sign_ins(self) -> SignInShelf: ...
    @property
    def proofs(self) -> ProofShelf: ...
    @property
    def spans(self) -> SpanShelf: ...
    @property
    def outages(self) -> OutageShelf: ...
    @property
    def questions(self) -> QuestionShelf: ...
    @property
    def quizzes(self) -> QuizShelf: ...
    @property
    def credit_rules(self) -> CreditRuleShelf: ...
    @property
    def verdicts(self) -> VerdictShelf: ...
    @property
    def ledger(self) -> LedgerShelf: ...
    @property
    def reviews(self) -> ReviewShelf: ...


class Records(Protocol):
    async def read(self, fn: Callable[[Transaction], T]) -> T: ...

    async def write(self, fn: Callable[[Transaction], T]) -> T: ...

    async def write_together(self, fn: Callable[[Transaction, Sequence[S]], Sequence[T | Refusal]], item: S) -> T:
        """As ``write``, for what thousands ask for in the same seconds: items that wait beside each other go through
        one call of the same ``fn``, in order. It gives each its result; a refusal in it is raised to whoever asked.
        """
        ...
