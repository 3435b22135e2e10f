"""What waits for a peer that reads its stream more slowly than we write it. Sans-I/O.

Sound and control go first and drop their oldest. Pictures are dropped whole: once they pile up all that wait go, and
nothing of that stream follows before its next keyframe, for which the queue asks when it is empty again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

URGENT_BYTES = 16 * 1024  # about a second of three voices
PICTURE_BYTES = 192 * 1024  # about a second of the best layer
MAX_STREAMS = 64
# A link that is too narrow for good must not make everybody's picture a row of keyframes.
ASK_FIRST_MS, ASK_MOST_MS, CALM_MS = 500.0, 8000.0, 15_000.0


class SendQueue:
    """One connection's. Put datagrams in, take them out one by one in the order in which they should leave."""

    def __init__(self) -> None:
        self.dropped = 0  # datagrams
        self._urgent: deque[bytes] = deque()
        self._pictures: deque[tuple[int, bytes]] = deque()
        self._urgent_bytes = self._picture_bytes = 0
        self._cut: set[int] = set()  # SSRCs that must begin anew with a keyframe
        self._ask_at_ms = float("-inf")
        self._asked_at_ms = float("-inf")
        self._pause_ms = ASK_FIRST_MS

    def __len__(self) -> int:
        return len(self._urgent) + len(self._pictures)

    @property
    def octets(self) -> int:
        return self._urgent_bytes + self._picture_bytes

    def put_urgent(self, datagram: bytes) -> None:
        self._urgent.append(datagram)
        self._urgent_bytes += len(datagram)
        while self._urgent_bytes > URGENT_BYTES:
            self._urgent_bytes -= len(self._urgent.popleft())
            self.dropped += 1

    def put_pictures(self, datagrams: Sequence[bytes], ssrc: int, *, keyframe: bool) -> None:
        """Packets of one picture, the first of them maybe a keyframe's first."""
        if keyframe:
            self._cut.discard(ssrc)
        if ssrc in self._cut:
            self.dropped += len(datagrams)
            return
        self._pictures.extend((ssrc, datagram) for datagram in datagrams)
        self._picture_bytes += sum(map(len, datagrams))
        if self._picture_bytes > PICTURE_BYTES:
            self._drop_pictures()

    def put_repair(self, datagram: bytes) -> None:
        """A repeated packet: of no use while pictures are dropped."""
        if self._cut or self._picture_bytes + len(datagram) > PICTURE_BYTES:
            self.dropped += 1
            return
        self._pictures.append((0, datagram))
        self._picture_bytes += len(datagram)

    def _drop_pictures(self) -> None:
        self._cut.update(ssrc for ssrc, _ in self._pictures if ssrc)
        while len(self._cut) > MAX_STREAMS:
            self._cut.pop()
        self.dropped += len(self._pictures)
        self._pictures.clear()
        self._picture_bytes = 0

    def clear(self) -> None:
        """Give up what waits; pictures begin again with a keyframe."""
        self._drop_pictures()
        self.dropped += len(self._urgent)
        self._urgent.clear()
        self._urgent_bytes = 0

    def take(self) -> bytes | None:
        """The next to leave."""
        if self._urgent:
            datagram = self._urgent.popleft()
            self._urgent_bytes -= len(datagram)
            return datagram
        if self._pictures:
            datagram = self._pictures.popleft()[1]
            self._picture_bytes -= len(datagram)
            return datagram
        return None

    def keyframes_due(self, now_ms: float) -> tuple[int, ...]:
        """The SSRCs whose pictures may begin again, when it is time to ask for them. Counts as asked."""
        if not self._cut or self._pictures or now_ms < self._ask_at_ms:
            return ()
        calm = now_ms - self._asked_at_ms > CALM_MS
        self._pause_ms = ASK_FIRST_MS if calm else min(ASK_MOST_MS, 2 * self._pause_ms)
        self._asked_at_ms = now_ms
        self._ask_at_ms = now_ms + self._pause_ms
        return tuple(self._cut)
