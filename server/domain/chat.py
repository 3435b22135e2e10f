"""What members write to each other in a lesson: the mode, how often, and what becomes of a line."""

from __future__ import annotations

import datetime as dt
import enum
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.domain.refusals import Refusal
from server.domain.speakers import SpeakerKind
from server.domain.wordlist import INVISIBLE

LONGEST = 500
MOST_A_MINUTE = 1000
"""In a lesson, of all together."""
BURST, BURST_TIME = 10, dt.timedelta(seconds=10)
"""So many lines in so long a time, of one speaker."""
SLOWEST_SECONDS = 600
LONGEST_MUTE = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)


class ChatMode(enum.StrEnum):
    OFF = "off"
    APPROVED = "approved"  # 先审后发
    OPEN = "open"


class LineState(enum.StrEnum):
    WAITING = "waiting"  # seen by its sender and by staff, nobody else
    SHOWN = "shown"
    DELETED = "deleted"


class LineStep(enum.StrEnum):
    APPROVE = "approve"
    DELETE = "delete"


TRANSITIONS: dict[tuple[LineState, LineStep], LineState] = {
    (LineState.WAITING, LineStep.APPROVE): LineState.SHOWN,
    (LineState.WAITING, LineStep.DELETE): LineState.DELETED,
    (LineState.SHOWN, LineStep.DELETE): LineState.DELETED,
}


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """``slow_seconds``: one line of each speaker in so long a time; 0: no such limit."""

    mode: ChatMode = ChatMode.APPROVED
    slow_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """``seq``: of the event that last brought it to somebody; lists follow it. ``held``: a listed word is in it."""

    id: str
    lesson_id: str
    seq: int
    kind: SpeakerKind
    speaker_id: str
    account_id: str
    name: str
    unit: str
    text: str
    state: LineState
    held: bool
    at: dt.datetime
    decided_at: dt.datetime | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """The speaker (a member, or a lesson venue) says nothing in this lesson until then."""

    lesson_id: str
    speaker_id: str
    account_id: str
    name: str
    until: dt.datetime
    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class LineQuery:
    """``states``: of everybody's; ``own``: also what this speaker has waiting. ``before`` or ``after`` a ``seq``."""

    states: Collection[LineState]
    own: str | None = None
    before: int | None = None
    after: int | None = None


def next_state(state: LineState, step: LineStep) -> LineState:
    """Raises ``line_decided``."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise Refusal("line_decided", f"{step} of a line that is {state}") from None


def cleaned(text: str) -> str:
    """What is kept of it. Raises ``invalid_body`` for one that is too long, or that nobody would see."""
    kept = text.strip()
    if not 1 <= len(kept) <= LONGEST:
        raise Refusal("invalid_body", f"text: 1 to {LONGEST} characters")
    if all(character in INVISIBLE or unicodedata.category(character)[0] in "CMZ" for character in kept):
        raise Refusal("invalid_body", "text: nothing to be seen")
    return kept


def check_settings(settings: ChatSettings) -> None:
    """Raises ``invalid_body``."""
    if not 0 <= settings.slow_seconds <= SLOWEST_SECONDS:
        raise Refusal("invalid_body", f"slow_seconds: 0 to {SLOWEST_SECONDS}")


def for_staff(settings: ChatSettings) -> ChatSettings:
    """What holds for who runs the lesson: nobody approves the approvers, and slow mode is for the many."""
    return settings if settings.mode is ChatMode.OFF else ChatSettings(ChatMode.OPEN)


def first_state(settings: ChatSettings, *, listed: bool) -> LineState:
    """Of a new line; ``listed``: a word of the customer's list is in it. Raises ``chat_off``, ``word_listed``."""
    if settings.mode is ChatMode.OFF:
        raise Refusal("chat_off")
    if settings.mode is ChatMode.APPROVED:
        return LineState.WAITING
    if listed:
        raise Refusal("word_listed")
    return LineState.SHOWN


def check_not_muted(mute: Mute | None, now: dt.datetime) -> None:
    """Raises ``talk_muted``."""
    if mute is not None and now < mute.until:
        raise Refusal("talk_muted", mute.reason, retry_after_s=_seconds(mute.until - now))


def next_at(settings: ChatSettings, own: Sequence[dt.datetime]) -> dt.datetime | None:
    """When slow mode lets the speaker write again; ``own``: the times of the last lines, newest first."""
    if not own or not settings.slow_seconds:
        return None
    return own[0] + dt.timedelta(seconds=settings.slow_seconds)


def check_pace(settings: ChatSettings, own: Sequence[dt.datetime], in_minute: int, now: dt.datetime) -> None:
    """``own``: the times of the speaker's last ``BURST`` lines, newest first; ``in_minute``: everybody's.

    Raises ``slow_mode``, ``too_fast``, ``chat_busy``.
    """
    slow_until = next_at(settings, own)
    if slow_until is not None and now < slow_until:
        raise Refusal("slow_mode", retry_after_s=_seconds(slow_until - now))
    if len(own) >= BURST and now < own[BURST - 1] + BURST_TIME:
        raise Refusal("too_fast", "chat", retry_after_s=_seconds(own[BURST - 1] + BURST_TIME - now))
    if in_minute >= MOST_A_MINUTE:
        raise Refusal("chat_busy", retry_after_s=5)


def minute_before(now: dt.datetime) -> dt.datetime:
    return now - _MINUTE


def mute_until(now: dt.datetime, minutes: int) -> dt.datetime:
    """Raises ``invalid_body``."""
    lasting = dt.timedelta(minutes=minutes)
    if not dt.timedelta(0) < lasting <= LONGEST_MUTE:
        raise Refusal("invalid_body", "minutes: 1 to 1440")
    return now + lasting


def _seconds(left: dt.timedelta) -> int:
    return max(1, -(-left // dt.timedelta(seconds=1)))
