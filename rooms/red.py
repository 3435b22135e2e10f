"""Redundant audio (RFC 2198): each packet carries the ones before it once more, so that one lost is no gap.

A viewer that negotiated it may be sent either payload type at any time (RFC 2198, 5). What a packet carries is built
once per stream and *form*, for all viewers of that form, and kept: asked for again it must be the same bytes, because
two texts under one sequence number would be two texts under one nonce (RFC 7714, 9.1).
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rooms.cache import PacketCache
from rooms.rtp import RtpPacket

MAX_DEPTH = 2
MAX_BLOCK_BYTES = (1 << 10) - 1
MAX_OFFSET_TICKS = (1 << 14) - 1
# A packet of Opus lasts 120 ms at most (RFC 6716, 2.1.4): a longer step is a pause (DTX), nothing is carried over it.
MAX_STEP_TICKS = 5760
# What an Ethernet frame takes by way of IPv6, UDP, RTP, SRTP and a tunnel or two.
MAX_PAYLOAD_BYTES = 1200
MAX_BLOCKS = 32
MAX_RESTORED = 4
KEPT = 128
REMEMBERED_CHANGES = 16
_MORE = struct.Struct("!I")


class Form(NamedTuple):
    """How many earlier packets go along, and under which payload type the receiver knows Opus."""

    depth: int
    block_type: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a redundant payload: ``offset`` is how many ticks before the packet's timestamp it begins."""

    payload_type: int
    offset: int
    payload: bytes


def wrap(packet: RtpPacket, earlier: Sequence[RtpPacket], block_type: int) -> bytes:
    """The redundant payload. ``earlier``: oldest first, all of them within the limits (see ``fitting``)."""
    heads = b"".join(
        _MORE.pack(
            1 << 31 | block_type << 24 | (packet.timestamp - one.timestamp & MAX_OFFSET_TICKS) << 10 | len(one.payload)
        )
        for one in earlier
    )
    return heads + bytes((block_type,)) + b"".join(one.payload for one in earlier) + packet.payload


def unwrap(payload: bytes) -> list[Block]:
    """The blocks, the primary one last. Raises ``ValueError`` when the payload is cut or has too many."""
    heads: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        if len(heads) >= MAX_BLOCKS or at + _MORE.size > len(payload):
            raise ValueError("redundant payload is cut inside its block headers, or has too many")
        (head,) = _MORE.unpack_from(payload, at)
        heads.append((head >> 24 & 0x7F, head >> 10 & MAX_OFFSET_TICKS, head & MAX_BLOCK_BYTES))
        at += _MORE.size
    if at >= len(payload):
        raise ValueError("redundant payload has no primary block")
    primary, at = payload[at], at + 1
    blocks = []
    for kind, offset, size in heads:
        if at + size > len(payload):
            raise ValueError("redundant payload is cut inside a block")
        blocks.append(Block(kind, offset, payload[at : at + size]))
        at += size
    return [*blocks, Block(primary, 0, payload[at:])]


def originals(packet: RtpPacket, block_type: int) -> list[RtpPacket]:
    """The packets inside a redundant one, the primary one last. Raises ``ValueError`` for what is none.

    A block does not say its sequence number: the n-th before the primary one was the n-th packet before it, as senders
    carry what they sent last. Of a sender that carries more than ``MAX_RESTORED`` only the newest are taken.
    """
    blocks = unwrap(packet.payload)
    if any(block.payload_type != block_type for block in blocks):
        raise ValueError("a block of another payload type")
    *earlier, primary = blocks
    before = [
        replace(
            packet,
            payload_type=block_type,
            marker=False,
            sequence=packet.sequence - number & 0xFFFF,
            timestamp=packet.timestamp - block.offset & 0xFFFFFFFF,
            payload=block.payload,
            extension_profile=0,
            extension=b"",
        )
        for number, block in enumerate(reversed(earlier[-MAX_RESTORED:]), 1)
        if block.payload and block.offset
    ]
    return [*reversed(before), replace(packet, payload_type=block_type, payload=primary.payload)]


def fitting(packet: RtpPacket, candidates: Sequence[RtpPacket]) -> list[RtpPacket]:
    """Of the packets before (newest first) those that may go along, oldest first."""
    taken: list[RtpPacket] = []
    after, size = packet, 1 + len(packet.payload)
    for one in candidates:
        step, offset = after.timestamp - one.timestamp & 0xFFFFFFFF, packet.timestamp - one.timestamp & 0xFFFFFFFF
        size += _MORE.size + len(one.payload)
        if not 0 < step <= MAX_STEP_TICKS or offset > MAX_OFFSET_TICKS:
            break
        if not 0 < len(one.payload) <= MAX_BLOCK_BYTES or size > MAX_PAYLOAD_BYTES:
            break
        taken.append(one)
        after = one
    return taken[::-1]


class Redundancy:
    """The redundant packets of one received stream."""

    def __init__(self, originals: PacketCache) -> None:
        self._originals = originals
        self._kept: dict[Form, PacketCache] = {}
        self._begin = 0

    def cut(self, index: int) -> None:
        """Somebody who heard another source goes on with ``index`` of this one: nothing older is carried beyond it."""
        self._begin = max(self._begin, index)

    def packet(self, original: RtpPacket, form: Form) -> RtpPacket:
        """``original`` in ``form``: the same bytes each time as long as it is kept."""
        kept = self.kept(original.index, form)
        if kept is not None:
            return kept
        built = replace(original, payload=wrap(original, self._earlier(original, form.depth), form.block_type))
        if form not in self._kept:
            self._kept[form] = PacketCache(KEPT)
        self._kept[form].put(built, 0.0)
        return built

    def kept(self, index: int, form: Form) -> RtpPacket | None:
        """What went out in ``form``, if it did and is not too old."""
        cache = self._kept.get(form)
        return cache.get(index) if cache is not None else None

    def _earlier(self, packet: RtpPacket, depth: int) -> list[RtpPacket]:
        """Without a hole: what is missing itself will be repaired by itself."""
        candidates = []
        for index in range(packet.index - 1, packet.index - 1 - depth, -1):
            held = self._originals.get(index) if index >= self._begin else None
            if held is None:
                break
            candidates.append(held)
        return fitting(packet, candidates)


class Forms:
    """In which form one viewer's stream was sent from which of its sequence numbers (unwrapped) on."""

    def __init__(self) -> None:
        self.now: Form | None = None
        self._changes: deque[tuple[float, Form | None]] = deque([(float("-inf"), None)], maxlen=REMEMBERED_CHANGES)

    def change(self, form: Form | None, first_sent: int | None) -> None:
        """``first_sent``: the next number to be sent; ``None`` when nothing was sent yet."""
        self.now = form
        self._changes.append((float("-inf") if first_sent is None else first_sent, form))

    def at(self, sent: int) -> Form | None:
        """``None``: plain. Raises ``LookupError`` when it is forgotten."""
        for first_sent, form in reversed(self._changes):
            if sent >= first_sent:
                return form
        raise LookupError(f"the form of {sent} is forgotten")
