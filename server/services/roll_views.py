"""A roll call as faces see it: where it stands, and what the house would say of the venue that is called."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.lessons import Lesson
from server.domain.roll_calls import Facts, RollCall, RollResult, proposal
from server.domain.venues import LessonVenue
from server.services.media import RoomState, SourceState
from server.services.watches import Watches


@dataclass(frozen=True, slots=True)
class RollMark:
    """One venue's part in the last roll call. ``proposal``: of the venue that is called, to staff."""

    called: bool
    answered_at: dt.datetime | None
    result: RollResult | None
    proposal: RollResult | None


@dataclass(frozen=True, slots=True)
class RollStanding:
    """The lesson's last roll call. ``called``: a lesson venue's id; a venue learns only of itself."""

    id: str
    number: int
    running: bool
    started_at: dt.datetime
    finished_at: dt.datetime | None
    called: str | None
    total: int
    decided: int


@dataclass(frozen=True, slots=True)
class RollEntryView:
    lesson_venue_id: str
    name: str
    answered_at: dt.datetime | None
    proposed: RollResult | None
    result: RollResult | None
    decided_at: dt.datetime | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class RollCallView:
    """``counts`` by result; ``uncalled`` have none."""

    id: str
    number: int
    started_at: dt.datetime
    started_by: str
    finished_at: dt.datetime | None
    counts: dict[RollResult, int]
    uncalled: int
    entries: tuple[RollEntryView, ...]


def standing(roll: RollCall, own_venue: str | None, *, staff: bool) -> RollStanding:
    return RollStanding(
        id=roll.id,
        number=roll.number,
        running=roll.running,
        started_at=roll.started_at,
        finished_at=roll.finished_at,
        called=roll.called if staff or roll.called == own_venue else None,
        total=len(roll.entries),
        decided=sum(entry.result is not None for entry in roll.entries),
    )


def mark(roll: RollCall | None, venue: LessonVenue, proposed: RollResult | None) -> RollMark | None:
    """None for a venue that is not called at all: the main one."""
    entry = next((each for each in roll.entries if each.lesson_venue_id == venue.id), None) if roll else None
    if roll is None or entry is None:
        return None
    called = roll.called == venue.id
    return RollMark(called, entry.answered_at, entry.result, proposed if called else None)


def proposed_now(
    roll: RollCall | None, lesson: Lesson, room: RoomState | None, watches: Watches, now: dt.datetime
) -> RollResult | None:
    """Of the venue that is called; None when there is none."""
    if roll is None or roll.called is None:
        return None
    venue = lesson.venue(roll.called)
    states = room.sources if room else ()
    state = next((each for each in states if each.source == venue.source), None)
    return proposal(_facts(roll, venue, state, watches, now), now)


def _facts(roll: RollCall, venue: LessonVenue, state: SourceState | None, watches: Watches, now: dt.datetime) -> Facts:
    answered_at = roll.entry(venue.id).answered_at
    if state is None or not state.connected:
        return Facts(answered_at=answered_at)
    heard_at = watches.heard_at(roll.lesson_id, venue.source)
    return Facts(
        connected=True,
        picture=state.has_video and watches.moves(roll.lesson_id, venue.source, now),
        sound=state.has_audio,
        microphone=venue.microphone,
        heard_at=heard_at if heard_at and roll.called_at and heard_at >= roll.called_at else None,
        answered_at=answered_at,
    )


def seen(roll: RollCall) -> RollCallView:
    return RollCallView(
        id=roll.id,
        number=roll.number,
        started_at=roll.started_at,
        started_by=roll.started_by,
        finished_at=roll.finished_at,
        counts=dict(roll.counts),
        uncalled=sum(entry.result is None for entry in roll.entries),
        entries=tuple(
            RollEntryView(
                lesson_venue_id=entry.lesson_venue_id,
                name=entry.name,
                answered_at=entry.answered_at,
                proposed=entry.proposed,
                result=entry.result,
                decided_at=entry.decided_at,
                decided_by=entry.decided_by,
            )
            for entry in roll.entries
        ),
    )
