"""随机确认: "are you there?", asked a few times in a lesson at moments that nobody knows beforehand.

The moments follow from a secret seed, so that they can be checked afterwards: its digest is told when they are drawn,
the seed itself when the lesson is over. They are spaced, fall neither into the first minutes nor the last, and wait
for a quiz that runs. The server's clock decides; whoever answers within ``SECONDS`` was there.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain.presence import Outage
from server.domain.refusals import Refusal
from server.domain.sign_ins import SignIn

SECONDS = 60
LEAST_BETWEEN = dt.timedelta(minutes=3)
QUIET_BEGINNING = dt.timedelta(minutes=5)
QUIET_ENDING = dt.timedelta(minutes=5)
LATER = dt.timedelta(seconds=30)
"""How long one waits when a quiz, or the one before, is on everybody's screen."""
CLOSING_MARGIN = dt.timedelta(milliseconds=750)


class Dropped(enum.StrEnum):
    """Why a planned one was never asked, or does not count."""

    ENDING = "ending"  # it would have fallen into the last minutes
    OVER = "over"  # the lesson ended before its time to answer did


@dataclass(frozen=True, slots=True)
class CheckPlan:
    lesson_id: str
    seed: str
    in_rooms: bool

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.seed.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PresenceCheck:
    """``number`` counts from 1 in the lesson. ``asked_at`` None: still to come. ``closed_at`` ends it."""

    id: str
    lesson_id: str
    number: int
    due_at: dt.datetime
    asked_at: dt.datetime | None = None
    deadline_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    dropped: Dropped | None = None

    @property
    def running(self) -> bool:
        return self.asked_at is not None and self.closed_at is None


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """One per check and member: "I am there", by the server's clock."""

    check_id: str
    member_id: str
    command_id: str
    received_at: dt.datetime
    account_id: str
    channel: str


def moments(seed: str, count: int, live_at: dt.datetime, ends_at: dt.datetime) -> tuple[dt.datetime, ...]:
    """``count`` of them, or as many as fit, in order. One falls into each of as many equal parts of the time, at the
    fraction SHA-256(seed, ":", n from 1) / 2²⁵⁶ of what keeps it ``LEAST_BETWEEN`` away from the next part.
    """
    since, until = live_at + QUIET_BEGINNING, ends_at - QUIET_ENDING
    fitting = max(0, min(count, (until - since) // (2 * LEAST_BETWEEN)))
    if not fitting:
        return ()
    part = (until - since) / fitting
    return tuple(since + part * n + (part - LEAST_BETWEEN) * _fraction(seed, n + 1) for n in range(fitting))


def _fraction(seed: str, number: int) -> float:
    drawn = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return int.from_bytes(drawn) / (1 << 256)


def when_due(check: PresenceCheck, now: dt.datetime, ends_at: dt.datetime, *, busy: bool) -> PresenceCheck:
    """What becomes of a planned one whose moment has come: asked, put off while everybody is ``busy``, or dropped."""
    if now > ends_at - QUIET_ENDING:
        return replace(check, closed_at=now, dropped=Dropped.ENDING)
    if busy:
        return replace(check, due_at=now + LATER)
    return replace(check, asked_at=now, deadline_at=now + dt.timedelta(seconds=SECONDS))


def over(check: PresenceCheck, now: dt.datetime) -> PresenceCheck:
    """The lesson has ended. One that had its whole time counts."""
    if check.closed_at is not None:
        return check
    if check.deadline_at is not None and check.deadline_at <= now:
        return replace(check, closed_at=check.deadline_at)
    return replace(check, closed_at=now, dropped=Dropped.OVER)


def check_in_time(check: PresenceCheck, at: dt.datetime) -> None:
    """Raises ``check_over``, and ``check_not_found`` for one that nobody was asked."""
    if check.asked_at is None or check.deadline_at is None:
        raise Refusal("check_not_found", check.id)
    ended = check.closed_at if check.dropped else None
    if not check.asked_at <= at <= min(check.deadline_at, ended or check.deadline_at):
        raise Refusal("check_over", f"{at - check.deadline_at} after")


def counted(checks: Iterable[PresenceCheck], outages: Sequence[Outage]) -> tuple[PresenceCheck, ...]:
    """Those that were asked and had their time, while the server itself was there."""
    return tuple(
        check
        for check in checks
        if check.asked_at is not None and check.deadline_at is not None and check.closed_at and not check.dropped
        if not any(outage.since < check.deadline_at and check.asked_at < outage.until for outage in outages)
    )


def asks(check: PresenceCheck, sign_in: SignIn, *, in_rooms: bool) -> bool:
    """Whether it was for this member: signed in, not gone, and by phone unless rooms are asked, too."""
    assert check.asked_at is not None
    gone = sign_in.left_at is not None and sign_in.left_at <= check.asked_at
    return sign_in.at <= check.asked_at and not gone and (in_rooms or sign_in.room is None)
