"""点名: venue by venue in order, one result each. The house proposes by what it sees and hears, a person decides."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue, Microphone, Part

MOST = 50
"""Roll calls of one lesson."""
HEARD_WITHIN = dt.timedelta(seconds=5)


class RollResult(enum.StrEnum):
    ANSWERED = "answered"  # 在线应答
    NO_PICTURE = "no_picture"  # 无画面
    NO_SOUND = "no_sound"  # 无声音
    ABSENT = "absent"  # 未应答


@dataclass(frozen=True, slots=True)
class RollEntry:
    """One venue's part. ``answered_at``: its operator pressed 应答. ``proposed``: by the house, when it was decided."""

    lesson_venue_id: str
    name: str
    answered_at: dt.datetime | None = None
    proposed: RollResult | None = None
    result: RollResult | None = None
    decided_at: dt.datetime | None = None
    decided_by: str | None = None  # a name


@dataclass(frozen=True, slots=True)
class RollCall:
    """``number`` counts from 1 in the lesson; the last one counts. ``called``: whose turn it is."""

    id: str
    lesson_id: str
    number: int
    started_at: dt.datetime
    started_by: str
    entries: tuple[RollEntry, ...]
    called: str | None = None
    called_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None

    @property
    def running(self) -> bool:
        return self.finished_at is None

    def entry(self, lesson_venue_id: str) -> RollEntry:
        """Raises ``venue_not_found``."""
        for entry in self.entries:
            if entry.lesson_venue_id == lesson_venue_id:
                return entry
        raise Refusal("venue_not_found", lesson_venue_id)

    @property
    def counts(self) -> Mapping[RollResult, int]:
        return {result: sum(entry.result is result for entry in self.entries) for result in RollResult}

    @property
    def failing(self) -> tuple[RollEntry, ...]:
        """Whoever is not known to be there with picture and sound."""
        return tuple(entry for entry in self.entries if entry.result is not RollResult.ANSWERED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a venue while it is called. ``picture``: video comes. ``heard_at``: the last sound of it."""

    connected: bool = False
    picture: bool = False
    sound: bool = False
    microphone: Microphone = Microphone.MUTED
    heard_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None


def proposal(facts: Facts, now: dt.datetime) -> RollResult:
    """A room whose microphone is off answers by its key; one that is on must also be heard."""
    heard = facts.heard_at is not None and now - facts.heard_at <= HEARD_WITHIN
    answered = heard or facts.answered_at is not None
    if not (facts.connected or answered):
        return RollResult.ABSENT
    if not (facts.connected and facts.picture):
        return RollResult.NO_PICTURE
    if not answered:
        return RollResult.ABSENT
    if not facts.sound or (facts.microphone is Microphone.READY and not heard):
        return RollResult.NO_SOUND
    return RollResult.ANSWERED


def begin(
    roll_call_id: str,
    lesson_id: str,
    venues: Sequence[LessonVenue],
    before: RollCall | None,
    *,
    by: str,
    now: dt.datetime,
) -> RollCall:
    """Calls the first of the sub-venues. ``before``: the lesson's last one.

    Raises ``roll_call_running``, ``roll_call_empty``, ``roll_calls_used``.
    """
    if before is not None and before.running:
        raise Refusal("roll_call_running", before.id)
    number = before.number + 1 if before else 1
    if number > MOST:
        raise Refusal("roll_calls_used", str(MOST))
    entries = tuple(RollEntry(venue.id, venue.name) for venue in venues if venue.part is Part.BRANCH)
    if not entries:
        raise Refusal("roll_call_empty", lesson_id)
    return RollCall(roll_call_id, lesson_id, number, now, by, entries, entries[0].lesson_venue_id, now)


def call_venue(roll_call: RollCall, lesson_venue_id: str, now: dt.datetime) -> RollCall:
    """Go back or ahead to a venue; what was decided of it stands until it is decided again.

    An earlier 应答 of it is no answer to this call. Raises ``roll_call_over``, ``venue_not_found``.
    """
    _check_running(roll_call)
    entry = roll_call.entry(lesson_venue_id)
    called = replace(roll_call, called=lesson_venue_id, called_at=now)
    return _with(called, replace(entry, answered_at=None))


def answer(roll_call: RollCall, lesson_venue_id: str, now: dt.datetime) -> RollCall:
    """The operator's 应答, once for each call. Raises ``roll_call_over``, ``not_called``."""
    _check_running(roll_call)
    if roll_call.called != lesson_venue_id:
        raise Refusal("not_called", lesson_venue_id)
    entry = roll_call.entry(lesson_venue_id)
    return roll_call if entry.answered_at else _with(roll_call, replace(entry, answered_at=now))


def decide(
    roll_call: RollCall,
    lesson_venue_id: str,
    result: RollResult,
    *,
    proposed: RollResult,
    by: str,
    now: dt.datetime,
) -> RollCall:
    """Sets a venue's result, again or for the first time. When it was its turn, the next without a result is called.

    Raises ``roll_call_over``, ``venue_not_found``.
    """
    _check_running(roll_call)
    entry = roll_call.entry(lesson_venue_id)
    decided = replace(entry, result=result, proposed=proposed, decided_at=now, decided_by=by)
    after = _with(roll_call, decided)
    if roll_call.called != lesson_venue_id:
        return after
    following = _next_open(after, lesson_venue_id)
    return replace(after, called=following, called_at=now if following else None)


def finish(roll_call: RollCall, now: dt.datetime) -> RollCall:
    """Nobody is called any more; whoever has no result was not called. Raises ``roll_call_over``."""
    _check_running(roll_call)
    return replace(roll_call, called=None, called_at=None, finished_at=now)


def _next_open(roll_call: RollCall, after: str) -> str | None:
    """In order from here, then those that were skipped before."""
    ids = [entry.lesson_venue_id for entry in roll_call.entries]
    start = ids.index(after) + 1
    turned = (*roll_call.entries[start:], *roll_call.entries[:start])
    return next((entry.lesson_venue_id for entry in turned if entry.result is None), None)


def _with(roll_call: RollCall, changed: RollEntry) -> RollCall:
    same = changed.lesson_venue_id
    entries = tuple(changed if entry.lesson_venue_id == same else entry for entry in roll_call.entries)
    return replace(roll_call, entries=entries)


def _check_running(roll_call: RollCall) -> None:
    if not roll_call.running:
        raise Refusal("roll_call_over", roll_call.id)
