"""How long recordings stay, and where (录像保存类别): classes with a period and a place, as dated rules.

A recording has the class it was given, else the one that holds for its lesson's kind. The time runs from the moment the
lesson was settled (cancelled ones: from when they were to end), as for everything else of a lesson.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.lesson_kinds import LessonKind
from server.domain.refusals import Refusal

LEAST_DAYS = 365
MOST_DAYS = 36_500


class KeepClass(enum.StrEnum):
    ORDINARY = "ordinary"  # 常规
    IMPORTANT = "important"  # 重要
    PERMANENT = "permanent"  # 永久: never goes by itself


class Place(enum.StrEnum):
    LOCAL = "local"  # the data folder
    OBJECT = "object"  # the S3-compatible store of the settings


@dataclass(frozen=True, slots=True)
class KeepRule:
    """``days`` None: for ever. In force from ``since`` on, until a newer one of its class is."""

    keep_class: KeepClass
    since: dt.datetime
    days: int | None
    place: Place
    reason: str
    set_by: str


@dataclass(frozen=True, slots=True)
class KindRule:
    """Which class recordings of a kind of lesson have that were given none; dated as the other."""

    kind: LessonKind
    since: dt.datetime
    keep_class: KeepClass
    reason: str
    set_by: str


_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
USUAL: Mapping[KeepClass, KeepRule] = {
    KeepClass.ORDINARY: KeepRule(KeepClass.ORDINARY, _BEGINNING, 1095, Place.LOCAL, "", ""),
    KeepClass.IMPORTANT: KeepRule(KeepClass.IMPORTANT, _BEGINNING, 3650, Place.LOCAL, "", ""),
    KeepClass.PERMANENT: KeepRule(KeepClass.PERMANENT, _BEGINNING, None, Place.LOCAL, "", ""),
}
"""What holds where nobody has said anything."""


def rule_of(rules: Iterable[KeepRule], keep_class: KeepClass, now: dt.datetime) -> KeepRule:
    past = [rule for rule in rules if rule.keep_class is keep_class and rule.since <= now]
    return max(past, key=lambda rule: rule.since, default=USUAL[keep_class])


def class_of(rules: Iterable[KindRule], kind: LessonKind, now: dt.datetime) -> KeepClass:
    past = [rule for rule in rules if rule.kind is kind and rule.since <= now]
    newest = max(past, key=lambda rule: rule.since, default=None)
    return newest.keep_class if newest else KeepClass.ORDINARY


def kinds_of(rules: Iterable[KindRule], keep_class: KeepClass, now: dt.datetime) -> frozenset[LessonKind]:
    """The kinds of lessons whose recordings have the class unless they were given one."""
    known = tuple(rules)
    return frozenset(kind for kind in LessonKind if class_of(known, kind, now) is keep_class)


def goes_at(rule: KeepRule, over_at: dt.datetime | None) -> dt.datetime | None:
    """When its time is over; None: never, or the lesson is not settled."""
    if rule.days is None or over_at is None:
        return None
    return over_at + dt.timedelta(days=rule.days)


def check_rule(keep_class: KeepClass, days: int | None) -> None:
    """Raises ``keeping_too_short``: also for a number of days of what is kept for ever, and none of the others."""
    if keep_class is KeepClass.PERMANENT:
        if days is not None:
            raise Refusal("keeping_too_short", "kept for ever")
    elif days is None or not LEAST_DAYS <= days <= MOST_DAYS:
        raise Refusal("keeping_too_short", f"{LEAST_DAYS} to {MOST_DAYS} days")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is decided about one recording. ``keep_class`` None: as its lesson's kind. ``why``: of the deletion, the
    rule or the reason; ``purged_at``: when its media was gone from the disk."""

    recording_id: str
    keep_class: KeepClass | None = None
    reason: str = ""
    set_by: str | None = None
    set_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None
    deleted_by: str | None = None
    why: str = ""
    purged_at: dt.datetime | None = None
    place: Place = Place.LOCAL
