"""Viewers that come, see and go, by the thousand; and what is left of them. For tests and for ``script/soak joins``.

As a program (``python -m tests.rooms.joins``): so many joins on a node of its own, then a line of JSON with what was
measured. Ends with 1 when memory, descriptors or the node's tables have grown.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import psutil

from rooms.dtls import DtlsIdentity
from rooms.guard import REMEMBERED_SOURCES
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot
from rooms.node import Node
from tests.rooms.light_peer import LightPeer, offer_sdp

ROOM = "lesson"
AT_ONCE = 16
ENDINGS = ("goodbye", "ended", "never connected")
HANDSHAKE_SECONDS = 60.0
TIDY_SECONDS = 60.0
# Half of the joins give every arena, cache and table its size (of the guard's table of sources 8,192 places). What the
# other half may add is noise of the allocator: less than a kilobyte for each of 4,500.
ALLOWED_GROWTH_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Left:
    """What a node and its process hold now."""

    rss_bytes: int
    descriptors: int
    sockets: frozenset[str]
    """By inode: what others leave behind in this process may still be going away, what is new is ours."""
    tables: dict[str, int]


def left(node: Node) -> Left:
    gc.collect()
    process = psutil.Process()
    return Left(process.memory_info().rss, process.num_fds(), sockets(), tables(node))


def sockets() -> frozenset[str]:
    """The sockets this process holds open, such as ``socket:[4711]``."""
    found: set[str] = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that lists
            found.add(os.readlink(f"/proc/self/fd/{name}"))
    return frozenset(one for one in found if one.startswith("socket:"))


def tables(node: Node) -> dict[str, int]:
    """Entries that belong to sessions."""
    demultiplexer = node._demultiplexer
    return {
        "sessions": len(node._sessions),
        "shares": len(node._sessions.shares),
        "addresses": len(demultiplexer._by_address),
        "ufrags": len(demultiplexer._by_ufrag),
        "viewers": sum(len(room.viewers) for room in node._rooms.values()),
        "sources": sum(len(room.sources) for room in node._rooms.values()),
        "held": len(node._held),
    }


async def join(node: Node, identity: DtlsIdentity, number: int, ending: str) -> None:
    """One viewer: in, and out by ``ending``."""
    peer = LightPeer(identity, f"viewer{number}")
    try:
        answer = await node.watch(ROOM, f"member{number}", offer_sdp(peer, "recvonly", ("video", "audio")), PROGRAMME)
        if ending != "never connected":
            peer.accept(answer.sdp)
            await asyncio.wait_for(peer.connect(), HANDSHAKE_SECONDS)
        if ending == "goodbye":
            peer.hang_up()
        else:
            await node.end_session(answer.session_id)
    finally:
        if peer.socket.fileno() >= 0:
            peer.drop()


async def joins(node: Node, identity: DtlsIdentity, count: int, dice: random.Random) -> None:
    """``count`` of them, some at a time; returns when the last one is forgotten."""
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await join(node, identity, number, dice.choice(ENDINGS))

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some())
    deadline = time.monotonic() + TIDY_SECONDS
    while any(tables(node).values()) and time.monotonic() < deadline:  # noqa: ASYNC110 - goodbyes still under way
        await asyncio.sleep(0.05)


PROGRAMME = ProgrammeView()


def figures(held: Left) -> dict[str, object]:
    return asdict(held) | {"sockets": len(held.sockets)}


async def measure(count: int, seed: int) -> dict[str, object]:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(ROOM))
    await node.take(ROOM, Slot.CAMERA, "nobody")
    identity, dice = DtlsIdentity(), random.Random(seed)
    began = time.monotonic()
    await joins(node, identity, count // 10, dice)
    warm = left(node)
    halves: list[Left] = []
    for _ in range(2):
        await joins(node, identity, (count - count // 10) // 2, dice)
        halves.append(left(node))
    after = halves[-1]
    remembered = len(node._demultiplexer.guard._sources)
    seconds = time.monotonic() - began
    await node.close()
    grown = after.rss_bytes - halves[0].rss_bytes
    flat = grown <= ALLOWED_GROWTH_BYTES and after.descriptors <= warm.descriptors and not any(after.tables.values())
    return {
        "joins": count,
        "seconds": round(seconds, 1),
        "warm": figures(warm),
        "half_way": figures(halves[0]),
        "after": figures(after),
        "grown_in_second_half_bytes": grown,
        "remembered_sources": remembered,
        "flat": flat and remembered <= REMEMBERED_SOURCES,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--joins", type=int, default=10_000)
    parser.add_argument("--hypothesis-seed", type=int, default=0, dest="seed", help="of which viewers end how")
    parsed = parser.parse_args(arguments)
    result = asyncio.run(measure(parsed.joins, parsed.seed))
    print(json.dumps(result))
    return 0 if result["flat"] else 1


if __name__ == "__main__":
    sys.exit(main())
