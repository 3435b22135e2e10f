"""The generator of ``script/bench quiz``: many light Socket.IO clients (engine.io 4).

``python script/crowd.py PLAN``: connects everybody and prints one JSON line; answers the next quiz as planned, prints
what was heard in another, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import crowd_school
from light_socket import GoneError, LightSocket, anyone
from returning_phones import PATH

from server import clock, seals
from server.domain.tickets import SocketTicket
from server.link.process import raise_file_limit

CONNECTING_AT_ONCE = 40
OPEN, PING, PONG = "0", "2", "3"
CONNECT, EVENT, ACK = "40/live,", "42/live,", "43/live,"
LATE_LEAST_S, LATE_SPREAD_S = 1.1, 2.5  # the most grace is a second


class Phone:
    """One connection. ``waited_ms`` are the times from sending to the acknowledgement."""

    def __init__(self, crowd: Crowd, account_id: str, origin: str, *, late: bool) -> None:
        self._origin = origin
        self._crowd = crowd
        self._account_id = account_id
        self._late = late
        self._acks: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.waited_ms: list[float] = []

    async def connect(self) -> None:
        plan = self._crowd.plan
        self._socket = await LightSocket.open(self._origin, PATH, self._crowd.context)
        assert (await self._socket.receive()).startswith(OPEN)
        auth = {"ticket": self._crowd.ticket(self._account_id), "lesson_id": plan["lesson_id"], "face": "phone"}
        self._socket.send(CONNECT + json.dumps(auth))
        answer = await self._socket.receive()
        assert answer.startswith(CONNECT), answer

    async def read(self) -> None:
        while True:
            try:
                text = await self._socket.receive()
            except GoneError:
                return
            if text == PING:
                self._socket.send(PONG)
            elif text.startswith(ACK):
                number, _, body = text.removeprefix(ACK).partition("[")
                self._acks.pop(int(number)).set_result(json.loads("[" + body)[0])
            elif text.startswith(EVENT) and '"quiz.launched"' in text:
                event = json.loads(text.removeprefix(EVENT))[1]
                self._crowd.launched(self, event["data"], event["at"])

    def close(self) -> None:
        self._socket.close()

    async def answer(self, quiz: dict[str, Any]) -> None:
        """As planned: in the burst, perhaps twice; or after the deadline."""
        body = {"quiz_id": quiz["quiz_id"], "command_id": str(uuid.uuid4()), "choice": _choice(quiz)}
        await self._crowd.its_time(quiz, late=self._late)
        if not self._late and random.random() < self._crowd.plan["retried"]:
            await self._twice(body)
        else:
            self._crowd.heard(body, await self._ask(body))

    async def _twice(self, body: dict[str, Any]) -> None:
        """A double tap, or a phone that sends again because it did not hear."""
        if random.random() < 0.5:
            both = await asyncio.gather(self._ask(body), self._ask(body))
        else:
            both = (await self._ask(body), await self._ask(body))
        self._crowd.heard(body, both[0], again=both[1])

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        number = self._crowd.next_number()
        self._acks[number] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._socket.send(f'{EVENT}{number}["answer",{json.dumps(body)}]')
        ack = await self._acks_of(number)
        self.waited_ms.append((time.perf_counter() - began) * 1000)
        return ack

    async def _acks_of(self, number: int) -> dict[str, Any]:
        async with asyncio.timeout(30):
            return await self._acks[number]


def _choice(quiz: dict[str, Any]) -> list[str]:
    ids = [option["id"] for option in quiz["options"]]
    return random.sample(ids, random.randint(1, len(ids)))


class Crowd:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.context = anyone()
        self._seal = seals.TicketSeal(seals.load_key(Path(plan["secrets"]), "tickets.key"))
        in_time = len(plan["accounts"]) - plan["late"]
        origins = plan.get("origins", [plan["origin"]])  # of each control process
        self.phones = [
            Phone(self, account, origins[n % len(origins)], late=n >= in_time)
            for n, account in enumerate(plan["accounts"])
        ]
        self._tasks: asyncio.TaskGroup | None = None
        self._answering: list[asyncio.Task[None]] = []
        self._all_launched = asyncio.Event()
        self._number = 0
        self._began = clock.utc_now()
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.refused: Counter[str] = Counter()
        self.retried = self.unequal = 0
        self.launch_heard_ms = 0.0
        self._first = self._last = self._cpu_s = 0.0

    def ticket(self, account_id: str) -> str:
        expires_at = clock.utc_now() + dt.timedelta(seconds=50)
        return self._seal.sign(
            SocketTicket(self.plan["lesson_id"], account_id, expires_at, crowd_school.login_of(account_id))
        )

    def next_number(self) -> int:
        self._number += 1
        return self._number

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            await self._connect_all()
            self._cpu_s = time.process_time()
            print(json.dumps({"connected": len(self.phones)}), flush=True)
            await self._all_launched.wait()
            await asyncio.gather(*self._answering)
            print(json.dumps(self._told()), flush=True)
            await asyncio.to_thread(sys.stdin.read)
            for phone in self.phones:
                phone.close()

    async def _connect_all(self) -> None:
        """Each reads as soon as it is in: pings want an answer."""
        assert self._tasks is not None
        places = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def connect(phone: Phone) -> None:
            async with places:
                await phone.connect()
                assert self._tasks is not None
                self._tasks.create_task(phone.read())

        await asyncio.gather(*(connect(phone) for phone in self.phones))

    def launched(self, phone: Phone, quiz: dict[str, Any], at: str) -> None:
        assert self._tasks is not None
        if dt.datetime.fromisoformat(at) < self._began:
            return  # of an earlier quiz, which it was told on joining
        now = time.perf_counter()
        self._first = self._first or now
        lag = clock.utc_now() - dt.datetime.fromisoformat(at)
        self.launch_heard_ms = max(self.launch_heard_ms, lag / dt.timedelta(milliseconds=1))
        self._answering.append(self._tasks.create_task(phone.answer(quiz)))
        if len(self._answering) == len(self.phones):
            self._all_launched.set()

    async def its_time(self, quiz: dict[str, Any], *, late: bool) -> None:
        """In the burst, which begins when the first phone hears of the quiz; or when its time is over."""
        if late:
            over = dt.datetime.fromisoformat(quiz["deadline_at"]) - clock.utc_now()
            await asyncio.sleep(over.total_seconds() + random.uniform(LATE_LEAST_S, LATE_SPREAD_S))
            return
        at = self._first + random.uniform(0, self.plan["burst_s"])
        await asyncio.sleep(max(0.0, at - time.perf_counter()))

    def heard(self, body: dict[str, Any], ack: dict[str, Any], *, again: dict[str, Any] | None = None) -> None:
        if "code" in ack:
            self.refused[ack["code"]] += 1
            return
        self.acknowledged[body["command_id"]] = ack
        self._last = time.perf_counter()
        if again is not None:
            self.retried += 1
            self.unequal += again != ack

    def _told(self) -> dict[str, Any]:
        return {
            "acknowledged": list(self.acknowledged),
            "refused": dict(self.refused),
            "retried": self.retried,
            "unequal_retries": self.unequal,
            "waited_ms": [waited for phone in self.phones for waited in phone.waited_ms],
            "launch_heard_ms": self.launch_heard_ms,
            "all_answered_s": self._last - self._first,
            "cpu_s": time.process_time() - self._cpu_s,
        }


async def main(plan: dict[str, Any]) -> None:
    raise_file_limit()
    await Crowd(plan).run()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
