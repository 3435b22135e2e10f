"""``script/bench hearing``: what of the sound a browser has to make up on a bad network.

A Chromium speaks a tone, four others listen through a seeded relay in user space (``tests/rooms/impaired.py``) that
loses packets both ways, the speaker's and every report, NACK and repair included: one listener agreed to redundant
sound (RFC 2198), one to asking again (NACK), one to both, one to neither. ``concealed`` is Chromium's own share of
samples that its jitter buffer invented; ``kept`` says whether the connection was up in every second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import hearing  # noqa: E402 - after the path of the checkout
import relay_impair  # noqa: E402
from generator import Generator  # noqa: E402
from playwright.async_api import async_playwright  # noqa: E402
from relay_server import BareNode, Served, WholeServer  # noqa: E402

from tests.rooms.light_peer import attribute  # noqa: E402

NODE = Path(__file__).with_name("bench_relay.py")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--impair", type=relay_impair.conditions, default={"loss": 0.2}, metavar="loss=20,rtt=60")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--speaker", choices=tuple(hearing.WAYS), default="both", help="how the uplink is repaired")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--clean-uplink", action="store_true", help="only the listeners' network is bad")
    only.add_argument("--clean-downlink", action="store_true", help="only the speaker's network is bad")
    parser.add_argument("--backend", choices=("auto", "native", "python"), default="auto", help="the hot path")
    parser.add_argument("--node-only", action="store_true", help="the relay alone: no control process, no recorder")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(args, Path(folder)))


async def _measure(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    server: Served
    if args.node_only:
        server = await BareNode.start(str(NODE), args.backend)
    else:
        server = await WholeServer.start(folder, len(hearing.WAYS), args.backend)
    relay: Generator | None = None
    try:
        port = await _media_port(server)
        relay = await Generator.start(*relay_impair.RELAY, f"127.0.0.1:{port}", "--seed", str(relay_impair.SEED))
        bad = {"relay": {"host": "127.0.0.1", "port": (await relay.hear())["port"]}}
        await relay.tell(args.impair)
        speaker = hearing.WAYS[args.speaker] | ({} if args.clean_uplink else bad)
        found = await _heard(server, args.seconds, speaker, {} if args.clean_downlink else bad)
        return {
            "conditions": args.impair,
            "speaker": args.speaker,
            "clean": "uplink" if args.clean_uplink else "downlink" if args.clean_downlink else None,
            "seconds": args.seconds,
            "backend": (await server.stats())["backend"],
            **found,
            "load_average": round(os.getloadavg()[0], 2),
        }
    finally:
        await server.close()
        if relay is not None:
            await relay.end()


async def _heard(
    server: Served, seconds: float, speaker: Mapping[str, Any], listener: Mapping[str, Any]
) -> dict[str, Any]:
    numbers = iter(range(1, 100))

    async def answer(use: str, offer: str) -> str:
        return await (server.publish(offer) if use == "speak" else server.watch(next(numbers), offer))

    async with async_playwright() as playwright:
        browser = await hearing.chromium(playwright)
        try:
            return await hearing.measure(browser, answer, seconds, speaker=speaker, listener=listener)
        finally:
            await browser.close()


async def _media_port(server: Served) -> int:
    """By the answer to a viewer who never connects."""
    answer = await server.watch(0, _OFFER)
    return int(attribute(answer, "candidate").split()[5])


_OFFER = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:0", "a=recvonly", "a=rtcp-mux",
    "a=ice-ufrag:port", "a=ice-pwd:0123456789abcdef0123456789", "a=setup:actpass",
    "a=fingerprint:sha-256 " + ":".join(["00"] * 32), "a=rtpmap:111 opus/48000/2", "",
])  # fmt: skip
