"""Sixty phones come to one room at once: three of them pages, the others the same requests; nobody is left outside."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import ROOT, SEEN_ONLY_BY_US, House
from tests.browser.people import PHONE, press

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

PHONES, FIRST_TIMERS = 60, 10
WITH_PAGES = ("activation", "door", "password")


@pytest.fixture(scope="module")
def script() -> Any:
    sys.path.insert(0, str(ROOT / "script"))
    yield importlib.import_module("bench_arrival")
    sys.path.remove(str(ROOT / "script"))


@pytest.fixture(scope="module")
async def hall(script: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A branch of sixty, not one of them with an administrator beside."""
    folder = tmp_path_factory.mktemp("hall")
    (folder / "data").mkdir()
    expected = await script.hall_of(PHONES, FIRST_TIMERS, dt.datetime.now(dt.UTC))
    await expected.import_into(f"sqlite+aiosqlite:///{folder}/data/dangxiao.sqlite3")
    return expected, folder


@pytest.fixture(scope="module")
async def house(hall: Any, artifacts: Path) -> AsyncIterator[House]:
    running = await asyncio.to_thread(House.open, hall[1], DEMO="off")
    yield running
    await asyncio.to_thread(running.close, artifacts / "server-test_arrival.log")


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright)
    yield opened
    await opened.close()


async def arrive(browser: Browser, house: House, phone: Any, scanned: str) -> Face:
    """A phone that nobody is logged in on scans, logs in as its person can, and signs in."""
    context = await browser.new_context(ignore_https_errors=True, locale="zh-CN", reduced_motion="reduce", **PHONE)
    face = await Face.open(f"{phone.manner} {phone.number}", context, house.origin, scanned)
    page = face.page
    await expect(page.get_by_test_id("login-scanned")).to_be_visible()
    if phone.manner == "password":
        await page.get_by_test_id("login-number").fill(phone.typed)
        await page.get_by_test_id("login-password").fill("dangxiao")
        await press(face, "login-enter")
    else:
        await press(face, "login-other")
        await page.get_by_test_id("code-number").fill(phone.typed)
        await page.get_by_test_id("code-code").fill(phone.slip or await phone.issue("door", phone.number))
        await press(face, "code-enter")
    if phone.manner == "activation":
        await page.get_by_test_id("code-password").fill("gong-ke-2026")
        await press(face, "code-enter")
    await press(face, "sign-in-confirm")
    await expect(page.get_by_test_id("sign-in-enter")).to_be_visible()
    return face


async def test_sixty_phones_sign_in_at_once_and_nobody_needs_an_administrator(
    house: House, hall: Any, script: Any, browser: Browser, artifacts: Path
) -> None:
    expected, _ = hall
    connector = aiohttp.TCPConnector(ssl=SEEN_ONLY_BY_US, limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        staff = script.Staff(script.House(house.origin, SEEN_ONLY_BY_US, 0, session), expected)
        await staff.open()
        phones = await staff.phones(PHONES, lambda: session)
        with_pages = [next(each for each in phones if each.manner == manner) for manner in WITH_PAGES]
        others = [each for each in phones if each not in with_pages]
        faces = asyncio.gather(*[arrive(browser, house, each, await staff.shown()) for each in with_pages])
        await script.everybody(others, staff.shown, [0.05 * at for at in range(len(others))])
        for face in await faces:
            await face.page.screenshot(path=artifacts / "screenshots" / f"arrival-{face.name.split()[0]}-390.png")
            assert [each for each in face.complaints if not re.search(r"status of 4(01|22)", each)] == []
        board = await staff.board()
    assert {each.number: each.refused for each in others if each.refused} == {}
    assert [each.number for each in others if each.member_id != expected.member_ids[each.number]] == []
    assert (board["expected"], board["present"], board["missing"]) == (PHONES, PHONES, 0)
