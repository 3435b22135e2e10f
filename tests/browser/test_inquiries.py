"""Members ask and say how it sounds, staff decide by keys, the hall sees the chosen one, and chapters are kept."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.media import LECTURER
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, read, state

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

FIRST, AGAIN, OTHER = "灭火器多久检查一次？", "灭火器几年换一次？", "<b>消防通道</b>能停车吗？"


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, LECTURER)
    yield opened
    await opened.close()


async def live(admin: Face) -> str:
    id_ = (await read(admin, "/lessons?state=scheduled"))["items"][0]["id"]
    for event in ("open", "start"):
        body = {"command_id": str(uuid.uuid4()), "event": event}
        url = f"{admin.origin}/api/v1/lessons/{id_}/transitions"
        await admin.page.request.post(url, data=body, headers={"Origin": admin.origin})
    await state(admin, id_, "live")
    return str(id_)


async def ask(phone: Face, text: str) -> None:
    await control(phone, "inquiry-text").fill(text)
    await press(phone, "inquiry-send")
    await expect(control(phone, "inquiry-own").filter(has_text=text)).to_have_attribute("data-state", "waiting")


async def test_asked_decided_by_keys_shown_to_the_hall_and_kept_as_a_chapter(house: House, browser: Browser) -> None:
    console = await enter(browser, house, "console", "director", "/")
    lesson_id = await live(console)
    await console.page.goto(f"{console.origin}/console/{lesson_id}")
    phone = await enter(browser, house, "phone", "10001", f"/m/{lesson_id}", **PHONE)
    other = await enter(browser, house, "other", "10002", f"/m/{lesson_id}", **PHONE)
    screen = await enter(browser, house, "screen", "venue1", f"/venue/{lesson_id}", **BIG_SCREEN)
    await press(screen, "venue-start")

    await ask(phone, FIRST)
    await ask(other, AGAIN)
    await ask(other, OTHER)
    await press(console, "tab-inquiries")
    rows = console.page.locator(".row[data-testid^=inquiry-]")
    await expect(rows).to_have_count(3)

    async def key(one: str) -> None:
        """One after the other: a key that comes while the last is under way is not meant."""
        await expect(control(console, "inquiries")).not_to_have_attribute("aria-busy", "true")
        await console.page.keyboard.press(one)

    # Approve the first; merge the second into it, take that back, and merge it again.
    await key("a")
    await expect(rows).to_have_count(2)
    await key("g")
    await expect(control(console, "merging")).to_be_visible()
    await expect(rows.first).to_contain_text(FIRST)
    await key("Enter")
    await expect(rows).to_have_count(1)
    await key("u")
    await expect(rows).to_have_count(2)
    await key("k")
    await expect(rows.first).to_have_attribute("aria-current", "true")
    await key("d")
    await expect(rows).to_have_count(1)
    await key("a")
    await expect(rows).to_have_count(0)
    await expect(other.page.get_by_test_id("inquiry-own").filter(has_text=AGAIN)).to_have_attribute(
        "data-state", "declined"
    )

    # Whom it is for, and on the screens: text is text.
    await press(console, "view-shown")
    await expect(rows).to_have_count(2)
    await rows.filter(has_text=FIRST).click()
    await key("e")
    await control(console, "assign-to").fill("讲师")
    await key("Enter")
    await expect(rows.filter(has_text=FIRST)).to_contain_text("由讲师回答")
    await key("s")
    await expect(control(screen, "inquiry-band")).to_contain_text(FIRST)
    await expect(control(phone, "inquiry-on-stage")).to_contain_text(FIRST)
    await expect(other.page.locator("[data-state=approved]").filter(has_text="<b>消防通道</b>")).to_be_visible()
    await key("r")
    await expect(control(screen, "inquiry-band")).to_have_count(0)

    # An answer in writing by the keyboard alone.
    await rows.filter(has_text="消防通道").click()
    await key("w")
    await control(console, "written-answer").fill("不能。")
    await key("Control+Enter")
    await expect(phone.page.locator("[data-state=answered]").filter(has_text="不能。")).to_be_visible()

    # How it sounds: a count.
    await press(phone, "signal-unclear")
    await expect(control(console, "signal-counts")).to_contain_text("1")

    # The answered one is a chapter; another title, and one that was marked by mistake goes.
    await key("b")
    await control(console, "chapter-title").fill("按错了")
    await press(console, "chapter-save")
    await press(console, "chapters-open")
    chapters = control(console, "chapter-list")
    await expect(chapters.get_by_test_id("chapter-rename").first).to_have_value(FIRST)
    await chapters.get_by_test_id("chapter-rename").first.fill("灭火器")
    await press(console, "chapter-rename-save")
    await expect(control(console, "chapter-rename-save")).to_have_count(0)
    last = chapters.locator("li").last
    await expect(last.get_by_test_id("chapter-rename")).to_have_value("按错了")
    await last.get_by_test_id("chapter-remove").click()
    await press(console, "chapter-remove-yes")
    await expect(control(console, "chapter-remove-yes")).to_have_count(0)

    async def titles() -> list[str]:
        return [one["title"] for one in (await read(phone, f"/lessons/{lesson_id}/chapters"))["items"]]

    # The question goes at the click, the chapter when the server has heard of it.
    kept = await until(titles, lambda them: "按错了" not in them, 10, "the chapter is gone")
    assert "灭火器" in kept
