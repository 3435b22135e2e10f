"""The record as use cases see it: one synchronous function per transaction, over these shelves.

``read`` and ``write`` run ``fn`` to its end even when the caller is cancelled. ``fn`` must have no effect besides
the transaction (it may run again after a deadlock or a lost link). An exception rolls its work back. ``write``
returns after the commit. Both raise ``busy`` when too much waits, ``unavailable`` when the database is away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from server.domain.calendar import Calendar
from server.domain.refusals import Refusal
from server.services.shelves.accounts import AccountShelf, AttemptShelf, SessionShelf
from server.services.shelves.attendance import (
    AssignmentShelf,
    OutageShelf,
    ProofShelf,
    RosterShelf,
    SignInShelf,
    SpanShelf,
)
from server.services.shelves.credit import CreditRuleShelf, LedgerShelf, ReviewShelf, VerdictShelf
from server.services.shelves.hands import HandShelf
from server.services.shelves.inquiries import ChapterShelf, InquiryShelf
from server.services.shelves.lessons import CommandShelf, EventShelf, LessonShelf, ProgrammeShelf
from server.services.shelves.media import AlarmShelf, MediaSessionShelf, RecordingShelf
from server.services.shelves.organisation import MemberShelf, UnitShelf, VenueShelf
from server.services.shelves.quizzes import QuestionShelf, QuizShelf
from server.services.shelves.talk import ChatShelf, MuteShelf, WordShelf

S = TypeVar("S")
T = TypeVar("T")


class Transaction(Protocol):
    @property
    def calendar(self) -> Calendar:
        """The school's: what "today" is, and what a dated row is held against."""
        ...

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
    def hands(self) -> HandShelf: ...
    @property
    def credit_rules(self) -> CreditRuleShelf: ...
    @property
    def verdicts(self) -> VerdictShelf: ...
    @property
    def ledger(self) -> LedgerShelf: ...
    @property
    def reviews(self) -> ReviewShelf: ...
    @property
    def chat(self) -> ChatShelf: ...
    @property
    def mutes(self) -> MuteShelf: ...
    @property
    def words(self) -> WordShelf: ...
    @property
    def inquiries(self) -> InquiryShelf: ...
    @property
    def chapters(self) -> ChapterShelf: ...


class Records(Protocol):
    async def read(self, fn: Callable[[Transaction], T]) -> T: ...

    async def write(self, fn: Callable[[Transaction], T]) -> T: ...

    async def write_together(self, fn: Callable[[Transaction, Sequence[S]], Sequence[T | Refusal]], item: S) -> T:
        """As ``write``, for what thousands ask for in the same seconds: items that wait together go through one call
        of the same ``fn``, in order. It gives each its result; a refusal in it is raised to whoever asked, and what
        was written stands.
        """
        ...
