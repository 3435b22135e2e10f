"""From a real Chromium through the real node into an archive."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import statistics
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import async_playwright

from recordings.interface import RecordingSpec, Track
from recordings.library import FolderLibrary
from recordings.recorder import Recorder, RecorderSettings
from rooms.interface import NodeConfig, RoomSpec, Slot
from rooms.node import Node
from tests.recordings.studio import NO_WATERMARKS, Decoded, decode_library, durations, eventually

pytestmark = pytest.mark.browser

PAGE = Path(__file__).with_name("browser_page.html")
SPEC = RecordingSpec("rec-1", "lesson-1", "room-1")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
)


def rises(samples: list[tuple[float, float]], threshold: float) -> list[float]:
    """Times at which a value goes over the threshold."""
    return [after[0] for before, after in itertools.pairwise(samples) if before[1] < threshold <= after[1]]


def skews_ms(decoded: Decoded) -> list[float]:
    """For each flash the nearest beep: positive when the sound is late."""
    flashes = rises([(time, brightness) for time, size, brightness in decoded.video if size == (640, 360)], 150)
    beeps = rises([(time, rms) for time, rms, _ in decoded.audio], 0.1)
    nearest = [min(beeps, key=lambda beep: abs(beep - flash)) - flash for flash in flashes]
    return [skew * 1000 for skew in nearest if abs(skew) < 0.4]


async def test_a_browsers_lecture_is_recorded_in_step(tmp_path):
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is not installed"
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(SPEC.room_id))
    archive = Recorder(node, tmp_path, RecorderSettings(watermarks=NO_WATERMARKS))

    async def page_of(_: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE)

    async def publish(request: web.Request) -> web.Response:
        return web.Response(text=(await node.publish(SPEC.room_id, "lecturer", await request.text())).sdp)

    app = web.Application()
    app.router.add_get("/", page_of)
    app.router.add_post("/publish", publish)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await archive.attach(SPEC, recording=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        page = await browser.new_page()
        await page.goto(f"http://localhost:{runner.addresses[0][1]}/")
        await page.evaluate("publish('/publish')")
        await node.take(SPEC.room_id, Slot.CAMERA, "lecturer")
        await node.open_audio(SPEC.room_id, frozenset({"lecturer"}))
        await eventually(lambda: archive.summary(SPEC.recording_id).duration_ms > 12_000, seconds=40)
        await browser.close()
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    await runner.cleanup()
    await node.close()

    assert summary.gaps_ms == 0
    playlist = FolderLibrary(tmp_path).playlist(SPEC.recording_id, Track.CAMERA)
    assert max(durations(playlist)) < 2.5
    decoded = await asyncio.to_thread(decode_library, tmp_path, Track.CAMERA)
    assert decoded.video[-1][0] - decoded.video[0][0] == pytest.approx(summary.duration_ms / 1000, abs=1.1)
    skews = skews_ms(decoded)
    assert len(skews) >= 6
    # The page itself can't tell its two clocks apart by less than a frame and an audio buffer.
    assert abs(statistics.median(skews)) <= 80, skews
    print("AV skew ms, sound late positive:", [round(skew) for skew in skews], "durations", durations(playlist))
    independent = playlist.count("#EXT-X-INDEPENDENT-SEGMENTS")
    assert independent == 1, "the publisher's keyframes did not come in time"
