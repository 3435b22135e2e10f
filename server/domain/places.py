"""Where a member takes part: the member's own choice until the lesson opens; afterwards staff change it, with a reason.

Open to a member are the phone, unless the lesson has no media; the venues of the own unit and of those above it; and
wherever the unit is assigned. A place that staff gave by name stands. A full room warns and never blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal
from server.domain.roster import Assignments, RosterEntry
from server.domain.sign_ins import SignIn


def open_to(
    lesson: Lesson, line: Sequence[str], owners: Mapping[str, str], assigned: str | None
) -> tuple[str | None, ...]:
    """In the order in which they are offered, by venue id; None: the phone.

    ``line``: the member's unit, its parent, …; ``owners``: venue id → its unit; ``assigned``: where the plan says.
    """
    rooms = [one.venue_id for one in lesson.venues if owners.get(one.venue_id) in line or one.venue_id == assigned]
    return (*rooms, None) if lesson.media else tuple(rooms)


def choosable(lesson: Lesson) -> bool:
    """Once it is planned, until it opens."""
    return lesson.state is LessonState.SCHEDULED


def check_choosable(lesson: Lesson, plan: Assignments, member_id: str) -> None:
    """Raises ``place_closed`` once the lesson has opened, ``place_given`` for whom staff placed by name."""
    if not choosable(lesson):
        raise Refusal("place_closed", lesson.state)
    if member_id in plan.exceptions:
        raise Refusal("place_given", member_id)


def check_changeable(lesson: Lesson, entry: RosterEntry | None, sign_in: SignIn | None, to: str | None) -> None:
    """By staff, to a lesson venue or the phone (None).

    Raises ``lesson_not_on_air``, ``member_not_found``, ``place_signed_in``, ``venue_not_found``, ``failover_target``
    for a room that broke down, ``place_not_open`` for the phone in a lesson without media.
    """
    if not lesson.on_air:
        raise Refusal("lesson_not_on_air", lesson.state)
    if entry is None:
        raise Refusal("member_not_found", "not on the roster")
    if sign_in is not None:
        raise Refusal("place_signed_in", entry.member_id)
    if to is not None and lesson.venue(to).failover_id is not None:
        raise Refusal("failover_target", to)
    if to is None and not lesson.media:
        raise Refusal("place_not_open", "by phone")
