"""``script/bench first-frame``: from a viewer's WHEP POST to its first decoded picture, in a real browser.

Starts the whole server (control and media process, HTTPS), a Chromium that publishes a fake 720p camera by
WHIP, and joins the programme again and again from another Chromium, one viewer at a time.
"""

from __future__ import annotations

import argparse
import asyncio
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

PAGE = Path(__file__).with_suffix(".js")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "WHEP POST to first decoded picture, in Chromium, through the whole server"
    parser.add_argument("--joins", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        house = House.open(Path(folder))
        try:
            return asyncio.run(_measure(house, args.joins))
        finally:
            house.close()


async def _measure(house: House, joins: int) -> dict[str, Any]:
    async with async_playwright() as playwright:
        arguments = [*QUIET, *FAKE_DEVICES, "--autoplay-policy=no-user-gesture-required"]
        browsers = [await playwright.chromium.launch(executable_path=executable(), args=arguments) for _ in "pv"]
        teacher = await _enter(browsers[0], house, "lecturer")
        lesson = (await teacher.evaluate("api('GET', '/lessons?state=scheduled')"))["items"][0]["id"]
        for event in ("open", "start"):
            await teacher.evaluate("([lesson, event]) => step(lesson, event)", [lesson, event])
        await teacher.evaluate("lesson => publish(lesson)", lesson)
        member = await _enter(browsers[1], house, "10001")
        await member.evaluate("lesson => watch(lesson)", lesson)  # the first opens decoders and pools: not counted
        waited = sorted([await member.evaluate("lesson => watch(lesson)", lesson) for _ in range(joins)])
        for browser in browsers:
            await browser.close()
    return {
        "joins": joins,
        "p50_ms": round(statistics.median(waited), 1),
        "p95_ms": round(waited[max(0, -(-95 * joins // 100) - 1)], 1),
        "max_ms": round(waited[-1], 1),
    }


async def _enter(browser: Browser, house: House, number: str) -> Page:
    """A page of ours, logged in, with the bench's functions in it."""
    context = await browser.new_context(ignore_https_errors=True, permissions=["camera", "microphone"], bypass_csp=True)
    page = await context.new_page()
    await page.goto(f"{house.origin}/login")
    await page.add_script_tag(path=str(PAGE))
    await page.evaluate("([number, password]) => enter(number, password)", [number, PASSWORD])
    return page
