"""``script/bench cut``: from the director's word to slate and silence, and back, in real browsers.

Starts the whole server, a Chromium that publishes a fake 720p camera, and three viewers: a page that only receives
(its last packet of sound tells when the server stopped), a phone on WebRTC and a phone on the steady line (HLS). Cuts
and lifts again and again. ``cut_*`` and ``back_*`` run from when the command is sent; ``cut_answer_*``: until the
director's page has its answer. A cover counts when the slate is on the page and nothing sounds; a picture is back when
a frame of the camera's size is drawn without the slate; ``hls_still_afterwards``: how long the steady line's picture
stood still in the twelve seconds after it was back.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from playwright.async_api import Browser, Page, async_playwright  # noqa: E402 - after the path of the checkout

from server.services.demo import PASSWORD  # noqa: E402
from tests.browser.chromium import FAKE_DEVICES, QUIET, executable  # noqa: E402
from tests.browser.house import House  # noqa: E402
from tests.browser.people import PHONE  # noqa: E402

PAGE = Path(__file__).with_suffix(".js")
COMMON = PAGE.with_name("bench_first_frame.js")
LINES = 700  # the camera's; the slate has 360
SLATE_S = 3.0
BETWEEN_S = 12.0  # the steady line plays again, and behind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "emergency cut and its end, from the command to what viewers get"
    parser.add_argument("--cuts", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        house = House.open(Path(folder))
        try:
            return asyncio.run(_measure(house, args.cuts))
        finally:
            house.close()


async def _measure(house: House, cuts: int) -> dict[str, Any]:
    async with async_playwright() as playwright:
        arguments = [*QUIET, *FAKE_DEVICES, "--autoplay-policy=no-user-gesture-required"]
        browser = await playwright.chromium.launch(executable_path=executable(), args=arguments)
        teacher = await _enter(browser, house, "lecturer")
        lesson = (await teacher.evaluate("api('GET', '/lessons?state=scheduled')"))["items"][0]["id"]
        for event in ("open", "start"):
            await teacher.evaluate("([lesson, event]) => step(lesson, event)", [lesson, event])
        await teacher.evaluate("lesson => publish(lesson)", lesson)
        director, receiver = await _enter(browser, house, "director"), await _enter(browser, house, "10021")
        await receiver.evaluate("lesson => receive(lesson)", lesson)
        phone, steady = [await _phone(browser, house, number, lesson) for number in ("10022", "10023")]
        await steady.get_by_test_id("line").tap()
        await steady.get_by_test_id("line-steady").tap()
        await asyncio.gather(*(page.evaluate(f"untilBack({LINES})") for page in (phone, steady)))
        await asyncio.sleep(BETWEEN_S)
        rounds = [await _round(director, receiver, phone, steady, lesson) for _ in range(cuts)]
        await browser.close()
    found = {name: [each[name] for each in rounds] for name in rounds[0]}
    worst = {f"{name}_max_ms": max(values) for name, values in found.items()}
    return {"cuts": cuts, **worst, "rounds": rounds, "load_average": round(os.getloadavg()[0], 2)}


async def _round(director: Page, receiver: Page, phone: Page, steady: Page, lesson: str) -> dict[str, int]:
    began = _now()
    covered = asyncio.gather(*(page.evaluate("untilCovered()") for page in (phone, steady)))
    await director.evaluate("lesson => order(lesson, 'cut')", lesson)
    answered = _now()
    phone_at, steady_at = await covered
    await asyncio.sleep(SLATE_S)
    sound_at = await receiver.evaluate("lastSound.atMs")
    lifted = _now()
    back = asyncio.gather(*(page.evaluate(f"untilBack({LINES})") for page in (phone, steady)))
    await director.evaluate("lesson => order(lesson, 'cut/end')", lesson)
    phone_back, steady_back = await back
    still = await steady.evaluate(f"stoodStill({BETWEEN_S * 1000})")
    return {
        "cut_answer": answered - began,
        "cut_last_sound_packet": max(0, sound_at - began),
        "cut_phone": phone_at - began,
        "cut_hls": steady_at - began,
        "back_phone": phone_back - lifted,
        "back_hls": steady_back - lifted,
        "hls_still_afterwards": still,
    }


def _now() -> int:
    """As pages have it: the same machine's wall clock."""
    return round(time.time() * 1000)


async def _phone(browser: Browser, house: House, number: str, lesson: str) -> Page:
    page = await _enter(browser, house, number, **PHONE)
    await page.goto(f"{house.origin}/m/{lesson}")
    start = page.get_by_test_id("phone-start")
    await start.wait_for()
    await page.evaluate(PAGE.read_text(encoding="utf-8"))
    await start.tap()
    return page


async def _enter(browser: Browser, house: House, number: str, **sizes: Any) -> Page:
    """A page of ours, logged in, with the bench's functions in it."""
    allowed = {"permissions": ["camera", "microphone"], "bypass_csp": True}
    context = await browser.new_context(ignore_https_errors=True, **allowed, **sizes)
    page = await context.new_page()
    await page.goto(f"{house.origin}/login")
    for script in (COMMON, PAGE):
        await page.add_script_tag(path=str(script))
    await page.evaluate("([number, password]) => enter(number, password)", [number, PASSWORD])
    return page
