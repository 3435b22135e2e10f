"""Which group (党小组) of its branch holds a group meeting."""

from __future__ import annotations

from server.domain.lessons import GroupName, Lesson
from server.domain.refusals import Refusal
from server.services.records import Transaction


def group_named(tx: Transaction, group_id: str | None, unit_id: str) -> GroupName | None:
    """One of the convening branch. Raises ``group_not_found``, also for another branch's."""
    if not group_id:
        return None
    group = tx.units.group(group_id)
    if group is None or group.unit_id != unit_id:
        raise Refusal("group_not_found", group_id)
    return GroupName(group.id, group.name)


def check_group(tx: Transaction, lesson: Lesson) -> None:
    """Raises ``group_dissolved``: nobody would be expected."""
    if lesson.group is not None and tx.units.group(lesson.group.id) is None:
        raise Refusal("group_dissolved", lesson.group.id)
