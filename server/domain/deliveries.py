"""One message to one member by one channel: what becomes of it.

Sent at most once by a channel that cannot tell a repetition: when nobody knows whether it went out, it is
``unknown``, and a person decides.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from dataclasses import dataclass, replace

from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal
from server.domain.waves import SENDABLE, Wave

LEASE = dt.timedelta(minutes=5)
"""Who has begun to send and said nothing for so long is gone."""
FIRST_WAIT = dt.timedelta(seconds=30)
SHOWN_ONCE = dt.timedelta(hours=3, minutes=30)
"""So long a channel that drops repetitions surely knows the message again; 企业微信 does for four hours."""
LONGEST_WAIT = dt.timedelta(minutes=30)
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_SEPARATORS = re.compile(r"[\s()\-]")


class Channel(enum.StrEnum):
    PORTAL = "portal"  # 站内信: the row is the message
    WECOM = "wecom"  # 企业微信
    SMS = "sms"  # 短信


class DeliveryState(enum.StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # given up
    UNKNOWN = "unknown"  # begun, and nobody knows how it ended
    STOPPED = "stopped"  # not needed any more


class Fate(enum.Enum):
    """What a channel says of a message."""

    SENT = enum.auto()
    LATER = enum.auto()  # surely not sent; may go another time
    NEVER = enum.auto()  # surely not sent, and won't be
    UNKNOWN = enum.auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``code``: why not, for the school's administrator; stable words, nothing of a person, no secrets."""

    fate: Fate
    code: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Unique by lesson, round, wave, member and channel. ``place``: the lesson venue at planning; None: by phone.

    ``next_at``: not before. ``code``: why it failed, is unknown or was stopped. ``unsure_since``: begun then, and
    perhaps gone out.
    """

    id: str
    lesson_id: str
    round: int
    wave: Wave
    member_id: str
    channel: Channel
    place: str | None
    state: DeliveryState
    next_at: dt.datetime
    tries: int = 0
    claimed_by: str | None = None
    claimed_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    read_at: dt.datetime | None = None
    code: str = ""
    unsure_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages of a wave are in a state. ``read``: portal messages that were opened."""

    round: int
    wave: Wave
    channel: Channel
    state: DeliveryState
    count: int
    read: int


@dataclass(frozen=True, slots=True)
class Address:
    """``number``: of an account that is not disabled."""

    number: str | None
    phone: str | None


def claimed(one: Delivery, by: str, now: dt.datetime) -> Delivery:
    return replace(one, state=DeliveryState.SENDING, tries=one.tries + 1, claimed_by=by, claimed_at=now, code="")


def stopped(one: Delivery, code: str) -> Delivery:
    return replace(one, state=DeliveryState.STOPPED, code=code)


def left_unknown(one: Delivery) -> Delivery:
    """It waited until the channel may have forgotten it: only a person sends it again."""
    return replace(one, state=DeliveryState.UNKNOWN)


def settled(one: Delivery, outcome: Outcome, *, most_tries: int, repeats_safely: bool, now: dt.datetime) -> Delivery:
    """After a try. ``repeats_safely``: the channel shows the same message once, while it knows it again."""
    if outcome.fate is Fate.SENT:
        return replace(one, state=DeliveryState.SENT, sent_at=now, code="", unsure_since=None)
    if outcome.fate is Fate.NEVER:
        return replace(one, state=DeliveryState.FAILED, code=outcome.code, unsure_since=None)
    if outcome.fate is Fate.UNKNOWN:
        one = replace(one, unsure_since=one.unsure_since or one.claimed_at or now)
    next_at = now + wait_after(one.tries)
    again = one.unsure_since is None or (repeats_safely and shown_once(one, next_at))
    if again and one.tries < most_tries:
        return replace(one, state=DeliveryState.QUEUED, next_at=next_at, code=outcome.code)
    given_up = DeliveryState.FAILED if one.unsure_since is None else DeliveryState.UNKNOWN
    return replace(one, state=given_up, code=outcome.code)


def shown_once(one: Delivery, at: dt.datetime) -> bool:
    """Whether it may be sent at this time without anybody seeing it twice."""
    return one.unsure_since is None or at < one.unsure_since + SHOWN_ONCE


def wait_after(tries: int) -> dt.timedelta:
    """Doubled with each try."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 16)), LONGEST_WAIT)


def check_repeatable(lesson: Lesson, now: dt.datetime) -> None:
    """Raises ``delivery_over``: nothing of it goes out any more."""
    if lesson.state not in SENDABLE or now >= lesson.starts_at:
        raise Refusal("delivery_over", lesson.state)


def reason_to_stop(
    one: Delivery, lesson: Lesson, round_number: int, now: dt.datetime, *, signed_in: bool, on_leave: bool
) -> str:
    """Empty: it is still needed."""
    if lesson.state not in SENDABLE:
        return "cancelled" if lesson.state is LessonState.CANCELLED else "not_scheduled"
    if one.round != round_number:
        return "moved"
    if now >= lesson.starts_at:
        return "too_late"
    if signed_in:
        return "signed_in"
    return "on_leave" if on_leave else ""


def mobile(phone: str | None) -> str | None:
    """The eleven digits that a text message can go to."""
    found = _MOBILE.fullmatch(_SEPARATORS.sub("", phone or ""))
    return found[1] if found else None
