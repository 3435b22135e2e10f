"""Who may talk back in a lesson, and as whom: a member for oneself, a venue for its room. Nobody else."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from server.domain.access import LessonTarget, Principal, lesson_venue_of, reached_by_unit
from server.domain.refusals import Refusal


class SpeakerKind(enum.StrEnum):
    MEMBER = "member"
    VENUE = "venue"


@dataclass(frozen=True, slots=True)
class Speaker:
    """``id``: the member's, or the lesson venue's. ``name``: the person's or the venue's; ``unit``: the name of the
    unit it belongs to, of a member on the roster the one of the opening. ``account_id``: whose command it is.
    """

    kind: SpeakerKind
    id: str
    account_id: str
    name: str
    unit: str

    @property
    def member_id(self) -> str | None:
        return self.id if self.kind is SpeakerKind.MEMBER else None

    @property
    def lesson_venue_id(self) -> str | None:
        return self.id if self.kind is SpeakerKind.VENUE else None


def standing(principal: Principal, target: LessonTarget) -> tuple[SpeakerKind, str]:
    """As whom the principal talks back: kind and id of a :class:`Speaker`.

    A venue's account speaks for the room where it has a part in the lesson, a member's for the member whom the lesson
    reaches. Raises ``forbidden``, and ``lesson_not_on_air`` outside of open and live.
    """
    venue = lesson_venue_of(principal, target.lesson)
    member_id = principal.member_id if _reached(principal, target) else None
    if venue is None and member_id is None:
        raise Refusal("forbidden", "neither a member of this lesson nor one of its venues")
    if not target.lesson.on_air:
        raise Refusal("lesson_not_on_air", target.lesson.state)
    if venue is not None:
        return SpeakerKind.VENUE, venue.id
    assert member_id is not None
    return SpeakerKind.MEMBER, member_id


def _reached(principal: Principal, target: LessonTarget) -> bool:
    return reached_by_unit(principal, target.lesson) or principal.member_id in target.guests
