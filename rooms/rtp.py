"""RTP packets (RFC 3550, 5.1), one-byte and two-byte header extensions (RFC 8285), RTX (RFC 4588)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = struct.Struct("!BBHII")
EXTENSION = struct.Struct("!HH")
ONE_BYTE_PROFILE = 0xBEDE
RTX_HEADER_BYTES = 2


@dataclass(slots=True)
class RtpPacket:
    """One received packet, parsed once and then shared by the cache and by every viewer.

    ``payload`` carries neither header, extensions nor padding. ``index`` is the unwrapped sequence number and
    ``keyframe`` marks the first packet of a picture that needs no earlier one (always true for audio), ``late``
    one that came after a newer one; all are filled in by the layer that received the packet.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    extension_profile: int = 0
    extension: bytes = b""
    index: int = 0
    keyframe: bool = False
    media_ms: float = 0.0
    late: bool = False


def is_rtcp(datagram: bytes) -> bool:
    """RFC 5761, section 4: RTCP packet types 192 to 223 share the byte of marker and payload type."""
    return len(datagram) >= 2 and 192 <= datagram[1] <= 223


def parse(datagram: bytes) -> RtpPacket:
    """Raises ``ValueError`` on anything that is not a whole RTP packet."""
    if len(datagram) < HEADER.size:
        raise ValueError("RTP packet is shorter than its header")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    if first >> 6 != 2:
        raise ValueError("RTP version is not 2")
    start = HEADER.size + 4 * (first & 0x0F)
    profile, extension = 0, b""
    if first & 0x10:
        profile, extension = _extension_at(datagram, start)
        start += EXTENSION.size + len(extension)
    end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
    if end < start:
        raise ValueError("RTP packet ends inside its header or padding")
    return RtpPacket(
        payload_type=second & 0x7F,
        marker=second >= 0x80,
        sequence=sequence,
        timestamp=timestamp,
        ssrc=ssrc,
        payload=datagram[start:end],
        extension_profile=profile,
        extension=extension,
    )


def _extension_at(datagram: bytes, start: int) -> tuple[int, bytes]:
    if len(datagram) < start + EXTENSION.size:
        raise ValueError("RTP header extension is cut")
    profile, words = EXTENSION.unpack_from(datagram, start)
    begin = start + EXTENSION.size
    extension = datagram[begin : begin + 4 * words]
    if len(extension) != 4 * words:
        raise ValueError("RTP header extension is cut")
    return profile, extension


def extension_values(packet: RtpPacket) -> dict[int, bytes]:
    """Header extension elements by id. A malformed tail ends the list, as receivers must tolerate it."""
    if packet.extension_profile == ONE_BYTE_PROFILE:
        return _one_byte_elements(packet.extension)
    if packet.extension_profile & 0xFFF0 == 0x1000:
        return _two_byte_elements(packet.extension)
    return {}


def _one_byte_elements(data: bytes) -> dict[int, bytes]:
    values: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        identifier, length = data[at] >> 4, (data[at] & 0x0F) + 1
        if data[at] == 0:
            at += 1
            continue
        if identifier == 15 or at + 1 + length > len(data):
            break
        values[identifier] = data[at + 1 : at + 1 + length]
        at += 1 + length
    return values


def _two_byte_elements(data: bytes) -> dict[int, bytes]:
    values: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        if data[at] == 0:
            at += 1
            continue
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            break
        values[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return values


def build(  # noqa: PLR0917 - the fields of the header, in their order on the wire
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes
) -> bytes:
    """A packet without CSRCs, extensions or padding; every number is taken modulo its field."""
    return (
        HEADER.pack(
            0x80,
            payload_type | (0x80 if marker else 0),
            sequence & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
        )
        + payload
    )


def unwrap_rtx(packet: RtpPacket, ssrc: int, payload_type: int) -> RtpPacket | None:
    """The original packet inside a retransmission; ``None`` for the empty ones that only probe bandwidth."""
    if len(packet.payload) <= RTX_HEADER_BYTES:
        return None
    return RtpPacket(
        payload_type=payload_type,
        marker=packet.marker,
        sequence=int.from_bytes(packet.payload[:RTX_HEADER_BYTES], "big"),
        timestamp=packet.timestamp,
        ssrc=ssrc,
        payload=packet.payload[RTX_HEADER_BYTES:],
        extension_profile=packet.extension_profile,
        extension=packet.extension,
    )
