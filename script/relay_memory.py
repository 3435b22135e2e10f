"""``script/bench relay --memory --viewers N``: memory of the server per viewer that watches.

Resident memory of the control and of the media process, before and after N viewers (WHEP through the whole server,
DTLS, a stream of 2 Mbit/s that flows), with a tenth as many watching before and after: what the first ones make a
process allocate for all (code, pools, tables) is not theirs. Each figure is taken when viewers have watched for a
while, so that what only the handshake needed has been let go.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import Any

from generator import Generator
from relay_peers import Stream
from relay_server import WholeServer, put_on_air
from relay_stamps import StampingPublisher

from rooms.dtls import DtlsIdentity

AUDIENCE = Path(__file__).with_name("relay_audience.py")
STREAM = Stream(9, 1100)
WATCH_S = 6.0
KIB = 1024


async def measure(args: argparse.Namespace, script: str, folder: Path) -> dict[str, Any]:
    first = max(3, args.viewers // 10)
    server = await WholeServer.start(folder, args.viewers + first, args.backend)
    publisher = StampingPublisher(DtlsIdentity(), STREAM)
    audiences: list[Generator] = []
    try:
        await put_on_air(server, publisher)
        camera = asyncio.create_task(publisher.run(3600))
        audiences.append(await _watching(server, first))
        before = server.memory()
        audiences.append(await _watching(server, args.viewers))
        after = server.memory()
        camera.cancel()
        await asyncio.gather(camera, return_exceptions=True)
        backend = (await server.stats())["backend"]
    finally:
        await server.close()
        for audience in audiences:
            await audience.end()
        publisher.socket.close()
    grown = {name: after[name] - before[name] for name in after}
    return {
        "backend": backend,
        "viewers": args.viewers,
        "media_kib_per_viewer": round(grown["media"] / args.viewers / KIB, 1),
        "control_kib_per_viewer": round(grown["control"] / args.viewers / KIB, 1),
        "kib_per_viewer": round(sum(grown.values()) / args.viewers / KIB, 1),
        "media_mib": round(after["media"] / KIB**2, 1),
        "control_mib": round(after["control"] / KIB**2, 1),
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _watching(server: WholeServer, number: int) -> Generator:
    audience = await Generator.start(str(AUDIENCE), str(number), "0")
    await audience.ask([await server.watch(n, offer) for n, offer in enumerate(await audience.hear())])
    await asyncio.sleep(WATCH_S)
    return audience
