"""A clip from its upload to everybody: seen and heard alone on the phone, paused, and the lecturer back at its end."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.eyes import Face, until
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE, film
from tests.browser.people import control, press, read
from tests.browser.test_hands import on_the_air

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
async def browsers(playwright: Playwright) -> AsyncIterator[tuple[Browser, Browser]]:
    """The lecturer's machine, and everybody else."""
    opened = await asyncio.gather(launch(playwright, LECTURER), launch(playwright, VENUE))
    yield opened[0], opened[1]
    await asyncio.gather(*(browser.close() for browser in opened))


async def uploaded(console: Face, lesson_id: str, path: Path) -> str:
    """Its id, once it is converted."""
    told = f"command_id={uuid.uuid4()}&kind=clip&name=消防演示"
    url = f"{console.origin}/api/v1/lessons/{lesson_id}/materials?{told}"
    headers = {"Origin": console.origin, "Content-Type": "application/octet-stream"}
    body = await asyncio.to_thread(path.read_bytes)
    answer = await console.page.request.post(url, data=body, headers=headers)
    assert answer.ok, await answer.text()
    id_ = (await answer.json())["id"]

    async def look() -> dict[str, Any]:
        return (await read(console, f"/lessons/{lesson_id}/materials"))["items"][0]

    await until(look, lambda one: one["state"] == "ready", 60, "the clip is converted")
    return id_


async def test_a_clip_reaches_everybody_and_the_lecturer_is_back(
    browsers: tuple[Browser, Browser], house: House, artifacts: Path, tmp_path: Path
) -> None:
    id_, desk, console, phone = await on_the_air(browsers, house)
    clip = await uploaded(console, id_, await asyncio.to_thread(film, tmp_path / "film.mp4", VENUE, loops=5))
    connections = await phone.peers_made()

    await press(console, "clip-open")
    await expect(control(console, f"clip-{clip}")).to_be_checked()
    await console.page.screenshot(path=artifacts / "screenshots" / "clip-choose.png")
    await press(console, "clip-play")
    await phone.sees(VENUE, within=20)
    await phone.hears(VENUE, within=20)
    await expect(control(console, "clip-playing")).to_contain_text("消防演示")
    await console.sees(VENUE, within=20)
    await expect(control(desk, "clip-playing")).to_be_visible()
    for face in (console, desk):
        await face.page.screenshot(path=artifacts / "screenshots" / f"clip-{face.name}.png")

    await press(console, "clip-pause")
    await expect(control(console, "clip-playing")).to_have_attribute("data-paused", "true")
    await phone.hears(within=20)
    late = await Face.beside(phone, "late")
    await late.page.get_by_test_id("phone-start").click()
    await late.shows(VENUE, within=20)
    await press(console, "clip-pause")
    await phone.hears(VENUE, within=20)

    await phone.sees(LECTURER, within=60)
    await phone.hears(LECTURER, within=20)
    await expect(control(console, "clip-open")).to_be_visible()
    assert await phone.peers_made() == connections
    chapters = (await read(console, f"/lessons/{id_}/chapters"))["items"]
    assert [chapter["title"] for chapter in chapters] == ["消防演示"]
