"""Where an H264 picture that needs no earlier one begins (RFC 6184). Nothing is decoded."""

from __future__ import annotations

from rooms.parameter_set import BadParameterSet, picture_size

IDR, SPS, STAP_A, FU_A = 5, 7, 24, 28
_STARTS = (IDR, SPS)


def starts_keyframe(payload: bytes) -> bool:
    """True for a packet that begins with an SPS or an IDR slice, alone, aggregated or as a first fragment.

    Encoders for real-time use send SPS, PPS and IDR with one timestamp, so the SPS is where to begin. An IDR
    slice that is not the first of its picture also answers True; the layer keeps only the first per timestamp.
    """
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind == STAP_A:
        return any(unit in _STARTS for unit in _aggregated_kinds(payload))
    if kind == FU_A:
        return len(payload) > 1 and bool(payload[1] & 0x80) and payload[1] & 0x1F in _STARTS
    return kind in _STARTS


def brings_parameters(payload: bytes) -> bool:
    """True for a packet with an SPS, the beginning of one included: nothing of its picture stands before it."""
    kind = payload[0] & 0x1F if payload else 0
    if kind == STAP_A:
        return SPS in _aggregated_kinds(payload)
    return kind == SPS or (kind == FU_A and len(payload) > 1 and payload[1] & 0x9F == 0x80 | SPS)


def _aggregated_kinds(payload: bytes) -> list[int]:
    kinds = []
    at = 1
    while at + 3 <= len(payload):
        kinds.append(payload[at + 2] & 0x1F)
        at += 2 + int.from_bytes(payload[at : at + 2], "big")
    return kinds


def picture_height(payload: bytes) -> int | None:
    """Lines of the picture that this packet's SPS announces; None when it has none that can be read."""
    sps = _sps(payload)
    if sps is None:
        return None
    try:
        return picture_size(sps)[1]
    except BadParameterSet:
        return None


def _sps(payload: bytes) -> bytes | None:
    if payload and payload[0] & 0x1F == SPS:
        return payload
    at = 1
    while payload[:1] and payload[0] & 0x1F == STAP_A and at + 3 <= len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        if payload[at + 2] & 0x1F == SPS:
            return payload[at + 2 : at + 2 + size]
        at += 2 + size
    return None
