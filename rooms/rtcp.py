"""RTCP, as much of it as a forwarding node speaks (RFC 3550, 6; RFC 4585; RFC 5104; REMB).

Parsing is tolerant: a packet of a type or format that we do not know is skipped, transport-wide feedback
(RTPFB format 15) in particular is not mistaken for NACKs. A cut packet raises ``ValueError``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
FMT_NACK, FMT_PLI, FMT_FIR, FMT_AFB = 1, 1, 4, 15
MAX_PACKETS = 32
MAX_NACKED = 1024  # in one compound packet; Chromium keeps a list of 1000 at most
NTP_UNITS_PER_MS = (1 << 32) / 1000
COMPACT_UNITS_PER_MS = (1 << 16) / 1000  # the middle 32 bits, as reports quote them
MAX_ROUND_TRIP_MS = 5000.0

_COMMON = struct.Struct("!BBH")
_REPORT = struct.Struct("!IIIIII")
_SENDER_INFO = struct.Struct("!IQIII")
_PAIR = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """One stream as its receiver sees it. ``lost`` is signed 24 bit, ``fraction_lost`` of 256."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    last_sr: int
    delay_since_sr: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int  # 32.32 fixed point
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()

    @property
    def ntp_ms(self) -> float:
        return self.ntp / NTP_UNITS_PER_MS


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    media_ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyframeRequest:
    """PLI, or the entry of an FIR."""

    media_ssrc: int


@dataclass(frozen=True, slots=True)
class Bye:
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Remb:
    bitrate_bps: int
    ssrcs: tuple[int, ...]


RtcpPacket = SenderReport | ReceiverReport | Nack | KeyframeRequest | Bye | Remb


def ntp_of(room_ms: float) -> int:
    """The room's monotonic clock as an NTP timestamp; receivers only compare our reports with each other."""
    return round(room_ms * NTP_UNITS_PER_MS) & 0xFFFFFFFFFFFFFFFF


def round_trip_ms(block: ReportBlock, now_ms: float) -> float | None:
    """Time to the reporter and back, of a report upon one of our own sender reports (RFC 3550, 6.4.1).

    ``None`` for one that has not seen any yet, or whose numbers cannot be true.
    """
    if not block.last_sr:
        return None
    units = ((ntp_of(now_ms) >> 16) - block.last_sr - block.delay_since_sr) & 0xFFFFFFFF
    return units / COMPACT_UNITS_PER_MS if units <= MAX_ROUND_TRIP_MS * COMPACT_UNITS_PER_MS else None


