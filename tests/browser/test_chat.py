"""A member writes, staff approve it by a key, and only then another phone shows it; nothing in it is ever markup."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.house import House
from tests.browser.media import LECTURER
from tests.browser.people import PHONE, confirm, control, enter, press, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

SAID = "出门请关灯 <img src=x onerror=alert(1)>"


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


async def test_a_line_is_shown_to_others_when_it_was_approved_and_vanishes_when_deleted(
    house: House, browser: Browser
) -> None:
    admin = await enter(browser, house, "manage", "admin", "/manage/lessons")
    lesson_id = (await read(admin, "/lessons?state=scheduled"))["items"][0]["id"]
    await admin.page.goto(f"{admin.origin}/manage/lessons/{lesson_id}")
    await confirm(admin, "step-open")
    await expect(control(admin, "chat-mode-select")).to_have_value("approved")

    writer = await enter(browser, house, "writer", "10001", f"/m/{lesson_id}", **PHONE)
    reader = await enter(browser, house, "reader", "10002", f"/m/{lesson_id}", **PHONE)
    await expect(control(reader, "chat-text")).to_be_visible()
    await control(writer, "chat-text").fill(SAID)
    await press(writer, "chat-send")
    await expect(control(writer, "chat-line")).to_contain_text("待审核")

    console = await enter(browser, house, "console", "director", f"/console/{lesson_id}")
    await expect(control(console, "count-chat")).to_have_text("1")
    await press(console, "tab-chat")
    await expect(control(console, "chat-waiting-0")).to_contain_text(SAID)
    await expect(control(reader, "chat-line")).to_have_count(0)
    await console.page.keyboard.press("a")
    await expect(control(reader, "chat-line")).to_contain_text(SAID)
    await expect(control(writer, "chat-line")).to_have_attribute("data-state", "shown")
    await expect(reader.page.locator("img[src=x]")).to_have_count(0)

    await control(console, "chat-shown").get_by_role("button", name="删除").click()
    for phone in (reader, writer):
        await expect(control(phone, "chat-line")).to_have_count(0)
