"""``script/bench return``: a machine whose network was away; how long until who was there is back.

The whole server, the lecturer's desk and some phones, each a Chromium on a network of its own (needs root, ``ip``,
``tc`` and ``nft``), and a room that stays. Every packet of a machine is dropped for a while (or its cable is out), then
passes again; nobody touches a key. Times count from that moment, and are the pages' own marks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from playwright.async_api import Browser, Playwright, async_playwright, expect  # noqa: E402 - after the checkout's path

from tests.browser.chromium import elsewhere, launch  # noqa: E402
from tests.browser.eyes import Face, until  # noqa: E402
from tests.browser.house import House  # noqa: E402
from tests.browser.media import LECTURER, VENUE, Source  # noqa: E402
from tests.browser.people import BIG_SCREEN, PHONE, control, enter, press, publishing, read  # noqa: E402
from tests.servers.namespaces import Network, why_not  # noqa: E402

MARKS = (ROOT / "script" / "return_marks.js").read_text(encoding="utf-8")
MEMBERS = ("10021", "10022", "10023", "10024", "10025", "10026")  # of a branch that takes part by phone
PATIENCE_S = 60.0
CALM_S = 4.0
APART_S = 0.7
"""Between two machines: so that they are not all at the same point of their waiting."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "machines without a network for a while: how long until everybody is back"
    parser.add_argument("--phones", type=int, default=4, help=f"at most {len(MEMBERS)}")
    parser.add_argument("--away", type=float, default=40.0, help="seconds without a network")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cable", action="store_true", help="the cable is out: the browser is told, too")
    parser.add_argument("--marks", action="store_true", help="print what each page did, to standard error")


def run(args: argparse.Namespace) -> dict[str, Any]:
    if missing := why_not():
        raise SystemExit(missing)
    return asyncio.run(_measure(args))


@dataclass(frozen=True, slots=True)
class Away:
    """A machine of its own. ``shown``: the page on which its return is seen."""

    face: Face
    network: Network
    shown: Face

    def cut(self, *, cable: bool) -> None:
        if cable:
            self.network.pull()
        else:
            self.network.block("meta l4proto { tcp, udp }")

    def mend(self, *, cable: bool) -> float:
        """Seconds since the epoch when packets pass again."""
        if cable:
            self.network.pull(out=False)
        else:
            self.network.lose(0.0)
        return time.time()


