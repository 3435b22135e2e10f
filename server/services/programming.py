"""A change of what is on the air, as it is written down and announced."""

from __future__ import annotations

from collections.abc import Callable

from server.domain import events
from server.domain.events import Announcement
from server.domain.lessons import Lesson
from server.domain.programme import PictureSlot, Programme
from server.services.records import Transaction


def reprogram(
    tx: Transaction, lesson: Lesson, change: Callable[[Programme], Programme], *, by: str
) -> list[Announcement]:
    """Changes the programme of a lesson whose row is locked; what is to be announced. ``by``: a name."""
    before = tx.programmes.get(lesson.id)
    after = change(before)
    if after == before:
        return []
    tx.programmes.save(lesson.id, after)
    return _announced(lesson, before, after, by)


def _announced(lesson: Lesson, before: Programme, after: Programme, by: str) -> list[Announcement]:
    said = [events.stage_desk(after.desk, by)] if after.desk is not before.desk else []
    pictures = {
        PictureSlot.CAMERA: (before.camera, after.camera),
        PictureSlot.SCREEN: (before.screen, after.screen),
    }
    for slot, (former, source) in pictures.items():
        if source != former:
            said.append(events.stage_taken(slot.value, source, lesson.label(source) if source else None, by))
    if after.opened != before.opened:
        said.append(events.stage_audio(after.opened))
    return said
