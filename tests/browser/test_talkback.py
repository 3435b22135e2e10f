"""The director talks to one venue: its room hears it, nobody else does, and it ends where everybody would hear it."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, publishing, read, state

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    """The director's microphone has another tone than the rooms'."""
    opened = await asyncio.gather(launch(playwright, VENUE), launch(playwright, LECTURER))
    yield opened[0], opened[1]
    await asyncio.gather(*(browser.close() for browser in opened))


async def lesson_of(admin: Face, console: Face) -> str:
    """The demonstration's, names over its pictures, brought to life; nobody teaches, the director is heard alone."""
    id_ = (await read(console, "/lessons?state=scheduled"))["items"][0]["id"]
    url = f"{admin.origin}/api/v1/lessons/{id_}"
    tag = (await admin.page.request.get(url)).headers["etag"]
    headers = {"Origin": admin.origin, "If-Match": tag}
    changed = await admin.page.request.patch(url, data={"watermark": True}, headers=headers)
    assert (await changed.json())["watermark"] is True
    for event in ("open", "start"):
        body = {"command_id": str(uuid.uuid4()), "event": event}
        url = f"{console.origin}/api/v1/lessons/{id_}/transitions"
        await console.page.request.post(url, data=body, headers={"Origin": console.origin})
    await state(console, id_, "live")
    return id_


async def test_the_director_talks_to_one_room_alone(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path
) -> None:
    staff, others = browsers
    console = await enter(staff, house, "console", "director", "/")
    id_ = await lesson_of(await enter(staff, house, "admin", "admin", "/manage"), console)
    rooms = [await enter(others, house, n, n, f"/venue/{id_}", **BIG_SCREEN) for n in ("venue1", "venue2")]
    phone = await enter(others, house, "phone", "10021", f"/m/{id_}", **PHONE)
    for face, start in ((rooms[0], "venue-start"), (rooms[1], "venue-start"), (phone, "phone-start")):
        await press(face, start)
    await asyncio.gather(*(publishing(room) for room in rooms))
    await console.page.goto(f"{console.origin}/console/{id_}")
    venues = (await read(console, f"/lessons/{id_}/stage"))["venues"]
    source = next(venue["source"] for venue in venues if venue["name"] == "第一分会场")

    await expect(control(rooms[1], "watermark").locator("span").first).to_have_text("第二分会场")
    mark = control(phone, "watermark")
    await expect(mark.locator("span").first).to_contain_text("10021")
    for spoil in ("e => e.remove()", "e => { e.style.opacity = 0; e.className = ''; }", "e => { e.innerHTML = ''; }"):
        await mark.evaluate(spoil)  # it comes back
        await expect(mark.locator("span").first).to_contain_text("10021")
        await expect(mark).to_have_css("opacity", "1")

    await press(console, f"menu-{source}")
    await press(console, f"talk-{source}")
    await expect(control(console, "talkback-state")).to_contain_text("正在与 第一分会场 对讲", timeout=60_000)
    await expect(control(rooms[0], "director-talks")).to_contain_text("仅本会场可听到")
    await asyncio.gather(rooms[0].hears(VENUE, within=60), rooms[1].hears(within=60), phone.hears(within=60))
    await press(rooms[0], "key-3")  # the room answers; only the director hears it
    await console.hears(LECTURER, within=60)
    await asyncio.gather(rooms[1].hears(within=60), phone.hears(within=60))
    for face in (console, rooms[0]):
        await face.page.screenshot(path=artifacts / "screenshots" / f"talkback-{face.name}.png")

    await press(console, "talkback")
    await expect(control(rooms[0], "director-talks")).to_have_count(0)
    await rooms[0].hears(within=60)

    for _ in range(2):  # held as long as one speaks: the key repeats
        await console.page.keyboard.down("t")
    await expect(control(console, "talkback-state")).to_contain_text("正在与", timeout=60_000)
    await console.page.keyboard.up("t")
    await expect(control(console, "talkback-state")).to_have_count(0)

    await press(console, "talkback")
    await expect(control(console, "talkback-state")).to_contain_text("正在与", timeout=60_000)
    await press(console, "take")  # everybody hears that room now
    await expect(control(console, "talkback-state")).to_have_count(0, timeout=60_000)
    log = await read(console, f"/lessons/{id_}/events?since=0&nouns=talkback&last=50")
    said = [(event["kind"], event["data"].get("reason")) for event in log["events"]]
    assert [each for each in said if each[0] == "talkback.ended"][-1][1] == "on_air"
    assert not re.search("talkback", str((await read(console, f"/lessons/{id_}/stage"))["sources"]))
