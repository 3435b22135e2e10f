"""A second browser's stack: Firefox publishes and watches a VP8 lesson, with Chromium at the other end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rooms.interface import NodeConfig, RoomSpec, Slot
from tests.browser.firefox import Firefox, FirefoxError, FirefoxPage
from tests.rooms.conftest import ROOM, until
from tests.rooms.stage import FLAGS, PUBLISH, WATCH, Stage, decoded, own_address, serving, until_size

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

VP8_ROOM = "vp8-lesson"


@pytest.fixture
async def abroad(firefox: Firefox) -> AsyncIterator[Stage]:
    """Firefox has no candidate on loopback, so the node is told by the machine's own address."""
    async with serving(*FLAGS, config=NodeConfig(announced=(own_address(),))) as stage:
        await stage.node.open_room(RoomSpec(VP8_ROOM, "VP8"))
        await stage.node.take(VP8_ROOM, Slot.CAMERA, "lecturer")
        await stage.node.open_audio(VP8_ROOM, frozenset({"lecturer"}))
        yield stage
        await firefox.close_pages()


async def publishing(stage: Stage, firefox: Firefox, name: str, room: str = VP8_ROOM, **options: object) -> FirefoxPage:
    page = await firefox.page(stage.url)
    await page.evaluate(PUBLISH, [f"/publish/{name}?room={room}", {"codec": "VP8", **options}])
    return page


async def watching(stage: Stage, firefox: Firefox, room: str = VP8_ROOM) -> FirefoxPage:
    page = await firefox.page(stage.url)
    await page.evaluate(WATCH, [f"/watch?room={room}", {}])
    return page


async def heard(page: FirefoxPage) -> int:
    """Packets of sound."""
    found = await page.evaluate("which => stats(which)", "watcher")
    return sum(e["packetsReceived"] for e in found if e["type"] == "inbound-rtp" and e["kind"] == "audio")


async def test_a_vp8_lesson_of_firefox_is_watched_by_both_browsers(abroad: Stage, firefox: Firefox) -> None:
    publisher = await publishing(abroad, firefox, "lecturer")
    viewers = [await watching(abroad, firefox), await abroad.watcher(f"/watch?room={VP8_ROOM}")]
    for viewer in viewers:
        await until_size(viewer, 1280, frames=25)
        assert await abroad.lost(viewer) == 0
    assert await heard(viewers[0]) > 0
    (source,) = abroad.node.room_state(VP8_ROOM).sources
    assert (source.video_codec, source.has_audio, source.packets_lost) == ("VP8", True, 0)
    sent = [e for e in await publisher.evaluate("which => stats(which)", "publisher") if e["type"] == "outbound-rtp"]
    assert {e["rid"] for e in sent if e["kind"] == "video"} == {"q", "h", "f"}


async def test_firefox_follows_a_switch_from_chromium_to_firefox_and_back(abroad: Stage, firefox: Firefox) -> None:
    room = f"?room={VP8_ROOM}"
    await abroad.publisher(f"lecturer{room}", codec="VP8", simulcast=False)
    await publishing(abroad, firefox, "venue", simulcast=False, width=640)
    viewer = await watching(abroad, firefox)
    await until_size(viewer, 1280)
    before = await decoded(viewer)
    await abroad.node.take(VP8_ROOM, Slot.CAMERA, "venue")
    await until_size(viewer, 640, frames=before["framesDecoded"] + 25)
    await abroad.node.take(VP8_ROOM, Slot.CAMERA, "lecturer")
    await until_size(viewer, 1280, frames=before["framesDecoded"] + 50)
    assert (await decoded(viewer))["ssrc"] == before["ssrc"]
    assert await abroad.lost(viewer) == 0


async def test_firefox_in_an_h264_lesson_sends_vp8_and_is_refused_what_it_cannot_decode(
    abroad: Stage, firefox: Firefox
) -> None:
    await publishing(abroad, firefox, "lecturer", ROOM, codec=None, simulcast=False)
    await until(lambda: abroad.node.room_state(ROOM).sources[0].connected, seconds=30)
    assert abroad.node.room_state(ROOM).sources[0].video_codec == "VP8"
    await abroad.publisher("venue", simulcast=False)
    await abroad.node.take(ROOM, Slot.CAMERA, "venue")
    await until(lambda: abroad.node.room_state(ROOM).sources[1].packets_received, seconds=30)
    with pytest.raises(FirefoxError, match="406 no_known_codec"):
        await watching(abroad, firefox, ROOM)
