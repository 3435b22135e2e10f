"""The generator of ``script/bench interaction``: a hall of light phones that hear everything, some of which talk.

``python script/talk_crowd.py PLAN``: connects everybody and prints one JSON line; talks for the planned time while
some phones drop out and come back; prints what was heard, and ends.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
import math
import random
import ssl
import sys
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aiohttp
import crowd_school

from server import clock, seals
from server.domain.tickets import SocketTicket
from server.link.process import raise_file_limit

CONNECTING_AT_ONCE = 40
OPEN, PING, PONG = "0", "2", "3"
CONNECT, EVENT, ACK = "40/live,", "42/live,", "43/live,"
SECOND, MOST_FRAMES = 1.0, 4
LAST_WORDS_S = 4.0
CATCHING_UP = 5
TICK_S = 0.02
LISTS = ("chat", "inquiries", "hands", "quizzes", "attendance")
"""What a phone shows, each to be read anew by who is far behind."""


@functools.lru_cache(maxsize=256)
def said(text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Name, and of events ``seq`` and what each is about. Phones that hear the same share the reading, too."""
    name, data = json.loads(text)
    events = data if name == "events" else [data] if name == "event" else []
    return name, tuple((event["seq"], _about(event)) for event in events)


def _about(event: dict[str, Any]) -> str:
    """What became of it later is none of what is measured; only an inquiry is asked first, and shown afterwards."""
    kind, data = event["kind"], event["data"]
    if kind in {"inquiry.asked", "inquiry.shown"}:
        return f"{kind} {data['inquiry']['id']}"
    return str(data.get({"chat.line": "line_id", "hand.raised": "id"}.get(kind, ""), ""))


class Phone:
    """One member's. Its bookkeeping is the crowd's: thousands of lines times thousands of phones."""

    def __init__(self, crowd: Crowd, account_id: str, since: int, face: str = "phone") -> None:
        self._crowd = crowd
        self._face = face
        self.account_id = account_id
        self.seen = since
        self.heard = bytearray()
        self.out_of_order = self.frames = self.crowded = self.resyncs = 0
        self._last: deque[float] = deque(maxlen=MOST_FRAMES)

    async def connect(self, since: int | None = None) -> aiohttp.ClientWebSocketResponse:
        plan = self._crowd.plan
        url = f"{plan['origin']}/socket.io/?EIO=4&transport=websocket"
        socket = await self._crowd.session.ws_connect(
            url, headers={"Origin": plan["origin"]}, compress=0, max_msg_size=0
        )
        assert (await socket.receive_str()).startswith(OPEN)
        auth = {"ticket": self._crowd.ticket(self.account_id), "lesson_id": plan["lesson_id"], "face": self._face}
        auth |= {"since": self.seen if since is None else since, "batch": True}
        await socket.send_str(CONNECT + json.dumps(auth))
        answer = await socket.receive_str()
        assert answer.startswith(CONNECT), answer
        return socket

    async def read(self) -> None:
        async for item in self.socket:
            text = item.data
            if text == PING:
                await self.socket.send_str(PONG)
            elif text.startswith(EVENT):
                self._take(text[len(EVENT) :], time.perf_counter())

    def _take(self, text: str, now: float) -> None:
        self._count_frame(now)
        name, events = said(text)
        self.resyncs += name == "resync"
        for seq, about in events:
            if seq <= self.seen:
                self.out_of_order += 1
            self.seen = max(self.seen, seq)
            if about:
                self._crowd.took(self, about, now)

    def _count_frame(self, now: float) -> None:
        self.frames += 1
        if len(self._last) == MOST_FRAMES and now - self._last[0] < SECOND:
            self.crowded += 1
        self._last.append(now)

    async def drop(self) -> None:
        """As in a lift: nothing is said."""
        transport = self.socket._writer.transport
        if transport is not None:
            transport.abort()


