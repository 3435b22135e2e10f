"""Every page in light and dark: accessible, within its width, silent on the console, and talking to nobody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, Route, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, axe_violations, misconduct, sideways_overflow
from tests.browser.media import VENUE
from tests.browser.people import BIG_SCREEN, DESK, PHONE, Sizes, control, enter, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

NARROW = (390, 320)
ENTRY_SCRIPT = re.compile(r"/assets/index-[^/]*\.js$")
TABLET = {"viewport": {"width": 1024, "height": 768}}


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens which page on which screen, and a test id or text that says it has arrived."""

    name: str
    number: str
    path: str
    arrived: str
    screen: Sizes


VISITS = (
    Visit("portal-member", "10001", "/", "next-lesson", PHONE),
    Visit("phone-before", "10001", "/m/{lesson}", "status-strip", PHONE),
    Visit("portal-secretary", "secretary", "/", "next-lesson", DESK),
    Visit("lessons", "admin", "/manage/lessons", "lessons", DESK),
    Visit("lessons-tablet", "admin", "/manage/lessons", "lessons", TABLET),
    Visit("lesson-new", "admin", "/manage/lessons/new", "form-save", DESK),
    Visit("lesson-page", "admin", "/manage/lessons/{lesson}", "lesson-state", DESK),
    Visit("lesson-edit", "admin", "/manage/lessons/{lesson}/edit", "form-save", DESK),
    Visit("recordings-none", "admin", "/manage/recordings", "还没有录像", DESK),
    Visit("venues", "admin", "/manage/venues", "venues", DESK),
    Visit("console-before", "director", "/console/{lesson}", "open-lesson", DESK),
    Visit("desk-before", "lecturer", "/desk/{lesson}", "open-devices", DESK),
    Visit("desk-foreign", "10001", "/desk/{lesson}", "您不是本场课的讲师", PHONE),
    Visit("venue-before", "venue1", "/venue/{lesson}", "venue-start", BIG_SCREEN),
    Visit("scan-expired", "10001", "/sign-in?problem=sign_in_code_expired", "rescan", PHONE),
    Visit("credit-none", "10001", "/credit", "credit-sum", PHONE),
    Visit("credit-foreign", "secretary", "/credit", "这里显示党员本人的学时", DESK),
    Visit("board-before", "director", "/board/{lesson}", "还没有应到名单", BIG_SCREEN),
    Visit("assignments", "admin", "/manage/lessons/{lesson}/assignments", "assign-units", DESK),
    Visit("assignments-tablet", "admin", "/manage/lessons/{lesson}/assignments", "assign-units", TABLET),
    Visit("roster-before", "admin", "/manage/lessons/{lesson}/roster", "应到名单还没有固定", TABLET),
    Visit("credit-before", "admin", "/manage/lessons/{lesson}/credit", "还没有核定", DESK),
    Visit("reviews-none", "admin", "/manage/reviews", "没有待处理的复核申请", DESK),
    Visit("credit-rules", "admin", "/manage/credit-rules", "rules", TABLET),
    Visit("year-rules-none", "admin", "/manage/credit-rules/years", "还没有年度要求", TABLET),
    Visit("study-roles-none", "admin", "/manage/credit-rules/roles", "没有登记", DESK),
    Visit("credit-year-unasked", "admin", "/manage/credit-year", "year-unasked", DESK),
    Visit("live-none", "admin", "/manage/upward", "现在没有正在进行的课程", DESK),
    Visit("oversight-none", "secretary", "/manage/oversight", "没有督办事项", PHONE),
    Visit("branch-year-unasked", "secretary", "/credit/branch", "branch-year", PHONE),
    Visit("unknown", "10001", "/no/such/page", "没有这个页面", PHONE),
)


@pytest.fixture(scope="module")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def lesson_id(house: House, browser: Browser) -> str:
    """The demonstration's scheduled lesson."""
    admin = await enter(browser, house, "admin", "admin", "/manage/lessons")
    found = await read(admin, "/lessons?state=scheduled")
    await admin.page.context.close()
    return str(found["items"][0]["id"])


async def arrive(face: Face, what: str) -> None:
    """Until the page shows its test id or its words, and its pictures and fonts have settled."""
    there = control(face, what) if what.isascii() else face.page.get_by_text(what).first
    await expect(there).to_be_visible()
    await face.page.evaluate("document.fonts.ready")


