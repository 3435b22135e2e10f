"""Who talks back, with name and unit as everybody reads them."""

from __future__ import annotations

import datetime as dt

from server.domain.access import Action, LessonTarget, Principal, standing, writing_standing
from server.domain.lessons import Lesson
from server.domain.speakers import STAFF_KINDS, Speaker, SpeakerKind
from server.services.finding import allowed_target, report_day
from server.services.records import Transaction


def speaking_target(
    tx: Transaction, principal: Principal, lesson_id: str, now: dt.datetime, *, lock: bool = False
) -> tuple[LessonTarget, Speaker]:
    """The lesson and the speaker that the principal is in it. ``lock``: for changing it.

    Raises ``lesson_not_found``, ``forbidden``, ``lesson_not_on_air``.
    """
    target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=lock)
    return target, speaker_of(tx, principal, target)


def writing_target(
    tx: Transaction, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[LessonTarget, Speaker]:
    """As :func:`speaking_target`, locked, for the chat: there staff speak, too."""
    target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
    kind, own_id = writing_standing(principal, target)
    if kind not in STAFF_KINDS:
        return target, speaker_of(tx, principal, target)
    return target, Speaker(
        kind, own_id, principal.account_id, principal.name, _unit(tx, target.lesson, principal.unit_id)
    )


def speaker_of(tx: Transaction, principal: Principal, target: LessonTarget) -> Speaker:
    """Raises ``forbidden``, ``lesson_not_on_air``."""
    kind, own_id = standing(principal, target)
    if kind is SpeakerKind.VENUE:
        part = target.lesson.venue(own_id)
        venue = tx.venues.get(part.venue_id)
        return Speaker(
            kind, own_id, principal.account_id, part.name, _unit(tx, target.lesson, venue.unit_id if venue else None)
        )
    entry = tx.roster.get(target.lesson.id, own_id)
    name = entry.name if entry else principal.name
    unit_id = entry.unit_id if entry else principal.unit_id
    return Speaker(kind, own_id, principal.account_id, name, _unit(tx, target.lesson, unit_id))


def _unit(tx: Transaction, lesson: Lesson, unit_id: str | None) -> str:
    return tx.units.names([unit_id], report_day(tx, lesson)).get(unit_id, "") if unit_id else ""
