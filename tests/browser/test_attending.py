"""What a lesson asks of its people and what becomes of it: told, excused, asked whether they are there, corrected by
two, and summed over many lessons. One running server; a random check's minute passes beside the rest.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from server.services.demo import ROOT, demo_id
from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import VENUE
from tests.browser.people import PHONE, control, enter, press, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

CORRECTED = "member 10005"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[House]:
    running = House.open(tmp_path_factory.mktemp("house"), CORRECTIONS_BY_TWO="on")
    try:
        yield running
    finally:
        running.close(artifacts / "server-test_attending.log")


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


@dataclass
class Scene:
    """One lesson, and who is at which face."""

    house: House
    folder: Path
    lesson: str
    admin: Face
    found: list[str] = field(default_factory=list)

    async def keep(self, face: Face, name: str, *, dark: bool = False) -> None:
        """A picture, and what a careful reviewer finds; dark as well."""
        width = (face.page.viewport_size or {"width": 0})["width"]
        for look in ("light", "dark") if dark else ("light",):
            await face.page.emulate_media(color_scheme=look)
            self.found += [f"{name}, {look}: {each}" for each in await defects(face)]
            await face.page.screenshot(path=self.folder / f"attending-{name}-{look}-{width}.png")
        await face.page.emulate_media(color_scheme="light")

    async def at(self, face: Face, path: str) -> None:
        await face.page.goto(f"{self.house.origin}{path}")

    async def move(self, *events: str, lesson: str = "") -> None:
        for event in events:
            await ask(self.admin, f"/lessons/{lesson or self.lesson}/transitions", event=event)


async def ask(face: Face, path: str, **body: Any) -> dict[str, Any]:
    answer = await post(face, path, **body)
    assert answer.ok, await answer.text()
    return await answer.json()


async def post(face: Face, path: str, **body: Any) -> Any:
    sent = {"command_id": str(uuid.uuid4()), **body}
    return await face.page.request.post(f"{face.origin}/api/v1{path}", data=sent, headers={"Origin": face.origin})


def person(name: str) -> str:
    return demo_id(name)


async def told(scene: Scene, member: Face) -> None:
    """In the portal's inbox; whom nothing reached stands on the lesson's page, with numbers only when asked for."""
    await expect(control(member, "inbox-card").get_by_test_id("letter-hour")).to_be_visible(timeout=60_000)
    await press(member, "to-inbox")
    await expect(control(member, "letter-hour")).to_have_attribute("data-read", "false")
    await scene.keep(member, "inbox", dark=True)
    await press(member, "read-all")
    await expect(control(member, "letter-hour")).to_have_attribute("data-read", "true")

    asked: list[str] = []
    scene.admin.page.on("request", lambda request: asked.append(request.url))
    await scene.at(scene.admin, f"/manage/lessons/{scene.lesson}/notices")
    await expect(control(scene.admin, "wave-hour")).to_have_attribute("data-made", "true")
    await expect(control(scene.admin, "calls-show")).to_be_visible()
    assert not [url for url in asked if url.endswith("/call-list")]
    await press(scene.admin, "calls-show")
    await expect(control(scene.admin, f"call-{person('member 10002')}")).to_contain_text("13800010002")
    await expect(scene.admin.page.get_by_test_id(f"call-{person('member 10001')}")).to_have_count(0)
    await scene.keep(scene.admin, "notices", dark=True)


async def excused(scene: Scene, secretary: Face, granted: Face, refused: Face) -> None:
    """Asked on the phone, decided by the secretary on hers, with an answer that both read."""
    for member, reason in ((granted, "外地出差"), (refused, "有事")):
        await scene.at(member, f"/m/{scene.lesson}")
        await press(member, "leave-ask")
        await control(member, "leave-reason").fill(reason)
        if member is granted:
            await scene.keep(member, "leave-form", dark=True)
        await press(member, "leave-send")
        await expect(control(member, "leave")).to_have_attribute("data-state", "asked")
    await scene.at(secretary, f"/manage/lessons/{scene.lesson}/roster?view=leave")
    mine = control(secretary, f"leave-{person('member 10001')}")
    await mine.get_by_test_id("leave-approve").click()
    await press(secretary, "leave-confirm")
    await expect(mine).to_have_attribute("data-state", "approved")
    other = control(secretary, f"leave-{person('member 10002')}")
    await other.get_by_test_id("leave-refuse").click()
    await press(secretary, "leave-confirm")
    await expect(control(secretary, "leave-form")).to_contain_text("请填写答复")
    await control(secretary, "leave-words").fill("请按时参加")
    await scene.keep(secretary, "leave-refuse", dark=True)
    await press(secretary, "leave-confirm")
    await expect(other).to_have_attribute("data-state", "refused")
    await scene.keep(secretary, "leaves", dark=True)
    await expect(control(granted, "leave")).to_have_attribute("data-state", "approved")
    await expect(control(refused, "leave")).to_contain_text("请按时参加")
    await scene.keep(refused, "leave-refused", dark=True)

    await scene.at(secretary, f"/branch/{scene.lesson}")
    await expect(control(secretary, "missing-10002")).to_be_visible()
    await expect(secretary.page.get_by_test_id("missing-10001")).to_have_count(0)
    await scene.keep(secretary, "missing", dark=True)


async def asked_whether_there(scene: Scene, answering: Face, silent: Face) -> None:
    """Both are asked at once, one answers by keyboard: the sheet says what it is to who hears it only."""
    await scene.at(answering, f"/m/{scene.lesson}")
    for step in ("action", "way-phone", "away-yes", "signed-in-close"):
        await press(answering, step)
    await expect(control(answering, "status-strip")).to_have_attribute("data-standing", "signed-in")
    await ask(silent, f"/lessons/{scene.lesson}/sign-in", way="phone")
    await scene.at(silent, f"/m/{scene.lesson}")
    await scene.move("start")
    await asyncio.to_thread(draw_now, scene.house, scene.lesson)
    for member in (answering, silent):
        sheet = member.page.get_by_role("dialog", name="随机确认")
        await expect(sheet).to_be_visible(timeout=60_000)
        await expect(sheet.get_by_role("alert")).to_contain_text("您在听课吗")
    await scene.keep(answering, "check", dark=True)
    await answering.page.keyboard.press("Shift+Tab")
    await expect(answering.page.get_by_role("button", name="我在听课")).to_be_focused()
    await answering.page.keyboard.press("Enter")
    await expect(control(answering, "presence-check")).to_have_attribute("data-state", "sent")


def draw_now(house: House, lesson_id: str) -> None:
    """The moment that was drawn is minutes away: it comes at once."""
    amend(house, lesson_id, "due_at = (SELECT live_at FROM lessons WHERE id = :lesson)")


def amend(house: House, lesson_id: str, what: str) -> None:
    """The lesson's check, in the record."""
    with sqlite3.connect(house.folder / "data" / "dangxiao.sqlite3", timeout=20) as record:
        record.execute(f"UPDATE presence_checks SET {what} WHERE lesson_id = :lesson", {"lesson": lesson_id})
    record.close()


