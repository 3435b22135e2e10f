"""``script/bench quiz --controls N``: one school of N control processes over one PostgreSQL and one Redis.

The phones are spread over the processes, the lecturer launches at the first, and a desk at each hears the counter.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import crowd_school
import own_server
import psutil
import quiz_burst
from generator import Generator
from light_socket import GoneError, LightSocket
from returning_phones import CONNECT, EVENT, PATH, PING, PONG, Hall

from tests.servers.redis import RedisServer

COUNTED_WITHIN_S = 10.0


class Desk:
    """The lecturer's, at one of the processes. ``answered``: what it was last told."""

    def __init__(self, socket: LightSocket) -> None:
        self._socket = socket
        self._told = asyncio.Event()
        self.answered = 0

    async def read(self) -> None:
        with contextlib.suppress(GoneError):
            while True:
                text = await self._socket.receive()
                if text == PING:
                    self._socket.send(PONG)
                elif text.startswith(f'{EVENT}["quiz"'):
                    self.answered = json.loads(text.removeprefix(EVENT))[1]["answered"]
                    self._told.set()

    async def counts(self, all_of_them: int) -> int:
        """What it was told, at the latest after ``COUNTED_WITHIN_S``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COUNTED_WITHIN_S):
                while self.answered != all_of_them:
                    self._told.clear()
                    await self._told.wait()
        return self.answered


@contextlib.asynccontextmanager
async def desk_at(origin: str, school: crowd_school.School, secrets: Path) -> AsyncIterator[Desk]:
    hall = Hall(origin, school.lesson_id, secrets, burst_s=0.0)
    socket = await LightSocket.open(origin, PATH, hall.context)
    await socket.receive()
    auth = {"ticket": await hall.ticket(school.lecturer_id), "lesson_id": school.lesson_id, "face": "desk"}
    socket.send(CONNECT + json.dumps(auth))
    assert (await socket.receive()).startswith(CONNECT)
    desk = Desk(socket)
    reading = asyncio.create_task(desk.read())
    try:
        yield desk
    finally:
        socket.close()
        await reading


async def measure(args: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    """As without; ``counted``: what each desk was told in the end, of so many."""
    school = await crowd_school.fill(url, args.members + args.late)
    origins = [own_server.free_origin() for _ in range(args.controls)]
    async with contextlib.AsyncExitStack() as stack:
        servers = _servers(stack, folder, origins, url)
        lecturer = await stack.enter_async_context(quiz_burst.lecturer_of(origins[0]))
        secrets = folder / "data" / "secrets"
        desks = [await stack.enter_async_context(desk_at(origin, school, secrets)) for origin in origins]
        question = await lecturer.prepare(school.lesson_id)
        plan = quiz_burst.plan_of(args, school, origins[0], folder) | {"origins": origins}
        before, crowd = _memory(servers), await Generator.with_plan(quiz_burst.CROWD, folder, plan)
        try:
            connected = await crowd.hear()
            await asyncio.sleep(quiz_burst.SETTLE_S)
            grown, cpu_before = _memory(servers) - before, _cpu_s(servers)
            seconds = max(5, round(args.burst) + quiz_burst.SPARE_S)
            await lecturer.launch(school.lesson_id, question, seconds=seconds)
            heard = await crowd.hear()
            cpu_s = _cpu_s(servers) - cpu_before
            counted = [await desk.counts(args.members) for desk in desks]
        finally:
            await crowd.end()
        rows = await quiz_burst.rows_of(url)
    each = grown // connected["connected"]
    result = quiz_burst.result_of(args, heard, rows, bytes_per_connection=each, cpu_s=cpu_s)
    return result | {"controls": args.controls, "counted": counted}


def _servers(stack: contextlib.AsyncExitStack, folder: Path, origins: list[str], url: str) -> list[psutil.Process]:
    redis = RedisServer()
    stack.callback(redis.close)
    redis.start()
    started = []
    for number, origin in enumerate(origins):
        own = folder / f"control-{number}"
        own.mkdir()
        shared = {"DATA": folder / "data", "DATABASE_URL": url, "REDIS_URL": redis.url}
        server = own_server.process(own, origin, LOG_LEVEL="warning", **shared)
        stack.callback(server.stop)
        server.start()
        started.append(psutil.Process(server.pid))
    return started


def _memory(servers: list[psutil.Process]) -> int:
    return sum(each.memory_info().rss for each in servers)


def _cpu_s(servers: list[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in servers)
