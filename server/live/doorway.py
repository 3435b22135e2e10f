"""Connections that have not joined a lesson yet, counted by address: nobody fills the hall from its door. Pure."""

from __future__ import annotations

from collections import Counter


class Place:
    """One connection in the door. Leave it by joining or by going away."""

    def __init__(self, doorway: Doorway, address: str) -> None:
        self._doorway = doorway
        self._address: str | None = address

    def leave(self) -> None:
        """Idempotent."""
        address, self._address = self._address, None
        if address is not None:
            self._doorway.left(address)


class Doorway:
    """At most ``most`` connections of one address at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._standing: Counter[str] = Counter()

    def enter(self, address: str) -> Place | None:
        """None: there are enough of this address."""
        if self._standing[address] >= self._most:
            return None
        self._standing[address] += 1
        return Place(self, address)

    def left(self, address: str) -> None:
        self._standing[address] -= 1
        if not self._standing[address]:
            del self._standing[address]

    @property
    def empty(self) -> bool:
        return not self._standing
