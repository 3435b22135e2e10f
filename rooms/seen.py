"""Transaction ids of connectivity checks: each is good once, wherever it comes from a second time.

A check proves who made it, not who sends it: somebody on the path can send a copy from another address, and turn a
stream upon that address with it (RFC 8445, 19.2). Ids are random and of one use (RFC 8489, 5), so what was seen before
is a copy.
"""

from __future__ import annotations

from array import array

# Chromium checks every 2.5 seconds: more than forty minutes of them, in 8 KiB.
REMEMBERED = 1024


class SeenIds:
    """The last ``REMEMBERED`` ids, by their first eight bytes."""

    __slots__ = ("_ids", "_oldest")

    def __init__(self) -> None:
        self._ids = array("Q")
        self._oldest = 0

    def add(self, transaction_id: bytes) -> None:
        number = int.from_bytes(transaction_id[:8], "big")
        if len(self._ids) < REMEMBERED:
            self._ids.append(number)
        else:
            self._ids[self._oldest] = number
            self._oldest = (self._oldest + 1) % REMEMBERED

    def __contains__(self, transaction_id: bytes) -> bool:
        return int.from_bytes(transaction_id[:8], "big") in self._ids
