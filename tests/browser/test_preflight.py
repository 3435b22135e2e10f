"""A venue runs its preflight and signs it; later it breaks down: a phone goes from silence to the picture."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, publishing, read, state

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

IN_THE_ROOM = "10061"  # of the branch that gathers in 第一分会场


@pytest.fixture(scope="module")
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    """The lecturer's and staff's; the venue's, with another camera."""
    opened = await asyncio.gather(launch(playwright, LECTURER), launch(playwright, VENUE))
    yield opened[0], opened[1]
    await asyncio.gather(*(browser.close() for browser in opened))


async def ask(face: Face, path: str, **body: Any) -> dict[str, Any]:
    url = f"{face.origin}/api/v1{path}"
    sent = {"command_id": str(uuid.uuid4()), **body}
    answer = await face.page.request.post(url, data=sent, headers={"Origin": face.origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def run_preflight(venue: Face, pictures: Path) -> None:
    """By keyboard alone, as on a big screen. The tone of a headless browser reaches no microphone: a person says so."""
    await expect(control(venue, "venue-test")).to_be_visible()
    await venue.page.keyboard.press("9")
    test = control(venue, "self-test")
    await expect(test).to_have_attribute("data-state", "none")
    await venue.page.keyboard.press("Enter")
    await expect(control(venue, "check-line")).not_to_have_attribute("data-result", "none", timeout=60_000)
    await expect(test).to_have_attribute("data-running", "", timeout=60_000)
    await venue.page.screenshot(path=pictures / "preflight-asked.png")
    await expect(control(venue, "tone-heard")).to_be_visible()
    await venue.page.keyboard.press("Enter")
    await expect(control(venue, "check-speaker")).to_have_attribute("data-code", "confirmed")
    await expect(test).to_have_attribute("data-state", re.compile("passed|warned"), timeout=60_000)
    await expect(control(venue, "check-clock")).to_have_attribute("data-code", "ok")
    await expect(control(venue, "check-line")).to_contain_text("UDP")
    await expect(control(venue, "check-uplink")).to_contain_text("Mbit/s")
    await control(venue, "sign-name").fill("值班操作员")
    if await control(venue, "sign-reason").count():
        await control(venue, "sign-reason").fill("现场已听过测试音")
    await press(venue, "sign-off")
    await expect(test).to_have_attribute("data-state", "signed")
    await venue.page.screenshot(path=pictures / "preflight-signed.png")
    await venue.page.keyboard.press("Escape")


async def test_from_the_preflight_to_the_failover(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path
) -> None:
    staff, rooms = browsers
    pictures = artifacts / "screenshots"
    desk = await enter(staff, house, "desk", "lecturer", "/")
    lesson = (await read(desk, "/lessons?state=scheduled"))["items"][0]
    id_ = lesson["id"]
    place = next(one["id"] for one in lesson["venues"] if one["venue"]["name"] == "第一分会场")
    venue = await enter(rooms, house, "venue", "venue1", f"/venue/{id_}", **BIG_SCREEN)
    await run_preflight(venue, pictures)

    console = await enter(staff, house, "console", "director", f"/console/{id_}")
    await press(console, "tab-venues")
    await expect(control(console, f"venue-{place}")).to_have_attribute("data-state", "signed")
    await expect(control(console, f"venue-{place}")).to_contain_text("值班操作员")

    for event in ("open", "start"):
        await ask(desk, f"/lessons/{id_}/transitions", event=event)
    await state(desk, id_, "live")
    await desk.page.goto(f"{desk.origin}/desk/{id_}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)
    phone = await enter(staff, house, "phone", IN_THE_ROOM, f"/m/{id_}", **PHONE)
    code = (await read(venue, f"/lessons/{id_}/sign-in-code"))["codes"][0]["code"]
    await press(phone, "action")
    await press(phone, "way-code")
    await control(phone, "sign-in-code").fill(code)
    await press(phone, "sign-in-send")
    await press(phone, "signed-in-close")
    await expect(control(phone, "room")).to_have_attribute("data-signed-in", "true")

    await press(console, f"move-{place}")
    await expect(control(console, "failover")).to_be_visible()
    await console.page.screenshot(path=pictures / "failover-asked.png")
    await press(console, "failover-to-phone")
    await press(console, "failover-yes")
    await phone.sees(LECTURER, within=60)
    await phone.hears(LECTURER, within=60)
    await expect(control(phone, "moved")).to_contain_text("第一分会场")
    await phone.page.screenshot(path=pictures / "failover-phone.png")
    await expect(control(console, f"venue-{place}")).to_have_attribute("data-moved", "true")
    await console.page.screenshot(path=pictures / "failover-console.png")
    await expect(control(venue, "venue-moved")).to_have_count(0)  # not begun: its start page stands over it

    await press(console, f"restore-{place}")
    await expect(control(phone, "room")).to_have_attribute("data-signed-in", "true")
    own = await read(phone, f"/lessons/{id_}/attendance")
    assert (own["sign_in"]["lesson_venue_id"], own["moved_from"]) == (place, None)
    await to_another_venue(console, venue, phone, lesson, pictures)


async def to_another_venue(console: Face, venue: Face, phone: Face, lesson: dict[str, Any], pictures: Path) -> None:
    """The broken venue's screen and its people's phones say where to; whoever types the code there has arrived."""
    id_ = lesson["id"]
    place, other = (
        next(one["id"] for one in lesson["venues"] if one["venue"]["name"] == name)
        for name in ("第一分会场", "第二分会场")
    )
    await press(venue, "venue-start")
    await press(console, f"move-{place}")
    await press(console, f"failover-to-{other}")
    await press(console, "failover-yes")
    await expect(control(venue, "venue-moved")).to_contain_text("第二分会场")
    await venue.page.screenshot(path=pictures / "failover-venue.png")
    await expect(control(phone, "room")).to_have_attribute("data-coming", "true")
    await expect(control(phone, "room")).to_contain_text("第二分会场")
    await phone.page.screenshot(path=pictures / "failover-coming.png")

    code = (await read(console, f"/lessons/{id_}/sign-in-code?venue={other}"))["codes"][0]["code"]
    await press(phone, "action")
    await press(phone, "way-code")
    await control(phone, "sign-in-code").fill(code)
    await press(phone, "sign-in-send")
    await press(phone, "signed-in-close")
    await expect(control(phone, "room")).to_have_attribute("data-signed-in", "true")
    own = await read(phone, f"/lessons/{id_}/attendance")
    assert (own["sign_in"]["lesson_venue_id"], own["sign_in"]["arriving"]) == (other, None)
    await expect(control(console, f"venue-{place}")).to_have_attribute("data-moved", "true")