def parse(datagram: bytes) -> tuple[RtcpPacket, ...]:
    """The packets of a compound that we understand, in order."""
    found: list[RtcpPacket] = []
    at = 0
    nacked = 0
    for _ in range(MAX_PACKETS):
        if at >= len(datagram):
            break
        if len(datagram) < at + _COMMON.size:
            raise ValueError("RTCP packet is cut")
        first, kind, words = _COMMON.unpack_from(datagram, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(datagram):
            raise ValueError("RTCP packet is cut or of another version")
        for packet in _packets(kind, first & 0x1F, datagram[at + _COMMON.size : end]):
            nacked += len(packet.sequences) if isinstance(packet, Nack) else 0
            if nacked > MAX_NACKED:
                raise ValueError("RTCP packet asks for more than anybody keeps")
            found.append(packet)
        at = end
    return tuple(found)


def _packets(kind: int, count: int, body: bytes) -> Iterator[RtcpPacket]:
    try:
        if kind == SR:
            ssrc, ntp, timestamp, packets, octets = _SENDER_INFO.unpack_from(body)
            yield SenderReport(ssrc, ntp, timestamp, packets, octets, _blocks(body, 24, count))
        elif kind == RR:
            yield ReceiverReport(int.from_bytes(body[:4], "big"), _blocks(body, 4, count))
        elif kind == BYE:
            yield Bye(struct.unpack_from(f"!{count}I", body))
        elif kind == RTPFB and count == FMT_NACK:
            yield Nack(struct.unpack_from("!I", body, 4)[0], tuple(islice(_nacked(body), MAX_NACKED + 1)))
        elif kind == PSFB:
            yield from _payload_feedback(count, body)
    except struct.error as error:
        raise ValueError("RTCP packet is cut") from error


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for number in range(count):
        ssrc, loss, highest, jitter, last_sr, delay = _REPORT.unpack_from(body, at + _REPORT.size * number)
        lost = loss & 0xFFFFFF
        blocks.append(
            ReportBlock(ssrc, loss >> 24, lost - (1 << 24 if lost >> 23 else 0), highest, jitter, last_sr, delay)
        )
    return tuple(blocks)


def _nacked(body: bytes) -> Iterator[int]:
    for packet_id, mask in _PAIR.iter_unpack(body[8 : 8 + (len(body) - 8) // 4 * 4]):
        yield packet_id
        for bit in range(16):
            if mask >> bit & 1:
                yield (packet_id + bit + 1) & 0xFFFF


def _payload_feedback(fmt: int, body: bytes) -> Iterator[RtcpPacket]:
    if fmt == FMT_PLI:
        yield KeyframeRequest(struct.unpack_from("!I", body, 4)[0])
    elif fmt == FMT_FIR:
        for at in range(8, len(body) - 7, 8):
            yield KeyframeRequest(struct.unpack_from("!I", body, at)[0])
    elif fmt == FMT_AFB and body[8:12] == b"REMB":
        (head,) = struct.unpack_from("!I", body, 12)
        number, exponent, mantissa = head >> 24, head >> 18 & 0x3F, head & 0x3FFFF
        yield Remb(mantissa << exponent, struct.unpack_from(f"!{number}I", body, 16))


# ---- building ------------------------------------------------------------------------------------------


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return _COMMON.pack(0x80 | count, kind, len(body) // 4) + body


def build_sender_report(report: SenderReport) -> bytes:
    body = _SENDER_INFO.pack(
        report.ssrc,
        report.ntp,
        report.timestamp & 0xFFFFFFFF,
        report.packets & 0xFFFFFFFF,
        report.octets & 0xFFFFFFFF,
    )
    return _packet(len(report.blocks), SR, body + b"".join(map(_build_block, report.blocks)))


def build_receiver_report(ssrc: int, blocks: Sequence[ReportBlock] = ()) -> bytes:
    return _packet(len(blocks), RR, ssrc.to_bytes(4, "big") + b"".join(map(_build_block, blocks)))


def _build_block(block: ReportBlock) -> bytes:
    return _REPORT.pack(
        block.ssrc,
        block.fraction_lost << 24 | block.lost & 0xFFFFFF,
        block.highest_sequence & 0xFFFFFFFF,
        block.jitter & 0xFFFFFFFF,
        block.last_sr,
        block.delay_since_sr & 0xFFFFFFFF,
    )


@lru_cache(maxsize=1024)  # the SSRCs of a room are the same for all its viewers, and a report is due every second
def build_cname(ssrc: int, cname: str) -> bytes:
    return _packet(1, SDES, ssrc.to_bytes(4, "big") + cname_item(cname))


def cname_item(cname: str) -> bytes:
    """What follows the SSRC, padded to words (RFC 3550, 6.5)."""
    item = bytes((1, len(cname))) + cname.encode("ascii") + b"\0"
    return item + bytes(-len(item) % 4)


def build_nack(ssrc: int, media_ssrc: int, sequences: Iterable[int]) -> bytes:
    """Generic NACK (RFC 4585, 6.2.1): each pair names one packet and up to sixteen after it."""
    pairs: list[list[int]] = []
    for sequence in sequences:
        ahead = (sequence - pairs[-1][0] - 1) & 0xFFFF if pairs else 16
        if ahead < 16:
            pairs[-1][1] |= 1 << ahead
        else:
            pairs.append([sequence & 0xFFFF, 0])
    body = struct.pack("!II", ssrc, media_ssrc) + b"".join(_PAIR.pack(*pair) for pair in pairs)
    return _packet(FMT_NACK, RTPFB, body)


def build_pli(ssrc: int, media_ssrc: int) -> bytes:
    return _packet(FMT_PLI, PSFB, struct.pack("!II", ssrc, media_ssrc))


def build_remb(ssrc: int, bitrate_bps: int, media_ssrcs: Sequence[int]) -> bytes:
    """Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03, 2.2)."""
    exponent = max(0, bitrate_bps.bit_length() - 18)
    mantissa = bitrate_bps >> exponent
    head = bytes((len(media_ssrcs), exponent << 2 | mantissa >> 16, mantissa >> 8 & 0xFF, mantissa & 0xFF))
    body = struct.pack("!II", ssrc, 0) + b"REMB" + head + struct.pack(f"!{len(media_ssrcs)}I", *media_ssrcs)
    return _packet(FMT_AFB, PSFB, body)


def build_bye(ssrcs: Sequence[int]) -> bytes:
    return _packet(len(ssrcs), BYE, struct.pack(f"!{len(ssrcs)}I", *ssrcs))
