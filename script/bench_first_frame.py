"""``script/bench first-frame``: from a viewer's WHEP POST to its first decoded picture, in a real browser.

Starts the whole server (control and media process, HTTPS), a Chromium that publishes a fake 720p camera by
WHIP, and joins the programme again and again from another Chromium, one viewer at a time. Then the same from a
member's view: the phone's page is opened, its start control tapped, and the time to the first picture taken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
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
MEMBER = "10021"  # of a branch that takes part by phone


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "WHEP POST to first decoded picture, in Chromium, through the whole server"
    parser.add_argument("--joins", type=int, default=20)
    parser.add_argument("--taps", type=int, default=10, help="openings of the phone's page")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        house = House.open(Path(folder))
        try:
            return asyncio.run(_measure(house, args.joins, args.taps))
        finally:
            house.close()


async def _measure(house: House, joins: int, taps: int) -> dict[str, Any]:
    async with async_playwright() as playwright:
        arguments = [*QUIET, *FAKE_DEVICES, "--autoplay-policy=no-user-gesture-required"]
        teaching = await playwright.chromium.launch(executable_path=executable(), args=arguments)
        watching = await playwright.chromium.launch(executable_path=executable(), args=arguments)
        # As phones have it: without a gesture nothing sounds.
        phones = await playwright.chromium.launch(executable_path=executable(), args=[*QUIET])
        lesson = await _on_air(await _enter(teaching, house, "lecturer"))
        joined = await _joins(await _enter(watching, house, MEMBER), lesson, joins)
        await watching.close()
        tapped = await _taps(await _enter(phones, house, MEMBER, **PHONE), f"{house.origin}/m/{lesson}", taps)
        await phones.close()
        await teaching.close()
    return {
        "joins": joins,
        "p50_ms": round(statistics.median(joined), 1),
        "p95_ms": round(joined[max(0, -(-95 * joins // 100) - 1)], 1),
        "max_ms": round(joined[-1], 1),
        "taps": taps,
        "tap_p50_ms": round(statistics.median(tapped), 1),
        "tap_max_ms": round(tapped[-1], 1),
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _on_air(teacher: Page) -> str:
    """The demonstration lesson, live with a camera. Returns its id."""
    lesson: str = (await teacher.evaluate("api('GET', '/lessons?state=scheduled')"))["items"][0]["id"]
    for event in ("open", "start"):
        await teacher.evaluate("([lesson, event]) => step(lesson, event)", [lesson, event])
    await teacher.evaluate("lesson => publish(lesson)", lesson)
    return lesson


async def _joins(member: Page, lesson: str, count: int) -> list[float]:
    await member.evaluate("lesson => watch(lesson)", lesson)  # the first opens decoders and pools: not counted
    return sorted([await member.evaluate("lesson => watch(lesson)", lesson) for _ in range(count)])


async def _taps(phone: Page, address: str, count: int) -> list[float]:
    await _tap(phone, address)  # fills the browser's cache: not counted
    return sorted([await _tap(phone, address) for _ in range(count)])


async def _tap(phone: Page, address: str) -> float:
    """Milliseconds from the tap to the picture, on a page opened anew."""
    await phone.goto(address)
    start = phone.get_by_test_id("phone-start")
    await start.wait_for()
    await phone.evaluate(PAGE.read_text(encoding="utf-8"))
    await phone.evaluate("awaitTap()")
    await start.tap()
    waited: float = await phone.evaluate("tapped")
    return waited


async def _enter(browser: Browser, house: House, number: str, **sizes: Any) -> Page:
    """A page of ours, logged in, with the bench's functions in it."""
    allowed = {"permissions": ["camera", "microphone"], "bypass_csp": True}
    context = await browser.new_context(ignore_https_errors=True, **allowed, **sizes)
    page = await context.new_page()
    await page.goto(f"{house.origin}/login")
    await page.add_script_tag(path=str(PAGE))
    await page.evaluate("([number, password]) => enter(number, password)", [number, PASSWORD])
    return page
