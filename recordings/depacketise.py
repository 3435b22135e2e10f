"""RTP payloads of H.264 back into access units (RFC 6184, packetization modes 0 and 1).

Sans-I/O; fed in sequence order by the reorder buffer. Nothing is decoded: an access unit comes out in the form that
MP4 stores (ISO/IEC 14496-15, 5.3: four-byte lengths, parameter sets apart).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from recordings.h264 import (
    NAL_DELIMITER,
    NAL_FILLER,
    NAL_IDR,
    NAL_PPS,
    NAL_SPS,
    ParameterSets,
    VideoFormat,
    nal_type,
    starts_picture,
)
from rooms.interface import ProgrammePacket
from rooms.parameter_set import BadParameterSet

STAP_A = 24
FU_A = 28
MAX_UNIT_BYTES = 4 << 20


class BadPayload(ValueError):
    """The payload breaks RFC 6184; it costs this picture."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture. ``format`` is that of the last parameter sets before it."""

    media_ms: float
    epoch: int
    source_id: str
    keyframe: bool
    sample: bytes
    format: VideoFormat


class Depacketiser:
    """One slot's stream. After a loss, a bad payload or a new epoch nothing comes out until the next keyframe."""

    def __init__(self) -> None:
        self._sets = ParameterSets()
        self._epoch: int | None = None
        self._first: ProgrammePacket | None = None  # of the open access unit
        self._media_ms = 0.0
        self._nals: list[bytes] = []
        self._bytes = 0
        self._fragments: bytearray | None = None
        self._broken = False
        self.waiting = True  # for a keyframe
        self.bad_payloads = 0
        self.dropped_units = 0

    def push(self, packet: ProgrammePacket, media_ms: float, *, lost: bool) -> list[AccessUnit]:
        """One packet and its time; ``lost``: at least one before it never came."""
        units: list[AccessUnit] = []
        if packet.epoch != self._epoch:
            self._new_stream(packet.epoch)
        elif lost:
            self._lose()
        elif self._first is not None and packet.timestamp != self._first.timestamp:
            units += self._finish()
        if self._first is None:
            self._first, self._media_ms = packet, media_ms
        self._take(packet)
        if packet.marker:
            units += self._finish()
        return units

    def _new_stream(self, epoch: int) -> None:
        self._epoch = epoch
        self._sets = ParameterSets()
        self._reset()
        self.waiting = True

    def _lose(self) -> None:
        """The picture before the hole and the one after it may both lack a piece."""
        self._reset()
        self._broken = True
        self.waiting = True

    def _reset(self) -> None:
        self._first = None
        self._nals = []
        self._bytes = 0
        self._fragments = None
        self._broken = False

    def _take(self, packet: ProgrammePacket) -> None:
        if not packet.payload:
            return  # padding only: keeps the sequence, carries nothing
        if self._broken and self._first is not None and self._starts_keyframe(packet):
            self._broken = False  # the hole ended just before a whole keyframe
        try:
            self._parse(packet.payload)
        except (BadPayload, BadParameterSet):
            self.bad_payloads += 1
            self._broken = True
            self.waiting = True

    def _starts_keyframe(self, packet: ProgrammePacket) -> bool:
        """A picture that opens with parameter sets is whole from here on."""
        kind = packet.payload[0] & 0x1F
        if kind == STAP_A:
            return len(packet.payload) > 3 and packet.payload[3] & 0x1F == NAL_SPS
        return kind == NAL_SPS

    def _parse(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if kind == FU_A:
            self._fragment(payload)
            return
        if self._fragments is not None:
            raise BadPayload("fragmented unit without end")
        if kind == STAP_A:
            self._aggregate(payload)
        elif 1 <= kind <= 23:
            self._add(payload)
        else:
            raise BadPayload(f"packet type {kind}")

    def _aggregate(self, payload: bytes) -> None:
        """RFC 6184, 5.7.1: 16-bit lengths."""
        at = 1
        while at < len(payload):
            if at + 2 > len(payload):
                raise BadPayload("STAP-A length cut off")
            size = int.from_bytes(payload[at : at + 2], "big")
            at += 2
            if size == 0 or at + size > len(payload):
                raise BadPayload("STAP-A unit cut off")
            self._add(payload[at : at + size])
            at += size

    def _fragment(self, payload: bytes) -> None:
        """RFC 6184, 5.8: S and E bits in the FU header, the unit's type in its low bits."""
        if len(payload) < 3:
            raise BadPayload("empty fragment")
        indicator, header = payload[0], payload[1]
        if header & 0x80:
            if self._fragments is not None:
                raise BadPayload("fragmented unit without end")
            self._fragments = bytearray([(indicator & 0xE0) | (header & 0x1F)])
        elif self._fragments is None:
            raise BadPayload("fragment without start")
        self._fragments += payload[2:]
        if len(self._fragments) > MAX_UNIT_BYTES:
            raise BadPayload("unit too large")
        if header & 0x40:
            nal, self._fragments = bytes(self._fragments), None
            self._add(nal)

    def _add(self, nal: bytes) -> None:
        kind = nal_type(nal)
        if kind in (NAL_SPS, NAL_PPS):
            self._sets.add(nal)
        elif kind not in (NAL_DELIMITER, NAL_FILLER):
            self._bytes += len(nal)
            if self._bytes > MAX_UNIT_BYTES:
                raise BadPayload("picture too large")
            self._nals.append(nal)

    def _finish(self) -> list[AccessUnit]:
        unit = self._unit()
        if unit is not None and (unit.keyframe or not self.waiting):
            self.waiting = False
            units = [unit]
        else:
            self.dropped_units += bool(self._nals or self._broken)
            units = []
        self._reset()
        return units

    def _unit(self) -> AccessUnit | None:
        first, form = self._first, self._sets.format
        pictures = [nal for nal in self._nals if 1 <= nal_type(nal) <= NAL_IDR]
        if first is None or form is None or not pictures:
            return None
        if self._broken or self._fragments is not None or not starts_picture(pictures[0]):
            self.waiting = True
            return None
        sample = b"".join(part for nal in self._nals for part in (struct.pack(">I", len(nal)), nal))
        keyframe = nal_type(pictures[0]) == NAL_IDR
        return AccessUnit(self._media_ms, first.epoch, first.source_id, keyframe, sample, form)