async def hurried(scene: Scene, silent: Face) -> None:
    """A third of the minute is enough to wait for. A page that comes back within it asks again, with what is left."""
    sooner = "strftime('%Y-%m-%d %H:%M:%f', 'now', '+20 seconds') || '000'"
    await asyncio.to_thread(amend, scene.house, scene.lesson, f"deadline_at = {sooner}")
    await silent.page.reload()
    await expect(control(silent, "presence-check")).to_have_attribute("data-state", "asking", timeout=60_000)


async def corrected_by_two(scene: Scene, secretary: Face) -> None:
    """Proposed by the secretary, who cannot confirm it; confirmed by somebody else."""
    await scene.at(secretary, f"/manage/lessons/{scene.lesson}/roster?q=10005")
    await press(secretary, f"correct-{person(CORRECTED)}")
    await control(secretary, "correction-standing").select_option("present")
    await control(secretary, "correction-reason").fill("本人在场，手机没电")
    await scene.keep(secretary, "correction-form", dark=True)
    await press(secretary, "correction-save")
    await press(secretary, "view-corrections")
    await expect(control(secretary, "correction-1")).to_have_attribute("data-state", "waiting")
    await expect(secretary.page.get_by_test_id("correction-approve")).to_have_count(0)
    waiting = (await read(secretary, f"/lessons/{scene.lesson}/corrections"))["items"][0]
    own = await post(secretary, f"/corrections/{waiting['id']}/decision", approve=True, answer="属实")
    problem = await own.json()
    assert (own.status, problem["code"]) == (403, "correction_own")
    assert "另一" in problem["title"] + problem["detail"]

    await scene.at(scene.admin, f"/manage/lessons/{scene.lesson}/roster?view=corrections")
    await press(scene.admin, "correction-approve")
    await scene.keep(scene.admin, "correction-second", dark=True)
    await press(scene.admin, "correction-save")
    await expect(control(scene.admin, "correction-1")).to_have_attribute("data-state", "holds")
    await scene.keep(scene.admin, "corrections", dark=True)


