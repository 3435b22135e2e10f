"""A venue publishes and a phone watches through a firewall that opens nothing but the HTTPS port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests import netns
from tests.browser.chromium import arguments, executable
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import VENUE
from tests.browser.people import (
    BIG_SCREEN,
    PHONE,
    confirm,
    control,
    create_lesson,
    enter,
    on_line,
    press,
    publishing,
    state,
    take,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture
def firewalled(tmp_path: Path) -> Iterator[tuple[House, netns.Elsewhere]]:
    """A server with one port, and a network from which only that one is reached."""
    if reason := netns.obstacle():
        pytest.skip(reason)
    house = House.open(tmp_path, HOST="0.0.0.0", SINGLE_PORT="on", MEDIA_ADDRESSES=netns.OUTSIDE, MEDIA_TCP="on")
    port = int(house.origin.rpartition(":")[2])
    try:
        with netns.only_port(port, tmp_path) as network:
            house.origin = f"https://{network.address}:{port}"
            yield house, network
    finally:
        house.close()


@pytest.fixture
async def browsers(
    playwright: Playwright, firewalled: tuple[House, netns.Elsewhere]
) -> AsyncIterator[tuple[Browser, Browser]]:
    """Inside: the venue's with its camera, and everybody else's."""
    inside = firewalled[1].launcher(executable())
    async with asyncio.TaskGroup() as group:
        started = [
            group.create_task(playwright.chromium.launch(executable_path=inside, args=arguments(source)))
            for source in (VENUE, None)
        ]
    venue, others = (task.result() for task in started)
    yield venue, others
    await asyncio.gather(venue.close(), others.close())


# Peer connections made by the page, for their statistics.
REMEMBER = """
window.connections = [];
window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, args) { const pc = new target(...args); window.connections.push(pc); return pc; },
});
"""
CHOSEN = """async () => {
  const found = [];
  for (const pc of window.connections) {
    if (pc.connectionState !== 'connected') continue;
    const all = new Map();
    (await pc.getStats()).forEach((entry) => all.set(entry.id, entry));
    for (const entry of all.values()) {
      if (entry.type !== 'transport' || !entry.selectedCandidatePairId) continue;
      const remote = all.get(all.get(entry.selectedCandidatePairId).remoteCandidateId);
      found.push([remote.protocol, remote.port]);
    }
  }
  return found;
}"""


async def paths(face: Face) -> set[tuple[str, int]]:
    """Protocol and our port of each connection that stands."""
    found: list[Any] = await face.page.evaluate(CHOSEN)
    return {(protocol, port) for protocol, port in found}


async def another_network(face: Face, kind: str) -> None:
    """The device says that it is in a network again: the page restarts ICE in the connection that it has."""
    asked: list[tuple[str, str]] = []
    face.page.on(
        "request", lambda request: asked.append((request.method, request.url)) if kind in request.url else None
    )
    async with face.page.expect_response(lambda response: response.request.method == "PATCH") as patched:
        await face.page.evaluate("window.dispatchEvent(new Event('online'))")
    assert (await patched.value).status == 200
    await face.page.wait_for_function("window.connections.some((pc) => pc.connectionState === 'connected')")
    assert {method for method, _ in asked} == {"PATCH"}, asked


async def test_a_venue_publishes_and_a_phone_watches_with_one_tcp_port_open(
    firewalled: tuple[House, netns.Elsewhere], browsers: tuple[Browser, Browser]
) -> None:
    house, network = firewalled
    venue_browser, others = browsers
    port = int(house.origin.rpartition(":")[2])
    admin = await enter(others, house, "manage", "admin", "/manage/lessons")
    lesson_id = await create_lesson(admin, "只有一个端口的会场", main="主会场", branches=("第一分会场",))
    lesson = await state(admin, lesson_id, "open")
    source = next(v["source"] for v in lesson["venues"] if v["venue"]["name"] == "第一分会场")
    venue, console, phone = await asyncio.gather(
        enter(venue_browser, house, "venue", "venue1", f"/venue/{lesson_id}", **BIG_SCREEN),
        enter(others, house, "console", "director", f"/console/{lesson_id}"),
        enter(others, house, "phone", "10001", f"/m/{lesson_id}", **PHONE),
    )
    for face in (venue, phone):
        await face.page.add_init_script(REMEMBER)
        await face.page.reload()
    await expect(control(venue, "venue-start")).to_be_visible()
    await venue.page.keyboard.press("Enter")
    await publishing(venue)
    await confirm(console, "start-lesson")
    await state(console, lesson_id, "live")
    await take(console, source)
    await press(phone, "phone-start")
    picture = await phone.sees(VENUE, within=60)
    assert picture.live
    await on_line(phone, "webrtc")
    assert await paths(venue) == {("tcp", port)}
    assert await paths(phone) == {("tcp", port)}
    await another_network(phone, "/whep/")
    await another_network(venue, "/whip/")
    assert (await phone.sees(VENUE, within=60)).live
    said = network.run("nft", "list", "counter", "inet", "only_one_port", "refused").stdout
    assert "packets 0" not in said, "nothing else was even tried: the rules do not hold what they say"
