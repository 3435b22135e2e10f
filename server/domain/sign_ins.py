"""Signing in (签到): one per member and lesson, with its evidence. The server's clock decides, never a phone's.

A venue's screen shows a QR code that changes every ``SLOT`` and six digits that change every ``CODE_SLOT``; of both
the present one and the one before it count. The first opening of a QR code's address redeems it for a proof that is
good for ``PROOF_LIFE``: a slow page or a forgotten password costs nobody the sign-in.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.lessons import ON_AIR, Lesson, LessonState
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry

SLOT = dt.timedelta(seconds=5)
CODE_SLOT = dt.timedelta(seconds=30)
CODES_REMEMBERED = 10
"""Older codes of the screen up to this many are called expired, anything else wrong."""
PROOF_LIFE = dt.timedelta(minutes=10)
GRACE_MINUTES = 10
"""How late is late where no credit rule says so."""
WRONG_CODES = 5
WRONG_CODES_WITHIN = dt.timedelta(minutes=5)
WRONG_CODES_OF_LESSON = 20
"""So many of one account in a lesson, and it types no more: of 100 venues a guess is right once in 5,000."""
CODE_TRIES_KEPT = dt.timedelta(hours=12)
MOST_VENUES_TO_TYPE = 100
"""Where more show digits, only those of the member's own venue count: more codes would be more to guess at."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Way(enum.StrEnum):
    QR = "qr"  # scanned at a venue
    CODE = "code"  # typed at a venue
    PHONE = "phone"  # one tap, watching from elsewhere
    ASSISTED = "assisted"  # 协助签到: by the venue's operator or staff, for someone without a phone
    KIOSK = "kiosk"  # 自助签到: at the venue's screen, by number or initials


@dataclass(frozen=True, slots=True)
class SignIn:
    """``lesson_venue_id`` is where the member signed in; None: by phone.

    Evidence: ``account_id`` who did it (not the member's own when assisted), the digest of the device's cookie, the
    digest of the redeemed proof and its ``slot``. ``left_at``: the operator's mark that the member left the room.
    ``moved_at``, ``moved_to``: the room broke down since (None: to the phone); ``arrived_at``: seen in the other one.
    ``at_network``: it came from one of the venue's networks (None: none are known); ``shown_at``: when the code that
    was used began to show. ``reason``: why somebody was signed in by another person.
    """

    member_id: str
    at: dt.datetime
    way: Way
    lesson_venue_id: str | None
    account_id: str
    command_id: str
    address: str = ""
    device_digest: str | None = None
    proof_digest: str | None = None
    slot: int | None = None
    left_at: dt.datetime | None = None
    left_by: str | None = None
    moved_at: dt.datetime | None = None
    moved_to: str | None = None
    arrived_at: dt.datetime | None = None
    at_network: bool | None = None
    shown_at: dt.datetime | None = None
    reason: str = ""

    @property
    def place(self) -> str | None:
        """Where the member is counted now."""
        return self.lesson_venue_id if self.moved_at is None else self.moved_to

    @property
    def arriving(self) -> str | None:
        """The venue where the member is to be and was not seen yet."""
        return self.moved_to if self.arrived_at is None else None

    @property
    def room(self) -> str | None:
        """The venue that the member is known to be in."""
        return None if self.arriving else self.place


@dataclass(frozen=True, slots=True)
class Proof:
    """A venue's code, redeemed in time by some browser; the sign-in it leads to happened at ``redeemed_at``."""

    digest: str
    lesson_id: str
    lesson_venue_id: str
    slot: int
    redeemed_at: dt.datetime
    expires_at: dt.datetime
    address: str


def slot_at(now: dt.datetime, length: dt.timedelta = SLOT) -> int:
    return (now - _EPOCH) // length


def slot_begins(slot: int, length: dt.timedelta = SLOT) -> dt.datetime:
    return _EPOCH + slot * length


def check_fresh(slot: int, now: dt.datetime) -> None:
    """Raises ``sign_in_code_expired``; a code of the future, too, is none of now."""
    if slot_at(now) - slot not in {0, 1}:
        raise Refusal("sign_in_code_expired", f"{slot_at(now) - slot} slots old")


def check_open(lesson: Lesson) -> None:
    """Raises ``sign_in_closed``."""
    if lesson.state not in ON_AIR:
        raise Refusal("sign_in_closed", lesson.state)


def check_redeemed(lesson: Lesson) -> None:
    """For a code that was redeemed in time: also when the lesson ended during the login. Raises ``sign_in_closed``."""
    check_undecided(lesson.state)


def check_undecided(state: LessonState) -> None:
    """A sign-in that was in time may still be written down. Raises ``sign_in_closed``."""
    if state not in ON_AIR | {LessonState.ENDED}:
        raise Refusal("sign_in_closed", state)


def check_place(assigned: str | None, place: str, *, elsewhere: bool) -> None:
    """Raises ``another_venue``, until the member says that it is meant."""
    if assigned not in {None, place} and not elsewhere:
        raise Refusal("another_venue", f"{place}, expected at {assigned}")


def check_by_phone(lesson: Lesson) -> None:
    """Raises ``sign_in_on_the_spot``: nobody takes part in a lesson without media from elsewhere."""
    if not lesson.media:
        raise Refusal("sign_in_on_the_spot", lesson.id)


def check_tries(wrong: Sequence[dt.datetime], now: dt.datetime) -> None:
    """``wrong``: the account's wrong codes in this lesson. Raises ``too_fast``, and ``code_tries_used`` for good."""
    if len(wrong) >= WRONG_CODES_OF_LESSON:
        raise Refusal("code_tries_used")
    recent = sorted(at for at in wrong if at > now - WRONG_CODES_WITHIN)
    if len(recent) >= WRONG_CODES:
        wait = recent[-WRONG_CODES] + WRONG_CODES_WITHIN - now
        raise Refusal("too_fast", "wrong sign-in codes", retry_after_s=max(1, math.ceil(wait.total_seconds())))


def check_typing(own: str | None, *, elsewhere: bool) -> None:
    """In a lesson of very many venues. Raises ``scan_needed`` for who is not in the venue expected."""
    if own is None or elsewhere:
        raise Refusal("scan_needed")


def late_after(lesson: Lesson, grace_minutes: int | None) -> dt.datetime | None:
    """Whoever signs in later than this is late (迟到). None: the lesson has not begun, nobody is."""
    if lesson.live_at is None:
        return None
    grace = GRACE_MINUTES if grace_minutes is None else grace_minutes
    return max(lesson.live_at, lesson.starts_at) + dt.timedelta(minutes=grace)


def is_late(at: dt.datetime, after: dt.datetime | None) -> bool:
    return after is not None and at > after


@dataclass(frozen=True, slots=True)
class Claim:
    """What a QR code says of itself."""

    lesson_venue_id: str
    slot: int


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of somebody who wants in.

    ``lesson`` may know only the venues that matter here. ``before``: the sign-in that there is already.
    """

    lesson: Lesson
    entry: RosterEntry
    before: SignIn | None
    grace_minutes: int | None = None

    def late(self, sign_in: SignIn) -> bool:
        return is_late(sign_in.at, late_after(self.lesson, self.grace_minutes))
