"""A real Chromium publishes three layers, another watches through a path that becomes narrow and wide again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rooms.interface import LayersWanted, Slot
from tests.rooms.conftest import ROOM, EventLog
from tests.rooms.impaired import CLEAR, Conditions, ImpairedRelay
from tests.rooms.stage import FLAGS, Scripted, Stage, decoded, serving, until_size

pytestmark = pytest.mark.browser

# Probes that fail are followed by ever longer pauses, and a machine that is busy with other tests makes some fail.
PATIENCE_SECONDS = 150
NARROW = Conditions(rate_bps=220_000, queue_bytes=16_000)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with serving(*FLAGS) as stage:
        yield stage


@pytest.fixture
async def relay(stage: Stage) -> AsyncIterator[ImpairedRelay]:
    relay = await ImpairedRelay.start(("127.0.0.1", stage.node.stats().udp_port))
    yield relay
    await relay.close()


async def until_width(page: Scripted, low: int, high: int) -> None:
    """Until pictures between these widths are decoded and go on."""
    entry, before = {}, 0
    for _ in range(PATIENCE_SECONDS):
        entry = await decoded(page)
        if low <= entry.get("frameWidth", 0) <= high and entry["framesDecoded"] > before:
            return
        before = entry["framesDecoded"]
        await asyncio.sleep(1)
    raise AssertionError(f"never saw pictures {low} to {high} wide: {entry}")


async def test_a_narrow_path_has_a_smaller_picture_and_a_free_one_the_large_one_again(
    stage: Stage, relay: ImpairedRelay
) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.node.open_audio(ROOM, frozenset({"lecturer"}))
    await stage.publisher("lecturer")
    stage.through = relay
    viewer = await stage.watcher()
    await until_size(viewer, 1280, frames=50)
    before = await decoded(viewer)
    relay.set(down=NARROW)
    await until_width(viewer, 320, 640)
    relay.set(down=CLEAR)
    await until_width(viewer, 1280, 1280)
    counters = stage.node.stats().counters
    assert counters["layers_down"] >= 1
    assert counters["layers_up"] >= counters["probes_passed"] >= 1
    assert (await decoded(viewer))["ssrc"] == before["ssrc"]


async def test_a_browser_leaves_out_what_nobody_watches_and_sends_it_again_when_somebody_does(stage: Stage) -> None:
    log = EventLog(stage.node)
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    publisher = await stage.publisher("lecturer")
    preview = await stage.watcher("/watch/lecturer")
    await until_size(preview, 320, frames=10)

    async def told(rids: set[str]) -> None:
        """Does what a page of ours does with the event, once it is there."""
        for _ in range(PATIENCE_SECONDS * 10):
            wanted = [event.rids for event in log.events if isinstance(event, LayersWanted)]
            if wanted and set(wanted[-1]) == rids:
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"never heard that {rids} are wanted")
        for rid in ("h", "f"):
            await publisher.evaluate("([rid, on]) => setLayer(rid, on)", [rid, rid in rids])

    await told({"q"})
    viewer = await stage.watcher()
    await told({"q", "h", "f"})
    await until_width(viewer, 1280, 1280)
    await log.close()
