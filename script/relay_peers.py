"""The two ends of ``script/bench relay``: a camera that sends H264, and viewers that count.

Both speak real STUN, DTLS and SRTP and have no codec. The camera's parameter sets are real and its pictures
are whole NAL units with a true first bit, so that the recorder cuts and writes them as it would any camera's;
what is inside the slices is noise, which nobody on the way looks at.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from recordings.slate import load as load_slate
from rooms import rtcp, rtp
from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from rooms.srtp import Srtp, SrtpError
from tests.rooms.light_peer import VIDEO_TYPE, LightPeer, offer_sdp

FRAMES_PER_SECOND = 25
TICKS_PER_FRAME = 90_000 // FRAMES_PER_SECOND
DECRYPT_EVERY = 64
CONSENT_SECONDS = 5
PUBLISHER_SSRC = 0x5EED
STAP_A, FU_A = 0x78, 0x7C  # RFC 6184, 5.7.1 and 5.8, nal_ref_idc 3
FU_START, FU_END = 0x80, 0x40
SLICE, IDR = 1, 5
TAG_BYTES = 13  # the last packet of a frame is a little shorter, as an encoder's would be


def picture_payloads(kind: int, count: int, body: bytes) -> list[bytes]:
    """``count`` fragments of one slice; ``body`` must hold no zero byte (no start code, H.264 7.4.1)."""
    payloads = []
    for number in range(count):
        first, last = number == 0, number == count - 1
        header = bytes((FU_A, kind | FU_START * first | FU_END * last))
        piece = body[: len(body) - len(header) - TAG_BYTES * last]
        # first_mb_in_slice = 0 is the single bit 1: a picture starts here (7.3.3).
        payloads.append(header + (bytes((piece[0] | 0x80,)) + piece[1:] if first else piece))
    return payloads


def parameter_sets() -> bytes:
    """SPS and PPS of a real encoder in one packet."""
    form = load_slate().format
    return bytes((STAP_A,)) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in (form.sps, *form.pps))


class Publisher(LightPeer):
    """A camera without an encoder: whole frames at once, a keyframe when asked."""

    def __init__(self, identity: DtlsIdentity, packets_per_frame: int, payload_bytes: int) -> None:
        super().__init__(identity, "publisher")
        body = os.urandom(payload_bytes).replace(b"\0", b"\1")
        self.sent = 0
        self._frame = 0
        self._keyframe = True
        self._keyframe_payloads = [parameter_sets(), *picture_payloads(IDR, packets_per_frame - 1, body)]
        self._frame_payloads = picture_payloads(SLICE, packets_per_frame, body)
        self.on_media = self._on_media

    def _on_media(self, datagram: bytes) -> None:
        if rtp.is_rtcp(datagram) and self.srtp is not None:
            packets = rtcp.parse(self.srtp.unprotect_rtcp(datagram))
            self._keyframe |= any(isinstance(packet, rtcp.KeyframeRequest) for packet in packets)

    def send_frame(self) -> None:
        payloads = self._keyframe_payloads if self._keyframe else self._frame_payloads
        self._keyframe = False
        for payload in payloads:
            last = payload is payloads[-1]
            number = (1000 + self.sent) & 0xFFFF
            self.send_rtp(rtp.build(VIDEO_TYPE, last, number, self._timestamp, PUBLISHER_SSRC, payload))
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

    @property
    def _timestamp(self) -> int:
        return TICKS_PER_FRAME * self._frame

    def report(self) -> None:
        report = rtcp.SenderReport(PUBLISHER_SSRC, rtcp.ntp_of(now_ms()), self._timestamp, self.sent, 0)
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
        ours = payload[:1] in (bytes((FU_A,)), bytes((STAP_A,)))
        self.counts.opened += ours
        self.counts.forged += not ours

    async def keep_consent(self) -> None:
        while True:
            await asyncio.sleep(CONSENT_SECONDS)
            for peer in self.peers:
                peer.check()
