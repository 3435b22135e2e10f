"""``script/bench relay``: what one forwarded packet costs the server.

Starts a node in a process of its own, publishes a synthetic H264-like stream over real ICE, DTLS and SRTP,
and lets N light viewers (a second process; real STUN, DTLS and SRTP keys) count what arrives. The floor is
the same sizes to the same sockets through a compiled loop of AES-128-GCM and ``sendmmsg`` + UDP_SEGMENT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from rooms import rtcp, rtp  # noqa: E402 - after the path of the checkout
from rooms.clock import now_ms  # noqa: E402
from rooms.dtls import DtlsIdentity  # noqa: E402
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot  # noqa: E402
from rooms.node import Node  # noqa: E402
from rooms.srtp import Srtp, SrtpError  # noqa: E402
from tests.rooms.light_peer import VIDEO_TYPE, LightPeer, offer_sdp  # noqa: E402

FRAMES_PER_SECOND = 25
DECRYPT_EVERY = 64
CONNECT_SECONDS = 20.0
SETTLE_SECONDS = 0.7
MAX_SETTLES = 10
PUBLISHER_SSRC = 0x5EED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "CPU of the server per forwarded packet, beside a compiled floor"
    parser.add_argument("--viewers", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--packets-per-frame", type=int, default=6)
    parser.add_argument("--payload-bytes", type=int, default=1100)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    return asyncio.run(_measure(args))


# ---- the peers -----------------------------------------------------------------------------------------


class Publisher(LightPeer):
    """An H264-like stream: whole frames at once, a key frame when asked."""

    def __init__(self, identity: DtlsIdentity, packets_per_frame: int, payload_bytes: int) -> None:
        super().__init__(identity, "publisher")
        self.sent = 0
        self._keyframe = True
        self._frame = 0
        self._body = os.urandom(payload_bytes)
        self._packets = packets_per_frame
        self.on_media = self._on_media

    def _on_media(self, datagram: bytes) -> None:
        if rtp.is_rtcp(datagram) and self.srtp is not None:
            packets = rtcp.parse(self.srtp.unprotect_rtcp(datagram))
            self._keyframe |= any(isinstance(packet, rtcp.KeyframeRequest) for packet in packets)

    def send_frame(self) -> None:
        timestamp = 90_000 // FRAMES_PER_SECOND * self._frame
        kind, self._keyframe = (5 if self._keyframe else 1), False
        for number in range(self._packets):
            start = 0x80 if number == 0 else 0x40 if number == self._packets - 1 else 0
            size = len(self._body) - (13 if number == self._packets - 1 else 0)
            payload = bytes((0x7C, start | kind)) + self._body[: size - 2]
            last = number == self._packets - 1
            self.send_rtp(rtp.build(VIDEO_TYPE, last, 1000 + self.sent, timestamp, PUBLISHER_SSRC, payload))
            self.sent += 1
        self._frame += 1

    async def run(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(round(seconds * FRAMES_PER_SECOND)):
            await asyncio.sleep(max(0.0, began + number / FRAMES_PER_SECOND - loop.time()))
            self.send_frame()
            if number % FRAMES_PER_SECOND == 0:
                self.report()
            if number % (2 * FRAMES_PER_SECOND) == 0:
                self.check()

    def report(self) -> None:
        timestamp = 90_000 // FRAMES_PER_SECOND * self._frame
        report = rtcp.SenderReport(PUBLISHER_SSRC, rtcp.ntp_of(now_ms()), timestamp, self.sent, 0)
        self.send_rtcp(rtcp.build_sender_report(report))


@dataclass(slots=True)
class Counts:
    received: int = 0
    opened: int = 0
    forged: int = 0


@dataclass
class Viewers:
    """All viewers of the run, in one loop."""

    number: int
    identity: DtlsIdentity = field(default_factory=DtlsIdentity)
    counts: Counts = field(default_factory=Counts)
    peers: list[LightPeer] = field(default_factory=list)

    def offers(self) -> list[str]:
        for number in range(self.number):
            peer = LightPeer(self.identity, f"viewer{number}")
            peer.on_media = self._counter(peer)
            self.peers.append(peer)
        return [offer_sdp(peer, "recvonly") for peer in self.peers]

    def _counter(self, peer: LightPeer) -> Callable[[bytes], None]:
        counts = self.counts

        def on_media(datagram: bytes) -> None:
            if 192 <= datagram[1] <= 223:
                return
            counts.received += 1
            if counts.received % DECRYPT_EVERY == 0 and peer.srtp is not None:
                self._open(peer.srtp, datagram)

        return on_media

    def _open(self, srtp: Srtp, datagram: bytes) -> None:
        try:
            payload = rtp.parse(srtp.unprotect(datagram)).payload
        except SrtpError:
            payload = b""
        self.counts.opened += payload[:1] == b"\x7c"
        self.counts.forged += payload[:1] != b"\x7c"

    async def keep_consent(self) -> None:
        while True:
            await asyncio.sleep(5)
            for peer in self.peers:
                peer.check()


# ---- the three processes -------------------------------------------------------------------------------


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def _node_process() -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec("bench"))
    await node.take("bench", Slot.CAMERA, "lecturer")
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


async def _viewers_process(number: int) -> None:
    viewers = Viewers(number)
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


class _Child:
    """One of the other two processes, spoken to in JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *role: str) -> _Child:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, __file__, *role, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 24
            )
        )

    async def hear(self) -> Any:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError("a process of the bench ended early")
        return json.loads(line)

    async def ask(self, command: object) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        await self.process.stdin.drain()
        return await self.hear()

    def cpu_seconds(self) -> float:
        """User and system time of the process, from the operating system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()


async def _measure(args: argparse.Namespace) -> dict[str, Any]:
    node = await _Child.start("node")
    viewers = await _Child.start("viewers", str(args.viewers))
    publisher = Publisher(DtlsIdentity(), args.packets_per_frame, args.payload_bytes)
    try:
        offer = offer_sdp(publisher, "sendonly")
        publisher.accept(await node.ask({"do": "publish", "sdp": offer}))
        await asyncio.wait_for(publisher.connect(), CONNECT_SECONDS)
        answers = [await node.ask({"do": "watch", "sdp": offer}) for offer in await viewers.hear()]
        ports = await viewers.ask(answers)
        await publisher.run(1.5)
        await _settled(viewers)
        return await _window(args, node, viewers, publisher, ports)
    finally:
        await node.end()
        await viewers.end()
        publisher.socket.close()


async def _window(
    args: argparse.Namespace, node: _Child, viewers: _Child, publisher: Publisher, ports: list[int]
) -> dict[str, Any]:
    before, cpu, sent = await viewers.ask("count"), node.cpu_seconds(), publisher.sent
    await publisher.run(args.seconds)
    after, stats = await _settled(viewers), await node.ask({"do": "stats"})
    cpu = node.cpu_seconds() - cpu
    packets_sent = (publisher.sent - sent) * args.viewers
    received = after["received"] - before["received"]
    floor = await asyncio.to_thread(_floor, ports, args)
    return {
        "backend": stats["backend"],
        "viewers": args.viewers,
        "seconds": args.seconds,
        "packets_sent": packets_sent,
        "packets_received": received,
        "loss": round(max(0.0, 1 - received / packets_sent), 6),
        "us_per_packet": round(cpu / max(1, received) * 1e6, 2),
        "floor_us_per_packet": floor,
        "decrypted_samples": after["opened"] - before["opened"],
        "failed_samples": after["forged"] - before["forged"],
        "send_buffer_full": stats["counters"].get("send_buffer_full", 0),
        "dropped": stats["dropped"],
    }


async def _settled(viewers: _Child) -> dict[str, int]:
    """The counts once nothing more comes: on a busy machine the last packets need their time."""
    counts: dict[str, int] = await viewers.ask("count")
    for _ in range(MAX_SETTLES):
        await asyncio.sleep(SETTLE_SECONDS)
        before, counts = counts, await viewers.ask("count")
        if counts["received"] == before["received"]:
            break
    return counts


def _floor(ports: list[int], args: argparse.Namespace) -> float | None:
    """Microseconds per packet of the compiled loop; ``None`` where it can't be compiled or run."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    frames = max(25, round(min(args.seconds, 10) * FRAMES_PER_SECOND))
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "floor"
        source = ROOT / "script" / "bench_relay_floor.c"
        built = subprocess.run([compiler, "-O2", "-o", binary, source, "-lcrypto"], capture_output=True, check=False)
        if built.returncode:
            return None
        shape = [str(frames), str(args.packets_per_frame), str(args.payload_bytes + rtp.HEADER.size)]
        done = subprocess.run([binary, *shape, *map(str, ports)], capture_output=True, text=True, check=False)
        return round(float(done.stdout), 2) if done.returncode == 0 else None


if __name__ == "__main__":
    if sys.argv[1:2] == ["node"]:
        asyncio.run(_node_process())
    elif sys.argv[1:2] == ["viewers"]:
        asyncio.run(_viewers_process(int(sys.argv[2])))
    else:
        own = argparse.ArgumentParser()
        add_arguments(own)
        print(json.dumps(run(own.parse_args())))