async def summed(scene: Scene) -> None:
    """Three lessons that were settled: filtered in the address, drawn, and loaded down."""
    admin = scene.admin
    for number, standing in ((1, 12), (2, 5)):
        lesson = await settled_lesson(scene, f"安全知识学习第{number}次", standing)
        assert lesson
    await scene.at(admin, "/manage/attendance")
    await expect(control(admin, "attendance-counted")).to_contain_text("2")
    await press(admin, "attendance-by-lesson")
    await admin.page.wait_for_url(re.compile("by=lesson"))
    await expect(control(admin, "attendance-report").locator("tbody tr")).to_have_count(2)
    await press(admin, "attendance-by-unit")
    await press(admin, "attendance-charts")
    await expect(control(admin, "attendance-pictures").locator("canvas")).to_have_count(2)
    await scene.keep(admin, "attendance", dark=True)
    await control(admin, "attendance-until").fill("2020-01-01")
    await control(admin, "attendance-until").blur()
    await admin.page.wait_for_url(re.compile("until=2020-01-01"))
    await expect(admin.page.get_by_test_id("attendance-report")).to_have_count(0)
    await admin.page.go_back()
    await scene.at(admin, f"/manage/attendance?by=member&unit={person('综合党支部')}")
    await expect(control(admin, "attendance-report").locator("tbody tr")).to_have_count(20)
    async with admin.page.expect_download() as expected:
        await press(admin, "attendance-xlsx")
    path = await (await expected.value).path()
    assert (await asyncio.to_thread(Path(path).read_bytes)).startswith(b"PK")


async def settled_lesson(scene: Scene, title: str, came: int) -> str:
    now = dt.datetime.now(dt.UTC)
    plan = {
        "title": title,
        "unit_id": person(ROOT),
        "starts_at": now.isoformat(),
        "ends_at": (now + dt.timedelta(hours=1)).isoformat(),
        "media": False,
        "credit_hundredths": 100,
        "venues": [{"venue_id": person("第一分会场"), "part": "branch"}],
    }
    lesson = str((await ask(scene.admin, "/lessons", **plan))["id"])
    await scene.move("schedule", "open", lesson=lesson)
    for number in range(came):
        helped = {"member_id": person(f"member {10001 + number * 7}"), "reason": "现场登记"}
        await ask(scene.admin, f"/lessons/{lesson}/assisted-sign-ins", **helped)
    await scene.move("start", "end", "settle", lesson=lesson)
    return lesson


async def test_who_is_told_excused_asked_and_corrected_and_what_it_sums_up_to(
    house: House, browser: Browser, artifacts: Path
) -> None:
    admin = await enter(browser, house, "admin", "admin", "/")
    lesson = (await read(admin, "/lessons"))["items"][0]["id"]
    scene = Scene(house, artifacts / "screenshots", lesson, admin)
    rule = {"name": "随机确认一次", "since": "2026-01-01", "least_present_percent": 80, "checks": 1}
    await ask(admin, "/credit-rules", unit_id=person(ROOT), **rule)
    people = {"secretary": "secretary", "granted": "10001", "refused": "10002", "there": "10003", "silent": "10004"}
    entering = (enter(browser, house, name, number, "/", **PHONE) for name, number in people.items())
    secretary, granted, refused, there, silent = await asyncio.gather(*entering)

    await told(scene, granted)
    await scene.move("open")
    await asked_whether_there(scene, there, silent)
    await hurried(scene, silent)
    await excused(scene, secretary, granted, refused)
    await corrected_by_two(scene, secretary)
    await summed(scene)
    await expect(control(silent, "presence-check")).to_have_attribute("data-state", "over", timeout=75_000)
    await scene.keep(silent, "check-over", dark=True)

    async def look() -> dict[str, Any]:
        return (await read(admin, f"/lessons/{lesson}/checks"))["items"][0]

    closed = await until(look, lambda check: check["closed"], 15, "the check is closed")
    assert closed["answered"] == 1
    mine = [(await read(face, f"/lessons/{lesson}/checks"))["items"][0]["confirmed"] for face in (there, silent)]
    assert mine == [True, False]
    assert_flawless(scene.found)
