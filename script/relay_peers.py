"""The two ends of ``script/bench relay``: a camera that sends H264 (and sound), and viewers that count.

Both speak real STUN, DTLS and SRTP and have no codec. The camera's parameter sets are real and its pictures
are whole NAL units with a true first bit, so that the recorder cuts and writes them as it would any camera's;
what is inside the slices is noise, which nobody on the way looks at.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field

import av
import numpy as np

from recordings.slate import load as load_slate
from rooms import rtcp, rtp
from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from rooms.srtp import Srtp, SrtpError
from tests.rooms.light_peer import AUDIO_TYPE, VIDEO_TYPE, LightPeer, offer_sdp

FRAMES_PER_SECOND = 25
TICKS_PER_FRAME = 90_000 // FRAMES_PER_SECOND
DECRYPT_EVERY = 64
CONSENT_SECONDS = 5
PUBLISHER_SSRC = 0x5EED
STAP_A, FU_A = 0x78, 0x7C  # RFC 6184, 5.7.1 and 5.8, nal_ref_idc 3
FU_START, FU_END = 0x80, 0x40
SLICE, IDR = 1, 5
TAG_BYTES = 13  # the last packet of a frame is a little shorter, as an encoder's would be
SOUND_SSRC, SOUND_MS, SOUND_RATE, SOUND_BPS = 0x50BD, 20, 48_000, 32_000
SOUND_BYTES = SOUND_BPS * SOUND_MS // 8000
SOUND_LEVEL = bytes((0xBE, 0xDE, 0, 1, 0xC0, 30, 0, 0))  # RFC 6464 as element 12: the offer says so


@dataclass(frozen=True, slots=True)
class Stream:
    """What the camera sends, 25 times a second; ``sound`` adds a packet of Opus every 20 ms."""

    packets_per_frame: int
    payload_bytes: int
    sound: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("video", "audio") if self.sound else ("video",)


def sound_payloads(count: int) -> list[bytes]:
    """Packets of a real encoder, for the recorder decodes them: a tone of 440 Hz at 32 kbit/s."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = SOUND_RATE, "stereo", "s16", SOUND_BPS
    samples = SOUND_RATE * SOUND_MS // 1000
    payloads: list[bytes] = []
    for at in range(count + 2):  # the encoder keeps the first for itself
        moments = np.arange(at * samples, (at + 1) * samples) / SOUND_RATE
        tone = (8000 * np.sin(2 * np.pi * 440 * moments)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2)[np.newaxis], "s16", "stereo")
        frame.sample_rate, frame.pts = SOUND_RATE, at * samples
        payloads += [bytes(packet) for packet in encoder.encode(frame)]
    return payloads[:count]


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

    def __init__(self, identity: DtlsIdentity, stream: Stream) -> None:
        super().__init__(identity, "publisher")
        body = os.urandom(stream.payload_bytes).replace(b"\0", b"\1")
        self.offer = offer_sdp(self, "sendonly", stream.kinds)
        self.sent = 0
        self._frame = self._pictures = self._sounds = 0
        self._keyframe = True
        self._keyframe_payloads = [parameter_sets(), *picture_payloads(IDR, stream.packets_per_frame - 1, body)]
        self._frame_payloads = picture_payloads(SLICE, stream.packets_per_frame, body)
        self._sound_payloads = sound_payloads(50) if stream.sound else []
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
            number = 1000 + self._pictures
            self.send_rtp(rtp.build(VIDEO_TYPE, last, number, self._timestamp, PUBLISHER_SSRC, payload))
            self._pictures += 1
            self.sent += 1
        self._frame += 1

    def send_sound(self) -> None:
        payload = self._sound_payloads[self._sounds % len(self._sound_payloads)]
        timestamp = self._sounds * SOUND_RATE * SOUND_MS // 1000
        plain = rtp.build(AUDIO_TYPE, False, 1000 + self._sounds, timestamp, SOUND_SSRC, payload)
        self.send_rtp(bytes((plain[0] | 0x10,)) + plain[1:12] + SOUND_LEVEL + plain[12:])
        self._sounds += 1
        self.sent += 1

    async def run(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(round(seconds * FRAMES_PER_SECOND)):
            at = began + number / FRAMES_PER_SECOND
            await asyncio.sleep(max(0.0, at - loop.time()))
            self.send_frame()
            if self._sound_payloads:
                self.send_sound()
                await asyncio.sleep(max(0.0, at + SOUND_MS / 1000 - loop.time()))
                self.send_sound()
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
    kinds: tuple[str, ...] = ("video",)
    identity: DtlsIdentity = field(default_factory=DtlsIdentity)
    counts: Counts = field(default_factory=Counts)
    peers: list[LightPeer] = field(default_factory=list)

    def offers(self) -> list[str]:
        for number in range(self.number):
            peer = LightPeer(self.identity, f"viewer{number}")
            peer.on_media = self._counter(peer)
            self.peers.append(peer)
        return [offer_sdp(peer, "recvonly", self.kinds) for peer in self.peers]

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
            packet = rtp.parse(srtp.unprotect(datagram))
            ours = packet.payload_type == AUDIO_TYPE or packet.payload[0] in (FU_A, STAP_A)
        except SrtpError:
            ours = False
        self.counts.opened += ours
        self.counts.forged += not ours

    async def keep_consent(self) -> None:
        while True:
            await asyncio.sleep(CONSENT_SECONDS)
            for peer in self.peers:
                peer.check()