class Crowd:
    def __init__(self, plan: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self.plan, self.session = plan, session
        self._seal = seals.TicketSeal(seals.load_key(Path(plan["secrets"]), "tickets.key"))
        self.phones = [Phone(self, account, plan["since"]) for account in plan["accounts"]]
        self.staff = Phone(self, plan["staff"], plan["since"], "console")
        self._places = asyncio.Semaphore(CONNECTING_AT_ONCE)
        self._joined, self._all_joined = 0, asyncio.Event()
        self._index: dict[str, int] = {}
        self._early: dict[str, list[tuple[Phone, float]]] = {}
        self._acked: list[float] = []
        # By its place among what was acknowledged: whose it is. Nobody else but staff hears it.
        self._private: dict[int, Phone] = {}
        self._done: Counter[str] = Counter()
        self._lags: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()
        self._ack_ms: list[float] = []
        self._late_ms: list[float] = []
        self.returned = 0
        self.over = False

    def ticket(self, account_id: str) -> str:
        expires_at = clock.utc_now() + dt.timedelta(seconds=50)
        return self._seal.sign(
            SocketTicket(self.plan["lesson_id"], account_id, expires_at, crowd_school.login_of(account_id))
        )

    @property
    def _everybody(self) -> list[Phone]:
        return [*self.phones, self.staff]

    def joined(self) -> None:
        self._joined += 1
        if self._joined == len(self._everybody):
            self._all_joined.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for phone in self._everybody:
                tasks.create_task(self._in_turn(phone))
            await self._all_joined.wait()
            print(json.dumps({"connected": len(self.phones)}), flush=True)
            await asyncio.sleep(2)
            cpu_s = time.process_time()
            async with asyncio.TaskGroup() as talking:
                talking.create_task(
                    self._again_and_again(self.plan["lines_a_minute"] * self.plan["seconds"] / 60, self._say)
                )
                talking.create_task(self._again_and_again(self.plan["hands"], self._raise))
                talking.create_task(self._again_and_again(self.plan["inquiries"], self._ask))
                talking.create_task(self._drop_out())
                caught = talking.create_task(self._catch_up())
                talking.create_task(self._watch_the_clock())
            await asyncio.sleep(LAST_WORDS_S)
            self.over = True
            cpu_s = time.process_time() - cpu_s
            for phone in self._everybody:
                await phone.drop()
            print(json.dumps({**self._told(), "catchups": caught.result(), "cpu_s": cpu_s}), flush=True)

    async def _in_turn(self, phone: Phone) -> None:
        async with self._places:
            phone.socket = await phone.connect()
        self.joined()
        while not self.over:
            await phone.read()
            if self.over:
                return
            await asyncio.sleep(random.uniform(0.5, 3.0))
            phone.socket = await phone.connect()
            self.returned += 1

    # ---- talking ---------------------------------------------------------------------------------------

    async def _again_and_again(self, times: float, act: Callable[[Phone, int], Awaitable[None]]) -> None:
        """Spread evenly over the time, by one after the other."""
        count = round(times)
        began = time.perf_counter()
        authors = random.sample(self.phones, min(count, len(self.phones)))
        async with asyncio.TaskGroup() as tasks:
            for n in range(count):
                await asyncio.sleep(max(0.0, began + n * self.plan["seconds"] / count - time.perf_counter()))
                tasks.create_task(act(authors[n % len(authors)], n))

    async def _say(self, phone: Phone, n: int) -> None:
        await self._send("chat", phone, text=f"第{n}句：安全用电，人人有责，离开时请关灯断电。")

    async def _raise(self, phone: Phone, n: int) -> None:
        await self._send("hands", phone, private=True, topic=f"第{n}个问题：灭火器多久检查一次？")

    async def _ask(self, phone: Phone, n: int) -> None:
        """Staff approve it at once: everybody else hears it then, and not before."""
        text = f"第{n}个提问：消防通道被占用时应当向谁反映？"
        inquiry = await self._send("inquiries", phone, private=True, about="inquiry.asked {}", text=text)
        if inquiry:
            step = f"/api/v1/inquiries/{inquiry}/steps"
            await self._send("approvals", self.staff, path=step, about="inquiry.shown {}", step="approve")

    async def _send(
        self, noun: str, phone: Phone, *, path: str = "", about: str = "{}", private: bool = False, **body: str
    ) -> str:
        """Id of what came of it. ``about``: what its event is told by; ``private``: others but staff don't hear it."""
        path = path or f"/api/v1/lessons/{self.plan['lesson_id']}/{noun}"
        began = time.perf_counter()
        answer = await self.ask(phone.account_id, "POST", path, {"command_id": str(uuid.uuid4()), **body})
        now = time.perf_counter()
        self._ack_ms.append((now - began) * 1000)
        if "code" in answer:
            self.refused[answer["code"]] += 1
            return ""
        self._done[noun] += 1
        if private:
            self._private[len(self._acked)] = phone
        self._acknowledged(about.format(answer["id"]), now)
        return str(answer["id"])

    async def _watch_the_clock(self) -> None:
        """How late this process itself is: so much of every time that it measures is its own."""
        end = time.perf_counter() + self.plan["seconds"]
        while (began := time.perf_counter()) < end:
            await asyncio.sleep(TICK_S)
            self._late_ms.append((time.perf_counter() - began - TICK_S) * 1000)

    async def ask(self, account_id: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Origin": self.plan["origin"], "Cookie": f"__Host-session={crowd_school.token_of(account_id)}"}
        url = self.plan["origin"] + path
        async with self.session.request(method, url, json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    def _acknowledged(self, about: str, now: float) -> None:
        self._index[about] = len(self._acked)
        self._acked.append(now)
        for phone, at in self._early.pop(about, ()):
            self.took(phone, about, at)

    def took(self, phone: Phone, about: str, now: float) -> None:
        """Heard before its acknowledgement: no time at all."""
        index = self._index.get(about)
        if index is None:
            self._early.setdefault(about, []).append((phone, now))
            return
        if len(phone.heard) <= index:
            phone.heard.extend(bytes(index + 1 - len(phone.heard)))
        if not phone.heard[index]:
            self._lags[max(0, math.ceil((now - self._acked[index]) * 1000))] += 1
        phone.heard[index] = 1

    # ---- coming and going ------------------------------------------------------------------------------

    async def _drop_out(self) -> None:
        """Spread over the time, and nobody so late that it could not be back."""
        leaving = random.sample(self.phones, min(self.plan["drops"], len(self.phones)))
        pause_s = max(0.0, self.plan["seconds"] - 4) / max(1, len(leaving))
        for phone in leaving:
            await asyncio.sleep(pause_s)
            await phone.drop()

    async def _catch_up(self) -> list[dict[str, float]]:
        """Phones that come with everything behind them, as the page does it, while the others talk."""
        taken = []
        for account_id in self.plan["far_behind"][:CATCHING_UP]:
            await asyncio.sleep(self.plan["seconds"] / (CATCHING_UP + 1))
            taken.append(await self._far_behind(Phone(self, account_id, 0)))
        return taken

    async def _far_behind(self, phone: Phone) -> dict[str, float]:
        """Seconds from the dial to the end of each step; the last one is the tail's answer after the snapshots."""
        began, took_s = time.perf_counter(), {}

        def done(step: str) -> None:
            took_s[step] = round(time.perf_counter() - began, 3)

        socket = await phone.connect(since=0)
        done("connected")
        assert (await self._since(socket, 1, 0)).get("behind") is True
        done("behind")
        lesson = f"/api/v1/lessons/{self.plan['lesson_id']}"
        stage = await self.ask(phone.account_id, "GET", f"{lesson}/stage")
        done("stage")
        lists = await asyncio.gather(*(self.ask(phone.account_id, "GET", f"{lesson}/{path}") for path in LISTS))
        done("lists")
        assert len(lists[0]["items"]) > 0
        tail = await self._since(socket, 2, stage["seq"])
        assert "behind" not in tail
        done("tail")
        await socket.close()
        return took_s

    async def _since(self, socket: aiohttp.ClientWebSocketResponse, number: int, seq: int) -> dict[str, Any]:
        await socket.send_str(f'{EVENT}{number}["since",{json.dumps({"seq": seq, "snapshot": True})}]')
        while True:
            text = await socket.receive_str()
            if text.startswith(f"{ACK}{number}["):
                ack: dict[str, Any] = json.loads(text[len(f"{ACK}{number}") :])[0]
                return ack

    # ---- what came of it -------------------------------------------------------------------------------

    def _told(self) -> dict[str, Any]:
        return {
            "done": dict(self._done),
            "refused": dict(self.refused),
            "lost": sum(self._missed(phone) for phone in self._everybody),
            "out_of_order": sum(phone.out_of_order for phone in self._everybody),
            "resyncs": sum(phone.resyncs for phone in self.phones),
            "returned": self.returned,
            "frames": sum(phone.frames for phone in self.phones),
            "crowded": sum(phone.crowded for phone in self.phones),
            "lags": sorted(self._lags.items()),
            "ack_ms": sorted(self._ack_ms),
            "late_ms": sorted(self._late_ms),
        }

    def _missed(self, phone: Phone) -> int:
        """Of what it had to hear; what was not for it counts as wrong when it came."""
        heard = [*phone.heard, *bytes(len(self._acked) - len(phone.heard))]
        wanted = [phone in {self.staff, self._private.get(n, phone)} for n in range(len(self._acked))]
        return sum(bool(has) != wants for has, wants in zip(heard, wanted, strict=True))


async def main(plan: dict[str, Any]) -> None:
    raise_file_limit()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connector = aiohttp.TCPConnector(ssl=context, limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        await Crowd(plan, session).run()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
