"""The people of a lesson at their faces: what each of them clicks, in one place."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Browser, Locator, expect

from server.services.demo import PASSWORD
from tests.browser.eyes import Face, until
from tests.browser.house import House

Sizes = dict[str, Any]

PHONE: Sizes = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
DESK: Sizes = {"viewport": {"width": 1440, "height": 900}}
BIG_SCREEN: Sizes = {"viewport": {"width": 1920, "height": 1080}}


async def enter(browser: Browser, house: House, name: str, number: str, path: str, **context: Any) -> Face:
    """Log in with the form and arrive at ``path``."""
    options = {"ignore_https_errors": True, "locale": "zh-CN", "reduced_motion": "reduce", **DESK, **context}
    face = await Face.open(name, await browser.new_context(**options), house.origin, f"/login?next={path}")
    await face.page.get_by_test_id("login-number").fill(number)
    await face.page.get_by_test_id("login-password").fill(PASSWORD)
    await face.page.get_by_test_id("login-enter").click()
    await face.page.wait_for_url(lambda url: "/login" not in url)
    return face


def control(face: Face, name: str) -> Locator:
    """The one visible thing on the page with this test id."""
    return face.page.get_by_test_id(name).filter(visible=True)


async def press(face: Face, name: str) -> None:
    await control(face, name).click()


async def confirm(face: Face, name: str) -> None:
    """Press, and say yes to the question."""
    await press(face, name)
    await press(face, "confirm-yes")


async def hold(face: Face, name: str) -> None:
    """Press until it has acted: the control itself goes away then."""
    await control(face, name).hover()
    await face.page.mouse.down()
    await expect(face.page.get_by_test_id(name)).to_have_count(0, timeout=60_000)
    await face.page.mouse.up()


async def take(console: Face, source: str) -> None:
    """Preview by the tile, then put it on the air."""
    await control(console, f"tile-{source}").get_by_role("button", name=re.compile("预览")).click()
    await press(console, "take")


async def read(face: Face, path: str) -> dict[str, Any]:
    """The REST answer as this person gets it."""
    answer = await face.page.request.get(f"{face.origin}/api/v1{path}")
    assert answer.ok, f"{answer.status} {path}: {await answer.text()}"
    return await answer.json()


async def state(face: Face, lesson_id: str, wanted: str, within: float = 60) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        return await read(face, f"/lessons/{lesson_id}")

    return await until(look, lambda lesson: lesson["state"] == wanted, within, f"the lesson is {wanted}")


async def publishing(face: Face, within_ms: int = 60_000) -> None:
    """Until this face's own picture reaches the server."""
    await expect(control(face, "publish-state")).to_have_attribute("data-link", "up", timeout=within_ms)


async def on_line(face: Face, route: str, within_ms: int = 60_000) -> None:
    """Until the phone's strip says which way its picture comes: ``webrtc`` or ``hls``."""
    await expect(control(face, "status-strip")).to_have_attribute("data-route", re.compile(route), timeout=within_ms)


async def create_lesson(admin: Face, title: str, *, main: str, branches: tuple[str, ...]) -> str:
    """From the list of lessons: fill in the form, then schedule and open. Returns the lesson's id."""
    page = admin.page
    await press(admin, "new-lesson")
    await control(admin, "form-title").fill(title)
    await choose(admin, "讲师", "讲师")
    await choose(admin, "主会场", main)
    await choose(admin, "分会场", *branches)
    await press(admin, "form-save")
    await page.wait_for_url(re.compile(r"/manage/lessons/[0-9a-f-]{36}$"))
    for step in ("schedule", "open"):
        await confirm(admin, f"step-{step}")
    await expect(control(admin, "lesson-state")).to_contain_text("签到中")
    return page.url.rsplit("/", 1)[1]


async def choose(admin: Face, field: str, *options: str) -> None:
    """Pick from a drop-down of the form."""
    box = admin.page.get_by_role("combobox", name=field, exact=True)
    await admin.page.locator(".el-select__wrapper").filter(has=box).click()  # its placeholder lies over the box
    for option in options:
        await admin.page.get_by_role("option", name=option, exact=True).filter(visible=True).click()
    await admin.page.keyboard.press("Escape")
