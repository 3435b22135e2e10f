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

from recordings import manifest
from recordings.assembling import Assembly
from recordings.interface import RecordingSpec, Track
from recordings.library import FolderLibrary
from recordings.recorder import Recorder, RecorderSettings
from rooms.interface import NodeConfig, RoomSpec, Slot
from rooms.node import Node
from tests.recordings import rtp
from tests.recordings.studio import (
    NO_WATERMARKS,
    Decoded,
    Studio,
    decode_library,
    durations,
    eventually,
    recorder,
)

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
    flashes = rises([(time, brightness) for time, size, brightness in decoded.video if size == (480, 270)], 150)
    beeps = rises([(time, rms) for time, rms, _ in decoded.audio], 0.1)
    nearest = [min(beeps, key=lambda beep: abs(beep - flash)) - flash for flash in flashes]
    return [skew * 1000 for skew in nearest if abs(skew) < 0.4]


def camera_segments(root: Path) -> list[dict]:
    """The listed segments that show the browser's picture, not the slate."""
    path = root / SPEC.recording_id / manifest.NAME
    lines = manifest.read(path.read_bytes())[0] if path.exists() else []
    inits = {line["name"] for line in lines if line["t"] == "init" and line["width"] == 480}
    return [dict(line) for line in lines if line["t"] == "segment" and line["init"] in inits]


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
        await eventually(lambda: len(camera_segments(tmp_path)) >= 5, seconds=60)
        starved_ms = await page.evaluate("starvedMs()")
        await browser.close()
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    await runner.cleanup()
    await node.close()

    assert summary.gaps_ms == 0
    playlist = FolderLibrary(tmp_path).playlist(SPEC.recording_id, Track.CAMERA)
    assert max(durations(playlist)) < 2.5
    assert sum(durations(playlist)) == pytest.approx(summary.duration_ms / 1000, abs=0.01)
    segments = camera_segments(tmp_path)
    assert sum(segment["independent"] for segment in segments) >= len(segments) - 2
    skews = skews_ms(await asyncio.to_thread(decode_library, tmp_path, Track.CAMERA))
    assert len(skews) >= 6
    # The page itself can't tell its two clocks apart by less than a frame and an audio buffer.
    assert abs(statistics.median(skews)) <= 60 + max(starved_ms, 0), skews


PLAYER = """<video id="v" muted playsinline></video><script>
const v = document.getElementById("v"), sizes = [];
v.onresize = () => sizes.push(`${v.videoWidth}x${v.videoHeight}`);
v.onended = () => { window.ended = true; };
function play(name) { v.src = name; v.playbackRate = 4; v.play(); }
play("replay.m3u8");
</script>"""

STATE = "({sizes: [...sizes], at: v.currentTime, error: v.error && v.error.message})"


async def test_the_archive_plays_in_chromium_through_slate_resolutions_and_a_pause(tmp_path):
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is not installed"
    studio = Studio()
    archive = recorder(studio, tmp_path)
    camera = rtp.Sender(Slot.CAMERA)
    packets = rtp.merged(
        rtp.film(camera, 4_000.0, rtp.video(320, 240, 120, 60, 120)),
        rtp.film(camera, 8_000.0, rtp.video(640, 480, 240, 60, 120)),
        rtp.sound(rtp.voice(), 1_000.0, rtp.opus(15_000)),
    )
    packets.sort(key=lambda packet: packet.media_ms)
    await archive.attach(SPEC, recording=True)
    played = 0.0
    for until, recording in ((11_000.0, False), (13_000.0, True), (20_000.0, True)):
        part = [packet for packet in packets if played <= packet.media_ms < until - 60]
        await studio.play(part, until, pace_s=0.002)
        await archive.set_recording(SPEC.recording_id, on=recording)
        played = until - 60
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    library = FolderLibrary(tmp_path)
    folder = tmp_path / "films"
    folder.mkdir()
    [film] = Assembly(tmp_path / SPEC.recording_id, folder, 0, lambda percent: None).make()

    async def give(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "replay.m3u8":
            text = library.playlist(SPEC.recording_id, Track.CAMERA)
            return web.Response(text=text, content_type="application/vnd.apple.mpegurl")
        if name == "player":
            return web.Response(text=PLAYER, content_type="text/html")
        path = folder / name if name == film.name else library.file(SPEC.recording_id, name)
        return web.FileResponse(path, headers={"Content-Type": "video/mp4"})

    app = web.Application()
    app.router.add_get("/{name}", give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        page = await browser.new_page()
        await page.goto(f"http://localhost:{runner.addresses[0][1]}/player")
        await page.wait_for_function("window.ended", timeout=40_000)
        state = await page.evaluate(STATE)
        await page.evaluate(f"window.ended = false; sizes.length = 0; play('{film.name}')")
        await page.wait_for_function("window.ended || v.error", timeout=40_000)
        alone = await page.evaluate(STATE)
        await page.evaluate("v.currentTime = 8.5")
        await page.wait_for_function("!v.seeking && v.videoWidth === 640 && v.videoHeight === 480", timeout=60_000)
        await browser.close()
    await runner.cleanup()
    assert state["error"] is None
    assert state["sizes"] == ["640x360", "320x240", "640x480", "640x360"]  # slate, camera, larger camera, slate
    assert state["at"] == pytest.approx(summary.duration_ms / 1000, abs=0.1)
    # The film to take along plays the same, once the size that its head promises was looked at.
    assert (alone["error"], alone["sizes"][-4:]) == (None, state["sizes"])
    assert alone["at"] == pytest.approx(state["at"], abs=0.1)
