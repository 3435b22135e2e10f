"""What a lecturer may do in an awkward order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, Route, expect

from tests.browser.chromium import launch
from tests.browser.eyes import until
from tests.browser.house import House
from tests.browser.media import LECTURER
from tests.browser.people import confirm, control, enter, press, publishing, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SLOW_MICROPHONE = """(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const gate = new Promise((free) => { window.freeMicrophone = free; });
    navigator.mediaDevices.getUserMedia = async (wish) => {
        if (wish.audio) await gate;
        return open(wish);
    };
})()"""


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


async def test_a_microphone_that_opens_while_the_picture_connects_is_sent(house: House, browser: Browser) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    lesson_id = (await read(admin, "/lessons?state=scheduled"))["items"][0]["id"]
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson_id}")
    await confirm(admin, "step-open")
    await expect(control(admin, "lesson-state")).to_contain_text("签到中")

    desk = await enter(browser, house, "desk", "lecturer", "/", permissions=["camera", "microphone"])
    await desk.page.add_init_script(SLOW_MICROPHONE)
    asked = asyncio.Event()

    async def while_asking(route: Route) -> None:
        if not asked.is_set():
            asked.set()
            await desk.page.evaluate("freeMicrophone()")
            await expect(control(desk, "mute")).to_be_visible()  # the page has it now
        await route.continue_()

    await desk.page.route("**/whip/**", while_asking)
    await desk.page.goto(f"{desk.origin}/desk/{lesson_id}")
    await press(desk, "open-devices")
    await desk.shows(LECTURER, within=15)
    await press(desk, "publish")
    await publishing(desk)

    async def main_source() -> dict[str, Any]:
        stage = await read(admin, f"/lessons/{lesson_id}/stage")
        return next(one for one in stage["sources"] if one["source"] == "main")

    await until(main_source, lambda one: one["connected"] and one["has_audio"], 15, "the lecturer's sound is there")
    assert asked.is_set()
