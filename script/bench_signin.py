"""``script/bench signin``: members sign in within seconds, at venues by QR code and by one tap on their phones.

The real server on a temporary folder, with its defaults, on SQLite or on a PostgreSQL that waits for its disk. Twenty
venue screens ask for their codes as the page does. Every member comes at a moment of its own, by a TLS connection of
its own: at a venue it opens the screen's present address, looks what it scanned and signs in; elsewhere it looks
whether it is expected and taps. One sign-in of ten is sent twice, as after a lost answer. The milliseconds are of a
member's whole chain of requests, the handshake among them; `post_*` are of the sign-in alone. Generator and server
share the machine. The board is then held against the database, row by row; `board_behind_ms` is from the last
acknowledged sign-in to the pushed board that counts it. Sessions are written into the database directly: a login
costs 33 ms of argon2 by design and is not what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import random
import signal
import ssl
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import socketio

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from relay_server import cpu_seconds  # noqa: E402 - after the path of the checkout
from signin_school import School, school_of, session_of  # noqa: E402

from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from tests.servers import postgres  # noqa: E402
from tests.servers.process import free_port  # noqa: E402

READY = "就绪 ready:".encode()
RETRIED = 0.1
SETTLE_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "sign-ins of members within seconds, and whether each is there exactly once"
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20.0, help="within which all of them come")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(_postgres()) if args.database == "postgres" else None
        return asyncio.run(_measure(args, folder, server))


@contextmanager
def _postgres() -> Iterator[postgres.PostgresServer]:
    """Unlike in tests, it waits for the disk."""
    kept = dict(postgres.OPTIONS)
    postgres.OPTIONS.update({"fsync": "on", "full_page_writes": "on"})
    server = postgres.PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()
        postgres.OPTIONS.update(kept)


async def _measure(args: argparse.Namespace, folder: Path, server: postgres.PostgresServer | None) -> dict[str, Any]:
    url = (
        server.url(await server.create_database()) if server else f"sqlite+aiosqlite:///{folder}/data/dangxiao.sqlite3"
    )
    (folder / "data").mkdir()
    school = school_of(args.members, dt.datetime.now(dt.UTC))
    await school.import_into(url)
    async with _served(folder, url if server else "") as house:
        crowd = Crowd(house, school, random.Random(args.seed))
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
        "signed_in": len(of_member),
        "lost": len(crowd.acknowledged - of_member.keys()),
        "doubled": sum(count - 1 for count in of_member.values()),
        "refused": dict(crowd.refused),
        "board_equal": board["present"] == len(rows) and shown == {place: at_place[place] for place in shown},
    }


# ---- the server ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any
    headers: Any


@dataclass
class House:
    """The running server, as clients reach it."""

    origin: str
    context: ssl.SSLContext
    pid: int
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, session: str, *cookies: str, by: aiohttp.ClientSession | None = None, **more: Any
    ) -> Answer:
        headers = {"Origin": self.origin, "Cookie": "; ".join((f"__Host-session={session}", *cookies))}
        client = by or self.session
        async with client.request(method, self.origin + path, headers=headers, allow_redirects=False, **more) as got:
            body = await got.json() if "json" in got.headers.get("Content-Type", "") else None
            return Answer(got.status, body, got.headers)

    def client(self) -> aiohttp.ClientSession:
        """A browser of its own, with a connection of its own."""
        connector = aiohttp.TCPConnector(ssl=self.context, limit=1)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@asynccontextmanager
async def _served(folder: Path, database_url: str) -> AsyncIterator[House]:
    port = free_port()
    settings = {"HOST": "127.0.0.1", "PORT": port, "PLAIN_PORT": 0, "MEDIA_PORT": 0, "DATA": folder / "data"}
    settings["DATABASE_URL"] = database_url
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}
    environment |= {f"DANGXIAO_{key}": str(value) for key, value in settings.items()}
    with (folder / "log").open("wb") as log:
        command = (sys.executable, "-m", "server", "serve")
        pipe = asyncio.subprocess.PIPE
        server = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=pipe, stderr=log)
        try:
            while READY not in (line := await server.stdout.readline()):
                if not line:
                    raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])
            context = ssl.create_default_context(cafile=folder / "data" / "tls" / "ca.crt")
            connector = aiohttp.TCPConnector(ssl=context, limit=0)
            async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
                yield House(f"https://localhost:{port}", context, server.pid, session)
        finally:
            if server.returncode is None:
                server.send_signal(signal.SIGINT)
            await server.communicate()


# ---- the people ----------------------------------------------------------------------------------------


@dataclass
class Crowd:
    house: House
    school: School
    chance: random.Random
    acknowledged: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    chains_ms: list[float] = field(default_factory=list)
    posts_ms: list[float] = field(default_factory=list)
    codes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    boards: list[tuple[float, int]] = field(default_factory=list)
    last_ack: float = 0.0

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
            async with asyncio.TaskGroup() as group:
                for number, moment in enumerate(moments):
                    group.create_task(self._member(number, began + moment))
            took = time.monotonic() - began
            cpu, own = cpu_seconds(self.house.pid) - cpu, time.process_time() - own
            behind = await self._board_behind()
        return {
            "took_s": round(took, 2),
            "p50_ms": _percentile(self.chains_ms, 50),
            "p95_ms": _percentile(self.chains_ms, 95),
            "max_ms": _percentile(self.chains_ms, 100),
            "post_p50_ms": _percentile(self.posts_ms, 50),
            "post_p95_ms": _percentile(self.posts_ms, 95),
            "server_cpu_percent": round(100 * cpu / took),
            "generator_cpu_percent": round(100 * own / took),
            "board_behind_ms": behind,
        }

    async def _member(self, number: int, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        began = time.monotonic()
        async with self.house.client() as client:
            venue = self.school.venue_of(number)
            signed_in = await (self._tap(number, client) if venue is None else self._scan(number, venue, client))
        if signed_in.status == 200:
            self.last_ack = time.monotonic()
            self.chains_ms.append((self.last_ack - began) * 1000)
            self.acknowledged.add(signed_in.json["member_id"])
        else:
            self.refused[(signed_in.json or {}).get("code", str(signed_in.status))] += 1

    async def _scan(self, number: int, venue: int, client: aiohttp.ClientSession) -> Answer:
        session = session_of(f"a{number}")
        scanned = await self.house.ask("GET", self._shown(venue), session, by=client)
        cookies = [each.split(";")[0] for each in scanned.headers.getall("Set-Cookie", [])]
        await self.house.ask("GET", "/api/v1/sign-in", session, *cookies, by=client)
        return await self._post("/api/v1/sign-in", {}, session, cookies, client)

    async def _tap(self, number: int, client: aiohttp.ClientSession) -> Answer:
        session = session_of(f"a{number}")
        await self.house.ask("GET", f"{self.path}/attendance", session, by=client)
        return await self._post(f"{self.path}/sign-in", {"way": "phone"}, session, [], client)

    async def _post(
        self, path: str, body: dict[str, Any], session: str, cookies: list[str], client: aiohttp.ClientSession
    ) -> Answer:
        began = time.monotonic()
        command = {"command_id": str(uuid.uuid4()), **body}
        answer = await self.house.ask("POST", path, session, *cookies, by=client, json=command)
        self.posts_ms.append((time.monotonic() - began) * 1000)
        if answer.status == 200 and self.chance.random() < RETRIED:
            again = await self.house.ask("POST", path, session, *cookies, by=client, json=command)
            assert (again.status, again.json) == (answer.status, answer.json), again.json
        return answer

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

    async def _board_behind(self) -> int | None:
        """Milliseconds from the last sign-in to the board that has them all; None when it did not come."""
        until = time.monotonic() + SETTLE_S
        while time.monotonic() < until:
            complete = [at for at, present in self.boards if present >= len(self.acknowledged)]
            if complete:
                return max(0, round((complete[0] - self.last_ack) * 1000))
            await asyncio.sleep(0.05)
        return None


def _percentile(values: list[float], percent: int) -> int | None:
    if len(values) < 2:
        return None
    ordered = sorted(values)
    if percent == 100:
        return round(ordered[-1])
    return round(statistics.quantiles(ordered, n=100)[percent - 1])
