"""A real Chromium on networks that are not the laboratory's."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from rooms.interface import NodeConfig, Slot
from server.web.addresses import present
from tests import netns
from tests.browser.chromium import executable
from tests.rooms.conftest import ROOM
from tests.rooms.stage import FLAGS, Stage, decoded, serving, until_size

pytestmark = pytest.mark.browser

NO_UDP = tuple(f"--{force}webrtc-ip-handling-policy=disable_non_proxied_udp" for force in ("", "force-"))


@pytest.fixture
async def blocked() -> AsyncIterator[Stage]:
    """A browser that has no UDP at all (docs/decisions/0071)."""
    async with serving(*FLAGS, *NO_UDP) as stage:
        yield stage


@pytest.fixture
async def free() -> AsyncIterator[Stage]:
    async with serving(*FLAGS) as stage:
        yield stage


class Translator:
    """A network address translator in front of a node: ``rebind`` forgets, as a router does that was restarted."""

    def __init__(self, host: str, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._front = self._bound(host, port)
        self._behind: dict[tuple[str, int], socket.socket] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._front, self._outward)

    @staticmethod
    def _bound(host: str, port: int) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.setblocking(False)
        sock.bind((host, port))
        return sock

    def _outward(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                datagram, client = self._front.recvfrom(2048)
                if client not in self._behind:
                    self._behind[client] = sock = self._bound("127.0.0.1", 0)
                    self._loop.add_reader(sock, self._inward, sock, client)
                with contextlib.suppress(BlockingIOError):
                    self._behind[client].sendto(datagram, self._target)

    def _inward(self, sock: socket.socket, client: tuple[str, int]) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                datagram = sock.recv(2048)
                with contextlib.suppress(BlockingIOError):
                    self._front.sendto(datagram, client)

    def rebind(self) -> None:
        """Everybody gets another address in front; what comes to the old ones is lost."""
        for sock in self._behind.values():
            self._loop.remove_reader(sock)
            sock.close()
        self._behind.clear()

    def close(self) -> None:
        self.rebind()
        self._loop.remove_reader(self._front)
        self._front.close()


@pytest.fixture
async def translated() -> AsyncIterator[tuple[Stage, Translator]]:
    """The node is announced at the translator's address; its port is the same."""
    config = NodeConfig(host="127.0.0.1", announced=("127.0.0.2",), tcp=False)
    async with serving(*FLAGS, config=config) as stage:
        translator = Translator("127.0.0.2", stage.node.stats().udp_port)
        yield stage, translator
        translator.close()


async def handshakes(page: Page, which: str) -> int:
    """How many DTLS handshakes the browser has on its books: a new one would have other certificates or states."""
    found: list[dict[str, Any]] = await page.evaluate("which => everything(which)", which)
    [transport] = [entry for entry in found if entry["type"] == "transport"]
    assert transport["dtlsState"] == "connected"
    return int(transport["selectedCandidatePairChanges"])


async def watched(stage: Stage) -> tuple[Page, Page]:
    await stage.node.take(ROOM, Slot.CAMERA, "venue")
    venue = await stage.publisher("venue", simulcast=False)
    viewer = await stage.watcher()
    await until_size(viewer, 1280, frames=50)
    await viewer.evaluate("countFrames()")
    await viewer.wait_for_timeout(500)
    await viewer.evaluate("longestGap()")
    return venue, viewer


async def test_a_restart_of_ice_costs_viewers_no_picture(free: Stage) -> None:
    venue, viewer = await watched(free)
    sessions = free.node.stats().sessions
    for which, page in (("watcher", viewer), ("publisher", venue)):
        before = (await decoded(viewer))["framesDecoded"]
        pairs = await handshakes(page, which)
        await page.evaluate("which => restart(which)", which)
        await until_size(viewer, 1280, frames=before + 50)
        print(f"gap at a restart of the {which}: {await viewer.evaluate('longestGap()'):.0f} ms")
        assert await handshakes(page, which) > pairs, "the new pair was not taken"
        assert await free.lost(viewer) == 0
    assert free.node.stats().sessions == sessions
    assert free.node.stats().datagrams_dropped.get("unknown_session", 0) < 20


async def test_a_translator_that_forgets_costs_no_session(translated: tuple[Stage, Translator]) -> None:
    """Nobody tells the browser: it finds out by its own checks, two and a half seconds apart when all is well."""
    stage, translator = translated
    venue, viewer = await watched(stage)
    sessions = {peer.session_id for peer, _ in stage.node._sessions.peers.values()}
    before = (await decoded(viewer))["framesDecoded"]
    translator.rebind()
    await until_size(viewer, 1280, frames=before + 100)
    print(f"gap at a rebinding that nobody tells of: {await viewer.evaluate('longestGap()'):.0f} ms")
    for which, page in (("publisher", venue), ("watcher", viewer)):
        before = (await decoded(viewer))["framesDecoded"]
        translator.rebind()
        await venue.evaluate("restart('publisher')")
        await viewer.evaluate("restart('watcher')")
        await until_size(viewer, 1280, frames=before + 50)
        print(f"gap at a rebinding with a restart ({which}): {await viewer.evaluate('longestGap()'):.0f} ms")
        assert await handshakes(page, which)
    assert {peer.session_id for peer, _ in stage.node._sessions.peers.values()} == sessions


