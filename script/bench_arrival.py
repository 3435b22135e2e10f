"""``script/bench arrival``: sixty phones come to one room at once, half of them logged out, ten for the first time.

The real server with its defaults, and phones that share one address with the generator. Half know their person; the
others have a password, or a slip with an activation code, or ask the branch's secretary, who issues a code at the door.
Everybody scans the venue's screen and does what the page does, cold, by a TLS connection of its own, without a moment
to type. No administrator has an account here: whoever is not signed in stays outside. Then the database is looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import functools
import os
import random
import statistics
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import aiohttp  # noqa: E402 - after the path of the checkout
from arrival_hall import Ask, Hall, Manner, Phone, everybody, hall_of  # noqa: E402
from signin_house import Answer, House, durable_postgres, served  # noqa: E402
from signin_school import session_of  # noqa: E402

from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "phones that come to one room at once, and whether each of them gets in by itself"
    parser.add_argument("--phones", type=int, default=60)
    parser.add_argument("--first-timers", type=int, default=10, help="of them: never logged in anywhere")
    parser.add_argument("--seconds", type=float, default=10.0, help="within which all of them come")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    if not 0 <= args.first_timers <= args.phones // 2:
        raise SystemExit("first-timers are logged out, as half of the phones are")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own = f"sqlite+aiosqlite:///{folder}/data/dangxiao.sqlite3"
        url = stack.enter_context(durable_postgres()) if args.database == "postgres" else own
        return asyncio.run(_measure(args, folder, url))


async def _measure(args: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    (folder / "data").mkdir()
    hall = await hall_of(args.phones, args.first_timers, dt.datetime.now(dt.UTC))
    await hall.import_into(url)
    chance = random.Random(args.seed)
    async with served(folder, url) as house, AsyncExitStack() as stack:
        staff = Staff(house, hall)
        await staff.open()
        clients = [await stack.enter_async_context(house.client()) for _ in range(args.phones)]
        phones = await staff.phones(args.phones, iter(clients).__next__)
        await everybody(phones, staff.shown, [chance.uniform(0, args.seconds) for _ in phones])
    return {
        "phones": args.phones,
        "logged_out": sum(phone.manner is not Manner.KNOWN for phone in phones),
        "first_timers": sum(phone.manner.first for phone in phones),
        "seconds": args.seconds,
        **await _held_against(url, hall, phones),
        **_waited(phones),
        "database": args.database,
        "load_average": round(os.getloadavg()[0], 2),
    }


class Staff:
    """The venue's screen, and the secretary at the door."""

    def __init__(self, house: House, hall: Hall) -> None:
        self._house = house
        self._hall = hall
        self._lesson = f"/api/v1/lessons/{hall.lesson_id}"

    async def open(self) -> None:
        for event in ("open", "start"):
            await self._sure("director", "POST", f"{self._lesson}/transitions", event=event)

    async def phones(self, count: int, client: Callable[[], aiohttp.ClientSession]) -> list[Phone]:
        """Of everybody, slips handed out beforehand; each with a browser of its own from ``client``."""
        return [await self._phone(number, functools.partial(self._house.send, by=client())) for number in range(count)]

    async def _phone(self, number: int, ask: Ask) -> Phone:
        return Phone(ask, self._hall, number, self.issue, await self._slip(number))

    async def _slip(self, number: int) -> str:
        return await self.issue("activation", number) if self._hall.manner_of(number) is Manner.ACTIVATION else ""

    async def board(self) -> dict[str, Any]:
        answer = await self._house.ask("GET", f"{self._lesson}/board", session_of("director"))
        return dict(answer.json)

    async def shown(self) -> str:
        """What a phone scans now."""
        answer = await self._house.ask("GET", f"{self._lesson}/sign-in-code", session_of("v0"))
        return str(answer.json["codes"][0]["url"]).removeprefix(self._house.origin)

    async def issue(self, kind: str, number: int) -> str:
        body = {"kind": kind, "member_ids": [self._hall.member_ids[number]]}
        answer = await self._sure("secretary", "POST", "/api/v1/access-codes", **body)
        return str(answer.json["items"][0]["code"])

    async def _sure(self, who: str, method: str, path: str, **body: Any) -> Answer:
        body = {"command_id": str(uuid.uuid4()), **body}
        answer = await self._house.ask(method, path, session_of(who), json=body)
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {answer.json}")
        return answer


async def _held_against(url: str, hall: Hall, phones: list[Phone]) -> dict[str, Any]:
    """Who says that it is signed in, beside the rows of the database."""
    database = await Database.open(url)
    try:
        rows = await SqlRecords(database).read(lambda tx: tx.sign_ins.of(hall.lesson_id))
    finally:
        await database.close()
    there = Counter(row.member_id for row in rows)
    own = {hall.member_ids[phone.number] for phone in phones if phone.member_id == hall.member_ids[phone.number]}
    return {
        "signed_in": len(own & there.keys()),
        "left_outside": sorted(phone.number for phone in phones if phone.member_id is None),
        "lost": len(own - there.keys()),
        "doubled": sum(count - 1 for count in there.values()),
        "refused": dict(Counter(code for phone in phones for code in phone.refused)),
    }


def _waited(phones: list[Phone]) -> dict[str, Any]:
    """Seconds from the scan to the answer, by how somebody came in."""
    found: dict[str, Any] = {}
    for manner in Manner:
        took = [phone.took_s for phone in phones if phone.manner is manner]
        if took:
            found[f"{manner}_p50_s"], found[f"{manner}_max_s"] = round(statistics.median(took), 2), round(max(took), 2)
    return found
