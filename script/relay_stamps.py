"""Delays of single packets: a camera that writes into each packet when it sent it, viewers that know when it came.

Both clocks are the machine's: the camera reads it just before it seals a packet, the kernel stamps what arrives
(SO_TIMESTAMPNS), so that a busy bench adds nothing. What lies between is the server: its receiving, its fan-out
and its waiting for a processor.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from relay_peers import (
    FU_A,
    IDR,
    PUBLISHER_SSRC,
    SLICE,
    STAP_A,
    Publisher,
    Stream,
    parameter_sets,
    picture_payloads,
)

from rooms import rtcp, rtp
from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from rooms.srtp import SrtpError
from tests.rooms.light_peer import VIDEO_TYPE, LightPeer

SO_TIMESTAMPNS = 35
RECEIVE_BYTES, ANCILLARY_BYTES = 2048, 64
NUMBER_DIGITS, TIME_DIGITS = 8, 16
STAMP_BYTES = NUMBER_DIGITS + TIME_DIGITS
VIDEO_RATE = 90_000
CHECK_SECONDS = 2.0


class Stamp(NamedTuple):
    """What the camera wrote into a packet: its number from 0 on, and when it was sent (real time)."""

    number: int
    sent_ns: int


def stamped(payload: bytes, number: int) -> bytes:
    """The last bytes of a fragment become a stamp, in hexadecimal letters: no byte of a slice may be zero."""
    return payload[:-STAMP_BYTES] + b"%08x%016x" % (number, time.time_ns())


def stamp_of(payload: bytes) -> Stamp | None:
    """``None`` for what carries none: parameter sets."""
    if payload[0] != FU_A or len(payload) < STAMP_BYTES:
        return None
    digits = payload[-STAMP_BYTES:]
    return Stamp(int(digits[:NUMBER_DIGITS], 16), int(digits[NUMBER_DIGITS:], 16))


def is_keyframe(payload: bytes) -> bool:
    return payload[0] == STAP_A or (payload[0] == FU_A and payload[1] & 0x1F == IDR)


class StampingPublisher(Publisher):
    """Sends at a rate that may change, keyframes of a size of their own, and notes when it was asked for one.

    ``pictures`` are the packets of video sent so far; their stamps count from 0.
    """

    def __init__(self, identity: DtlsIdentity, stream: Stream, *, keyframe_packets: int = 0) -> None:
        super().__init__(identity, stream)
        body = bytes(range(1, 256)) * (stream.payload_bytes // 255 + 1)
        self._body = body[: stream.payload_bytes]
        self._frame_payloads = picture_payloads(SLICE, stream.packets_per_frame, self._body)
        self.lengthen_keyframes(keyframe_packets or stream.packets_per_frame)
        self._ticks = 0
        self.fps = 25.0
        self.asked_at_s: list[float] = []
        self.unstamped: list[int] = []  # numbers of packets without one
        self.send_picture: Callable[[bytes], None] = self.send_rtp

    @property
    def pictures(self) -> int:
        return self._pictures

    @property
    def _timestamp(self) -> int:
        return self._ticks

    def lengthen_keyframes(self, packets: int) -> None:
        self._keyframe_payloads = [parameter_sets(), *picture_payloads(IDR, packets - 1, self._body)]

    def want_keyframe(self) -> None:
        self._keyframe = True

    def _on_media(self, datagram: bytes) -> None:
        if not rtp.is_rtcp(datagram) or self.srtp is None:
            return
        for packet in rtcp.parse(self.srtp.unprotect_rtcp(datagram)):
            self.on_rtcp(packet)

    def on_rtcp(self, packet: rtcp.RtcpPacket) -> None:
        if isinstance(packet, rtcp.KeyframeRequest):
            self._keyframe = True
            self.asked_at_s.append(time.monotonic())

    def send_frame(self) -> None:
        payloads = self._keyframe_payloads if self._keyframe else self._frame_payloads
        self._keyframe = False
        for at, payload in enumerate(payloads):
            body = payload if payload[0] == STAP_A else stamped(payload, self._pictures)
            number, last = 1000 + self._pictures, at == len(payloads) - 1
            if payload[0] == STAP_A:
                self.unstamped.append(self._pictures)
            self.send_picture(rtp.build(VIDEO_TYPE, last, number, self._ticks, PUBLISHER_SSRC, body))
            self._pictures += 1
            self.sent += 1
        self._frame += 1
        self._ticks += round(VIDEO_RATE / self.fps)

    async def run(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        checked = reported = began - CHECK_SECONDS
        for number in range(round(seconds * self.fps)):
            await asyncio.sleep(max(0.0, began + number / self.fps - loop.time()))
            self.send_frame()
            if loop.time() - reported >= 1:
                reported = loop.time()
                self.report()
            if loop.time() - checked >= CHECK_SECONDS:
                checked = loop.time()
                self.check()

    def report(self) -> None:
        report = rtcp.SenderReport(PUBLISHER_SSRC, rtcp.ntp_of(now_ms()), self._ticks, self.sent, 0)
        self.send_rtcp(rtcp.build_sender_report(report))


@dataclass(slots=True)
class Arrival:
    number: int
    delay_ms: float
    keyframe: bool


class TimingPeer(LightPeer):
    """Opens every packet of video and notes its delay, as the kernel saw it arrive."""

    def __init__(self, identity: DtlsIdentity, ufrag: str) -> None:
        super().__init__(identity, ufrag)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.arrivals: list[Arrival] = []
        self.received = 0

    def _read(self) -> None:
        receive = self.socket.recvmsg
        try:
            while True:
                datagram, ancillary, _, _ = receive(RECEIVE_BYTES, ANCILLARY_BYTES)
                if datagram[0] <= 127:
                    self._control(datagram)
                elif not rtp.is_rtcp(datagram):
                    self.received += 1
                    self._timed(datagram, _arrived_ns(ancillary))
        except OSError:
            pass

    def _timed(self, datagram: bytes, arrived_ns: int) -> None:
        assert self.srtp is not None
        try:
            payload = rtp.parse(self.srtp.unprotect(datagram)).payload
        except SrtpError:
            return
        stamp = stamp_of(payload)
        if stamp is not None:
            delay_ms = (arrived_ns - stamp.sent_ns) / 1e6
            self.arrivals.append(Arrival(stamp.number, delay_ms, is_keyframe(payload)))


def _arrived_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@ll", data[:16])
            return int(seconds * 1_000_000_000 + nanoseconds)
    return time.time_ns()


def quantile(values: list[float], share: float) -> float | None:
    """The least value that at least ``share`` of them do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(0, -int(-share * len(ordered) // 1) - 1)], 3)


def spread(values: list[float]) -> dict[str, float | int | None]:
    """How delays lie, in milliseconds."""
    shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
    return {"packets": len(values)} | {name: quantile(values, share) for name, share in shares.items()}
