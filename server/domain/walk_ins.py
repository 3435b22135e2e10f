"""名单外到场: somebody comes to a room where nobody expects him; its operator finds him and signs him in with a reason.

He is found by the whole number or the whole name, as he says it: nobody leafs through the people of other rooms.
"""

from __future__ import annotations

import unicodedata

from server.domain.access import (
    AccountKind,
    Action,
    LessonTarget,
    Principal,
    allowed,
    operated,
    operated_venue,
    units_held,
)
from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue

LONGEST = 40
MOST_FOUND = 6
"""With more of the same name one's number tells."""
_LEAST = 2


def asked_for(text: str) -> str | None:
    """The whole number or name, as it is looked for; None: nobody can be meant by it."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return plain if _LEAST <= len(plain) <= LONGEST and plain.isprintable() else None


def spellings(asked: str) -> tuple[str, ...]:
    """How a number may be kept that was typed so."""
    return tuple(dict.fromkeys((asked, asked.lower(), asked.upper())))


def room_of_walk_in(principal: Principal, target: LessonTarget, lesson_venue_id: str | None) -> LessonVenue:
    """The room that is meant: of who operates rooms one of his own (None: the only one), of who runs the lesson any.

    A person answers for who has come, the room's own login can't. Raises ``forbidden``, ``which_venue``,
    ``venue_not_found``.
    """
    if principal.kind is AccountKind.DEVICE:
        raise Refusal("forbidden", "a screen takes nobody in")
    rooms = {venue.id for venue in operated(principal, target.lesson)}
    if lesson_venue_id is not None and lesson_venue_id not in rooms and Action.RUN in allowed(principal, target):
        return target.lesson.venue(lesson_venue_id)
    return operated_venue(principal, target.lesson, lesson_venue_id)


def own_units(principal: Principal) -> frozenset[str]:
    """Whose people may come with him, besides the lesson's: a member's own, and those in which he helps others anyway.

    A role that says nothing of people's attendance (讲师, 审计管理员) widens no roster.
    """
    own = principal.unit_line[:1] if principal.member_id is not None else ()
    return units_held(principal, Action.ASSIST).union(own)
