"""The calendar in the browser: a series planned and taken back, one's own calendar by its address, and a lesson on the
spot at every face.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from server.services.demo import demo_id
from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import VENUE
from tests.browser.people import BIG_SCREEN, PHONE, choose, confirm, control, enter, press, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def test_theme_days_are_planned_taken_back_and_held_on_the_spot(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        width = (face.page.viewport_size or {"width": 0})["width"]
        await face.page.screenshot(path=artifacts / "screenshots" / f"calendar-{name}-{width}.png")
        found.extend(f"{name}: {each}" for each in await defects(face))

    # Three theme days without media, one a month, as drafts; seen in the calendar, and taken back.
    admin = await enter(browser, house, "admin", "admin", "/manage/lessons/new?kind=theme_day")
    await control(admin, "form-title").fill("主题党日")
    await press(admin, "form-media")
    await choose(admin, "重复", "每月同一日")
    await control(admin, "form-times").fill("3")
    await keep(admin, "plan")
    await press(admin, "form-save")
    await admin.page.wait_for_url(re.compile("/manage/calendar.*series="))
    lessons = admin.page.get_by_test_id("calendar-lesson").filter(has_text="主题党日（第1次）")
    await expect(lessons).to_have_count(1)
    await keep(admin, "month")
    await press(admin, "series-undo")
    await expect(control(admin, "series-undone")).to_contain_text("3")
    await expect(lessons).to_have_count(0)

    # One that is held: in a venue, opened at once.
    await admin.page.goto(f"{house.origin}/manage/lessons/new?kind=theme_day")
    await control(admin, "form-title").fill("参观安全体验馆")
    await press(admin, "form-media")
    await choose(admin, "分会场", "第一分会场")
    await press(admin, "form-save")
    await admin.page.wait_for_url(re.compile(r"/manage/lessons/[0-9a-f-]{36}$"))
    lesson_id = admin.page.url.rsplit("/", 1)[1]
    for step in ("schedule", "open"):
        await confirm(admin, f"step-{step}")
    await expect(control(admin, "lesson-way")).to_contain_text("不带音视频")
    await admin.page.goto(f"{house.origin}/manage/dues")
    await expect(control(admin, "dues")).to_be_visible()
    await keep(admin, "dues")
    await admin.page.goto(f"{house.origin}/console/{lesson_id}")
    await expect(control(admin, "on-the-spot")).to_be_visible()
    await keep(admin, "console")

    # The room shows its code and no picture, the phone asks for it, and nobody opens a connection.
    venue = await enter(browser, house, "venue1", "venue1", f"/venue/{lesson_id}", **BIG_SCREEN)
    await press(venue, "venue-start")
    await expect(control(venue, "on-the-spot")).to_be_visible()
    await expect(control(venue, "rail")).to_be_visible()
    await keep(venue, "venue")
    member = await enter(browser, house, "member", "10061", f"/m/{lesson_id}", **PHONE)
    await expect(control(member, "on-the-spot")).to_contain_text("第一分会场")
    await press(member, "action")
    await expect(control(member, "way-code")).to_be_visible()
    await keep(member, "phone")
    assert await member.page.locator("video").count() == 0

    # One's own calendar by its address, without a login.
    await member.page.goto(f"{house.origin}/calendar?view=list")
    await expect(control(member, "calendar").get_by_text("参观安全体验馆")).to_be_visible()
    await press(member, "feed-make")
    await expect(control(member, "feed-address")).to_have_value(re.compile("^https://"))
    address = await control(member, "feed-address").input_value()
    await keep(member, "own")
    stranger = await browser.new_context(ignore_https_errors=True)
    answer = await stranger.request.get(address)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "参观安全体验馆" in await answer.text()
    await press(member, "feed-drop")
    await expect(member.page.get_by_test_id("feed-address")).to_have_count(0)
    assert (await stranger.request.get(address)).status == 404
    assert_flawless(found)


async def test_a_secretary_plans_a_meeting_of_the_own_branch_and_settles_nothing(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []
    secretary = await enter(browser, house, "secretary", "secretary", "/manage/lessons/new")
    await control(secretary, "form-title").fill("支部党员大会")
    await expect(secretary.page.get_by_test_id("form-media")).to_have_count(0)  # on the spot only
    found += [f"form: {each}" for each in await defects(secretary)]
    await secretary.page.screenshot(path=artifacts / "screenshots" / "own-meeting.png", full_page=True)
    await press(secretary, "form-save")
    await secretary.page.wait_for_url(re.compile(r"/manage/lessons/[0-9a-f-]{36}$"))
    await confirm(secretary, "step-schedule")
    await expect(control(secretary, "lesson-state")).to_contain_text("已排期")
    await expect(control(secretary, "lesson-way")).to_contain_text("不带音视频")
    for step in ("open", "start", "end"):
        await confirm(secretary, f"step-{step}")
    await expect(control(secretary, "lesson-state")).to_contain_text("已下课")
    await expect(secretary.page.get_by_test_id("step-settle")).to_have_count(0)
    await a_group_holds_its_own(secretary, artifacts, found)
    assert_flawless(found)


async def send(face: Face, method: str, path: str, **fields: Any) -> dict[str, Any]:
    """A command, as of what stands there now."""
    url = f"{face.origin}/api/v1{path}"
    headers = {"Origin": face.origin}
    if method == "PATCH":
        headers["If-Match"] = (await face.page.request.get(url)).headers["etag"]
    body = {"command_id": str(uuid.uuid4()), **fields}
    answer = await face.page.request.fetch(url, method=method, data=body, headers=headers)
    assert answer.ok, await answer.text()
    return await answer.json()


async def a_group_holds_its_own(secretary: Face, artifacts: Path, found: list[str]) -> None:
    """党小组会: what is due names the groups that lack one; one meets, and the other still lacks its own."""
    page, unit, groups = secretary.page, demo_id("综合党支部"), []
    for name, leader in (("第一党小组", "10001"), ("第二党小组", "10002")):
        leads = demo_id(f"member {leader}")
        groups.append(await send(secretary, "POST", f"/units/{unit}/groups", name=name, leader_id=leads))
        await send(secretary, "PATCH", f"/members/{leads}", group_id=groups[-1]["id"])
    # The last row is of this month.
    lacks = control(secretary, "dues").get_by_role("row").filter(has=page.get_by_test_id("due-owing"))

    async def keep(name: str) -> None:
        await page.screenshot(path=artifacts / "screenshots" / f"group-{name}.png")
        found.extend(f"{name}: {each}" for each in await defects(secretary))

    await page.goto(f"{secretary.origin}/manage/dues?kind=group_meeting")
    await expect(lacks.last).to_contain_text("第一党小组")
    await expect(lacks.last).to_contain_text("第二党小组")
    await keep("due")
    await lacks.last.get_by_role("button").click()
    await expect(control(secretary, "form-group")).to_contain_text("第一党小组")
    await control(secretary, "form-title").fill("第一党小组会")
    await keep("form")
    await press(secretary, "form-save")
    await page.wait_for_url(re.compile(r"/manage/lessons/[0-9a-f-]{36}$"))
    lesson = page.url.rsplit("/", 1)[1]
    for step in ("schedule", "open"):
        await confirm(secretary, f"step-{step}")
    await expect(control(secretary, "lesson-state")).to_contain_text("签到中")
    assert (await read(secretary, f"/lessons/{lesson}"))["group"] == {"id": groups[0]["id"], "name": "第一党小组"}
    assert (await read(secretary, f"/lessons/{lesson}/board"))["expected"] == 1  # the group's, not the branch's
    for step in ("start", "end"):
        await confirm(secretary, f"step-{step}")
    await page.goto(f"{secretary.origin}/manage/dues?kind=group_meeting")
    await expect(lacks.last).to_contain_text("第二党小组")
    await expect(lacks.last).not_to_contain_text("第一党小组")
    await keep("held")
