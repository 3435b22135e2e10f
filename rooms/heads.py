"""Where keyframes begin, also when their first packet is late.

A keyframe of H264 begins with its parameter sets, and they are a packet of their own. When that one is missing, what
follows it looks like a beginning and is none: whoever began there could decode nothing, and gets no repair of what came
before. So such a beginning is doubted until it is known what stood before it (:meth:`Heads.found_by`).
"""

from __future__ import annotations

from collections.abc import Callable

from rooms import h264, vp8
from rooms.rtp import RtpPacket

# Delimiter, two parameter sets and some messages at most stand before the first slice of a picture.
MOST_BEFORE = 16
_RULES: dict[str, Callable[[bytes], bool]] = {"H264": h264.starts_keyframe, "VP8": vp8.starts_keyframe}


class Heads:
    """Of one stream of pictures. ``at``: the packet of an index, where it is there."""

    def __init__(self, codec: str, at: Callable[[int], RtpPacket | None]) -> None:
        self._codec = codec
        self._starts = _RULES[codec]
        self._at = at
        self._first: int | None = None  # index of the stream's first packet: nothing stands before it
        self._newest: RtpPacket | None = None
        self._doubted: RtpPacket | None = None

    def begins(self, packet: RtpPacket) -> bool:
        """Ask of every packet, as it comes."""
        if self._first is None:
            self._first = packet.index
        if not self._starts(packet.payload):
            return False
        newest = self._newest
        if newest is not None and packet.index < newest.index:
            return True  # repaired after a newer one has begun
        if newest is not None and packet.timestamp == newest.timestamp:
            return False
        doubted = self._doubted
        if doubted is not None and packet.timestamp == doubted.timestamp and packet.index >= doubted.index:
            return False
        if self._is_doubtful(packet):
            self._doubted = packet
            return False
        self._newest, self._doubted = packet, None
        return True

    def _is_doubtful(self, packet: RtpPacket) -> bool:
        """Whether of its picture something may have stood before it that is missing."""
        if self._codec != "H264" or h264.brings_parameters(packet.payload):
            return False
        for index in range(packet.index - 1, packet.index - 1 - MOST_BEFORE, -1):
            if index + 1 == self._first:
                return False
            before = self._at(index)
            if before is None:
                return True
            if before.timestamp != packet.timestamp:
                return False
        return False

    def found_by(self, late: RtpPacket) -> RtpPacket | None:
        """The beginning that is known now that this late packet has come: it itself, or the one that was doubted."""
        if late.keyframe:
            return late
        doubted = self._doubted
        if doubted is None or late.index > doubted.index or self._is_doubtful(doubted):
            return None
        self._newest, self._doubted = doubted, None
        doubted.keyframe = True
        return doubted
