"""The last packets of one stream, shared by all its viewers for retransmission and for joining."""

from __future__ import annotations

from rooms.rtp import RtpPacket


class PacketCache:
    """A ring by packet index. Bounded: a newer packet overwrites the one ``capacity`` indexes before it."""

    def __init__(self, capacity: int) -> None:
        if capacity & (capacity - 1):
            raise ValueError("capacity must be a power of two")
        self._mask = capacity - 1
        self._ring: list[RtpPacket | None] = [None] * capacity
        self.keyframe_index: int | None = None
        self._keyframe_at_ms = 0.0
        self._barred = -1

    def put(self, packet: RtpPacket, now_ms: float) -> bool:
        """False for a duplicate or for a packet older than the ring reaches."""
        held = self._ring[packet.index & self._mask]
        if held is not None and held.index >= packet.index:
            return False
        self._ring[packet.index & self._mask] = packet
        if packet.keyframe:
            self.note_keyframe(packet.index, now_ms)
        return True

    def note_keyframe(self, index: int, now_ms: float) -> None:
        """One begins there."""
        if index > self._barred and (self.keyframe_index is None or index > self.keyframe_index):
            self.keyframe_index, self._keyframe_at_ms = index, now_ms

    def bar(self, index: int) -> None:
        """Nobody begins with ``index`` or anything before it, also if its keyframe is only found later."""
        self._barred = max(self._barred, index)
        if self.keyframe_index is not None and self.keyframe_index <= self._barred:
            self.keyframe_index = None

    def get(self, index: int) -> RtpPacket | None:
        held = self._ring[index & self._mask]
        return held if held is not None and held.index == index else None

    def fresh_keyframe(self, now_ms: float, max_age_ms: float) -> int | None:
        """Where a joiner may begin: the last keyframe if it is young enough and still wholly here."""
        index = self.keyframe_index
        if index is None or now_ms - self._keyframe_at_ms > max_age_ms or self.get(index) is None:
            return None
        return index
