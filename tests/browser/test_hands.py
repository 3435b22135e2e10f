"""A member raises a hand on the phone, the console takes it, everybody sees and hears it, and the lecturer is back.

How long it took is written down (`.artifacts/hands.json`), not asserted: it depends on what else the machine does.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE
from tests.browser.people import PHONE, control, enter, press, publishing, read, state

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

MEMBER = "10021"  # of a branch that takes part by phone


@pytest.fixture(scope="module")
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    """The staff's, and the phone's: its camera shows another colour and its microphone another tone."""
    opened = await asyncio.gather(launch(playwright, LECTURER), launch(playwright, VENUE))
    yield opened[0], opened[1]
    await asyncio.gather(*(browser.close() for browser in opened))


async def on_the_air(browsers: tuple[Browser, Browser], house: House) -> tuple[str, Face, Face, Face]:
    """The lesson, the desk that publishes, the console, the phone that watches."""
    staff, members = browsers
    desk = await enter(staff, house, "desk", "lecturer", "/")
    id_ = (await read(desk, "/lessons?state=scheduled"))["items"][0]["id"]
    for event in ("open", "start"):
        body = {"command_id": str(uuid.uuid4()), "event": event}
        url = f"{desk.origin}/api/v1/lessons/{id_}/transitions"
        await desk.page.request.post(url, data=body, headers={"Origin": desk.origin})
    await state(desk, id_, "live")
    await desk.page.goto(f"{desk.origin}/desk/{id_}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)
    console, phone = await asyncio.gather(
        enter(staff, house, "console", "director", f"/console/{id_}"),
        enter(members, house, "phone", MEMBER, f"/m/{id_}", **PHONE),
    )
    await press(phone, "phone-start")
    await asyncio.gather(phone.sees(LECTURER, within=60), console.sees(LECTURER, within=60))
    return id_, desk, console, phone


async def test_a_member_speaks_to_all_and_is_back(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path
) -> None:
    id_, desk, console, phone = await on_the_air(browsers, house)
    await press(phone, "hand")
    await control(phone, "hand-topic").fill("应急演练的做法")
    await press(phone, "hand-raise")
    await expect(control(phone, "turn")).to_have_attribute("data-state", "waiting")
    await expect(control(desk, "desk-hands")).to_contain_text("1")

    await press(console, "tab-hands")
    await expect(control(console, "hand-1")).to_contain_text("应急演练的做法")
    await console.page.keyboard.press("n")
    await press(phone, "hand-connect")
    began = time.monotonic()
    await expect(control(phone, "hand")).to_have_attribute("data-state", "on_air", timeout=60_000)
    await console.sees(VENUE, within=60)
    there_s = time.monotonic() - began
    await phone.sees(VENUE, within=60)
    await phone.hears(LECTURER, within=60)  # and never itself
    await press(console, "listen")
    await console.hears(LECTURER, VENUE, within=60)
    await phone.page.screenshot(path=artifacts / "screenshots" / "hand-on-air.png")

    began = time.monotonic()
    await press(console, "hand-finish")
    await asyncio.gather(console.sees(LECTURER, within=60), phone.sees(LECTURER, within=60))
    back_s = time.monotonic() - began
    await expect(control(phone, "hand")).to_have_attribute("data-state", "none")
    await console.hears(LECTURER, within=60)
    stage = await read(console, f"/lessons/{id_}/stage")
    assert (stage["slots"]["camera"], stage["opened_audio"]) == ("main", ["main"])
    assert (await read(console, f"/lessons/{id_}/hands"))["ended"][0]["state"] == "done"
    figures = {"connect_to_picture_s": round(there_s, 2), "finish_to_picture_s": round(back_s, 2)}
    (artifacts / "hands.json").write_text(json.dumps(figures, indent=1) + "\n")
