"""``script/bench rollcall``: the roll of twenty rooms is called by keys; how long it takes, and whether it is right.

The whole server, the console in a headless Chromium, and rooms as light clients (``script/roll_rooms.py``): most are
heard or press their key when they are called, one has no picture, one no sound, one is not there, comes back, is called
again and put right. The director thinks for ``--think`` seconds at each room and then takes the house's proposal by
Enter. ``person_s`` runs from the click that begins to the end of the roll call, ``machine_s`` is all of it but the
thinking. Fails when what the server has written down is not what was planned.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (str(ROOT), str(ROOT / "script")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

from playwright.async_api import Playwright, async_playwright, expect  # noqa: E402 - after the path of the checkout
from roll_rooms import Manner, Room, RoomPlan, keep_sending  # noqa: E402

from server import clock  # noqa: E402
from server.domain.access import AccountKind, Role, RoleGrant  # noqa: E402
from server.domain.accounts import Account  # noqa: E402
from server.domain.events import lesson_changed  # noqa: E402
from server.domain.lessons import Lesson, LessonState  # noqa: E402
from server.domain.roll_calls import RollResult  # noqa: E402
from server.domain.venues import LessonVenue, Part, Venue  # noqa: E402
from server.services import demo  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.passwords import Argon2Passwords  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from tests.browser.chromium import launch  # noqa: E402
from tests.browser.eyes import Face, until  # noqa: E402
from tests.browser.house import House  # noqa: E402
from tests.browser.people import control, enter, press, read  # noqa: E402
from tests.browser.test_desk import command  # noqa: E402

FEWEST = 5
PATIENCE_S = 30.0
CALLED = "document.querySelector('[data-testid=roll-called]')?.dataset.venue ?? null"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "calling the roll by keys: a person's time, the machine's part of it, and whether it is right"
    parser.add_argument("--venues", type=_venues, default=20, help=f"rooms that are called (at least {FEWEST})")
    parser.add_argument("--think", type=float, default=3.0, help="seconds that the director thinks at each room")
    parser.add_argument("--picture", type=Path, help="a folder for photographs of the console")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _venues(text: str) -> int:
    if (number := int(text)) < FEWEST:
        raise argparse.ArgumentTypeError(f"at least {FEWEST}: one of each manner")
    return number


def planned(venues: int) -> list[RoomPlan]:
    """In the order of the call. Of three that are well two are heard and one presses its key."""
    odd = {venues // 4: Manner.DARK, venues // 2: Manner.MUTE}
    late = 3 * venues // 4
    made = []
    for n in range(venues):
        well = Manner.PRESSES if n % 3 == 1 or n == late else Manner.SPEAKS
        made.append(RoomPlan(f"第{n + 1}分会场", f"room{n + 1}", odd.get(n, well), late=n == late))
    return made


def run(args: argparse.Namespace) -> dict[str, Any]:
    return asyncio.run(_measure(args))


async def _measure(args: argparse.Namespace) -> dict[str, Any]:
    plans = planned(args.venues)
    with tempfile.TemporaryDirectory() as name:
        lesson = await _filled(Path(name), plans)
        house = await asyncio.to_thread(House.open, Path(name), LOG_LEVEL="warning")
        try:
            async with async_playwright() as playwright, _rooms(plans, house, lesson) as rooms:
                return await _called(args, playwright, house, lesson, rooms)
        finally:
            await asyncio.to_thread(house.close)


async def _filled(folder: Path, plans: Sequence[RoomPlan]) -> Lesson:
    """The demonstration organisation, and a lesson with these rooms, before the server starts."""
    (folder / "data").mkdir()
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}")
    try:
        records, passwords = SqlRecords(database), Argon2Passwords()
        await demo.make_demo(records, passwords, clock.utc_now())
        one_hash = await passwords.hash(demo.PASSWORD)
        return await records.write(lambda tx: _fill(tx, plans, one_hash))
    finally:
        await database.close()


def _fill(tx: Transaction, plans: Sequence[RoomPlan], password_hash: str) -> Lesson:
    unit, now = demo.demo_id(demo.ROOT), clock.utc_now()
    venues = [Venue(str(uuid.uuid4()), plan.name, unit, "会议室", 30) for plan in plans]
    tx.venues.add(venues)
    accounts = [
        Account(str(uuid.uuid4()), plan.number, f"{plan.name}设备", AccountKind.DEVICE, password_hash, unit_id=unit,
                venue_id=venue.id)
        for plan, venue in zip(plans, venues, strict=True)
    ]  # fmt: skip
    tx.accounts.add(accounts, [(account.id, RoleGrant(Role.VENUE_OPERATOR, unit)) for account in accounts])
    main = LessonVenue(str(uuid.uuid4()), demo.demo_id("主会场"), "主会场", Part.MAIN)
    branches = [LessonVenue(str(uuid.uuid4()), venue.id, venue.name, Part.BRANCH) for venue in venues]
    lesson = Lesson(
        id=str(uuid.uuid4()),
        title="安全生产月专题学习",
        unit_id=unit,
        lecturer_id=demo.demo_id("lecturer"),
        state=LessonState.SCHEDULED,
        starts_at=now,
        ends_at=now + dt.timedelta(hours=1),
        recorded=False,
        venues=(main, *branches),
    )
    tx.lessons.add(lesson)
    tx.events.append(lesson.id, [lesson_changed(lesson.state)], now, None)
    return lesson


@asynccontextmanager
async def _rooms(plans: Sequence[RoomPlan], house: House, lesson: Lesson) -> AsyncIterator[dict[str, Room]]:
    """By their lesson venues, in order; none has come yet."""
    branches = [venue for venue in lesson.venues if venue.part is Part.BRANCH]
    rooms = {
        venue.id: Room(plan, house.origin, number / len(plans))
        for number, (venue, plan) in enumerate(zip(branches, plans, strict=True))
    }
    sending = asyncio.create_task(keep_sending(rooms.values()))
    try:
        yield rooms
    finally:
        sending.cancel()
        await asyncio.gather(sending, *(room.close() for room in rooms.values()), return_exceptions=True)


async def _called(
    args: argparse.Namespace, playwright: Playwright, house: House, lesson: Lesson, rooms: dict[str, Room]
) -> dict[str, Any]:
    browser = await launch(playwright)
    console = await enter(browser, house, "console", "director", "/")
    for event in ("open", "start"):
        await command(console, f"/lessons/{lesson.id}/transitions", event=event)
    for key, room in rooms.items():
        if not room.plan.late:
            await room.come(lesson.id, key)
    await console.page.goto(f"{house.origin}/console/{lesson.id}")
    await _seen(console, lesson.id, sum(not room.plan.late for room in rooms.values()))
    await press(console, "tab-roll")
    director = Director(console, rooms, args.think, args.picture)
    began = time.monotonic()
    await director.call_all(lesson.id)
    person_s = time.monotonic() - began
    results = await _written(console, lesson.id, rooms)
    await browser.close()
    return {
        "venues": len(rooms),
        "keys": director.keys,
        "clicks": director.clicks,
        "thought_s": round(director.thought_s, 1),
        "machine_s": round(person_s - director.thought_s, 1),
        "person_s": round(person_s, 1),
        "slowest_key_s": round(max(director.took_s), 2),
        "results": results,
        "load_average": round(os.getloadavg()[0], 2),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


async def _seen(console: Face, lesson_id: str, count: int) -> None:
    """Until the server has so many sources."""

    async def connected() -> int:
        sources = (await read(console, f"/lessons/{lesson_id}/stage"))["sources"]
        return sum(source["connected"] for source in sources)

    await until(connected, lambda number: number >= count, PATIENCE_S, f"{count} rooms are there", poll=0.5)


async def _written(console: Face, lesson_id: str, rooms: dict[str, Room]) -> dict[str, int]:
    """What the server has written down, counted. Raises SystemExit when it is not what was planned."""
    roll = (await read(console, f"/lessons/{lesson_id}/roll-calls"))["items"][-1]
    return counted(roll, {key: room.plan for key, room in rooms.items()})


def counted(roll: dict[str, Any], plans: dict[str, RoomPlan]) -> dict[str, int]:
    """The counts by result. Raises SystemExit when they, or one room's, are not the planned ones."""
    wanted = {key: plan.manner.result.value for key, plan in plans.items()}
    found = {entry["lesson_venue_id"]: entry["result"] for entry in roll["entries"]}
    counts = {result.value: list(wanted.values()).count(result.value) for result in RollResult}
    if found != wanted or roll["counts"] != counts:
        odd = {plan.name: f"{found.get(key)}, not {wanted[key]}" for key, plan in plans.items()
               if found.get(key) != wanted[key]}  # fmt: skip
        raise SystemExit(f"the server wrote down {roll['counts']}, not {counts}: {odd}")
    return counts


