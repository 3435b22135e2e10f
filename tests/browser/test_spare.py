"""The lecturer's second machine takes over: everybody sees and hears it by the same connection, and again the first.

How long it took is written down (`.artifacts/spare.json`), not asserted: it depends on what else the machine does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE, Source
from tests.browser.people import control, enter, press, publishing, read
from tests.browser.test_hands import on_the_air

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    """The lecturer's first machine and everybody else; the second machine: another colour, another tone."""
    opened = await asyncio.gather(launch(playwright, LECTURER), launch(playwright, VENUE))
    yield opened[0], opened[1]
    await asyncio.gather(*(browser.close() for browser in opened))


async def over(console: Face, phone: Face, source: Source) -> float:
    """Seconds from the click to the first picture on the phone."""
    began = time.monotonic()
    await press(console, "hand-over")
    await phone.sees(source, within=60, frames=1)
    took_s = time.monotonic() - began
    await phone.hears(source, within=60)
    return round(took_s, 2)


async def test_the_spare_machine_takes_over_and_gives_back(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path
) -> None:
    id_, desk, console, phone = await on_the_air(browsers, house)
    spare = await enter(browsers[1], house, "spare", "lecturer", f"/desk/{id_}?spare")
    await press(spare, "open-devices")
    await press(spare, "publish")
    await publishing(spare)
    await expect(control(console, "tile-spare")).to_have_attribute("data-connected", "true")
    await expect(control(spare, "on-air")).to_contain_text("备用机已就绪")
    await phone.sees(LECTURER, within=60)
    connections, recorded = await phone.peers_made(), (await read(console, f"/lessons/{id_}/stage"))["recording"]

    to_spare_s = await over(console, phone, VENUE)
    await expect(control(spare, "on-air")).to_contain_text("正在全场播放")
    await expect(control(desk, "taught-elsewhere")).to_be_visible()
    for face in (console, spare):
        await face.page.screenshot(path=artifacts / "screenshots" / f"spare-{face.name}.png")
    to_main_s = await over(console, phone, LECTURER)

    assert await phone.peers_made() == connections
    stage = await read(console, f"/lessons/{id_}/stage")
    assert (stage["desk"], stage["slots"]["camera"], stage["opened_audio"]) == ("main", "main", ["main"])
    assert stage["recording"]["id"] == recorded["id"]
    assert stage["recording"]["state"] == "running"
    assert stage["recording"]["duration_ms"] > recorded["duration_ms"]
    figures = {"to_spare_s": to_spare_s, "to_main_s": to_main_s}
    (artifacts / "spare.json").write_text(json.dumps(figures, indent=1) + "\n")
