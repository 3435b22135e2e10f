"""``script/bench relay --joins N``: from a WHEP POST to the first decodable picture, one by one and in a crowd.

Decodable: a whole keyframe, from its parameter sets to its marker, without a gap. Through the whole server: HTTPS,
ticket, the control process and its database, the media process, ICE, DTLS, SRTP. The camera sends 2 Mbit/s, a
keyframe of 40 packets when it is asked for one (at its next frame). ``plis_per_s`` is how often it was.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from pathlib import Path
from typing import Any

from generator import Generator
from relay_peers import Stream
from relay_server import WholeServer, put_on_air
from relay_stamps import StampingPublisher, quantile

from rooms.dtls import DtlsIdentity

JOINERS = Path(__file__).with_name("relay_joiners.py")
STREAM, KEYFRAME_PACKETS = Stream(9, 1100), 40
JOINS_PER_S = 30  # 300 in 10 s
IDLE_JOINS, IDLE_EVERY_S = 20, 0.37
WARM_UP_S = 1.5
SEED = 7


async def measure(args: argparse.Namespace, script: str, folder: Path) -> dict[str, Any]:
    server = await WholeServer.start(folder, args.joins + 2 * IDLE_JOINS, args.backend)
    joiners = await Generator.start(str(JOINERS))
    publisher = StampingPublisher(DtlsIdentity(), STREAM, keyframe_packets=KEYFRAME_PACKETS)
    try:
        await put_on_air(server, publisher)
        return await _both(args, server, joiners, publisher)
    finally:
        await server.close()
        await joiners.end()
        publisher.socket.close()


async def _both(
    args: argparse.Namespace, server: WholeServer, joiners: Generator, publisher: StampingPublisher
) -> dict[str, Any]:
    camera = asyncio.create_task(publisher.run(3600))
    dice = random.Random(SEED)
    idle_at = [IDLE_EVERY_S * number for number in range(min(IDLE_JOINS, args.joins))]
    crowd_at = sorted(args.joins / JOINS_PER_S * dice.random() for _ in range(args.joins))
    try:
        await asyncio.sleep(WARM_UP_S)
        await joiners.ask(await _plans(server, [0.0]))  # connections, caches: not counted
        idle = await joiners.ask(await _plans(server, idle_at))
        plans = await _plans(server, crowd_at)
        asked, began, cpu = len(publisher.asked_at_s), time.monotonic(), server.cpu()
        crowd = await joiners.ask(plans)
        took, used = time.monotonic() - began, server.cpu()
    finally:
        camera.cancel()
        await asyncio.gather(camera, return_exceptions=True)
    return {
        "backend": (await server.stats())["backend"],
        "joins": args.joins,
        "idle": _spread(idle),
        "crowd": _spread(crowd),
        "idle_p50_ms": _spread(idle)["p50_ms"],
        "p95_ms": _spread(crowd)["p95_ms"],
        "plis_per_s": round((len(publisher.asked_at_s) - asked) / took, 2),
        "took_s": round(took, 2),
        "media_share": round((used["media"] - cpu["media"]) / took, 3),
        "control_share": round((used["control"] - cpu["control"]) / took, 3),
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _plans(server: WholeServer, at_s: list[float]) -> list[dict[str, Any]]:
    tickets = [await server.ticket(number) for number in range(len(at_s))]
    return [{"at_s": at, "url": t["url"], "token": t["token"]} for at, t in zip(at_s, tickets, strict=True)]


def _spread(joins: list[dict[str, Any]]) -> dict[str, Any]:
    """Waits, and where they went."""
    waits = [join["wait_ms"] for join in joins]
    return {
        "p50_ms": quantile(waits, 0.5),
        "p95_ms": quantile(waits, 0.95),
        "max_ms": quantile(waits, 1.0),
        "to_answer": _part([join["answer_ms"] for join in joins]),
        "to_keys": _part([join["connect_ms"] - join["answer_ms"] for join in joins]),
        "to_picture": _part([join["wait_ms"] - join["connect_ms"] for join in joins]),
        "disordered": sum(join["disordered"] for join in joins),
    }


def _part(values: list[float]) -> dict[str, float | None]:
    return {"p50_ms": quantile(values, 0.5), "p95_ms": quantile(values, 0.95)}