async def _measure(args: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        networks = [closing.enter_context(Network()) for _ in range(1 + args.phones)]
        house = _house(closing, folder, networks)
        playwright = await closing.enter_async_context(async_playwright())
        machines = [await _browser(closing, playwright, folder, network) for network in networks[1:]]
        desk_at = await _browser(closing, playwright, folder, networks[0], LECTURER)
        room_at = await _browser(closing, playwright, None, None, VENUE)
        desk, lesson = await _on_air(desk_at, house.seen_from(networks[0].here))
        room = await _room(room_at, house, lesson)
        phones = await asyncio.gather(
            *(
                _phone(machine, house.seen_from(network.here), number, lesson)
                for machine, network, number in zip(machines, networks[1:], MEMBERS, strict=False)
            )
        )
        everybody = [Away(phone, network, phone) for phone, network in zip(phones, networks[1:], strict=True)]
        lecturer = Away(desk, networks[0], room)
        found = [await _round(args, everybody, lecturer) for _ in range(args.rounds)]
    back = {who: [one for each in found for one in each[who]] for who in ("phones", "desk")}
    return {
        "away_s": args.away,
        "rounds": args.rounds,
        **{f"{who}_{name}": value for who, times in back.items() for name, value in _figures(times).items()},
        "load_average": round(os.getloadavg()[0], 2),
    }


def _house(closing: AsyncExitStack, folder: Path, networks: list[Network]) -> House:
    addresses = ",".join(["127.0.0.1", *(network.here for network in networks)])
    house = House.open(folder, HOST="0.0.0.0", MEDIA_ADDRESSES=addresses)
    stack = ExitStack()
    stack.callback(house.close)
    closing.enter_context(stack)
    return house


async def _browser(
    closing: AsyncExitStack,
    playwright: Playwright,
    folder: Path | None,
    network: Network | None,
    source: Source | None = None,
) -> Browser:
    program = elsewhere(network, folder) if network and folder else None
    browser = await launch(playwright, source, program=program)
    closing.push_async_callback(browser.close)
    return browser


async def _marked(face: Face) -> None:
    await face.page.context.add_init_script(MARKS)


async def _on_air(browser: Browser, house: House) -> tuple[Face, str]:
    desk = await enter(browser, house, "desk", "lecturer", "/")
    await _marked(desk)
    lesson: str = (await read(desk, "/lessons?state=scheduled"))["items"][0]["id"]
    for event in ("open", "start"):
        body = {"command_id": str(uuid.uuid4()), "event": event}
        url = f"{desk.origin}/api/v1/lessons/{lesson}/transitions"
        await desk.page.request.post(url, data=body, headers={"Origin": desk.origin})
    await desk.page.goto(f"{desk.origin}/desk/{lesson}")
    await press(desk, "open-devices")
    await press(desk, "publish")
    await publishing(desk)
    return desk, lesson


async def _room(browser: Browser, house: House, lesson: str) -> Face:
    room = await enter(browser, house, "venue", "venue1", "/", **BIG_SCREEN)
    await _marked(room)
    await room.page.goto(f"{house.origin}/venue/{lesson}")
    await expect(control(room, "venue-start")).to_be_visible()
    await room.page.keyboard.press("Enter")
    await publishing(room)
    await room.sees(LECTURER, within=30)
    return room


async def _phone(browser: Browser, house: House, number: str, lesson: str) -> Face:
    phone = await enter(browser, house, f"phone {number}", number, "/", **PHONE)
    await _marked(phone)
    await phone.page.goto(f"{house.origin}/m/{lesson}")
    await press(phone, "phone-start")
    await phone.sees(LECTURER, within=30)
    return phone


async def _round(args: argparse.Namespace, phones: list[Away], desk: Away) -> dict[str, list[dict[str, float]]]:
    """The desk first, with everybody else there to see it; then the phones, one shortly after the other."""
    return {"desk": await _gone(args, [desk]), "phones": await _gone(args, phones)}


async def _gone(args: argparse.Namespace, machines: list[Away]) -> list[dict[str, float]]:
    await asyncio.sleep(CALM_S)
    for machine in machines:
        machine.cut(cable=args.cable)
        await asyncio.sleep(APART_S)
    await asyncio.sleep(args.away - APART_S * len(machines))
    mended = []
    for machine in machines:
        mended.append(machine.mend(cable=args.cable))
        await asyncio.sleep(APART_S)
    pairs = zip(machines, mended, strict=True)
    return list(await asyncio.gather(*(_back(args, machine, at) for machine, at in pairs)))


async def _back(args: argparse.Namespace, machine: Away, mended_at: float) -> dict[str, float]:
    """Seconds until the first answer, the socket (presence), the media connection (role and slot) and the picture."""

    async def look() -> dict[str, float]:
        marks = await machine.face.page.evaluate("marks")
        seen = marks if machine.shown is machine.face else await machine.shown.page.evaluate("marks")
        return {
            "answered_s": _first(marks, mended_at, "answer "),
            "socket_s": _first(marks, mended_at, "socket joined"),
            "media_s": _first(marks, mended_at, "peer ", " connected"),
            "picture_s": _first(seen, mended_at, "picture video-camera"),
        }

    try:
        found = await until(look, lambda times: all(times.values()), PATIENCE_S, f"{machine.face.name} is back")
    finally:
        if args.marks:
            await _print(machine, mended_at)
    print(machine.face.name, found, file=sys.stderr)
    return found


async def _print(machine: Away, mended_at: float) -> None:
    for at, what in await machine.face.page.evaluate("marks"):
        if at / 1000 - mended_at > -12:
            print(f"  {machine.face.name} {at / 1000 - mended_at:8.3f} {what}", file=sys.stderr)


def _first(marks: list[tuple[float, str]], since: float, begins: str, ends: str = "") -> float:
    """0: not yet."""
    found = (at for at, what in marks if at / 1000 > since and what.startswith(begins) and what.endswith(ends))
    return round(next(found, since * 1000) / 1000 - since, 2)


def _figures(times: list[dict[str, float]]) -> dict[str, float]:
    back = [max(one.values()) for one in times]
    medians = {f"{name[:-2]}_p50_s": statistics.median(one[name] for one in times) for name in times[0]}
    return {**medians, "back_p50_s": statistics.median(back), "back_max_s": max(back)}
