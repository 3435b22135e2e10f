"""What of a tone a real browser had to make up: one Chromium speaks, others listen, each repaired in its own way.

For ``script/bench hearing`` and for whoever has a server that answers offers. ``concealed`` is Chromium's own figure
(``concealedSamples / totalSamplesReceived`` of webrtc-stats): the share of the sound that its jitter buffer invented.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Playwright

from tests.browser.chromium import QUIET, executable

PAGE = Path(__file__).with_suffix(".html")
# What a listener agrees to: redundant sound (RFC 2198), asking again (NACK), or neither.
WAYS: dict[str, dict[str, Any]] = {
    "neither": {"red": False, "nack": False},
    "nack": {"red": False, "nack": True},
    "red": {"red": True, "nack": False},
    "both": {"red": True, "nack": True},
}
SETTLE_S = 3.0
CONNECTED = "connected"

Answer = Callable[[str, str], Awaitable[str]]
"""``use`` ("speak" or "listen") and an offer → the server's answer."""


async def chromium(playwright: Playwright) -> Browser:
    arguments = [*QUIET, "--autoplay-policy=no-user-gesture-required"]
    return await playwright.chromium.launch(executable_path=executable(), args=arguments)


async def page(browser: Browser, answer: Answer) -> Page:
    opened = await browser.new_page()
    await opened.expose_function("answerTo", answer)
    await opened.goto(PAGE.as_uri())
    return opened


async def measure(
    browser: Browser,
    answer: Answer,
    seconds: float,
    *,
    speaker: Mapping[str, Any],
    listener: Mapping[str, Any],
    ways: Mapping[str, Mapping[str, Any]] = WAYS,
) -> dict[str, dict[str, Any]]:
    """Everybody listens to one tone at the same time, for so long; by way.

    ``speaker`` and ``listener`` are options of ``hearing.html``: ``relay: {host, port}`` leads through a bad network.
    """
    speaking = await page(browser, answer)
    await speaking.evaluate("options => speak(options)", dict(speaker))
    listening = {}
    for way, options in ways.items():
        listening[way] = await page(browser, answer)
        await listening[way].evaluate("options => listen(options)", {**listener, **options})
    await asyncio.sleep(SETTLE_S)
    before = {way: await opened.evaluate("heard()") for way, opened in listening.items()}
    kept = dict.fromkeys(listening, True)
    for _ in range(max(1, round(seconds))):
        await asyncio.sleep(seconds / max(1, round(seconds)))
        for way, opened in listening.items():
            kept[way] &= await opened.evaluate("peers.listener.connectionState") == CONNECTED
    after = {way: await opened.evaluate("heard()") for way, opened in listening.items()}
    return {way: figures(before[way], after[way]) | {"kept": kept[way]} for way in listening}


def figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """From two readings of a listener's ``inbound-rtp`` counters."""

    def grown(name: str) -> float:
        return float(after.get(name) or 0) - float(before.get(name) or 0)

    samples = max(1.0, grown("totalSamplesReceived"))
    played = max(1.0, grown("jitterBufferEmittedCount"))
    return {
        "concealed": round(grown("concealedSamples") / samples, 4),
        "packets": int(grown("packetsReceived")),
        "lost_after_repair": int(grown("packetsLost")),
        "nacks": int(grown("nackCount")),
        "kbit_per_s": round(grown("bytesReceived") * 8 / (samples / 48_000) / 1000, 1),
        "jitter_buffer_ms": round(1000 * grown("jitterBufferDelay") / played),
    }
