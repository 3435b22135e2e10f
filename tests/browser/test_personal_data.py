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

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


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