@dataclass
class Director:
    """Who calls the roll. ``took_s``: from each Enter until the page shows the next room."""

    face: Face
    rooms: dict[str, Room]
    think_s: float
    picture: Path | None = None
    keys: int = 0
    clicks: int = 0
    thought_s: float = 0.0
    took_s: list[float] = field(default_factory=list)

    async def call_all(self, lesson_id: str) -> None:
        await self._click("roll-start")
        await control(self.face, "roll-called").wait_for()
        for _ in self.rooms:
            await self._decide(again=False)
        await self._summary(sum(room.plan.first is not RollResult.ANSWERED for room in self.rooms.values()))
        await self._photograph("called")
        for key, room in self.rooms.items():
            if room.plan.late:
                await room.come(lesson_id, key)
                await self._click(f"roll-venue-{key}")
                await control(self.face, "roll-called").wait_for()
                await self._decide(again=True)
        await self._summary(sum(room.plan.manner.result is not RollResult.ANSWERED for room in self.rooms.values()))
        await self._click("roll-finish")
        await control(self.face, "roll-start").wait_for()
        await self._photograph("finished")

    async def _decide(self, *, again: bool) -> None:
        """Thinks, sees the planned proposal, which may have to be waited for, and takes it."""
        page = self.face.page
        called = await page.evaluate(CALLED)
        await asyncio.sleep(self.think_s)
        self.thought_s += self.think_s
        plan = self.rooms[called].plan
        result = plan.manner.result if again else plan.first
        await expect(control(self.face, f"roll-{result.value}")).to_have_attribute(
            "data-proposed", "true", timeout=PATIENCE_S * 1000
        )
        if self.keys == len(self.rooms) // 2:
            await self._photograph("calling")
        began = time.monotonic()
        await page.keyboard.press("Enter")
        self.keys += 1
        await page.wait_for_function(f"before => ({CALLED}) !== before", arg=called, polling=50)
        self.took_s.append(time.monotonic() - began)

    async def _summary(self, failing: int) -> None:
        summary = control(self.face, "roll-summary")
        await expect(summary).to_have_attribute("data-failing", str(failing), timeout=PATIENCE_S * 1000)

    async def _click(self, name: str) -> None:
        await press(self.face, name)
        self.clicks += 1

    async def _photograph(self, name: str) -> None:
        if self.picture is not None:
            self.picture.mkdir(parents=True, exist_ok=True)
            await self.face.page.screenshot(path=self.picture / f"roll-{name}.png")
