"""Hands (举手): one ordered queue of members and venues in a lesson, and the one of them that is on the air.

``waiting → invited → on_air → done``, or before that ``withdrawn`` (by whoever raised it), ``declined`` (put down by
staff, or 稍后 by whoever was invited) or ``missed`` (nobody answered the invitation, or the lesson ended).
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal
from server.domain.speakers import SpeakerKind

TOPIC_LENGTH = 100
MOST_WAITING = 500
MOST_RAISED = 30
"""So many hands of one speaker in a lesson."""
BETWEEN = dt.timedelta(seconds=5)
"""Between two hands of one speaker."""
INVITATION = dt.timedelta(seconds=20)
SILENCE = dt.timedelta(seconds=15)
"""So long nothing may come from a phone on the air: then its turn is over (a setting)."""
CONNECTING = dt.timedelta(seconds=6)
"""How long after the invitation's end a connection that was on its way still counts."""


class HandState(enum.StrEnum):
    WAITING = "waiting"
    INVITED = "invited"
    ON_AIR = "on_air"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    MISSED = "missed"


class HandStep(enum.StrEnum):
    INVITE = "invite"  # staff take it
    CONNECT = "connect"  # its picture or sound is there
    FINISH = "finish"  # staff, or the speaker
    WITHDRAW = "withdraw"  # the speaker
    LOWER = "lower"  # staff
    EXPIRE = "expire"  # the clock, or the lesson's end


TRANSITIONS: dict[tuple[HandState, HandStep], HandState] = {
    (HandState.WAITING, HandStep.INVITE): HandState.INVITED,
    (HandState.WAITING, HandStep.WITHDRAW): HandState.WITHDRAWN,
    (HandState.WAITING, HandStep.LOWER): HandState.DECLINED,
    (HandState.WAITING, HandStep.EXPIRE): HandState.MISSED,
    (HandState.INVITED, HandStep.CONNECT): HandState.ON_AIR,
    (HandState.INVITED, HandStep.WITHDRAW): HandState.DECLINED,
    (HandState.INVITED, HandStep.LOWER): HandState.DECLINED,
    (HandState.INVITED, HandStep.FINISH): HandState.DECLINED,
    (HandState.INVITED, HandStep.EXPIRE): HandState.MISSED,
    (HandState.ON_AIR, HandStep.FINISH): HandState.DONE,
    (HandState.ON_AIR, HandStep.WITHDRAW): HandState.DONE,
    (HandState.ON_AIR, HandStep.LOWER): HandState.DONE,
    (HandState.ON_AIR, HandStep.EXPIRE): HandState.DONE,
}
OPEN = frozenset({HandState.WAITING, HandState.INVITED, HandState.ON_AIR})
ACTIVE = frozenset({HandState.INVITED, HandState.ON_AIR})
"""At most one of a lesson: who is asked to speak, or speaks."""


@dataclass(frozen=True, slots=True)
class Hand:
    """``through``: the lesson venue whose camera and microphone it is heard by; None: the member's own phone.

    ``name`` and ``unit`` as they were when it was raised. ``former``: the source that it took the picture from.
    """

    id: str
    lesson_id: str
    kind: SpeakerKind
    speaker_id: str
    account_id: str
    name: str
    unit: str
    topic: str
    through: str | None
    source: str
    state: HandState
    raised_at: dt.datetime
    invited_at: dt.datetime | None = None
    on_air_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    ended_by: str | None = None
    former: str | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def by_phone(self) -> bool:
        return self.through is None

    @property
    def expires_at(self) -> dt.datetime | None:
        """Until when the invitation can be answered."""
        return self.invited_at + INVITATION if self.state is HandState.INVITED and self.invited_at else None

    @property
    def label(self) -> str:
        """What everybody reads beside the picture."""
        return f"{self.name} · {self.unit}" if self.unit else self.name


def step(hand: Hand, event: HandStep, now: dt.datetime, *, by: str | None = None) -> Hand:
    """The hand after ``event``. ``by``: the account that did it. Raises ``hand_over`` and changes nothing."""
    after = TRANSITIONS.get((hand.state, event))
    if after is None:
        raise Refusal("hand_over", f"{event} of {hand.state}")
    if after is HandState.INVITED:
        return replace(hand, state=after, invited_at=now)
    if after is HandState.ON_AIR:
        return replace(hand, state=after, on_air_at=now)
    return replace(hand, state=after, ended_at=now, ended_by=by)


def missed(hand: Hand, now: dt.datetime) -> bool:
    """Whether nobody answered the invitation in time."""
    return hand.expires_at is not None and now >= hand.expires_at + CONNECTING


def gone_silent(hand: Hand, heard_at: dt.datetime | None, now: dt.datetime, patience: dt.timedelta) -> bool:
    """Whether a phone on the air has been lost. ``heard_at``: when its last packets came, None: never."""
    if hand.state is not HandState.ON_AIR or not hand.by_phone or hand.on_air_at is None:
        return False
    return now - max(hand.on_air_at, heard_at or hand.on_air_at) >= patience


def position(waiting: Sequence[Hand], hand_id: str) -> int | None:
    """From 1, in the order of the queue; None for one that does not wait."""
    return next((place for place, hand in enumerate(waiting, 1) if hand.id == hand_id), None)


def check_raising(times: Sequence[dt.datetime], waiting: int, now: dt.datetime) -> None:
    """``times``: when the speaker raised hands in this lesson before. Raises ``too_fast``, ``hands_full``."""
    if waiting >= MOST_WAITING or len(times) >= MOST_RAISED:
        raise Refusal("hands_full")
    wait = max(times) + BETWEEN - now if times else dt.timedelta(0)
    if wait > dt.timedelta(0):
        raise Refusal("too_fast", "hands", retry_after_s=max(1, round(wait.total_seconds())))
