"""Chromium on a bad line, publisher and viewer alike: what is lost is asked for, both ways, and the picture goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rooms.interface import Slot
from tests.rooms.conftest import ROOM, until
from tests.rooms.impaired import ImpairedRelay, both_ways
from tests.rooms.stage import PATIENCE_SECONDS, Stage, decoded, stats

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LOSS, ROUND_TRIP_MS = 0.05, 60.0
FRAMES = 150
FROZEN_AT_MOST = 0.35  # of the run: without repair, at this loss, nearly every frame is hit


@pytest.fixture
async def bad_line(stage: Stage) -> AsyncIterator[ImpairedRelay]:
    address = ("127.0.0.1", stage.node.stats().udp_port)
    relay = await ImpairedRelay.start(address, seed=7, **both_ways(loss=LOSS, rtt_ms=ROUND_TRIP_MS, jitter_ms=4))
    stage.through = relay
    yield relay
    await relay.close()


async def until_frames(page: Any, count: int) -> None:
    """Of whatever size: what a publisher sends on such a line is its own affair."""
    seen: dict[str, Any] = {}
    for _ in range(PATIENCE_SECONDS * 10):
        seen = await decoded(page)
        if seen.get("framesDecoded", 0) >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never decoded {count} frames: {seen}")


async def busiest(stage_page: Any, which: str, kind: str) -> dict[str, Any]:
    return max(await stats(stage_page, which, kind), key=lambda entry: entry.get("bytesSent", 0))


async def test_five_percent_of_loss_each_way_are_repaired_by_nack_rtx_and_pli(
    stage: Stage, bad_line: ImpairedRelay
) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    publisher = await stage.publisher("lecturer", simulcast=False)
    viewer = await stage.watcher()
    before = await decoded(viewer)
    await until_frames(viewer, before["framesDecoded"] + FRAMES)
    after, sent = await decoded(viewer), await busiest(publisher, "publisher", "outbound-rtp")
    counters = stage.node.stats().counters
    passed = {name: after[name] - before.get(name, 0) for name in ("framesDecoded", "totalInterFrameDelay")}
    frozen = after.get("totalFreezesDuration", 0.0) - before.get("totalFreezesDuration", 0.0)
    measured = {
        "frames": passed["framesDecoded"],
        "seconds": round(passed["totalInterFrameDelay"], 1),
        "frozen_seconds": round(frozen, 2),
        "freezes": after.get("freezeCount"),
        "viewer_nacks": after["nackCount"],
        "viewer_got_again": after.get("retransmittedPacketsReceived"),
        "viewer_plis": after["pliCount"],
        "publisher_was_asked": sent["nackCount"],
        "publisher_sent_again": sent["retransmittedPacketsSent"],
        "publisher_plis": sent["pliCount"],
        "lost_up_down": [bad_line.counters(way)["lost"] for way in ("up", "down")],
    }
    print(json.dumps(measured))
    assert bad_line.counters("up")["lost"] > 10
    assert bad_line.counters("down")["lost"] > 10
    assert sent["nackCount"] > 0, "the node asked for nothing"
    assert sent["retransmittedPacketsSent"] > 0, "Chromium repeated nothing"
    assert after["nackCount"] > 0, "Chromium asked for nothing"
    assert counters["nack_served"] > 0, "the node repeated nothing"
    assert frozen <= FROZEN_AT_MOST * passed["totalInterFrameDelay"], measured


async def test_a_picture_comes_back_after_seconds_without_a_line(stage: Stage, bad_line: ImpairedRelay) -> None:
    """Nothing gets through, either way: no session ends, and what is missing is asked for or begun anew."""
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.publisher("lecturer", simulcast=False)
    viewer = await stage.watcher()
    await until_frames(viewer, 25)
    sessions = stage.node.stats().sessions
    bad_line.set(**both_ways(loss=1.0))
    lost = bad_line.counters("up")["lost"]
    await until(lambda: bad_line.counters("up")["lost"] > lost + 300, seconds=60)
    bad_line.set(**both_ways(rtt_ms=ROUND_TRIP_MS))
    before = (await decoded(viewer))["framesDecoded"]
    await until_frames(viewer, before + 25)
    assert stage.node.stats().sessions == sessions
