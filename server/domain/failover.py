"""A broken venue's people move to another one, or to their phones (转到备用), and back when it is whole again.

What was frozen or happened stays: roster and sign-in keep their first place, a move stands beside them. Who is
signed in in the broken room is carried by it no longer. On the phone the own devices speak from then on; in another
room its connection does, but only from the arrival there: the member scans its code or the operator sees the person.
A silent walk of ``bridge_minutes`` at most, seen on both sides, counts as presence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn

BRIDGE_MINUTES = 10
"""For failovers from now on; each keeps the one that it was made under."""
MOST = 200
"""Failovers of one lesson."""


@dataclass(frozen=True, slots=True)
class Failover:
    """``target`` None: phones. ``undone_at`` None: it holds."""

    id: str
    lesson_id: str
    origin: str
    target: str | None
    at: dt.datetime
    by: str  # a name
    bridge_minutes: int = BRIDGE_MINUTES
    undone_at: dt.datetime | None = None
    undone_by: str | None = None

    @property
    def bridge(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.bridge_minutes)


@dataclass(frozen=True, slots=True)
class Move:
    """One member's change of place. ``signed_in``: the member was in the room, else only expected there.

    ``rostered``: where the member is expected changes, too. ``arrived_at``: known to be at ``target``; on phones
    nobody asks. ``back``: by the undoing.
    """

    failover_id: str
    member_id: str
    at: dt.datetime
    target: str | None
    signed_in: bool
    rostered: bool
    bridge_minutes: int = BRIDGE_MINUTES
    back: bool = False
    arrived_at: dt.datetime | None = None
    arrived_by: str | None = None  # an account

    @property
    def bridge(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.bridge_minutes)


Person = tuple[RosterEntry, SignIn | None]


def begin(failover_id: str, lesson: Lesson, origin: str, target: str | None, *, by: str, now: dt.datetime) -> Failover:
    """Raises ``venue_not_found``, ``failover_same``, ``failover_active``, ``failover_target``."""
    broken = lesson.venue(origin)
    if broken.failover_id is not None:
        raise Refusal("failover_active", origin)
    if target == origin:
        raise Refusal("failover_same", origin)
    if target is not None and lesson.venue(target).failover_id is not None:
        raise Refusal("failover_target", target)
    return Failover(failover_id, lesson.id, origin, target, now, by)


def whom(failover: Failover, people: Iterable[Person], now: dt.datetime) -> tuple[Move, ...]:
    """Everybody who is in the broken room, or expected there and not signed in. Who left it stays counted there."""

    origin, bridge = failover.origin, failover.bridge_minutes
    return tuple(
        Move(failover.id, entry.member_id, now, failover.target, signed_in, entry.place == origin, bridge)
        for entry, signed_in in concerned(origin, people)
    )


def concerned(place: str, people: Iterable[Person]) -> tuple[tuple[RosterEntry, bool], ...]:
    """Whoever is in this room (True), or expected there and not signed in (False)."""
    there = ((entry, sign_in) for entry, sign_in in people if sign_in is None or sign_in.left_at is None)
    return tuple(
        (entry, sign_in is not None)
        for entry, sign_in in there
        if (entry.place if sign_in is None else sign_in.place) == place
    )


def back(failover: Failover, moves: Sequence[Move], people: Iterable[Person], now: dt.datetime) -> tuple[Move, ...]:
    """Who goes back when it is undone: whom this failover moved last, and nobody who came to the target meanwhile.

    Within ``bridge_minutes`` those who were in the room are taken to be there still; later they confirm it.
    """
    went = {each.member_id: each for each in moves if not each.back}

    def move(person: Person) -> Move | None:
        entry, sign_in = person
        gone = went.get(entry.member_id)
        if gone is None:
            return None
        there = sign_in is not None and gone.signed_in and sign_in.moved_at == gone.at and sign_in.arrived_at is None
        waits = sign_in is None and not gone.signed_in
        if not (there or waits):
            return None
        expected = gone.rostered and entry.moved_at == gone.at
        stayed = now if there and now - gone.at <= failover.bridge else None
        returned = replace(gone, at=now, target=failover.origin, signed_in=there, rostered=expected)
        return replace(returned, back=True, arrived_at=stayed)

    return tuple(each for each in map(move, people) if each is not None and (each.signed_in or each.rostered))
