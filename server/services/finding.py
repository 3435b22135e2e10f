"""Loading a lesson for somebody: found, placed in the tree, and the right checked, in one step."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from collections.abc import Iterable

from server.domain.access import Action, LessonTarget, Principal, reached_by_unit, require
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.services.records import Transaction

MOST_LISTED = 200
CHUNK = 200


def found(lesson: Lesson | None) -> Lesson:
    """Raises ``lesson_not_found``."""
    if lesson is None:
        raise Refusal("lesson_not_found")
    return lesson


def placed(tx: Transaction, lesson: Lesson, now: dt.datetime, who: Iterable[Principal]) -> LessonTarget:
    """Where it stands, for those who want something of it: who is reached by the own unit costs no look at the list."""
    strangers = {one.member_id for one in who if one.member_id and not reached_by_unit(one, lesson)}
    guests = tx.roster.guests(lesson.id, strangers) if strangers else frozenset[str]()
    return LessonTarget(lesson, tx.units.line(lesson.unit_id, tx.calendar.day(now)), guests)


def target_or_refusal(
    tx: Transaction, lesson_id: str, who: Iterable[Principal], now: dt.datetime
) -> LessonTarget | Refusal:
    """For many at once: a lesson that is not found is one answer to all of them."""
    try:
        return placed(tx, found(tx.lessons.get(lesson_id)), now, who)
    except Refusal as refusal:
        return refusal


def allowed_target(
    tx: Transaction, principal: Principal, action: Action, lesson_id: str, now: dt.datetime, *, lock: bool = False
) -> LessonTarget:
    """Raises ``lesson_not_found`` or ``forbidden``. ``lock``: for changing it."""
    lesson = tx.lessons.lock(lesson_id) if lock else tx.lessons.get(lesson_id)
    target = placed(tx, found(lesson), now, [principal])
    require(principal, action, target)
    return target


def report_day(tx: Transaction, lesson: Lesson) -> dt.date:
    """The day whose names and tree hold in all that is told of the lesson: when its roster was frozen, else its own.

    So whatever is moved or renamed afterwards changes no past report.
    """
    return tx.calendar.day(lesson.opened_at or lesson.starts_at)


def check_on_air(lesson: Lesson) -> None:
    """Raises ``lesson_not_on_air``."""
    if not lesson.on_air:
        raise Refusal("lesson_not_on_air", lesson.state)


def cursor_of(at: dt.datetime, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{last_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[dt.datetime, str] | None:
    """Raises ``invalid_body`` for one that is not ours."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, last_id = text.partition("|")
        parsed = dt.datetime.fromisoformat(at)
        if parsed.tzinfo is None:
            raise ValueError("a time without its zone")
        return parsed.astimezone(dt.UTC), str(uuid.UUID(last_id))
    except (binascii.Error, ValueError, OverflowError):
        raise Refusal("invalid_body", "cursor") from None
