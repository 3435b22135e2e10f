"""A person's data in the browser: taken along by oneself, erasure asked for, and done by the security administrator."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.house import House
from tests.browser.inspection import defects
from tests.browser.media import VENUE
from tests.browser.people import PHONE, control, enter, press

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def test_a_member_takes_the_own_data_along_and_is_erased(house: House, browser: Browser, artifacts: Path) -> None:
    found: list[str] = []
    member = await enter(browser, house, "member", "10007", "/account", **PHONE)
    await press(member, "export-mine")
    async with member.page.expect_download() as download:
        await control(member, "data-file").click()
    with zipfile.ZipFile(await (await download.value).path()) as archive:
        assert "10007" in archive.read("index.html").decode()
    await press(member, "erasure-ask")
    await press(member, "confirm-yes")
    await expect(control(member, "erasure-withdraw")).to_be_visible()
    found += [f"account: {each}" for each in await defects(member)]
    await control(member, "my-data").scroll_into_view_if_needed()
    await member.page.screenshot(path=artifacts / "screenshots" / "my-data.png")

    keeper = await enter(browser, house, "keeper", "secadmin", "/privacy")
    await press(keeper, "decide-10007")
    await control(keeper, "erase-reason").fill("本人申请")
    await expect(control(keeper, "erase-yes")).to_be_disabled()
    await control(keeper, "erase-confirm").fill("10007")
    found += [f"dialog: {each}" for each in await defects(keeper)]
    await keeper.page.screenshot(path=artifacts / "screenshots" / "erase.png")
    await press(keeper, "erase-yes")
    await expect(control(keeper, "data-requests")).to_contain_text("已注销学员")
    found += [f"privacy: {each}" for each in await defects(keeper)]
    await keeper.page.screenshot(path=artifacts / "screenshots" / "privacy.png", full_page=True)
    await member.page.goto(f"{house.origin}/credit")
    await expect(control(member, "login-enter")).to_be_visible()
    assert found == []


async def test_the_security_administrator_sets_a_period_and_holds_a_lesson(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []
    keeper = await enter(browser, house, "keeper", "secadmin", "/privacy")
    period = control(keeper, "period-talk")
    await press(keeper, "period-edit-talk")
    await control(keeper, "period-days").fill("183")
    await expect(control(keeper, "period-look")).to_be_disabled()  # below the floor
    await control(keeper, "period-days").fill("200")
    await press(keeper, "period-look")
    await expect(keeper.page.get_by_role("dialog").filter(visible=True)).to_contain_text("200 天")
    found += [f"period: {each}" for each in await defects(keeper)]
    await keeper.page.screenshot(path=artifacts / "screenshots" / "period.png")
    await press(keeper, "confirm-yes")
    await expect(period).to_contain_text("保存 200 天")

    # A hold on a lesson: found by its title, with a reason; its managers see that it is there, not why.
    await press(keeper, "hold-find")
    offered = control(keeper, "hold-found").locator("li").filter(has_text="安全生产基础知识")
    await offered.first.get_by_role("button").click()
    await expect(control(keeper, "hold-yes")).to_be_disabled()
    await control(keeper, "hold-reason").fill("第 12 号函")
    found += [f"hold: {each}" for each in await defects(keeper)]
    await keeper.page.screenshot(path=artifacts / "screenshots" / "hold.png")
    await press(keeper, "hold-yes")
    held = control(keeper, "hold-lesson")
    await expect(held).to_contain_text("第 12 号函")
    await held.scroll_into_view_if_needed()
    await keeper.page.screenshot(path=artifacts / "screenshots" / "held.png")
    admin = await enter(browser, house, "admin", "admin", "/manage/lessons")
    await admin.page.get_by_text("安全生产基础知识").first.click()
    await expect(control(admin, "lesson-held")).to_be_visible()
    await expect(admin.page.get_by_text("第 12 号函")).to_have_count(0)
    found += [f"lesson: {each}" for each in await defects(admin)]
    await admin.page.screenshot(path=artifacts / "screenshots" / "lesson-held.png")
    await press(keeper, "hold-lift")
    await press(keeper, "confirm-yes")
    await expect(keeper.page.get_by_test_id("hold-lift")).to_have_count(0)
    assert found == []
