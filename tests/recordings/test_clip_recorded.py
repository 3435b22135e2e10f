"""A real clip through a real node into a real recording, by the clock."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from recordings.interface import Track
from rooms.interface import NodeConfig
from server.converting.clip import ClipLimits, make_clip
from server.domain.clips import CLIP_FILE
from server.plane import LocalMediaPlane
from server.services.media import ClipOrder, ClipOver, MediaEvent
from tests.converting.films import film
from tests.recordings.studio import decode_library

pytestmark = pytest.mark.media

LESSON, RECORDING = "lesson", "a0000000-0000-4000-8000-000000000000"


async def until_over(plane: LocalMediaPlane) -> ClipOver:
    event: MediaEvent
    async for event in plane.events():
        if isinstance(event, ClipOver):
            return event
    raise AssertionError("unreachable")


async def test_a_clip_is_recorded_with_picture_and_sound_together(tmp_path):
    """As if somebody had published it: every picture, and its flash and beep of one moment still of one moment."""
    await asyncio.to_thread(make_clip, film(tmp_path / "film.mp4", seconds=5, flash_at=3.0), tmp_path, ClipLimits())
    plane = await LocalMediaPlane.start(NodeConfig(host="127.0.0.1"), tmp_path / "recordings")
    try:
        await plane.open_room(LESSON, RECORDING, "H264", recording=True)
        await plane.take(LESSON, "camera", "clip")
        await plane.open_audio(LESSON, frozenset({"clip"}))
        await plane.play_clip(LESSON, "clip", ClipOrder(tmp_path / CLIP_FILE, 4, 0, paused=False))
        over = await asyncio.wait_for(until_over(plane), 60)
        assert (over.source, over.order, over.reason) == ("clip", 4, "played")
        summary = await plane.finish_recording(RECORDING)
    finally:
        await plane.close()
    assert summary.duration_ms >= 4_900
    decoded = decode_library(tmp_path / "recordings", Track.CAMERA, RECORDING)
    pictures = [time for time, size, _ in decoded.video if size == (320, 180)]
    assert len(pictures) >= 124
    steps = [after - before for before, after in itertools.pairwise(pictures[:124])]
    assert sum(abs(step - 0.04) < 0.003 for step in steps) >= 120  # a machine that stands still makes it late
    flash = next(time for time, size, grey in decoded.video if size == (320, 180) and grey > 180)
    beep = next(time for time, rms, _ in decoded.audio if rms > 0.05)
    assert abs(flash - beep) <= 0.05
