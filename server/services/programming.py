"""A change of what is on the air, as it is written down and announced."""

from __future__ import annotations

from collections.abc import Callable

from server.domain import clip_events, events
from server.domain.clips import ClipEnd
from server.domain.events import Announcement
from server.domain.lessons import Lesson
from server.domain.programme import PictureSlot, Programme, leave_clip
from server.domain.venues import CLIP_SOURCE
from server.services.records import Transaction


def reprogram(
    tx: Transaction, lesson: Lesson, change: Callable[[Programme], Programme], *, by: str
) -> list[Announcement]:
    """Changes the programme of a lesson whose row is locked; what is to be announced. ``by``: a name.

    A clip that loses the picture is over.
    """
    before = tx.programmes.get(lesson.id)
    after = change(before)
    if after == before:
        return []
    clip = lesson.clip if before.camera == CLIP_SOURCE != after.camera else None
    if clip is not None:
        after = leave_clip(after, clip.former_camera, clip.former_opened, lesson.sources)
        tx.lessons.set_clip(lesson.id, None)
    tx.programmes.save(lesson.id, after)
    said = _announced(lesson, before, after, by)
    return said if clip is None else [*said, clip_events.clip_ended(clip, ClipEnd.CUT)]


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
