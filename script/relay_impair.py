"""``script/bench relay --impair loss=5,rtt=60``: what becomes of packets on a bad network, up and down.

A relay in user space (``tests/rooms/impaired.py``, seeded) stands between the server and everybody, the camera
included: ``loss`` percent each way (the camera's packets, the viewers', and every NACK and repair), ``rtt`` ms, also
``jitter`` ms and ``reorder``, ``duplicate`` percent. The camera answers NACKs with RTX, viewers ask as browsers do.
A packet that did not come by itself (it came as RTX, out of order, or not at all) needed repair: the figure is the
share of these that came within 300 ms of the moment at which the camera first sent them. ``withheld`` was not meant for
the viewer: with heavy loss a viewer is left its sound only.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

from generator import Generator
from relay_peers import PUBLISHER_SSRC, Stream
from relay_server import Served, asked_for
from relay_stamps import StampingPublisher, spread

from rooms import rtcp, rtp
from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from tests.rooms.light_peer import RTX_TYPE, attribute, offer_sdp

BROWSERS = Path(__file__).with_name("relay_browsers.py")
RELAY = ("-m", "tests.rooms.impaired")
KINDS = ("loss", "rtt", "jitter", "reorder", "duplicate")
PERCENT = frozenset({"loss", "reorder", "duplicate"})
WARM_UP_S, LAST_REPAIRS_S, CONNECT_SECONDS = 3.0, 2.0, 30.0
KEPT_PACKETS = 2048
RTX_SSRC = 0x5EEE
SEED = 20


def conditions(text: str) -> dict[str, float]:
    """``loss=5,rtt=60`` → what the relay is told. Raises ArgumentTypeError."""
    told: dict[str, float] = {}
    for pair in text.split(","):
        name, _, value = pair.partition("=")
        if name not in KINDS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(KINDS)}")
        try:
            number = float(value)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{value!r} is not a number") from None
        told[name if name in PERCENT else f"{name}_ms"] = number / 100 if name in PERCENT else number
    return told


class RepairingPublisher(StampingPublisher):
    """Sends again what it is asked for, as RTX (RFC 4588): as libwebrtc, nothing twice within its round trip."""

    def __init__(self, identity: DtlsIdentity, stream: Stream, rtt_ms: float) -> None:
        super().__init__(identity, stream)
        self._rtt_ms = rtt_ms
        self._repaired_at_ms: dict[int, float] = {}
        self.offer = offer_sdp(self, "sendonly", rtx=True)
        self.asked_again = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._repairs = 0
        self.send_picture = self._send_kept

    def _send_kept(self, packet: bytes) -> None:
        self._kept[int.from_bytes(packet[2:4], "big")] = packet
        if len(self._kept) > KEPT_PACKETS:
            self._kept.popitem(last=False)
        self.send_rtp(packet)

    def on_rtcp(self, packet: rtcp.RtcpPacket) -> None:
        super().on_rtcp(packet)
        if isinstance(packet, rtcp.Nack) and packet.media_ssrc == PUBLISHER_SSRC:
            for sequence in packet.sequences:
                self._again(sequence)

    def _again(self, sequence: int) -> None:
        self.asked_again += 1
        kept = self._kept.get(sequence)
        since = now_ms() - self._repaired_at_ms.get(sequence, float("-inf"))
        if kept is None or since < self._rtt_ms:
            return
        self._repaired_at_ms[sequence] = now_ms()
        original = rtp.parse(kept)
        payload = kept[2:4] + original.payload
        self.send_rtp(rtp.build(RTX_TYPE, original.marker, self._repairs, original.timestamp, RTX_SSRC, payload))
        self._repairs += 1


async def measure(args: argparse.Namespace, script: str, folder: Path) -> dict[str, Any]:
    server = await asked_for(args, script, folder)
    browsers = await Generator.start(str(BROWSERS), str(args.viewers))
    stream = Stream(args.packets_per_frame, args.payload_bytes)
    publisher = RepairingPublisher(DtlsIdentity(), stream, args.impair.get("rtt_ms", 0.0))
    relay: Generator | None = None
    try:
        answer = await server.publish(publisher.offer)
        relay = await Generator.start(*RELAY, f"127.0.0.1:{_port_of(answer)}", "--seed", str(SEED))
        port = (await relay.hear())["port"]
        publisher.accept(_through(answer, port))
        await asyncio.wait_for(publisher.connect(), CONNECT_SECONDS)
        answers = [await server.watch(number, offer) for number, offer in enumerate(await browsers.hear())]
        await browsers.ask([_through(told, port) for told in answers])
        return await _window(args, server, browsers, publisher, relay)
    finally:
        await server.close()
        await browsers.end()
        if relay is not None:
            await relay.end()
        publisher.socket.close()


async def _window(
    args: argparse.Namespace, server: Served, browsers: Generator, publisher: RepairingPublisher, relay: Generator
) -> dict[str, Any]:
    """Everybody connects over a good network; it is bad from a moment before the window to its end."""
    await publisher.run(1.0)
    await relay.tell(args.impair)
    await publisher.run(WARM_UP_S)
    first, asked = publisher.pictures, publisher.asked_again
    await publisher.run(args.seconds)
    last = publisher.pictures - 1
    asked_again = publisher.asked_again - asked
    await publisher.run(LAST_REPAIRS_S)
    fate = await browsers.ask({"first": first, "last": last, "unstamped": publisher.unstamped})
    stats = await server.stats()
    needed = max(1, fate["needed_repair"])
    return {
        "backend": stats["backend"],
        "conditions": args.impair,
        "viewers": args.viewers,
        "seconds": args.seconds,
        "packets": fate["expected"],
        "withheld": fate["withheld"],
        "needed_repair": fate["needed_repair"],
        "repaired_in_time": round(fate["repaired_in_time"] / needed, 5),
        "there_in_time": round(fate["came_in_time"] / max(1, fate["expected"]), 5),
        "never_came": fate["expected"] - fate["came"],
        "repair": spread(fate["repair_ms"]),
        "asked_of_camera": asked_again,
        "keyframes_asked": len(publisher.asked_at_s),
        "viewers_alive": fate["alive"],
        "load_average": round(os.getloadavg()[0], 2),
    }


def _port_of(answer: str) -> int:
    return int(attribute(answer, "candidate").split()[5])


def _through(answer: str, port: int) -> str:
    """The answer with the relay's port in its candidates."""
    return answer.replace(f" {_port_of(answer)} typ host", f" {port} typ host")
