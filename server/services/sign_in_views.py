"""A sign-in as it is told to who signed in, and to who helped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.lessons import Lesson
from server.domain.sign_ins import Door, SignIn, Way
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class SignInView:
    lesson_id: str
    member_id: str
    at: dt.datetime
    way: Way
    lesson_venue_id: str | None
    venue_name: str | None
    late: bool
    arriving: Named | None = None
    """Moved to this venue, where the member was not seen yet; ``lesson_venue_id`` is null meanwhile."""


def view_of(door: Door, sign_in: SignIn) -> SignInView:
    place, arriving = sign_in.room, sign_in.arriving
    return SignInView(
        lesson_id=door.lesson.id,
        member_id=sign_in.member_id,
        at=sign_in.at,
        way=sign_in.way,
        lesson_venue_id=place,
        venue_name=door.lesson.venue(place).name if place else None,
        late=door.late(sign_in),
        arriving=named_place(door.lesson, arriving),
    )


def named_place(lesson: Lesson, lesson_venue_id: str | None) -> Named | None:
    if lesson_venue_id is None:
        return None
    return Named(lesson_venue_id, lesson.venue(lesson_venue_id).name)
