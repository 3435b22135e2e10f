"""``script/bench signin``: members sign in within seconds, at venues by QR code and by one tap on their phones.

The real server on a temporary folder, with its defaults, on SQLite or on a PostgreSQL that waits for its disk. Twenty
venue screens ask for their codes as the page does. Every member comes at a moment of its own, by a TLS connection of
its own: at a venue it opens the screen's present address, looks what it scanned and signs in; elsewhere it looks
whether it is expected and taps. Sign-ins are sent again under their command (`--retries`, one of ten members unless
said otherwise): every second retry before its answer has come, on another connection, the others up to five seconds
after it; each must get the very same answer. The milliseconds are of a member's whole chain of requests, the handshake
among them; `post_*` are of the sign-in alone, `retry_*` of the repetitions. Generator and server share the machine, so
members are browsers that cost little (`lean_browser`): how long a phone takes to write a request is not measured. The
board is then held against the database, row by row; `board_lag_s` is the longest that an acknowledged sign-in waited
for a pushed board that counts as many. Sessions are written into the database directly: a login costs 33 ms of argon2
by design and is not what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from lean_browser import Browser, Door, Reply  # noqa: E402
from relay_server import cpu_seconds  # noqa: E402 - after the path of the checkout
from signin_house import House, durable_postgres, served  # noqa: E402
from signin_school import School, school_of, session_of  # noqa: E402

from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402

RETRY_WITHIN_S = 5.0
SETTLE_S = 5.0
LOOK_EVERY_S = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "sign-ins of members within seconds, and whether each is there exactly once"
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20.0, help="within which all of them come")
    parser.add_argument("--retries", type=int, help="how often a sign-in is sent once more (default: members / 10)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(durable_postgres()) if args.database == "postgres" else ""
        return asyncio.run(_measure(args, folder, url))


async def _measure(args: argparse.Namespace, folder: Path, database_url: str) -> dict[str, Any]:
    url = database_url or f"sqlite+aiosqlite:///{folder}/data/dangxiao.sqlite3"
    (folder / "data").mkdir()
    school = school_of(args.members, dt.datetime.now(dt.UTC))
    await school.import_into(url)
    async with served(folder, database_url) as house:
        retries = args.members // 10 if args.retries is None else args.retries
        crowd = Crowd(house, school, random.Random(args.seed), retries)
        figures = await crowd.sign_everybody_in(args.seconds)
        board = (await house.ask("GET", f"{crowd.path}/board", session_of("director"))).json
    return {
        "members": args.members,
        "seconds": args.seconds,
        **figures,
        **await _held_against(url, school, crowd, board),
        "database": args.database,
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _held_against(url: str, school: School, crowd: Crowd, board: dict[str, Any]) -> dict[str, Any]:
    """What was acknowledged, and the board, beside the rows of the database."""
    database = await Database.open(url)
    try:
        rows = await SqlRecords(database).read(lambda tx: tx.sign_ins.of(school.lesson_id))
    finally:
        await database.close()
    of_member = Counter(row.member_id for row in rows)
    at_place = Counter(row.lesson_venue_id for row in rows)
    shown = {row["lesson_venue_id"]: row["present"] for row in board["venues"]}
    return {
        "rows": len(rows),
        "signed_in": len(of_member),
        "lost": len(crowd.acknowledged - of_member.keys()),
        "doubled": sum(count - 1 for count in of_member.values()),
        "refused": dict(crowd.refused),
        "board_equal": board["present"] == len(rows) and shown == {place: at_place[place] for place in shown},
    }


# ---- the people ----------------------------------------------------------------------------------------


@dataclass
class Crowd:
    house: House
    school: School
    chance: random.Random
    retries: int
    acknowledged: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    chains_ms: list[float] = field(default_factory=list)
    posts_ms: list[float] = field(default_factory=list)
    retries_ms: list[float] = field(default_factory=list)
    unequal: int = 0
    acks: list[float] = field(default_factory=list)
    codes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    boards: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door = self.house.door()

    @property
    def path(self) -> str:
        return f"/api/v1/lessons/{self.school.lesson_id}"

    async def sign_everybody_in(self, seconds: float) -> dict[str, Any]:
        for event in ("open", "start"):
            body = {"command_id": str(uuid.uuid4()), "event": event}
            moved = await self.house.ask("POST", f"{self.path}/transitions", session_of("director"), json=body)
            assert moved.status == 200, moved.json
        async with self._watched_board(), self._screens():
            cpu, own = cpu_seconds(self.house.pid), time.process_time()
            began = time.monotonic()
            moments = [self.chance.uniform(0, seconds) for _ in range(self.school.members)]
            again = Counter(self.chance.randrange(self.school.members) for _ in range(self.retries))
            async with asyncio.TaskGroup() as group:
                for number, moment in enumerate(moments):
                    group.create_task(self._member(number, began + moment, again[number]))
            took = time.monotonic() - began
            cpu, own = cpu_seconds(self.house.pid) - cpu, time.process_time() - own
            lags = await self._board_lags()
        return {
            "took_s": round(took, 2),
            "p50_ms": _percentile(self.chains_ms, 50),
            "p95_ms": _percentile(self.chains_ms, 95),
            "max_ms": _percentile(self.chains_ms, 100),
            "post_p50_ms": _percentile(self.posts_ms, 50),
            "post_p95_ms": _percentile(self.posts_ms, 95),
            "connections": self.door.connections,
            "resumed": self.door.resumed,
            "retries": len(self.retries_ms),
            "retry_p95_ms": _percentile(self.retries_ms, 95),
            "unequal_retries": self.unequal,
            "server_cpu_s": round(cpu, 2),
            "generator_cpu_s": round(own, 2),
            "server_cpu_percent": round(100 * cpu / took),
            "generator_cpu_percent": round(100 * own / took),
            "boards": len(self.boards),
            "board_lag_s": None if lags is None else round(max(lags), 2),
            "board_lag_p50_s": None if lags is None else round(statistics.median(lags), 2),
        }

    async def _member(self, number: int, moment: float, retries: int) -> None:
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        began = time.monotonic()
        async with Browser(self.door) as browser:
            member = _Member(self.door, browser, [f"__Host-session={session_of(f'a{number}')}"])
            venue = self.school.venue_of(number)
            await (self._tap(member) if venue is None else self._scan(member, venue))
            beside = [asyncio.create_task(self._retry(member)) for _ in range(retries // 2)]
            first, took = await member.sign_in()
            self.posts_ms.append(took)
            if first.status == 200:
                self.acks.append(time.monotonic())
                self.chains_ms.append((self.acks[-1] - began) * 1000)
                self.acknowledged.add(first.json["member_id"])
            else:
                self.refused[(first.json or {}).get("code", str(first.status))] += 1
            later = [self._retry(member, self.chance.uniform(0, RETRY_WITHIN_S)) for _ in range(len(beside), retries)]
            answers = await asyncio.gather(*beside, *later)
        self.unequal += sum(each != first for each in answers)

    async def _retry(self, member: _Member, after_s: float = 0.0) -> Reply:
        await asyncio.sleep(after_s)
        answer, took = await member.sign_in()
        self.retries_ms.append(took)
        return answer

    async def _scan(self, member: _Member, venue: int) -> None:
        scanned = await member.ask("GET", self._shown(venue))
        member.cookies += scanned.set_cookies()
        await member.ask("GET", "/api/v1/sign-in")
        member.decide("/api/v1/sign-in")

    async def _tap(self, member: _Member) -> None:
        await member.ask("GET", f"{self.path}/attendance")
        member.decide(f"{self.path}/sign-in", way="phone")

    # ---- screens ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _screens(self) -> AsyncIterator[None]:
        ready = [asyncio.Event() for _ in self.school.venue_ids]
        tasks = [asyncio.create_task(self._screen(venue, ready[venue])) for venue in range(len(ready))]
        await asyncio.gather(*(each.wait() for each in ready))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _screen(self, venue: int, ready: asyncio.Event) -> None:
        """Asks anew in every slot, at a moment of its own."""
        await asyncio.sleep(self.chance.uniform(0, 1))
        while True:
            answer = await self.house.ask("GET", f"{self.path}/sign-in-code", session_of(f"v{venue}"))
            self.codes[venue] = answer.json["codes"]
            ready.set()
            await asyncio.sleep(5)

    def _shown(self, venue: int) -> str:
        now = dt.datetime.now(dt.UTC)
        showing = [code for code in self.codes[venue] if dt.datetime.fromisoformat(code["shows_at"]) <= now]
        return (showing or self.codes[venue])[-1]["url"].removeprefix(self.house.origin)

    # ---- the board -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _watched_board(self) -> AsyncIterator[None]:
        body = {"lesson_id": self.school.lesson_id}
        ticket = await self.house.ask("POST", "/api/v1/socket-ticket", session_of("director"), json=body)
        client = socketio.AsyncClient(http_session=self.house.session, reconnection=False, handle_sigint=False)

        async def board(data: dict[str, Any]) -> None:
            self.boards.append((time.monotonic(), data["present"]))

        client.on("board", board, namespace="/live")
        auth = {"ticket": ticket.json["ticket"], "lesson_id": self.school.lesson_id, "since": 0, "face": "board"}
        headers = {"Origin": self.house.origin}
        joining = {"transports": ["websocket"], "namespaces": ["/live"]}
        await client.connect(self.house.origin, auth=auth, headers=headers, **joining)
        yield
        await client.disconnect()

    async def _board_lags(self) -> list[float] | None:
        """Seconds from each acknowledgement to the first board that counts as many; None: that board did not come."""
        for _ in range(int(SETTLE_S / LOOK_EVERY_S)):
            if self.boards and self.boards[-1][1] >= len(self.acks):
                break
            await asyncio.sleep(LOOK_EVERY_S)
        lags, pushed = [], iter(self.boards)
        at, present = 0.0, 0
        for count, acknowledged in enumerate(sorted(self.acks), 1):
            while present < count:
                following = next(pushed, None)
                if following is None:
                    return None
                at, present = following
            lags.append(max(0.0, at - acknowledged))
        return lags


@dataclass
class _Member:
    """One phone; the sign-in that it sends, as often as it likes."""

    door: Door
    browser: Browser
    cookies: list[str]
    signing: bytes = b""

    async def ask(self, method: str, path: str) -> Reply:
        return await self.browser.ask(self.door.request(method, path, self.cookies))

    def decide(self, path: str, **fields: str) -> None:
        """Where it signs in, under a command of its own."""
        body = {"command_id": str(uuid.uuid4()), **fields}
        self.signing = self.door.request("POST", path, self.cookies, body)

    async def sign_in(self) -> tuple[Reply, float]:
        """And how many milliseconds it took."""
        began = time.monotonic()
        reply = await self.browser.ask(self.signing)
        return reply, (time.monotonic() - began) * 1000


def _percentile(values: list[float], percent: int) -> int | None:
    if len(values) < 2:
        return None
    ordered = sorted(values)
    if percent == 100:
        return round(ordered[-1])
    return round(statistics.quantiles(ordered, n=100)[percent - 1])
