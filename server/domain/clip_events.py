"""What is announced of clips (docs/protocol.md, section 4)."""

from __future__ import annotations

from typing import Any

from server.domain.clips import Clip, ClipEnd
from server.domain.events import EVERYONE, Announcement


def clip_started(clip: Clip) -> Announcement:
    return Announcement("clip.started", EVERYONE, {**_clip(clip), "by": clip.started_by})


def clip_paused(clip: Clip, by: str) -> Announcement:
    """``by``: a name."""
    return Announcement("clip.paused", EVERYONE, {**_clip(clip), "by": by})


def clip_resumed(clip: Clip, by: str) -> Announcement:
    return Announcement("clip.resumed", EVERYONE, {**_clip(clip), "by": by})


def clip_ended(clip: Clip, why: ClipEnd) -> Announcement:
    return Announcement("clip.ended", EVERYONE, {**_clip(clip), "reason": why.value})


def _clip(clip: Clip) -> dict[str, Any]:
    where = {"duration_ms": clip.duration_ms, "position_ms": clip.position_ms}
    return {"material_id": clip.material_id, "name": clip.name, **where}
