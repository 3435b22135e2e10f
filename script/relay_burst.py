"""``script/bench relay --quiz-burst N``: what a quiz of N members does to the picture.

The whole server with a lesson on the air, its media going to ``--viewers`` light viewers, and N members connected by
Socket.IO (``script/crowd.py``). Delays of packets of the picture (camera's clock in the packet to the kernel's stamp at
the viewer) are taken while nobody answers, while the lecturer launches a question and all N answer within two
seconds, and once more in peace. The crowd and the viewers share the machine with the server, as nobody's phones do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import crowd_school
import own_server
import psutil
import quiz_burst
from generator import Generator
from relay_peers import Stream
from relay_server import SDP, media_pid
from relay_stamps import StampingPublisher

from rooms.dtls import DtlsIdentity
from tests.servers.process import ServerProcess

AUDIENCE = Path(__file__).with_name("relay_audience.py")
TIMING_VIEWERS = 8
BURST_S, SPARE_S, SETTLE_S = 2.0, 6, 2.0
CONNECT_SECONDS = 30.0


async def measure(args: argparse.Namespace, script: str, folder: Path) -> dict[str, Any]:
    number = args.quiz_burst
    (folder / "data").mkdir()
    url = f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}"
    school = await crowd_school.fill(url, number)
    origin = own_server.free_origin()
    more = {
        "DATABASE_URL": url,
        "LOG_LEVEL": "warning",
        "RELAY_BACKEND": args.backend,
        "ACCOUNT_REQUESTS_PER_MINUTE": 100_000,
        "ACCOUNT_MEDIA_SESSIONS": max(20, args.viewers + 2),
    }
    server = own_server.process(folder, origin, **more)
    await asyncio.to_thread(server.start)
    try:
        async with quiz_burst.lecturer_of(origin) as lecturer, _on_air(lecturer, school.lesson_id, args) as air:
            return await _three_windows(args, lecturer, school, origin, folder, server, *air)
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def _on_air(
    lecturer: quiz_burst.Lecturer, lesson_id: str, args: argparse.Namespace
) -> AsyncIterator[tuple[StampingPublisher, Generator]]:
    """A camera that sends and viewers that watch."""
    publisher = StampingPublisher(DtlsIdentity(), Stream(args.packets_per_frame, args.payload_bytes))
    use = {"use": "publish", "source": "main", "client_id": "camera"}
    publisher.accept(await _exchange(lecturer, lesson_id, use, publisher.offer))
    await asyncio.wait_for(publisher.connect(), CONNECT_SECONDS)
    audience = await Generator.start(str(AUDIENCE), str(args.viewers), str(TIMING_VIEWERS))
    camera = asyncio.create_task(publisher.run(3600))
    try:
        answers = []
        for number, offer in enumerate(await audience.hear()):
            watch = {"use": "watch", "view": "programme", "client_id": f"viewer{number}"}
            answers.append(await _exchange(lecturer, lesson_id, watch, offer))
        await audience.ask(answers)
        yield publisher, audience
    finally:
        camera.cancel()
        await asyncio.gather(camera, return_exceptions=True)
        await audience.end()
        publisher.socket.close()


async def _exchange(lecturer: quiz_burst.Lecturer, lesson_id: str, use: dict[str, str], offer: str) -> str:
    ticket = await lecturer.post(f"lessons/{lesson_id}/tickets", **use)
    headers = SDP | {"Authorization": f"Bearer {ticket['token']}"}
    async with lecturer.session.post(ticket["url"], data=offer, headers=headers) as answer:
        text = await answer.text()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {text[:300]}")
        return text


async def _three_windows(  # noqa: PLR0917 - what the three share
    args: argparse.Namespace,
    lecturer: quiz_burst.Lecturer,
    school: crowd_school.School,
    origin: str,
    folder: Path,
    server: ServerProcess,
    publisher: StampingPublisher,
    audience: Generator,
) -> dict[str, Any]:
    question = await lecturer.prepare(school.lesson_id)
    plan = {
        "origin": origin,
        "lesson_id": school.lesson_id,
        "secrets": str(folder / "data" / "secrets"),
        "accounts": school.account_ids,
        "late": 0,
        "burst_s": BURST_S,
        "retried": 0.1,
    }
    crowd = await Generator.with_plan(quiz_burst.CROWD, folder, plan)
    try:
        await crowd.hear()
        await asyncio.sleep(SETTLE_S)
        before = await _delays(audience, args.seconds)
        began, cpu = time.monotonic(), _cpu(server.pid)
        await lecturer.launch(school.lesson_id, question, seconds=round(BURST_S) + SPARE_S)
        heard = await crowd.hear()
        took, used = time.monotonic() - began, _cpu(server.pid)
        during = await audience.ask("take")
        await asyncio.sleep(SETTLE_S)
        after = await _delays(audience, args.seconds)
    finally:
        await crowd.end()
    idle = max(before["pictures"]["p999_ms"], after["pictures"]["p999_ms"])
    return {
        "members": args.quiz_burst,
        "viewers": args.viewers,
        "acknowledged": len(heard["acknowledged"]),
        "burst_took_s": round(took, 2),
        "idle": before["pictures"],
        "burst": during["pictures"],
        "idle_again": after["pictures"],
        "p999_ms": during["pictures"]["p999_ms"],
        "times_idle": round(during["pictures"]["p999_ms"] / idle, 2),
        "control_share": round((used["control"] - cpu["control"]) / took, 2),
        "media_share": round((used["media"] - cpu["media"]) / took, 3),
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _delays(audience: Generator, seconds: float) -> dict[str, Any]:
    await audience.ask("take")
    await asyncio.sleep(seconds)
    taken: dict[str, Any] = await audience.ask("take")
    return taken


def _cpu(control: int) -> dict[str, float]:
    pids = {"control": control, "media": media_pid(control)}
    return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in pids.items()}
