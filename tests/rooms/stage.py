"""A node behind a few HTTP routes, and real browsers in front of them; a bad network between, when a test wants one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler
from playwright.async_api import Browser, Page, async_playwright

from rooms.interface import Answer, NodeConfig, ProgrammeView, Refusal, RoomSpec, SourcesView
from rooms.node import Node
from tests.browser.chromium import executable
from tests.rooms.conftest import ROOM
from tests.rooms.impaired import ImpairedRelay

PAGE = Path(__file__).with_name("browser_page.html")
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
)
PUBLISH = "([path, options]) => publish(path, options)"
WATCH = "([path, options]) => watch(path, options)"
PATIENCE_SECONDS = 60


class Scripted(Protocol):
    """A page of whichever browser."""

    async def evaluate(self, expression: str, arg: Any = None) -> Any: ...


class Stage:
    """``through``: answers name this relay from now on."""

    def __init__(self, node: Node, browser: Browser, url: str) -> None:
        self.node, self.browser, self.url = node, browser, url
        self.through: ImpairedRelay | None = None

    async def page(self) -> Page:
        page = await self.browser.new_page()
        await page.goto(self.url)
        return page

    async def publisher(self, name: str, **options: object) -> Page:
        page = await self.page()
        await page.evaluate(PUBLISH, [f"/publish/{name}", options])
        return page

    async def watcher(self, path: str = "/watch", **options: object) -> Page:
        """A page that watches; returns when its first picture is decoded."""
        page = await self.page()
        await page.evaluate(WATCH, [path, options])
        return page

    async def lost(self, page: Scripted) -> int:
        """Packets of its picture that the relay lost: without those that the kernel threw away at a socket of ours,
        because a process of a busy machine came too late to read them."""
        peers = [peer for peer, _ in self.node._sessions.peers.values()]
        ports = {address[1] for peer in peers for address in peer.addresses} | {self.node.stats().udp_port}
        missing: int = (await decoded(page))["packetsLost"]
        return max(0, missing - thrown_away(ports))

    def routes(self) -> web.Application:
        node = self.node

        async def page(_: web.Request) -> web.FileResponse:
            return web.FileResponse(PAGE)

        async def publish(request: web.Request) -> web.Response:
            room = request.query.get("room", ROOM)
            return self._told(await node.publish(room, request.match_info["name"], await request.text()))

        async def watch(request: web.Request) -> web.Response:
            name = request.match_info.get("name")
            view = SourcesView((name,)) if name else ProgrammeView()
            return self._told(await node.watch(request.query.get("room", ROOM), "viewer", await request.text(), view))

        async def restart(request: web.Request) -> web.Response:
            told = await node.add_candidates(request.match_info["id"], await request.text(), "*")
            return web.Response(text=told)

        app = web.Application(middlewares=[_refused])
        app.router.add_get("/", page)
        app.router.add_post("/publish/{name}", publish)
        app.router.add_post("/watch", watch)
        app.router.add_post("/watch/{name}", watch)
        app.router.add_patch("/session/{id}", restart)
        return app

    def _told(self, answer: Answer) -> web.Response:
        sdp = answer.sdp if self.through is None else self.through.rewrite(answer.sdp)
        return web.Response(text=sdp, headers={"Session": answer.session_id})


@web.middleware
async def _refused(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals with their code, as pages see them."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return web.Response(status=406, text=str(refusal))


def thrown_away(ports: Collection[int]) -> int:
    """Datagrams that came to UDP sockets at these ports of this machine and found no room, since they were opened."""
    rows = [row.split() for name in ("udp", "udp6") for row in Path("/proc/net", name).read_text().splitlines()[1:]]
    return sum(int(row[-1]) for row in rows if int(row[1].rpartition(":")[2], 16) in ports)


def own_address() -> str:
    """This machine's address on the way out (nothing is sent), or loopback where there is no way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@asynccontextmanager
async def serving(
    *flags: str,
    config: NodeConfig = NodeConfig(host="127.0.0.1"),  # noqa: B008 - frozen
    host: str = "127.0.0.1",
) -> AsyncIterator[Stage]:
    """A node, its pages, and a Chromium started with these flags."""
    node = await Node.start(config)
    await node.open_room(RoomSpec(ROOM))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(flags))
        stage = Stage(node, browser, "")
        runner = web.AppRunner(stage.routes())
        await runner.setup()
        await web.TCPSite(runner, host, 0).start()
        stage.url = f"http://localhost:{runner.addresses[0][1]}/"
        try:
            yield stage
        finally:
            await browser.close()
            await runner.cleanup()
            await node.close()


async def stats(page: Scripted, which: str, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate("which => stats(which)", which)
    return [entry for entry in found if entry["type"] == kind and entry.get("kind") == "video"]


async def decoded(page: Scripted) -> dict[str, Any]:
    """The busiest incoming picture; empty while there is none."""
    entries = await stats(page, "watcher", "inbound-rtp")
    return max(entries, key=lambda entry: entry.get("framesDecoded", 0), default={})


async def until_size(page: Scripted, width: int, frames: int = 1) -> None:
    """Until pictures of this width are decoded, and ``frames`` of any in all."""
    entry: dict[str, Any] = {}
    for _ in range(PATIENCE_SECONDS * 10):
        entry = await decoded(page)
        if entry.get("frameWidth") == width and entry["framesDecoded"] >= frames:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never saw {frames} frames {width} wide: {entry}")
