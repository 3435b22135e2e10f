"""``script/bench archive``, its replay in a browser: from the click on a recording to its first picture."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench_first_frame import PAGE as PUBLISHING
from playwright.async_api import Browser, Page, async_playwright

from server.services.demo import PASSWORD
from tests.browser.chromium import FAKE_DEVICES, QUIET, executable
from tests.browser.eyes import until
from tests.browser.house import House

MEMBER = "10021"
PATIENCE_MS = 60_000
WATCHING = """
    // From the click that comes next to the first picture that is drawn after it.
    window.awaitPicture = () => {
      window.pictured = new Promise((done) => {
        document.addEventListener('click', (click) => {
          const look = () => {
            const camera = document.querySelector('[data-testid=replay-camera]');
            if (!camera) return requestAnimationFrame(look);
            camera.requestVideoFrameCallback(() => done(performance.now() - click.timeStamp));
          };
          look();
        }, { capture: true, once: true });
      });
    };
"""


def measure(folder: Path | None, rounds: int, seconds: float) -> dict[str, Any]:
    """``replay_start_s``: from the click on a recording's line in the portal to its first picture, the middle of
    ``rounds``, each with nothing kept in the browser; ``replay_play_s``: from the click on play to the next picture.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        house = House.open(Path(name))
        try:
            return asyncio.run(_measure(house, rounds, seconds))
        finally:
            house.close()


async def _measure(house: House, rounds: int, seconds: float) -> dict[str, Any]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=[*QUIET, *FAKE_DEVICES])
        try:
            recording = await _recorded(browser, house, seconds)
            taken = [await _opened(browser, house, recording) for _ in range(rounds)]
        finally:
            await browser.close()
    opened, played = zip(*taken, strict=True)
    return {
        "replay_start_s": round(statistics.median(opened) / 1000, 3),
        "replay_start_max_s": round(max(opened) / 1000, 3),
        "replay_play_s": round(statistics.median(played) / 1000, 3),
        "replay_rounds": rounds,
    }


async def _page(browser: Browser, house: House, number: str) -> Page:
    """Logged in, in a profile of its own."""
    context = await browser.new_context(ignore_https_errors=True, permissions=["camera", "microphone"])
    page = await context.new_page()
    await page.add_init_script(PUBLISHING.read_text(encoding="utf-8") + WATCHING)
    await page.goto(f"{house.origin}/login")
    await page.evaluate("([number, password]) => enter(number, password)", [number, PASSWORD])
    return page


async def _recorded(browser: Browser, house: House, seconds: float) -> str:
    """The demonstration lesson with so much of a fake camera, ended. Its recording."""
    desk = await _page(browser, house, "lecturer")
    lesson = (await desk.evaluate("api('GET', '/lessons?state=scheduled')"))["items"][0]["id"]
    for event in ("open", "start"):
        await desk.evaluate("([lesson, event]) => step(lesson, event)", [lesson, event])
    await desk.evaluate("lesson => publish(lesson)", lesson)

    async def stage() -> Any:
        return (await desk.evaluate(f"api('GET', '/lessons/{lesson}/stage')"))["recording"]

    await until(stage, lambda one: one["duration_ms"] > seconds * 1000, 60 + seconds, "enough is recorded")
    await desk.evaluate("lesson => step(lesson, 'end')", lesson)
    listed = await desk.evaluate(f"api('GET', '/recordings?lesson_id={lesson}')")
    await desk.context.close()
    return str(listed["items"][0]["id"])


async def _opened(browser: Browser, house: House, recording: str) -> tuple[float, float]:
    """Milliseconds to the first picture, and from play to the next one."""
    page = await _page(browser, house, MEMBER)
    await page.goto(f"{house.origin}/")
    line = page.locator(f'a[href="/manage/recordings/{recording}"]').first
    await line.wait_for(timeout=PATIENCE_MS)
    await page.evaluate("awaitPicture()")
    await line.click()
    opened = await page.evaluate("pictured")
    await page.evaluate("awaitPicture()")
    await page.get_by_test_id("replay-play").click()
    played = await page.evaluate("pictured")
    await page.context.close()
    return float(opened), float(played)
