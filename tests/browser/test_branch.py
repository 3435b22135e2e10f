"""A secretary's lesson: places chosen and changed, who is missing called and helped; then the sheet, superseded."""

from __future__ import annotations

import asyncio
import io
import re
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, Route, expect

from server.services.demo import demo_id
from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.inspection import assert_flawless, defects
from tests.browser.media import VENUE
from tests.browser.people import PHONE, control, enter, press, read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture
async def browser(playwright: Playwright) -> Any:
    opened = await launch(playwright, VENUE)
    yield opened
    await opened.close()


async def ask(face: Face, path: str, **body: Any) -> dict[str, Any]:
    sent = {"command_id": str(uuid.uuid4()), **body}
    answer = await face.page.request.post(f"{face.origin}/api/v1{path}", data=sent, headers={"Origin": face.origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def loaded(face: Face, name: str) -> bytes:
    async with face.page.expect_download() as expected:
        await press(face, name)
    path = await (await expected.value).path()
    return await asyncio.to_thread(Path(path).read_bytes)


async def test_from_who_is_missing_to_a_sheet_that_is_superseded(
    house: House, browser: Browser, artifacts: Path
) -> None:
    found: list[str] = []

    async def keep(face: Face, name: str, full: bool = True) -> None:
        width = (face.page.viewport_size or {"width": 0})["width"]
        await face.page.screenshot(path=artifacts / "screenshots" / f"branch-{name}-{width}.png", full_page=full)
        found.extend(f"{name}: {each}" for each in await defects(face))

    admin = await enter(browser, house, "admin", "admin", "/")
    lesson = (await read(admin, "/lessons"))["items"][0]["id"]

    # Until it opens a member chooses the own place, on the page of the lesson.
    chooser = await enter(browser, house, "chooser", "10007", f"/m/{lesson}", **PHONE)
    await expect(control(chooser, "place-name")).to_have_text("主会场")
    await press(chooser, "place-choose")
    await control(chooser, "place-phone").check()
    await keep(chooser, "place", full=False)
    await press(chooser, "place-save")
    await expect(control(chooser, "place-name")).to_have_text("手机参加")
    await keep(chooser, "placed", full=False)
    await ask(admin, f"/lessons/{lesson}/transitions", event="open")

    # On the phone, from the portal: a number is shown when it is tapped; one is on leave, one is helped.
    phone = await enter(browser, house, "secretary", "secretary", "/", **PHONE)
    await press(phone, "door-roster")
    await expect(control(phone, "view-missing")).to_contain_text("20")
    await expect(control(phone, "show-10001")).to_contain_text("138****0001")
    await press(phone, "show-10001")
    await expect(control(phone, "call-10001")).to_have_attribute("href", "tel:13800010001")
    await press(phone, "tell-10002")
    await control(phone, "leave-words").fill("出差")
    await press(phone, "leave-confirm")
    await expect(control(phone, "missing-10007")).to_contain_text("手机")
    await press(phone, "place-10007")
    await control(phone, "place-to").select_option(label="主会场")
    await control(phone, "place-reason").fill("临时到厂区")
    await keep(phone, "place-change", full=False)
    await press(phone, "place-confirm")
    await expect(control(phone, "missing-10007")).to_contain_text("主会场")
    await press(phone, "assist-10003")
    await control(phone, "assist-reason").fill("没有智能手机")
    await press(phone, "person-confirm")
    await expect(control(phone, "missing").get_by_role("listitem")).to_have_count(18)
    # Somebody signs in by herself and leaves the list without a touch.
    member = await enter(browser, house, "member", "10004", "/", **PHONE)
    await ask(member, f"/lessons/{lesson}/sign-in", way="phone")
    await expect(control(phone, "missing-10004")).to_have_count(0, timeout=60_000)
    await keep(phone, "missing", full=False)

    # After the end the sheet is confirmed, with a reason for who was absent.
    for event in ("start", "end"):
        await ask(admin, f"/lessons/{lesson}/transitions", event=event)
    desk = await enter(browser, house, "secretary", "secretary", "/")
    await expect(control(desk, "portal-sheets")).to_be_visible()
    await desk.page.goto(f"{house.origin}/branch/{lesson}")
    await control(desk, "reason-10005").fill("值班")
    await keep(desk, "draft")
    await press(desk, "sheet-confirm")
    await press(desk, "sheet-sure")
    await expect(control(desk, "sheet-stand")).to_contain_text("第 1 版已确认")
    assert (await loaded(desk, "file-1-pdf")).startswith(b"%PDF-")

    # A correction afterwards: a second version, with its reason; the first one stays, marked.
    someone = demo_id("member 10006")
    await ask(admin, f"/lessons/{lesson}/corrections", member_id=someone, standing="present", reason="本人在场")
    await desk.page.reload()
    await expect(control(desk, "sheet-stand")).to_contain_text("与第 1 版不一致")
    await press(desk, "sheet-confirm")
    await keep(desk, "again", full=False)
    await control(desk, "sheet-why").fill("补录一人")
    await press(desk, "sheet-sure")
    await expect(control(desk, "version-1")).to_contain_text("已被第 2 版取代")
    await press(desk, "verify-2")
    await expect(control(desk, "version-2")).to_contain_text("摘要一致")
    assert (await loaded(desk, "file-2-xlsx")).startswith(b"PK")
    await keep(desk, "superseded")
    await desk.page.emulate_media(color_scheme="dark")
    await desk.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await keep(desk, "dark")
    await phone.page.reload()
    await expect(control(phone, "sheet-stand")).to_contain_text("第 2 版已确认")
    await keep(phone, "sheet")

    # The school takes the sheets of all units along, as one archive that is made meanwhile.
    await admin.page.goto(f"{house.origin}/branch/{lesson}")
    await press(admin, "view-sheet")
    await press(admin, "bundle-xlsx")
    await expect(control(admin, "bundle-file")).to_be_visible(timeout=60_000)
    with zipfile.ZipFile(io.BytesIO(await loaded(admin, "bundle-file"))) as archive:
        assert "第 2 版已确认" in archive.read("000-目录.csv").decode("utf-8-sig")
    await control(admin, "sheet-bundles").scroll_into_view_if_needed()
    await keep(admin, "bundle", full=False)
    await stops_a_bundle_that_takes_long(admin, keep)
    assert_flawless(found)


async def stops_a_bundle_that_takes_long(admin: Face, keep: Any) -> None:
    """The file of a small school is made before anybody presses: here the answers say that it is not."""
    state = "running"

    async def slowed(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        body["items"][0] |= {"state": state, "progress": 40, "expires_at": None, "bytes": 0}
        await route.fulfill(response=answer, json=body)

    async def stopped(route: Route) -> None:
        nonlocal state
        state = "cancelled"
        await route.fulfill(status=200, json={})

    await admin.page.route(re.compile("/sheets/[^/]+/bundles$"), slowed)
    await admin.page.route(re.compile("/sheet-bundles/[^/]+/cancel$"), stopped)
    await admin.page.reload()
    await expect(control(admin, "bundle-going")).to_contain_text("40")
    await keep(admin, "bundle-going", full=False)
    await press(admin, "bundle-stop")
    await expect(admin.page.get_by_test_id("bundle-going")).to_have_count(0)
    await expect(admin.page.get_by_test_id("bundle-file")).to_have_count(0)
    await expect(control(admin, "bundle-pdf")).to_be_enabled()
    await keep(admin, "bundle-stopped", full=False)