async def photograph(face: Face, folder: Path, look: str) -> None:
    width = (face.page.viewport_size or {"width": 0})["width"]
    await face.page.screenshot(path=folder / "screenshots" / f"{face.name}-{look}-{width}.png")


async def flaws(face: Face, folder: Path) -> list[str]:
    """Both looks; on phones the narrowest screen too."""
    found = []
    for look in ("light", "dark"):
        await face.page.emulate_media(color_scheme=look)
        found += [f"{look}: {each}" for each in await axe_violations(face.page)]
        await photograph(face, folder, look)
    size = face.page.viewport_size or DESK["viewport"]
    if size["width"] == NARROW[0]:
        await face.page.set_viewport_size({"width": NARROW[1], "height": 568})
        found += [f"{NARROW[1]} px wide: {each}" for each in await sideways_overflow(face.page)]
        await face.page.set_viewport_size(size)
    return found + await misconduct(face)


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
async def test_page(house: House, browser: Browser, lesson_id: str, artifacts: Path, visit: Visit) -> None:
    path = visit.path.format(lesson=lesson_id)
    face = await enter(browser, house, visit.name, visit.number, path, **visit.screen)
    try:
        await arrive(face, visit.arrived)
        assert_flawless(await flaws(face, artifacts))
    finally:
        await face.page.context.close()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
async def test_login_page(house: House, browser: Browser, artifacts: Path, screen: Sizes) -> None:
    context = await browser.new_context(ignore_https_errors=True, locale="zh-CN", **screen)
    face = await Face.open("login", context, house.origin, "/login")
    await arrive(face, "login-enter")
    assert_flawless(await flaws(face, artifacts))
    await control(face, "login-number").fill("10001")
    await control(face, "login-password").fill("不是密码")
    await control(face, "login-enter").click()
    await expect(control(face, "login-error")).to_be_visible()
    face.complaints.clear()  # the refused login is a console error of the browser's own
    assert_flawless(await flaws(face, artifacts))
    await context.close()


async def test_without_login_a_page_leads_to_the_login_and_back(house: House, browser: Browser) -> None:
    context = await browser.new_context(ignore_https_errors=True, locale="zh-CN", **DESK)
    face = await Face.open("guest", context, house.origin, "/manage/venues")
    await control(face, "login-number").fill("admin")
    await control(face, "login-password").fill("dangxiao")
    await control(face, "login-enter").click()
    await expect(control(face, "venues")).to_be_visible()
    await context.close()


async def test_large_type_stays_within_a_narrow_phone(house: House, browser: Browser, lesson_id: str) -> None:
    face = await enter(browser, house, "large", "10001", f"/m/{lesson_id}", **PHONE)
    await control(face, "large-type").click()
    await face.page.set_viewport_size({"width": NARROW[1], "height": 568})
    assert_flawless(await sideways_overflow(face.page))
    assert_flawless(await axe_violations(face.page))
    await face.page.context.close()


async def test_a_page_whose_script_was_dropped_opens_again_and_at_last_says_what_to_do(
    house: House, browser: Browser, artifacts: Path
) -> None:
    context = await browser.new_context(ignore_https_errors=True, locale="zh-CN", **PHONE)
    dropped = 0

    async def drop(route: Route) -> None:
        nonlocal dropped
        dropped += 1
        await (route.abort("internetdisconnected") if dropped <= 2 else route.continue_())

    await context.route(ENTRY_SCRIPT, drop)
    page = await context.new_page()
    await page.goto(f"{house.origin}/login")
    await expect(page.get_by_test_id("login-number")).to_be_visible(timeout=60_000)
    assert dropped == 3
    await page.wait_for_function("sessionStorage.tries === '0'")

    dropped = 0
    await page.evaluate("sessionStorage.tries = 4")  # as after 20 seconds without a network
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("请检查网络后重试")
    await page.screenshot(path=artifacts / "screenshots" / "dropped-light-390.png")
    dropped = 2
    await page.get_by_role("button", name="重试 Retry").click()
    await expect(page.get_by_test_id("login-number")).to_be_visible()
    await context.close()
