"""Phones that answer the lesson's quiz, and come back by the rule of the real client when their server was away.

The rule is ``SOCKET_POLICY`` of ``static/src/protocol/reconnect.ts``: dial at once (or when a goodbye said), give a
dial four seconds (after one that failed at once: fifteen), then wait longer from dial to dial, ± a quarter. Like the
page, a phone keeps an answer that was not acknowledged and sends it again under the same command id.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import crowd_school
from light_socket import LightSocket, anyone

from server import clock, seals
from server.domain.tickets import SocketTicket
from server.web.call import COOKIE

DIAL_S, PATIENT_S, UNANSWERED_S, SOON_S, JITTER = 4.0, 15.0, 0.25, 3.0, 0.25
BACKOFF_S = (0.5, 1.0, 2.0)  # and on: never more than SOON_S in the first minute
BEAT_S, LEAST_SHARE = 15.0, 0.3  # and the first of them after a return comes after this share, at least
PING, PONG = "2", "3"
CONNECT, REFUSED, EVENT, ACK = "40/live,", "44/live,", "42/live,", "43/live,"
PATH = "/socket.io/?EIO=4&transport=websocket"
_AWAY = (OSError, aiohttp.ClientError, TimeoutError)


class RefusedError(Exception):
    """``retry_after_s``: as the server asked, or 0."""

    def __init__(self, code: str, retry_after_s: float) -> None:
        super().__init__(code)
        self.retry_after_s = retry_after_s


def pause_s(attempt: int, *, answered: bool, retry_after_s: float = 0.0) -> float:
    """Before the dial after this one. ``answered``: it failed, or was refused; else it was given up."""
    base = BACKOFF_S[attempt - 1] if attempt <= len(BACKOFF_S) else SOON_S
    base = base if answered else min(base, UNANSWERED_S)
    asked = retry_after_s + random.random() * min(retry_after_s, 2.0)
    return max(asked, base * (1 + JITTER * (2 * random.random() - 1)))


class Hall:
    """What all phones share. ``asks``: tickets are asked for by HTTPS (in ``session``), each over a connection of its
    own; ``keeps``: by those only whom no beat gave one.
    """

    def __init__(
        self,
        origin: str,
        lesson_id: str,
        secrets: Path,
        *,
        burst_s: float,
        session: aiohttp.ClientSession | None = None,
        asks: bool = False,
        keeps: bool = False,
        at_once: int = 0,
    ) -> None:
        self.keeps = keeps
        self.origin, self.lesson_id, self.session = origin, lesson_id, session
        self.burst_s, self.asks = burst_s, asks
        self.context = anyone()
        self._secrets = secrets
        self._seal: seals.TicketSeal | None = None
        # Only while they come for the first time: on their return nobody keeps them apart but their rule.
        self.door = asyncio.Semaphore(at_once) if at_once else None
        self.refused: Counter[str] = Counter()
        self.dials = self.reached = self.given_up = 0  # dialled; of it, answered by a server, and not answered in time
        self.changed = asyncio.Event()

    async def ticket(self, account_id: str) -> str:
        if self.asks:
            return await self._asked(account_id)
        self._seal = self._seal or seals.TicketSeal(seals.load_key(self._secrets, "tickets.key"))
        until = clock.utc_now() + dt.timedelta(seconds=50)
        return self._seal.sign(SocketTicket(self.lesson_id, account_id, until, crowd_school.login_of(account_id)))

    async def _asked(self, account_id: str) -> str:
        headers = {
            "Origin": self.origin,
            "Cookie": f"{COOKIE}={crowd_school.token_of(account_id)}",
            "Connection": "close",
        }
        body = {"lesson_id": self.lesson_id}
        assert self.session is not None
        async with self.session.post(f"{self.origin}/api/v1/socket-ticket", json=body, headers=headers) as answer:
            told = await answer.json()
            if answer.status >= 400:
                raise RefusedError(told["code"], float(answer.headers.get("Retry-After", 0)))
            return str(told["ticket"])

    async def until(self, holds: Any, within_s: float) -> bool:
        """Whether it came to hold."""
        try:
            async with asyncio.timeout(within_s):
                while not holds():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True


class ReturningPhone:
    """Run ``live`` as a task. ``back_at``: monotonic times of its arrivals, each with the open quiz read."""

    def __init__(self, hall: Hall, account_id: str) -> None:
        self._hall, self._account_id = hall, account_id
        self._socket: LightSocket | None = None
        self._number = 0
        self._asked: dict[int, str] = {}
        self._ticket: str | None = None  # given by a beat
        self._beating: asyncio.TimerHandle | None = None
        self.sending: asyncio.Task[None] | None = None
        self.back_at: list[float] = []
        self.quiz_id: str | None = None
        self.command: dict[str, Any] | None = None  # its answer to the quiz
        self.due = False  # its time in the burst has come
        self.receipts: list[dict[str, Any]] = []

    async def live(self) -> None:
        """Until cancelled."""
        attempt, wait_s, door, limit_s = 1, 0.0, self._hall.door, DIAL_S
        while True:
            await asyncio.sleep(wait_s)
            try:
                if door is not None:
                    async with door, asyncio.timeout(60):
                        await self._dial()
                else:
                    async with asyncio.timeout(limit_s):
                        await self._dial()
            except RefusedError as refused:
                self._hall.refused[str(refused)] += 1
                wait_s, limit_s = pause_s(attempt, answered=True, retry_after_s=refused.retry_after_s), PATIENT_S
                attempt += 1
            except _AWAY as error:
                answered = not isinstance(error, TimeoutError)
                self._hall.given_up += not answered
                wait_s, limit_s = pause_s(attempt, answered=answered), PATIENT_S if answered else limit_s
                attempt += 1
            else:
                wait_s, attempt, door = await self._stay(), 1, None
                limit_s = PATIENT_S if wait_s else DIAL_S
            self._hang_up()

    async def _dial(self) -> None:
        self._hall.dials += 1
        ticket = self._ticket or await self._hall.ticket(self._account_id)
        self._socket = await LightSocket.open(self._hall.origin, PATH, self._hall.context)
        self._hall.reached += 1
        await self._socket.receive()
        auth = {"ticket": ticket, "lesson_id": self._hall.lesson_id, "face": "phone", "since": 0, "batch": True}
        auth["catch_up"] = True
        self._socket.send(CONNECT + json.dumps(auth))
        answer = await self._socket.receive()
        if answer.startswith(REFUSED):
            data = json.loads(answer.removeprefix(REFUSED)).get("data", {})
            if str(data.get("code")).startswith("ticket_"):
                self._ticket = None
            raise RefusedError(data.get("code", "?"), data.get("retry_after_s") or 0.0)
        self._asked.clear()
        self._beat_on()

    def _beat_on(self) -> None:
        """At once when it comes for the first time, and has no ticket; then now and then."""
        returning = self._ticket is not None
        if not returning:
            self._ask("beat", {"ticket": True} if self._hall.keeps else {})
        share = LEAST_SHARE + (1 - LEAST_SHARE) * random.random() if returning else 1.0
        self._beating = asyncio.get_running_loop().call_later(BEAT_S * share, self._beat)

    def _beat(self) -> None:
        self._beating = asyncio.get_running_loop().call_later(BEAT_S, self._beat)
        if self._socket is not None and not self._socket.closed:
            self._ask("beat", {"ticket": True} if self._hall.keeps and self._ticket is None else {})

    def _ask(self, name: str, body: dict[str, Any]) -> None:
        if self._socket is None:
            return
        self._number += 1
        self._asked[self._number] = name
        self._socket.send(f"{EVENT}{self._number}{json.dumps([name, body])}")

    async def _stay(self) -> float:
        """Until the connection is gone; how long to wait before the next dial."""
        assert self._socket is not None
        try:
            while True:
                text = await self._socket.receive()
                if text == PING:
                    self._socket.send(PONG)
                elif text.startswith(ACK):
                    self._acknowledged(text.removeprefix(ACK))
                elif text.startswith(EVENT):
                    name, data = json.loads(text.removeprefix(EVENT))
                    if name == "bye":
                        return float(data.get("retry_after_ms", 1000)) / 1000
                    self._heard(data if name == "events" else data["events"] if name == "caught_up" else [])
                    if name == "caught_up":
                        self._is_back()
        except _AWAY:
            pass
        return 0.0

    def _acknowledged(self, text: str) -> None:
        number, _, body = text.partition("[")
        name, said = self._asked.pop(int(number), ""), json.loads("[" + body)[0]
        if name == "beat":
            self._ticket = said.get("ticket", self._ticket)
        elif name == "answer" and "code" in said:
            self._hall.refused[said["code"]] += 1
        elif name == "answer" and self.command is not None and said["quiz_id"] == self.command["quiz_id"]:
            self.receipts.append(said)
        self._hall.changed.set()

    def _is_back(self) -> None:
        """It has heard all that it missed."""
        self.back_at.append(time.monotonic())
        if self.due:
            self.answer()
        self._hall.changed.set()

    def _heard(self, events: list[dict[str, Any]]) -> None:
        launched = [event["data"] for event in events if event["kind"] == "quiz.launched"]
        if launched and launched[-1]["quiz_id"] != self.quiz_id:
            self._begin(launched[-1])

    def _begin(self, quiz: dict[str, Any]) -> None:
        self.quiz_id, self.due, self.receipts = quiz["quiz_id"], False, []
        ids = [option["id"] for option in quiz["options"]]
        choice = random.sample(ids, random.randint(1, len(ids)))
        self.command = {"quiz_id": self.quiz_id, "command_id": str(uuid.uuid4()), "choice": choice}
        self.end()
        self.sending = asyncio.create_task(self._in_the_burst())

    async def _in_the_burst(self) -> None:
        await asyncio.sleep(random.uniform(0, self._hall.burst_s))
        self.due = True
        self.answer()

    def answer(self) -> None:
        """Sends it when there is somebody to hear it; else on the return."""
        if self.command is None or self._socket is None or self._socket.closed:
            return
        try:
            self._ask("answer", self.command)
        except _AWAY:
            return

    def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        if self._beating is not None:
            self._beating.cancel()
        if socket is not None:
            socket.close()

    def end(self) -> None:
        if self.sending is not None:
            self.sending.cancel()