async def chosen(page: Page, which: str) -> tuple[str, str]:
    """Protocols of the candidates that carry the media: the browser's and ours."""
    found: list[dict[str, Any]] = await page.evaluate("which => everything(which)", which)
    by_id = {entry["id"]: entry for entry in found}
    transport = next(entry for entry in found if entry["type"] == "transport")
    pair = by_id[transport["selectedCandidatePairId"]]
    return by_id[pair["localCandidateId"]]["protocol"], by_id[pair["remoteCandidateId"]]["protocol"]


async def test_who_has_no_udp_publishes_and_watches_over_tcp(blocked: Stage) -> None:
    await blocked.node.take(ROOM, Slot.CAMERA, "venue")
    await blocked.node.open_audio(ROOM, frozenset({"venue"}))
    venue = await blocked.publisher("venue")
    viewer = await blocked.watcher(videos=1, audios=1)
    await until_size(viewer, 1280, frames=50)
    assert await chosen(venue, "publisher") == ("tcp", "tcp")
    assert await chosen(viewer, "watcher") == ("tcp", "tcp")
    assert await blocked.lost(viewer) == 0
    counters = blocked.node.stats().counters
    assert counters["tcp_dropped"] == counters["tcp_bad_framing"] == 0


async def test_who_has_udp_takes_it(free: Stage) -> None:
    await free.node.take(ROOM, Slot.CAMERA, "venue")
    venue = await free.publisher("venue", simulcast=False)
    viewer = await free.watcher()
    await until_size(viewer, 1280, frames=25)
    assert await chosen(venue, "publisher") == ("udp", "udp")
    assert await chosen(viewer, "watcher") == ("udp", "udp")


async def test_publishing_and_watching_over_ipv6() -> None:
    """The machine's own IPv6 address where it has one: browsers gather no candidate for the loopback."""
    own = next((text for text in present().addresses if ":" in text), "::1")
    config = NodeConfig(host="::", announced=(own,))
    async with serving(*FLAGS, config=config) as six:
        await six.node.take(ROOM, Slot.CAMERA, "venue")
        venue = await six.publisher("venue", simulcast=False)
        viewer = await six.watcher()
        await until_size(viewer, 1280, frames=25)
        for which, page in (("publisher", venue), ("watcher", viewer)):
            found: list[dict[str, Any]] = await page.evaluate("which => everything(which)", which)
            by_id = {entry["id"]: entry for entry in found}
            transport = next(entry for entry in found if entry["type"] == "transport")
            pair = by_id[transport["selectedCandidatePairId"]]
            assert by_id[pair["remoteCandidateId"]]["address"].strip("[]") == own
        assert await six.lost(viewer) == 0


async def test_from_one_network_to_another_the_picture_stays(tmp_path: Path) -> None:
    """Wi-Fi goes, the phone's own line comes: other address, other interface, the same session and keys."""
    if reason := netns.obstacle():
        pytest.skip(reason)
    config = NodeConfig(host=netns.SERVER, announced=(netns.SERVER,))
    with netns.two_networks(tmp_path) as phone:
        async with serving(*FLAGS, config=config, host="0.0.0.0") as outside:
            await outside.node.take(ROOM, Slot.CAMERA, "venue")
            await outside.publisher("venue", simulcast=False)
            inside = phone.launcher(executable())
            browser = await outside.browser.browser_type.launch(executable_path=inside, args=list(FLAGS))
            there = Stage(outside.node, browser, outside.url.replace("localhost", netns.SERVER))
            viewer = await there.watcher()
            await until_size(viewer, 1280, frames=50)
            # As static/src/protocol/keeper.ts does.
            await viewer.evaluate("addEventListener('online', () => restart('watcher'))")
            await viewer.evaluate("countFrames()")
            for number in (1, 0):
                before = (await decoded(viewer))["framesDecoded"]
                phone.enter(number)
                await until_size(viewer, 1280, frames=before + 50)
                print(f"gap at a change of network: {await viewer.evaluate('longestGap()'):.0f} ms")
                assert (await chosen(viewer, "watcher"))[0] in ("udp", "tcp")
            assert outside.node.room_state(ROOM).viewers == 1
            await browser.close()
