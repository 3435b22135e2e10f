"""Outside credit (校外学时): what a member learned elsewhere, with a proof, and what a person decided about it.

Entered by the member, the secretary or a table; confirmed by somebody else than the member, never without a proof;
only then it is in the ledger. What was confirmed is not edited: a correction is an entry more. Hundredths of 学时.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import unicodedata
from dataclasses import dataclass, replace

from server.domain.ledger import Award, EntryKind
from server.domain.refusals import Refusal

MOST_PROOF_BYTES = 10 << 20
MOST_HUNDREDTHS = 10_000
MOST_WAITING = 50
"""Of one member, undecided."""
MOST_AT_ONCE = 200
"""Decisions in one command."""
TITLE_LENGTH = 120
PROOF_STAYS = dt.timedelta(days=1)
"""How long a proof waits to be named by somebody before it goes."""
YEARS_BACK = 1
"""So many years before this one may still be entered: a plan of five years is closed by its years."""

CONFIRMED_REASON = "校外学时，经书记确认"
CORRECTED_REASON = "校外学时更正"


class OutsideState(enum.StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"  # confirmed once, and corrected to nothing


STANDS = frozenset({OutsideState.ASKED, OutsideState.CONFIRMED})
"""The same thing may stand once."""


class ProofKind(enum.StrEnum):
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


MEDIA_TYPES = {ProofKind.PDF: "application/pdf", ProofKind.JPEG: "image/jpeg", ProofKind.PNG: "image/png"}
_MARKS = ((b"%PDF-", ProofKind.PDF), (b"\xff\xd8\xff", ProofKind.JPEG), (b"\x89PNG\r\n\x1a\n", ProofKind.PNG))


def kind_of(head: bytes) -> ProofKind:
    """By its first bytes: neither a name nor a content type is believed. Raises ``proof_type_wrong``."""
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    raise Refusal("proof_type_wrong", "neither PDF nor JPEG nor PNG")


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that shows it. ``account_id``: who brought it. ``sha256``: of the file as it came, in hexadecimal."""

    id: str
    account_id: str
    name: str
    kind: ProofKind
    bytes: int
    sha256: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class OutsideCredit:
    """``unit_id``: the branch the member belonged to when it was entered, which confirms it and books it.

    ``proof_id``: None when there is none yet, or its time is over; ``proof_sha256`` says for ever which it was.
    ``hundredths``: as they stand now. ``entries``: how many the ledger has of it.
    """

    id: str
    member_id: str
    unit_id: str
    title: str
    organiser: str
    held_on: dt.date
    hundredths: int
    entered_by: str  # account
    entered_at: dt.datetime
    state: OutsideState = OutsideState.ASKED
    proof_id: str | None = None
    proof_sha256: str | None = None
    decided_at: dt.datetime | None = None
    decided_by: str | None = None  # account
    answer: str = ""
    entries: int = 0

    @property
    def stands(self) -> bool:
        return self.state in STANDS


@dataclass(frozen=True, slots=True)
class OutsideEntry:
    """A ledger entry that an outside credit has, and who wanted it why. ``counts_at``: its day, not the entry's.

    The ledger's own entry holds no words of people, and is of the moment it was made.
    """

    entry_id: str
    outside_id: str
    member_id: str
    by: str  # account
    reason: str
    counts_at: dt.datetime
    at: dt.datetime


def alike(text: str) -> str:
    """What is compared: case, width and spaces say nothing."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def standing_key(one: OutsideCredit) -> str | None:
    """Unique in the record: the same member, day and title stand once. A digest: the key holds no words."""
    if not one.stands:
        return None
    return hashlib.sha256(f"{one.member_id} {one.held_on} {alike(one.title)}".encode()).hexdigest()


def earliest(today: dt.date) -> dt.date:
    return dt.date(today.year - YEARS_BACK, 1, 1)


def check_day(held_on: dt.date, today: dt.date) -> None:
    """Raises ``outside_day_wrong``."""
    if not earliest(today) <= held_on <= today:
        raise Refusal("outside_day_wrong", f"{held_on}: from {earliest(today)} until {today}")


def with_proof(one: OutsideCredit, proof: Proof) -> OutsideCredit:
    """Before anybody decided. Raises ``outside_decided``."""
    _check_asked(one)
    return replace(one, proof_id=proof.id, proof_sha256=proof.sha256)


def decide(
    one: OutsideCredit, *, confirm: bool, answer: str, by: str, now: dt.datetime, seen: str | None = None
) -> OutsideCredit:
    """Refusing says why. ``seen``: the digest of the proof that was looked at, None where that is not said.

    Raises ``outside_decided``, ``outside_no_proof``, ``outside_changed``, ``outside_no_reason``.
    """
    _check_asked(one)
    if confirm and one.proof_id is None:
        raise Refusal("outside_no_proof", one.id)
    if confirm and seen not in {None, one.proof_sha256}:
        raise Refusal("outside_changed", one.id)
    if not confirm and not answer:
        raise Refusal("outside_no_reason", one.id)
    state = OutsideState.CONFIRMED if confirm else OutsideState.REFUSED
    entries = 1 if confirm else 0
    return replace(one, state=state, answer=answer, decided_by=by, decided_at=now, entries=entries)


def withdraw(one: OutsideCredit, by: str, now: dt.datetime) -> OutsideCredit:
    """By the member, or who entered it, before anybody decided. Raises ``outside_decided``."""
    _check_asked(one)
    return replace(one, state=OutsideState.WITHDRAWN, decided_by=by, decided_at=now)


def correct(one: OutsideCredit, hundredths: int) -> OutsideCredit:
    """What was confirmed, to another number; to 0: it was wrong altogether.

    Raises ``outside_not_confirmed``, ``outside_same``.
    """
    if one.state is not OutsideState.CONFIRMED:
        raise Refusal("outside_not_confirmed", one.state)
    if hundredths == one.hundredths:
        raise Refusal("outside_same", one.id)
    state = OutsideState.CONFIRMED if hundredths else OutsideState.REVOKED
    return replace(one, hundredths=hundredths, state=state, entries=one.entries + 1)


def _check_asked(one: OutsideCredit) -> None:
    if one.state is not OutsideState.ASKED:
        raise Refusal("outside_decided", one.state)


def outside_key(outside_id: str) -> str:
    return f"outside:{outside_id}"


def correction_key(outside_id: str, number: int) -> str:
    """``number``: of the entry, the first being 1."""
    return f"outside:{outside_id}:{number}"


def award_of(one: OutsideCredit, *, before: int, evidence: str, actor: str) -> Award:
    """What the ledger is to be given after a decision or correction; ``before``: what it gave until now.

    Its kind stays ``outside``, so that a year's sum of that kind is what stands.
    """
    first = one.entries <= 1
    return Award(
        idempotency_key=outside_key(one.id) if first else correction_key(one.id, one.entries),
        kind=EntryKind.OUTSIDE,
        member_id=one.member_id,
        unit_id=one.unit_id,
        lesson_id=None,
        hundredths=one.hundredths - before,
        rule="{}",
        evidence=evidence,
        reason=CONFIRMED_REASON if first else CORRECTED_REASON,
        corrects=None if first else outside_key(one.id),
        actor=actor,
    )
