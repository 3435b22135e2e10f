"""A clip from its upload to everybody: seen and heard alone on the phone, paused, and the lecturer back at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE, film
from tests.browser.people import control, enter, press, read
from tests.browser.test_hands import on_the_air

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    """The lecturer's machine, and everybody else."""
    opened = await asyncio.gather(launch(playwright, LECTURER), launch(playwright, VENUE))
    yield opened[0], opened[1]
    await asyncio.gather(*(browser.close() for browser in opened))


async def uploaded(manage: Face, path: Path, artifacts: Path) -> str:
    """Its id, once it is converted. What only has the name of a film is refused in words."""
    await control(manage, "material-kind").select_option("clip")
    field = manage.page.get_by_test_id("upload-file")
    await field.set_input_files({"name": "说明.mp4", "mimeType": "video/mp4", "buffer": b"no film at all"})
    await expect(control(manage, "upload-said")).to_contain_text("这不是视频文件")
    await field.set_input_files(path)
    rows = manage.page.locator("[data-testid^=material-][data-state]")
    await expect(rows).to_have_attribute("data-state", "ready", timeout=90_000)
    await expect(rows).to_contain_text("0:20")
    await rows.scroll_into_view_if_needed()
    await manage.page.screenshot(path=artifacts / "screenshots" / "clip-manage.png")
    return str(await rows.get_attribute("data-testid")).removeprefix("material-")


async def test_a_clip_reaches_everybody_and_the_lecturer_is_back(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path, tmp_path: Path
) -> None:
    id_, desk, console, phone = await on_the_air(browsers, house)
    path = await asyncio.to_thread(film, tmp_path / "消防演示.mp4", VENUE, loops=5)
    manage = await enter(browsers[0], house, "manage", "director", f"/manage/lessons/{id_}")
    clip = await uploaded(manage, path, artifacts)
    await manage.page.close()
    connections = await phone.peers_made()

    await press(console, "clip-open")
    await expect(control(console, f"clip-{clip}")).to_be_checked()
    await console.page.screenshot(path=artifacts / "screenshots" / "clip-choose.png")
    await press(console, "clip-play")
    await phone.sees(VENUE, within=60)
    await phone.hears(VENUE, within=60)
    await expect(control(console, "clip-playing")).to_contain_text("消防演示")
    await console.sees(VENUE, within=60)
    await expect(control(desk, "clip-playing")).to_be_visible()
    for face in (console, desk):
        await face.page.screenshot(path=artifacts / "screenshots" / f"clip-{face.name}.png")

    await press(console, "clip-pause")
    await expect(control(console, "clip-playing")).to_have_attribute("data-paused", "true")
    await phone.hears(within=60)
    late = await Face.beside(phone, "late")
    await late.page.get_by_test_id("phone-start").click()
    await late.shows(VENUE, within=60)
    await press(console, "clip-pause")
    await phone.hears(VENUE, within=60)

    await phone.sees(LECTURER, within=60)
    await phone.hears(LECTURER, within=60)
    await expect(control(console, "clip-open")).to_be_visible()
    assert await phone.peers_made() == connections
    chapters = (await read(console, f"/lessons/{id_}/chapters"))["items"]
    assert [chapter["title"] for chapter in chapters] == ["消防演示"]
