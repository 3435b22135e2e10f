"""The VP8 payload descriptor (RFC 7741, 4.2): key frames, and numbers that must go on across a switch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Descriptor:
    """``picture_id`` and ``tl0`` are ``None`` when absent; the offsets say where they stand in the payload."""

    starts_picture: bool
    picture_id: int | None
    picture_id_bits: int
    picture_id_at: int
    tl0: int | None
    tl0_at: int
    length: int


def describe(payload: bytes) -> Descriptor:
    """Raises ``ValueError`` when the descriptor is cut."""
    if not payload:
        raise ValueError("VP8 payload is empty")
    first = payload[0]
    starts = bool(first & 0x10) and not first & 0x07
    if not first & 0x80:
        return Descriptor(starts, None, 0, 0, None, 0, 1)
    try:
        return _extended(payload, starts)
    except IndexError:
        raise ValueError("VP8 payload descriptor is cut") from None


def _extended(payload: bytes, starts: bool) -> Descriptor:
    flags, at = payload[1], 2
    picture_id, bits, picture_id_at = None, 0, at
    if flags & 0x80:
        if payload[at] & 0x80:
            picture_id, bits = (payload[at] & 0x7F) << 8 | payload[at + 1], 15
        else:
            picture_id, bits = payload[at], 7
        at += 2 if bits == 15 else 1
    tl0, tl0_at = None, at
    if flags & 0x40:
        tl0 = payload[at]
        at += 1
    if flags & 0x30:
        at += 1
    return Descriptor(starts, picture_id, bits, picture_id_at, tl0, tl0_at, at)


def starts_keyframe(payload: bytes) -> bool:
    """True for the first packet of a key frame: the P bit of the frame header is 0 (RFC 7741, 4.3)."""
    try:
        descriptor = describe(payload)
    except ValueError:
        return False
    return descriptor.starts_picture and len(payload) > descriptor.length and not payload[descriptor.length] & 0x01


def shifted(payload: bytes, picture_delta: int, tl0_delta: int) -> bytes:
    """The payload with picture id and TL0PICIDX moved, each modulo its own width; a cut descriptor stays."""
    try:
        descriptor = describe(payload)
    except ValueError:
        return payload
    head = bytearray(payload[: descriptor.length])
    if descriptor.picture_id is not None:
        _put_picture_id(head, descriptor, descriptor.picture_id + picture_delta)
    if descriptor.tl0 is not None:
        head[descriptor.tl0_at] = (descriptor.tl0 + tl0_delta) & 0xFF
    return bytes(head) + payload[descriptor.length :]


def _put_picture_id(head: bytearray, descriptor: Descriptor, value: int) -> None:
    if descriptor.picture_id_bits == 15:
        head[descriptor.picture_id_at] = 0x80 | (value >> 8) & 0x7F
        head[descriptor.picture_id_at + 1] = value & 0xFF
    else:
        head[descriptor.picture_id_at] = value & 0x7F


def picture_height(payload: bytes) -> int | None:
    """Lines of the picture that this first packet of a key frame announces (RFC 6386, 9.1)."""
    try:
        at = describe(payload).length
    except ValueError:
        return None
    if payload[at + 3 : at + 6] != b"\x9d\x01\x2a" or len(payload) < at + 10:
        return None
    return int.from_bytes(payload[at + 8 : at + 10], "little") & 0x3FFF or None
