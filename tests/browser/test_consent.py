"""Consent in the browser: published by the security administrator, asked before any other page, refused, accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.house import House
from tests.browser.inspection import defects
from tests.browser.media import VENUE
from tests.browser.people import PHONE, confirm, control, enter, press

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def test_everybody_agrees_before_any_other_page(house: House, browser: Browser, artifacts: Path) -> None:
    found: list[str] = []
    keeper = await enter(browser, house, "keeper", "secadmin", "/privacy")
    await press(keeper, "consent-write")
    await control(keeper, "consent-zh").fill("第一条 用途。\n第二条 期限。")
    await confirm(keeper, "consent-publish")
    await expect(control(keeper, "consent-1")).to_contain_text("0 / ")

    refusing = await enter(browser, house, "refusing", "10002", "/credit", **PHONE)
    await expect(control(refusing, "consent-text")).to_contain_text("第二条 期限。")
    found += [f"asked: {each}" for each in await defects(refusing)]
    await refusing.page.screenshot(path=artifacts / "screenshots" / "consent.png")
    await confirm(refusing, "consent-refuse")
    await expect(control(refusing, "consent-left")).to_be_visible()
    found += [f"left: {each}" for each in await defects(refusing)]
    await refusing.page.goto(f"{house.origin}/credit")
    await expect(control(refusing, "login-enter")).to_be_visible()

    agreeing = await enter(browser, house, "agreeing", "10001", "/credit", **PHONE)
    await press(agreeing, "consent-accept")
    await expect(agreeing.page.get_by_test_id("consent")).to_have_count(0)
    await expect(agreeing.page).to_have_url(f"{house.origin}/credit")
    await agreeing.page.reload()
    await expect(agreeing.page.get_by_test_id("consent")).to_have_count(0)

    await keeper.page.reload()
    await press(keeper, "consent-accept")  # whoever published is asked, too
    await expect(control(keeper, "consent-1")).to_contain_text("2 / ")
    venue = await enter(browser, house, "venue", "venue1", "/")
    await expect(venue.page.get_by_test_id("consent")).to_have_count(0)
    assert found == []
