"""How long the spare lecturer's machine takes to be seen: from the click on the console to the phone's next picture.

Real server, real browsers: the lecturer's two machines, the console, one phone. Each turn hands over and back. Told are
medians and the slowest in seconds; `new_peers` are connections that the phone made meanwhile: none.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from tests.browser.chromium import launch
from tests.browser.eyes import Face
from tests.browser.house import House
from tests.browser.media import LECTURER, VENUE, Source
from tests.browser.people import control, enter, press, publishing
from tests.browser.test_hands import on_the_air


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--turns", type=int, default=10, help="hand-overs there and back (default 10)")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return asyncio.run(_run(arguments.turns))


async def _run(turns: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        house = House.open(Path(folder))
        try:
            return await _measured(house, turns)
        finally:
            house.close()


async def _measured(house: House, turns: int) -> dict[str, Any]:
    async with async_playwright() as playwright:
        first, second = await asyncio.gather(launch(playwright, LECTURER), launch(playwright, VENUE))
        id_, _desk, console, phone = await on_the_air((first, second), house)
        spare = await enter(second, house, "spare", "lecturer", f"/desk/{id_}?spare")
        await press(spare, "open-devices")
        await press(spare, "publish")
        await publishing(spare)
        await control(console, "hand-over").wait_for()
        before = await phone.peers_made()
        there, back = [], []
        for _ in range(turns):
            there.append(await _over(console, phone, VENUE))
            back.append(await _over(console, phone, LECTURER))
        peers = await phone.peers_made() - before
        await asyncio.gather(first.close(), second.close())
    return {"turns": turns, "to_spare_s": _told(there), "to_main_s": _told(back), "new_peers": peers}


async def _over(console: Face, phone: Face, source: Source) -> float:
    began = time.monotonic()
    await press(console, "hand-over")
    await phone.sees(source, within=20, frames=1)
    return time.monotonic() - began


def _told(seconds: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(seconds), 2), "slowest": round(max(seconds), 2)}
