"""A real Chromium on networks that are not the laboratory's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page

from rooms.interface import Slot
from tests.rooms.conftest import ROOM
from tests.rooms.test_browser import FLAGS, Stage, decoded, serving, until_size

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
    assert (await decoded(viewer))["packetsLost"] == 0
    counters = blocked.node.stats().counters
    assert counters["tcp_dropped"] == counters["tcp_bad_framing"] == 0


async def test_who_has_udp_takes_it(free: Stage) -> None:
    await free.node.take(ROOM, Slot.CAMERA, "venue")
    venue = await free.publisher("venue", simulcast=False)
    viewer = await free.watcher()
    await until_size(viewer, 1280, frames=25)
    assert await chosen(venue, "publisher") == ("udp", "udp")
    assert await chosen(viewer, "watcher") == ("udp", "udp")
