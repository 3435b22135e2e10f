"""``script/bench failover``: what `kill -9` of the media process costs a lesson that is on the air and on record.

With ``--clients N`` it is N light viewers and a light camera that come back (:mod:`failover_clients`). Without, it
starts the whole server, the lecturer's desk in a Chromium that publishes a 720p camera, and a lesson on record. Each
round kills the media process and waits until the recording has pictures again; nobody clicks. Times are read from
where they count: the server's log, the lesson's event log, the recording's own manifest, and the page.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import failover_clients  # noqa: E402 - after the path of the checkout
from playwright.async_api import async_playwright  # noqa: E402 - after the path of the checkout

from recordings import slate  # noqa: E402
from tests.browser.chromium import launch  # noqa: E402
from tests.browser.eyes import Face, until  # noqa: E402
from tests.browser.house import House  # noqa: E402
from tests.browser.media import LECTURER  # noqa: E402
from tests.browser.people import enter, press, publishing, read  # noqa: E402

BACK_S = 60.0
CALM_MS = 4_000  # of pictures on disk before the next kill
BACK_MS = 3_000  # and after it
SEGMENT_S = 2.0  # the kills are spread over it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "kill -9 of the media process of a running, recorded lesson: how long until everything is back"
    parser.add_argument("--rounds", type=int, default=None, help="kills: 10, or 3 with --clients")
    parser.add_argument("--clients", type=int, default=0, help="instead of a browser, so many light viewers")
    parser.add_argument("--media-workers", type=int, default=1, help="media processes, with --clients")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    args.rounds = args.rounds or (3 if args.clients else 10)
    if args.clients:
        return failover_clients.run(args)
    with tempfile.TemporaryDirectory() as folder:
        house = House.open(Path(folder))
        try:
            return asyncio.run(_measure(house, args.rounds))
        finally:
            house.close()


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds since the kill, and what the manifest says is missing."""

    worker_ready_ms: float
    moved_ms: float
    publisher_back_ms: float
    picture_ms: float
    gap_ms: int


async def _measure(house: House, rounds: int) -> dict[str, Any]:
    async with async_playwright() as playwright:
        browser = await launch(playwright, LECTURER)
        desk, lesson = await _on_air(await enter(browser, house, "desk", "lecturer", "/"), house)
        archive = Archive(house)
        measured = [await _round(house, desk, lesson, archive, SEGMENT_S * turn / rounds) for turn in range(rounds)]
        await browser.close()
    for one in measured:
        print(one, file=sys.stderr)
    return _result(measured)


async def _on_air(desk: Face, house: House) -> tuple[Face, str]:
    """The demonstration lesson: live, on record, with the lecturer's camera."""
    lesson: str = (await read(desk, "/lessons?state=scheduled"))["items"][0]["id"]
    await desk.page.goto(f"{house.origin}/desk/{lesson}")
    for event in ("open", "start"):
        await desk.page.request.post(
            f"{house.origin}/api/v1/lessons/{lesson}/transitions",
            data={"command_id": str(uuid.uuid4()), "event": event},
            headers={"Origin": house.origin},
        )
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)
    return desk, lesson


@dataclass(frozen=True, slots=True)
class Archive:
    """The only recording there is, by its manifest: lines from a place on, and what they say of the camera."""

    house: House

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        folder = self.house.folder / "data" / "recordings"
        text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*/manifest.jsonl"))
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()][since:]

    async def pictures(self, since: int, milliseconds: int) -> list[dict[str, Any]]:
        """Waits for that much of the lecturer's picture behind a place; the lines from there on."""

        async def look() -> list[dict[str, Any]]:
            return self.lines(since)

        def enough(lines: list[dict[str, Any]]) -> bool:
            return sum(each["ticks"] for each in _live(lines, self.lines())) >= milliseconds * 90

        return await until(look, enough, BACK_S, "pictures on record")


def _live(lines: list[dict[str, Any]], all_lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Segments with the camera's picture, not the slate."""
    large = {line["name"] for line in all_lines if line["t"] == "init" and line["width"] > slate.WIDTH}
    return [line for line in lines if line["t"] == "segment" and line["init"] in large]


async def _round(house: House, desk: Face, lesson: str, archive: Archive, late_s: float) -> Round:
    """``late_s``: how long after a segment was listed the process is killed."""
    await _spare(house)
    await archive.pictures(len(archive.lines()), CALM_MS)
    await asyncio.sleep(late_s)
    seq = (await read(desk, f"/lessons/{lesson}/events?since=0&wait=0"))["seq"]
    place = len(archive.lines())
    first = house.media_pid()
    killed = dt.datetime.now(dt.UTC)
    house.kill_media()
    lines = await archive.pictures(place, BACK_MS)
    events = (await read(desk, f"/lessons/{lesson}/events?since={seq}&wait=0"))["events"]
    gaps = [line["gap_ms"] for line in lines if line["t"] == "discontinuity"]

    def since(moment: str) -> float:
        return round((dt.datetime.fromisoformat(moment) - killed).total_seconds() * 1000, 1)

    def told(kind: str) -> float:
        return next(since(each["at"]) for each in events if each["kind"] == kind and since(each["at"]) > 0)

    return Round(
        worker_ready_ms=since(next(at for at, pid in house.media_starts() if pid != first and since(at) > 0)),
        moved_ms=told("media.moved"),
        publisher_back_ms=told("source.up"),
        picture_ms=next(ms for line in _live(lines, archive.lines()) if (ms := since(line["utc"])) > 0),
        gap_ms=sum(gaps),
    )


async def _spare(house: House) -> None:
    """Until the next media process stands by."""

    async def look() -> bool:
        spares = house.spare_starts()
        return bool(spares) and spares[-1][0] > house.media_starts()[-1][0]

    await until(look, bool, BACK_S, "a media process stands by")


def _result(measured: list[Round]) -> dict[str, Any]:
    def p50(name: str) -> float:
        return round(statistics.median(getattr(each, name) for each in measured), 1)

    return {
        "rounds": len(measured),
        "gap_ms_p50": p50("gap_ms"),
        "gap_ms_max": max(each.gap_ms for each in measured),
        "worker_ready_ms_p50": p50("worker_ready_ms"),
        "rooms_back_ms_p50": p50("moved_ms"),
        "publisher_back_ms_p50": p50("publisher_back_ms"),
        "publisher_back_ms_max": max(each.publisher_back_ms for each in measured),
        "picture_back_ms_p50": p50("picture_ms"),
        "picture_back_ms_max": max(each.picture_ms for each in measured),
        "load_average": round(os.getloadavg()[0], 2),
    }
