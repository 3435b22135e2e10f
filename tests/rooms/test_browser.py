"""A real Chromium publishes to the node and watches from it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from rooms.h264 import SPS, STAP_A
from rooms.interface import NodeConfig, ProgrammePacket, ProgrammeView, RoomSpec, Slot, SourcesView
from rooms.node import Node
from tests.rooms.conftest import ROOM, Recorder, until

pytestmark = pytest.mark.browser

PAGE = Path(__file__).with_name("browser_page.html")
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
)


class Stage:
    """A node behind a few HTTP routes, and a browser in front of them."""

    def __init__(self, node: Node, browser: Browser, url: str) -> None:
        self.node, self.browser, self.url = node, browser, url

    async def page(self) -> Page:
        page = await self.browser.new_page()
        await page.goto(self.url)
        return page

    async def publisher(self, name: str, **options: object) -> Page:
        page = await self.page()
        await page.evaluate("([path, options]) => publish(path, options)", [f"/publish/{name}", options])
        return page

    async def watcher(self, path: str = "/watch", **options: object) -> Page:
        """A page that watches; returns when its first picture is decoded."""
        page = await self.page()
        await page.evaluate("([path, options]) => watch(path, options)", [path, options])
        return page


def routes(node: Node) -> web.Application:
    async def page(_: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE)

    async def publish(request: web.Request) -> web.Response:
        answer = await node.publish(ROOM, request.match_info["name"], await request.text())
        return web.Response(text=answer.sdp, headers={"Session": answer.session_id})

    async def watch(request: web.Request) -> web.Response:
        name = request.match_info.get("name")
        view = SourcesView((name,)) if name else ProgrammeView()
        answer = await node.watch(ROOM, "viewer", await request.text(), view)
        return web.Response(text=answer.sdp, headers={"Session": answer.session_id})

    async def restart(request: web.Request) -> web.Response:
        return web.Response(text=await node.add_candidates(request.match_info["id"], await request.text(), "*"))

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_post("/publish/{name}", publish)
    app.router.add_post("/watch", watch)
    app.router.add_post("/watch/{name}", watch)
    app.router.add_patch("/session/{id}", restart)
    return app


@contextlib.asynccontextmanager
async def serving(*flags: str, config: NodeConfig = NodeConfig(host="127.0.0.1")) -> AsyncIterator[Stage]:  # noqa: B008 - frozen
    """A node, its pages, and a browser started with these flags."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is not installed"
    node = await Node.start(config)
    await node.open_room(RoomSpec(ROOM))
    runner = web.AppRunner(routes(node))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://localhost:{runner.addresses[0][1]}/"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(flags))
        yield Stage(node, browser, url)
        await browser.close()
    await runner.cleanup()
    await node.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with serving(*FLAGS) as stage:
        yield stage


async def stats(page: Page, which: str, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate("which => stats(which)", which)
    return [entry for entry in found if entry["type"] == kind and entry.get("kind") == "video"]


def pictures_sizes(packets: list[ProgrammePacket]) -> set[bytes]:
    """The different sequence parameter sets of an H264 recording: one per picture size."""
    found = set()
    for packet in packets:
        if packet.codec == "H264" and packet.payload[0] & 0x1F == STAP_A:
            size = int.from_bytes(packet.payload[1:3], "big")
            if packet.payload[3] & 0x1F == SPS:
                found.add(packet.payload[3 : 3 + size])
    return found


async def decoded(page: Page) -> dict[str, Any]:
    """The busiest incoming picture."""
    return max(await stats(page, "watcher", "inbound-rtp"), key=lambda entry: entry.get("framesDecoded", 0))


async def until_size(page: Page, width: int, frames: int = 1) -> None:
    """Until pictures of this width are decoded, and ``frames`` more of them."""
    for _ in range(200):
        entry = await decoded(page)
        if entry.get("frameWidth") == width and entry["framesDecoded"] >= frames:
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"never saw {frames} frames {width} wide: {await decoded(page)}")


async def test_simulcast_is_published_watched_and_previewed(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.node.open_audio(ROOM, frozenset({"lecturer"}))
    recorder = Recorder()
    stage.node.subscribe(ROOM, recorder)
    publisher = await stage.publisher("lecturer")
    viewer = await stage.watcher(videos=2, audios=3)
    await until_size(viewer, 1280, frames=25)
    entry = await decoded(viewer)
    assert entry["packetsLost"] == 0
    preview = await stage.watcher("/watch/lecturer")
    await until_size(preview, 320, frames=10)
    sent = {entry["rid"]: entry for entry in await stats(publisher, "publisher", "outbound-rtp")}
    assert set(sent) == {"q", "h", "f"}
    assert sent["f"]["targetBitrate"] > 1_000_000, "the publisher was not allowed to use its bit rate"
    assert {p.codec for p in recorder.packets} == {"H264", "opus"}
    assert len(pictures_sizes(recorder.packets)) == 1, "the recording began with smaller layers"
    assert stage.node.stats().datagrams_dropped == {}


async def test_viewers_follow_the_highest_layer_that_is_sent(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    publisher = await stage.publisher("lecturer")
    viewer = await stage.watcher()
    await until_size(viewer, 1280)
    await publisher.evaluate("setLayer('f', false)")
    await until_size(viewer, 640)
    await publisher.evaluate("setLayer('f', true)")
    await until_size(viewer, 1280)
    assert (await decoded(viewer))["packetsLost"] == 0


async def test_a_switch_shows_the_other_source_in_the_same_peer_connection(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.publisher("lecturer", simulcast=False)
    await stage.publisher("venue", simulcast=False, width=640)
    viewer = await stage.watcher()
    await until_size(viewer, 1280)
    before = await decoded(viewer)
    await stage.node.take(ROOM, Slot.CAMERA, "venue")
    await until_size(viewer, 640, frames=before["framesDecoded"] + 25)
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await until_size(viewer, 1280, frames=before["framesDecoded"] + 50)
    after = await decoded(viewer)
    assert after["ssrc"] == before["ssrc"]
    assert after["packetsLost"] == 0


async def test_vp8_is_carried_and_switched_too(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.publisher("lecturer", codec="VP8", simulcast=False)
    await stage.publisher("venue", codec="VP8", simulcast=False, width=640)
    viewer = await stage.watcher()
    await until_size(viewer, 1280)
    await stage.node.take(ROOM, Slot.CAMERA, "venue")
    await until_size(viewer, 640, frames=50)
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await until_size(viewer, 1280, frames=75)
    assert (await decoded(viewer))["packetsLost"] == 0
    await until(lambda: stage.node.room_state(ROOM).sources[0].video_codec == "VP8")
