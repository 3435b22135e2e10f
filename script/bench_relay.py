"""``script/bench relay``: what one forwarded packet costs the server.

Starts the whole server, puts its demonstration lesson on the air (so it is recorded), publishes H264 by WHIP over
real ICE, DTLS and SRTP, and lets N light viewers (WHEP; a process of their own) count what arrives. The CPU is that
of the control and the media process together, recorder included, between the start and the end of the counted
window. The pictures have true parameter sets and NAL units and noise inside: the recorder writes them like any
others. The floor is what the same datagrams at the same times cost a compiled loop once the server is gone, the hot
floor what they cost it four times as fast (``relay_floor.py``). ``--node-only`` measures the relay without control
process, lesson and recorder; ``--stream small`` is 0.6 Mbit/s of picture and real Opus.

Other questions have a mode each (``--latency``, ``--joins``, ``--impair`` …), a module ``relay_MODE.py`` that says what
it measures and how; ``--viewers``, ``--seconds``, ``--backend`` and ``--node-only`` count where they make sense.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import relay_impair  # noqa: E402 - after the path of the checkout
from generator import Generator  # noqa: E402
from relay_floor import Floor  # noqa: E402 - after the path of the checkout
from relay_peers import Publisher, Stream, Viewers  # noqa: E402
from relay_server import Served, asked_for, put_on_air  # noqa: E402

from rooms.dtls import DtlsIdentity  # noqa: E402
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot  # noqa: E402
from rooms.node import Node  # noqa: E402
from tests.rooms.light_peer import attribute  # noqa: E402

CONNECT_SECONDS = 20.0
HEAVY_LOSS = 0.1  # from here on sound is what counts
WARM_UP_SECONDS = 1.5
SETTLE_SECONDS = 0.7
MAX_SETTLES = 10


@dataclass(frozen=True, slots=True)
class Mode:
    """Another question than what a packet costs: answered by ``measure`` of a module of its own."""

    module: str
    help: str
    option: dict[str, Any]


_NUMBER = {"type": int, "metavar": "N"}
MODES = {
    "impair": Mode(
        "relay_impair",
        "on a bad network: what is repaired within 300 ms; from 10 %% loss on also the sound in Chromium",
        {"type": relay_impair.conditions, "metavar": "loss=5,rtt=60"},
    ),
    "joins": Mode("relay_joins", "N viewers join, 30 a second: to the first decodable picture", _NUMBER),
    "memory": Mode("relay_memory", "resident memory of the server per viewer", {"action": "store_true"}),
    "quiz-burst": Mode("relay_burst", "N members answer a quiz beside it: what that adds to delays", _NUMBER),
    "latency": Mode("relay_latency", "what the server adds at 70 %% of its own maximum", {"action": "store_true"}),
}
SMALL = Stream(3, 1000, sound=True)  # 25 × 3 × 1000 bytes a second


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "CPU of the server per forwarded packet, beside a compiled floor"
    parser.add_argument("--viewers", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--packets-per-frame", type=int, default=6, help="2 or more")
    parser.add_argument("--payload-bytes", type=int, default=1100)
    parser.add_argument("--stream", choices=("default", "small"), default="default", help="small: 0.6 Mbit/s and sound")
    parser.add_argument("--backend", choices=("auto", "native", "python"), default="auto", help="the hot path")
    parser.add_argument("--node-only", action="store_true", help="the relay alone: no control process, no recorder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    modes = parser.add_mutually_exclusive_group()
    for name, mode in MODES.items():
        modes.add_argument(f"--{name}", **mode.option, help=mode.help)


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        chosen = [mode for name, mode in MODES.items() if getattr(args, name.replace("-", "_"))]
        if not chosen:
            return asyncio.run(_measure(args, Path(folder)))
        module = importlib.import_module(chosen[0].module)
        result: dict[str, Any] = asyncio.run(module.measure(args, __file__, Path(folder)))
    if args.impair and args.impair.get("loss", 0.0) >= HEAVY_LOSS:
        result["sound"] = _heard(args)
    return result


def _heard(args: argparse.Namespace) -> dict[str, Any]:
    """What real browsers make of the sound under the same conditions: a bench of its own."""
    hearing = importlib.import_module("bench_hearing")
    heard: dict[str, Any] = hearing.run(
        argparse.Namespace(**vars(args), clean_uplink=False, clean_downlink=False, speaker="both")
    )
    return heard


# ---- the other processes -------------------------------------------------------------------------------


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def _node_process(backend: str) -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1", backend=backend))
    await node.open_room(RoomSpec("bench"))
    await node.take("bench", Slot.CAMERA, "lecturer")
    await node.open_audio("bench", frozenset({"lecturer"}))
    reader = await _lines()
    while line := await reader.readline():
        command = json.loads(line)
        match command["do"]:
            case "publish":
                _say((await node.publish("bench", "lecturer", command["sdp"])).sdp)
            case "watch":
                _say((await node.watch("bench", "viewer", command["sdp"], ProgrammeView())).sdp)
            case "stats":
                stats = node.stats()
                _say({"backend": stats.backend, "counters": stats.counters, "dropped": stats.datagrams_dropped})
    await node.close()


async def _viewers_process(number: int, kinds: tuple[str, ...]) -> None:
    viewers = Viewers(number, kinds)
    reader = await _lines()
    _say(viewers.offers())
    for peer, answer in zip(viewers.peers, json.loads(await reader.readline()), strict=True):
        peer.accept(answer)
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*(peer.connect() for peer in viewers.peers)), CONNECT_SECONDS)
    _say([peer.socket.getsockname()[1] for peer in viewers.peers])
    consent = asyncio.create_task(viewers.keep_consent())
    while await reader.readline():
        counts = viewers.counts
        _say({"received": counts.received, "opened": counts.opened, "forged": counts.forged})
    consent.cancel()
    await asyncio.gather(consent, return_exceptions=True)


# ---- the run -------------------------------------------------------------------------------------------


async def _measure(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    server = await asked_for(args, __file__, folder)
    stream = _stream(args)
    viewers = await Generator.start(__file__, "viewers", str(args.viewers), *stream.kinds)
    publisher = Publisher(DtlsIdentity(), stream)
    try:
        await put_on_air(server, publisher)
        answers = []
        for number, offer in enumerate(await viewers.hear()):
            answers.append(await server.watch(number, offer))
            publisher.check()  # on a busy machine the joins outlast its consent
        ports = await viewers.ask(answers)
        await publisher.run(WARM_UP_SECONDS)
        await _settled(viewers)
        result = await _window(args, server, viewers, publisher)
        await server.close()
        floor = Floor(lambda: _settled(viewers), int(attribute(answers[0], "candidate").split()[5]), ports, stream)
        return {**result, **await floor.measure(args.seconds, result["us_per_packet"])}
    finally:
        await server.close()
        await viewers.end()
        publisher.socket.close()


def _stream(args: argparse.Namespace) -> Stream:
    return SMALL if args.stream == "small" else Stream(args.packets_per_frame, args.payload_bytes)


async def _window(args: argparse.Namespace, server: Served, viewers: Generator, publisher: Publisher) -> dict[str, Any]:
    before, began, sent = await viewers.ask("count"), server.cpu(), publisher.sent
    await publisher.run(args.seconds)
    after = await _settled(viewers)
    used = {name: seconds - began[name] for name, seconds in server.cpu().items()}
    stats = await server.stats()
    packets_sent = (publisher.sent - sent) * args.viewers
    received = after["received"] - before["received"]
    return {
        "backend": stats["backend"],
        "stream": args.stream,
        "viewers": args.viewers,
        "seconds": args.seconds,
        "packets_sent": packets_sent,
        "packets_received": received,
        "loss": round(max(0.0, 1 - received / packets_sent), 6),
        "us_per_packet": round(sum(used.values()) / max(1, received) * 1e6, 2),
        "control_cpu_s": round(used["control"], 2) if "control" in used else None,
        "media_cpu_s": round(used["media"], 2),
        "decrypted_samples": after["opened"] - before["opened"],
        "failed_samples": after["forged"] - before["forged"],
        "send_buffer_full": stats["send_buffer_full"],
        "dropped": stats["dropped"],
        "recorded_bytes": stats["recorded_bytes"],
        "load_average": round(os.getloadavg()[0], 2),
    }


async def _settled(viewers: Generator) -> dict[str, int]:
    """The counts once nothing more comes: on a busy machine the last packets need their time."""
    counts: dict[str, int] = await viewers.ask("count")
    for _ in range(MAX_SETTLES):
        await asyncio.sleep(SETTLE_SECONDS)
        before, counts = counts, await viewers.ask("count")
        if counts["received"] == before["received"]:
            break
    return counts


if __name__ == "__main__":
    if sys.argv[1:2] == ["node"]:
        asyncio.run(_node_process(sys.argv[2]))
    elif sys.argv[1:2] == ["viewers"]:
        asyncio.run(_viewers_process(int(sys.argv[2]), tuple(sys.argv[3:])))
    else:
        own = argparse.ArgumentParser()
        add_arguments(own)
        print(json.dumps(run(own.parse_args())))
