"""Whose attendance somebody sees, for whom he vouches, whom he signs in, whose room kits he keeps: by unit, or by
room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from server.domain.access import (
    Action,
    LessonTarget,
    Principal,
    Role,
    allowed,
    lesson_venue_of,
    operated,
    operated_venue,
    require,
)


@dataclass(frozen=True, slots=True)
class BoardReach:
    """Whose attendance a principal may see. Both None: everybody's. ``unit_ids``: these units and all below them."""

    unit_ids: frozenset[str] | None = None
    lesson_venue_id: str | None = None


def board_reach(principal: Principal, target: LessonTarget, lesson_venue_id: str | None = None) -> BoardReach:
    """Who runs or audits the lesson sees all, a venue its own people, a secretary his units'; a person who operates
    rooms the people of the one that is named, and without a name the own units', else the first room's.

    Raises ``forbidden`` or ``lesson_not_found``.
    """
    require(principal, Action.BOARD, target)
    audits = any(grant.role is Role.AUDIT_ADMIN and grant.unit_id in target.unit_line for grant in principal.grants)
    if audits or Action.RUN in allowed(principal, target):
        return BoardReach()
    own = lesson_venue_of(principal, target.lesson)
    if own is not None:
        return BoardReach(lesson_venue_id=own.id)
    rooms = [venue.id for venue in operated(principal, target.lesson)]
    if lesson_venue_id in rooms:
        return BoardReach(lesson_venue_id=lesson_venue_id)
    if rooms and not by_unit(principal, Action.BOARD, target):
        return BoardReach(lesson_venue_id=rooms[0])
    return BoardReach(_as_secretary(principal))


def vouch_reach(principal: Principal, target: LessonTarget) -> frozenset[str] | None:
    """For whose attendance a principal may vouch: these units and all below them; None: everybody's.

    Raises ``forbidden`` or ``lesson_not_found``.
    """
    require(principal, Action.VOUCH, target)
    if Action.SETTLE in allowed(principal, target):
        return None
    return _as_secretary(principal)


def assist_reach(principal: Principal, target: LessonTarget, place: str | None) -> frozenset[str] | None:
    """As :func:`vouch_reach`, for whom a principal may sign in at that place; at a room that he operates whoever is in
    it (None).
    """
    require(principal, Action.ASSIST, target)
    if Action.RUN in allowed(principal, target) or place in {venue.id for venue in operated(principal, target.lesson)}:
        return None
    return _as_secretary(principal)


def assisted_place(principal: Principal, target: LessonTarget, wanted: str | None) -> str | None:
    """Where somebody is signed in whom the principal helps: staff and a secretary say any place (None: by phone), an
    operator one of the own rooms; unnamed it is the only one.

    Raises ``venue_not_found``, ``forbidden``, ``which_venue``.
    """
    if wanted is not None:
        target.lesson.venue(wanted)
    if Action.RUN in allowed(principal, target) or by_unit(principal, Action.ASSIST, target):
        return wanted
    return operated_venue(principal, target.lesson, wanted).id


def kit_rooms(principal: Principal, target: LessonTarget) -> frozenset[str]:
    """The parts whose room kits are the principal's business: whoever may throw out a sender keeps all of them, an
    operator the own rooms'. None for others.
    """
    rights = allowed(principal, target)
    if Action.REPLACE_SOURCE in rights:
        return frozenset(venue.id for venue in target.lesson.venues)
    if Action.BOARD not in rights:
        return frozenset()
    return frozenset(venue.id for venue in operated(principal, target.lesson))


def by_unit(principal: Principal, action: Action, target: LessonTarget) -> bool:
    """Whether the principal might do it without any room, too."""
    return action in allowed(replace(principal, venue_id=None, operates=()), target)


def _as_secretary(principal: Principal) -> frozenset[str]:
    return frozenset(grant.unit_id for grant in principal.grants if grant.role is Role.SECRETARY)
