"""A venue's PC from the box to the first sign-in at its screen: paired by a code, a kiosk by keys alone, revoked."""

from __future__ import annotations

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
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def command(face: Face, path: str, **fields: Any) -> None:
    body = {"command_id": str(uuid.uuid4()), **fields}
    answer = await face.page.request.post(f"{face.origin}/api/v1{path}", data=body, headers={"Origin": face.origin})
    assert answer.ok, await answer.text()


async def test_a_new_pc_becomes_a_venues_screen_and_signs_in_who_has_no_phone(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        await face.page.screenshot(path=artifacts / "screenshots" / f"venues-{name}.png")
        asked_who = "/api/v1/session"  # nobody is logged in on a new PC: the answer is 401
        found.extend(f"{name}: {each}" for each in await defects(face) if asked_who not in each)

    context = await browser.new_context(
        ignore_https_errors=True,
        locale="zh-CN",
        reduced_motion="reduce",
        permissions=["camera", "microphone"],
        **BIG_SCREEN,
    )
    pc = await Face.open("pc", context, house.origin, "/venue")
    code = await control(pc, "pairing-code").inner_text()
    await keep(pc, "pairing")

    admin = await enter(browser, house, "admin", "admin", "/manage/venues")
    await press(admin, f"venue-{demo_id('第一分会场')}")
    await press(admin, "pair-device")
    await control(admin, "pair-code").fill(code.lower())
    await control(admin, "pair-name").fill("讲台电脑")
    await press(admin, "pair-save")
    await expect(control(admin, "pair-found")).to_contain_text("Chrome")  # which screen it is, before it is paired
    await keep(admin, "pair-found")
    await press(admin, "pair-save")
    await expect(control(admin, "venue-devices")).to_contain_text("讲台电脑")
    await expect(control(pc, "venue-home")).to_contain_text("第一分会场")
    await keep(admin, "devices")
    await keep(pc, "home")

    (lesson, *_) = (await read(admin, "/lessons"))["items"]
    await command(admin, f"/lessons/{lesson['id']}/transitions", event="open")
    await press(pc, "venue-enter")
    await press(pc, "venue-start")
    await expect(control(pc, "key-5")).to_be_visible()
    await expect(pc.page.get_by_test_id("key-8")).to_have_count(0)  # a screen does not turn itself

    # By keys alone, as from a remote: typed, found, chosen, confirmed.
    keys = pc.page.keyboard
    kiosk = {
        "lesson_venue_id": next(one["id"] for one in lesson["venues"] if one["venue"]["id"] == demo_id("第一分会场"))
    }
    await command(admin, f"/lessons/{lesson['id']}/kiosk", on=True, **kiosk)
    await expect(control(pc, "kiosk")).to_have_attribute("data-step", "type")
    await keys.type("10061")
    await expect(control(pc, "kiosk-typed")).to_have_text("10061")
    await keep(pc, "kiosk-type")
    await keys.press("Enter")
    await expect(control(pc, "kiosk")).to_have_attribute("data-step", "choose")
    await expect(control(pc, "kiosk")).not_to_contain_text("学员丁01")
    await keep(pc, "kiosk-choose")
    await keys.press("Enter")
    await expect(control(pc, "kiosk")).to_contain_text("您是 学员丁01 吗？")
    await keep(pc, "kiosk-ask")
    await keys.press("Enter")
    await expect(control(pc, "kiosk-done")).to_contain_text("学员丁01，已签到")
    await keep(pc, "kiosk-done")
    (signed,) = (await read(admin, f"/lessons/{lesson['id']}/roster?state=present"))["items"]
    assert (signed["number"], signed["sign_in"]["way"]) == ("10061", "kiosk")
    await keys.press("Enter")
    await expect(pc.page.get_by_test_id("kiosk-leave")).to_have_count(0)
    await keys.press("Escape")
    await expect(control(pc, "kiosk")).to_have_attribute("data-step", "type")
    await command(admin, f"/lessons/{lesson['id']}/kiosk", on=False, **kiosk)
    await expect(pc.page.get_by_test_id("kiosk")).to_have_count(0, timeout=60_000)

    # Taken away: its screen is nobody's again.
    (device,) = (await read(admin, f"/venues/{demo_id('第一分会场')}/devices"))["items"]
    await press(admin, f"revoke-{device['id']}")
    await press(admin, "confirm-yes")
    await expect(control(admin, f"device-{device['id']}")).to_have_attribute("data-state", "revoked")
    await expect(control(pc, "pairing-code")).to_be_visible(timeout=60_000)
    assert_flawless(found)


async def test_a_person_operates_a_room_from_the_day_of_its_assignment_to_its_end(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str) -> None:
        await face.page.screenshot(path=artifacts / "screenshots" / f"operators-{name}.png")
        found.extend(f"{name}: {each}" for each in await defects(face))

    admin = await enter(browser, house, "admin", "admin", f"/manage/venues/{demo_id('第一分会场')}")
    await press(admin, "assign-operator")
    await control(admin, "operator-words").fill("10001")
    await press(admin, "choose-10001")
    await keep(admin, "assign")
    await press(admin, "operator-save")
    await expect(control(admin, "operator-10001")).to_have_attribute("data-state", "current")
    await keep(admin, "assigned")

    (lesson, *_) = (await read(admin, "/lessons"))["items"]
    if lesson["state"] == "scheduled":
        await command(admin, f"/lessons/{lesson['id']}/transitions", event="open")
    operator = await enter(browser, house, "operator", "10001", "/", **PHONE)
    await expect(control(operator, "my-rooms")).to_contain_text("第一分会场")
    await keep(operator, "portal")
    await press(operator, "to-room")
    await press(operator, "assist-10064")
    await press(operator, "person-confirm")
    await expect(operator.page.get_by_test_id("missing-10064")).to_have_count(0)
    await takes_in_who_came_unlisted(operator, keep)
    await press(operator, "room-kiosk")
    await expect(control(operator, "room-kiosk")).to_have_text("关闭")
    await command(admin, f"/lessons/{lesson['id']}/roll-calls")
    await press(operator, "room-answer")
    await expect(operator.page.get_by_test_id("room-called")).to_have_count(0)
    await keep(operator, "room")
    signed = (await read(admin, f"/lessons/{lesson['id']}/roster?state=present&venue={await place(admin)}"))["items"]
    assert {"10064": "assisted", "10010": "assisted"}.items() <= {
        one["number"]: one["sign_in"]["way"] for one in signed
    }.items()

    # The branch's secretary turns the same kiosk off, and ends the assignment where it was made.
    grant = {"role": "secretary", "unit_id": demo_id("一车间党支部")}
    security = await enter(browser, house, "security", "secadmin", "/")
    await command(security, f"/accounts/{demo_id('10062')}/roles", **grant)
    secretary = await enter(browser, house, "secretary", "10062", f"/branch/{lesson['id']}", **PHONE)
    await press(secretary, "kiosk-第一分会场")
    await expect(control(secretary, "kiosk-第一分会场")).to_have_attribute("aria-pressed", "false")
    # Each sees what the other turned: the operator that it is off, the secretary that it is on again.
    await expect(control(operator, "room-kiosk")).to_have_text("开启", timeout=60_000)
    await press(operator, "room-kiosk")
    await expect(control(secretary, "kiosk-第一分会场")).to_have_attribute("aria-pressed", "true", timeout=60_000)
    await keep(secretary, "branch")
    await press(admin, "end-10001")
    await press(admin, "operator-end-confirm")
    await expect(admin.page.get_by_test_id("operator-10001")).to_have_count(0)
    await expect(control(operator, "room-page")).to_contain_text("您今天不是本会场的操作员", timeout=60_000)
    assert_flawless(found)


async def takes_in_who_came_unlisted(operator: Face, keep: Any) -> None:
    """Who is expected elsewhere is found by number, entered with a reason, and marked when it was a mistake."""
    await press(operator, "walkin-open")
    await control(operator, "walkin-typed").fill("1001")  # a part of a number finds nobody
    await press(operator, "walkin-search")
    await expect(control(operator, "walkin-nobody")).to_be_visible()
    await control(operator, "walkin-typed").fill("10010")
    await press(operator, "walkin-search")
    await expect(control(operator, "walkin-10010")).to_contain_text("安排在“主会场”")
    await keep(operator, "walk-in-found")
    await press(operator, "walkin-10010")
    await press(operator, "walkin-confirm")
    await expect(control(operator, "walkin-take")).to_contain_text("请填写原因")
    await control(operator, "walkin-reason").fill("出差，就近参加")
    await keep(operator, "walk-in-reason")
    await press(operator, "walkin-confirm")
    await expect(control(operator, "walked-in-10010")).to_contain_text("出差，就近参加")
    for marked in ("撤销离场", "标记离场"):
        await press(operator, "walkin-mark-10010")
        await press(operator, "person-confirm")
        await expect(control(operator, "walkin-mark-10010")).to_have_text(marked)
    await control(operator, "room-walkins").scroll_into_view_if_needed()
    await keep(operator, "walk-ins")


async def place(face: Face) -> str:
    """The part of the first sub-venue in the lesson."""
    (lesson, *_) = (await read(face, "/lessons"))["items"]
    return next(one["id"] for one in lesson["venues"] if one["venue"]["id"] == demo_id("第一分会场"))
