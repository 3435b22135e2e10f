"""Test data: real H.264 (libx264) and real Opus (libopus), packetised as a browser does (RFC 6184, RFC 7587)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache

import av
import numpy as np

from recordings.h264 import NAL_IDR, NAL_PPS, NAL_SPS, nal_type
from recordings.slate import split_annex_b
from rooms.interface import ProgrammePacket, Slot

FPS = 30
FRAME_MS = 1000 / FPS
MTU = 1100


def luma(grey: int) -> int:
    """What a grey of 0…255 is in a picture's first plane: 16…235."""
    return round(16 + grey * 219 / 255)


@cache
def video(
    width: int, height: int, frames: int, gop: int, tone: int, *, flash_at: int | None = None
) -> list[list[bytes]]:
    """Encoded pictures as lists of NAL units: a grey of ``tone`` with a moving bar, white at frame ``flash_at``."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    options = f"keyint={gop}:min-keyint={gop}:scenecut=0:annexb=1:repeat-headers=1:slices=1"
    context.options = {"profile": "baseline", "preset": "ultrafast", "tune": "zerolatency", "x264-params": options}
    units = []
    for number in range(frames):
        image = np.full((height * 3 // 2, width), 128, np.uint8)
        image[:height] = luma(255 if number == flash_at else tone)
        image[:height, (number * 8) % (width - 16) :][:, :16] = luma(80)
        frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
        frame.pts = number
        units += [split_annex_b(bytes(packet)) for packet in context.encode(frame)]
    units += [split_annex_b(bytes(packet)) for packet in context.encode(None)]
    assert len(units) == frames
    return units


def is_keyframe(nals: list[bytes]) -> bool:
    return any(nal_type(nal) == NAL_IDR for nal in nals)


def payloads(nals: list[bytes], mtu: int = MTU) -> list[bytes]:
    """Parameter sets in one STAP-A, small units alone, large ones in FU-A."""
    sets = [nal for nal in nals if nal_type(nal) in (NAL_SPS, NAL_PPS)]
    out = []
    if sets:
        out.append(bytes([24 | 0x60]) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in sets))
    for nal in nals:
        if nal in sets:
            continue
        out += [nal] if len(nal) <= mtu else list(fragments(nal, mtu))
    return out


def fragments(nal: bytes, mtu: int) -> Iterator[bytes]:
    body, kind = nal[1:], nal[0] & 0x1F
    for at in range(0, len(body), mtu - 2):
        start, end = at == 0, at + mtu - 2 >= len(body)
        yield bytes([(nal[0] & 0xE0) | 28, start << 7 | end << 6 | kind]) + body[at : at + mtu - 2]


@dataclass
class Sender:
    """One slot's continuous RTP stream."""

    slot: Slot
    source_id: str = "lecturer"
    epoch: int = 1
    sequence: int = 65_500  # wraps soon
    codec: str = "H264"
    clock_hz: int = 90_000
    timestamp_base: int = 0xFFFF_0000  # wraps soon
    base_ms: float | None = field(default=None)

    def packets(self, media_ms: float, parts: Iterable[bytes]) -> list[ProgrammePacket]:
        if self.base_ms is None:
            self.base_ms = media_ms
        timestamp = (self.timestamp_base + round((media_ms - self.base_ms) * self.clock_hz / 1000)) & 0xFFFFFFFF
        parts = list(parts)
        out = []
        for number, part in enumerate(parts):
            out.append(
                ProgrammePacket(
                    slot=self.slot,
                    source_id=self.source_id,
                    epoch=self.epoch,
                    codec=self.codec,
                    sequence=self.sequence & 0xFFFF,
                    timestamp=timestamp,
                    marker=number == len(parts) - 1,
                    media_ms=media_ms,
                    payload=part,
                )
            )
            self.sequence += 1
        return out

    def picture(self, media_ms: float, nals: list[bytes]) -> list[ProgrammePacket]:
        return self.packets(media_ms, payloads(nals))

    def switch(self, source_id: str) -> None:
        self.source_id, self.epoch = source_id, self.epoch + 1


@cache
def opus(milliseconds: int, hz: float = 440.0, level: float = 0.4, beeps: tuple[tuple[int, int], ...] | None = None):
    """Opus packets of 20 ms: a sine, or silence with the sine only in ``beeps`` (start ms, end ms)."""
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format, context.bit_rate = 48_000, "mono", "s16", 48_000
    context.options = {"application": "audio", "frame_duration": "20"}
    context.open()
    time = np.arange(milliseconds * 48) / 48_000
    wave = np.sin(2 * np.pi * hz * time) * level
    if beeps is not None:
        gate = np.zeros_like(wave)
        for start, end in beeps:
            gate[start * 48 : end * 48] = 1
        wave *= gate
    pcm = (wave * 32767).astype(np.int16)
    out = []
    for at in range(0, len(pcm), 960):
        frame = av.AudioFrame.from_ndarray(pcm[None, at : at + 960].copy(), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
        out += [bytes(packet) for packet in context.encode(frame)]
    return out


def sound(sender: Sender, start_ms: float, coded: list[bytes]) -> list[ProgrammePacket]:
    return [p for n, part in enumerate(coded) for p in sender.packets(start_ms + n * 20, [part])]


def voice(slot: Slot = Slot.AUDIO_1, source_id: str = "lecturer") -> Sender:
    return Sender(slot, source_id, codec="opus", clock_hz=48_000)


def film(sender: Sender, start_ms: float, pictures: list[list[bytes]], frame_ms: float = FRAME_MS):
    return [p for n, nals in enumerate(pictures) for p in sender.picture(start_ms + n * frame_ms, nals)]


def merged(*streams: list[ProgrammePacket]) -> list[ProgrammePacket]:
    """By capture time, as a node gives them."""
    return sorted((p for stream in streams for p in stream), key=lambda p: p.media_ms)


def without(packets: list[ProgrammePacket], start_ms: float, end_ms: float) -> list[ProgrammePacket]:
    return [p for p in packets if not start_ms <= p.media_ms < end_ms]


def renumbered(packet: ProgrammePacket, sequence: int) -> ProgrammePacket:
    return replace(packet, sequence=sequence & 0xFFFF)
