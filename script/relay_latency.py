"""``script/bench relay --latency``: what the server adds to the way of a packet, at 70 % of its own maximum rate.

The maximum is found in the same run, by a ramp: the rate is raised by half until the server no longer keeps up (one
packet in twenty comes later than a frame of 25 a second lasts), more than 0.1 % is lost on the way through server and
bench together, or the media process takes all of a processor. Then delays are taken at 70 % of the highest rate that
went through. They run from the camera's clock in
the packet to the kernel's stamp at the viewer, so they hold reading, opening, collecting a frame, sealing and sending
for everybody before this viewer. Viewers that look are spread over the order of sending. Keyframes of this run are no
longer than other frames; how long a long one takes (it leaves in slices) is measured apart, at 25 frames a second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import Any

from generator import Generator
from relay_peers import Stream
from relay_server import Served, asked_for, put_on_air
from relay_stamps import StampingPublisher

from rooms.dtls import DtlsIdentity

AUDIENCE = Path(__file__).with_name("relay_audience.py")
GENTLE_FPS, MAX_FPS = 25.0, 1000.0
SHARE = 0.7
RAMP_BY = 1.5
MAX_LOSS, WHOLE_PROCESSOR, KEEPS_UP_MS = 0.001, 0.97, 40.0
TIMING_VIEWERS = 8
KEYFRAME_PACKETS = 80
WARM_UP_S, SETTLE_S, MAX_SETTLES = 0.2, 0.4, 15


async def measure(args: argparse.Namespace, script: str, folder: Path) -> dict[str, Any]:
    server = await asked_for(args, script, folder)
    stream = Stream(args.packets_per_frame, args.payload_bytes)
    audience = await Generator.start(str(AUDIENCE), str(args.viewers), str(TIMING_VIEWERS))
    publisher = StampingPublisher(DtlsIdentity(), stream)
    try:
        await put_on_air(server, publisher)
        await audience.ask([await server.watch(n, offer) for n, offer in enumerate(await audience.hear())])
        return await _phases(args, server, audience, publisher)
    finally:
        await server.close()
        await audience.end()
        publisher.socket.close()


async def _phases(
    args: argparse.Namespace, server: Served, audience: Generator, publisher: StampingPublisher
) -> dict[str, Any]:
    publisher.fps = GENTLE_FPS
    gentle = await _window(args, server, audience, publisher, args.seconds / 2)
    most, ramp = await _highest_rate(args, server, audience, publisher)
    publisher.fps = SHARE * most["fps"]
    loaded = await _window(args, server, audience, publisher, args.seconds)
    publisher.fps = GENTLE_FPS
    return {
        "backend": (await server.stats())["backend"],
        "whole_server": not args.node_only,
        "viewers": args.viewers,
        "seconds": args.seconds,
        "max_packets_per_s": most["packets_per_s"],
        "ramp": ramp,
        "at_share": loaded,
        "gentle": gentle,
        "keyframe_packets": KEYFRAME_PACKETS,
        "paced_keyframes": await _keyframes(args, audience, publisher),
        "p50_ms": loaded["pictures"]["p50_ms"],
        "p99_ms": loaded["pictures"]["p99_ms"],
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _highest_rate(
    args: argparse.Namespace, server: Served, audience: Generator, publisher: StampingPublisher
) -> tuple[dict[str, Any], list[list[float]]]:
    """The window of the highest rate that went through; of every step rate, share of a processor, loss, p95 in ms."""
    most: dict[str, Any] = {"fps": GENTLE_FPS, "packets_per_s": 0}
    steps = []
    publisher.fps = GENTLE_FPS * RAMP_BY
    while publisher.fps <= MAX_FPS:
        window = await _window(args, server, audience, publisher, args.seconds / 4)
        late = window["pictures"]["p95_ms"]
        steps.append([window["packets_per_s"], window["media_share"], window["loss"], late])
        if window["loss"] > MAX_LOSS or window["media_share"] > WHOLE_PROCESSOR or late > KEEPS_UP_MS:
            break
        most = window
        publisher.fps *= RAMP_BY
    return most, steps


async def _window(
    args: argparse.Namespace, server: Served, audience: Generator, publisher: StampingPublisher, seconds: float
) -> dict[str, Any]:
    await publisher.run(WARM_UP_S)
    await asyncio.sleep(WARM_UP_S)
    await audience.ask("take")
    loop = asyncio.get_running_loop()
    sent, cpu, began = publisher.sent, server.cpu(), loop.time()
    await publisher.run(seconds)
    took, used = loop.time() - began, server.cpu()
    await _settled(audience)
    came = await audience.ask("take")
    number = (publisher.sent - sent) * args.viewers
    return {
        "fps": round(publisher.fps, 1),
        "packets_per_s": round(number / took),
        "media_share": round((used["media"] - cpu["media"]) / took, 3),
        "control_share": round((used["control"] - cpu["control"]) / took, 3) if "control" in used else None,
        "took_s": round(took, 2),
        "loss": round(max(0.0, 1 - came["received"] / max(1, number)), 6),
        "pictures": came["pictures"],
    }


async def _settled(audience: Generator) -> None:
    """Until nothing more comes: on a busy machine the last packets need their time."""
    count = -1
    for _ in range(MAX_SETTLES):
        await asyncio.sleep(SETTLE_S)
        before, count = count, (await audience.ask("count"))["received"]
        if count == before:
            break


async def _keyframes(args: argparse.Namespace, audience: Generator, publisher: StampingPublisher) -> dict[str, Any]:
    """The delays of the packets of long keyframes, one a second: the last of each leaves last of all slices."""
    publisher.lengthen_keyframes(KEYFRAME_PACKETS)
    await audience.ask("take")
    for _ in range(max(1, round(args.seconds))):
        publisher.want_keyframe()
        await publisher.run(1.0)
    await _settled(audience)
    delays: dict[str, Any] = (await audience.ask("take"))["keyframes"]
    return delays
