"""What was read and is still so: thousands of requests that ask the same again are answered without the record.

Nothing here is true for a time. A memory is used only while nothing that it was read from has been written to since,
which is known where one process alone writes; elsewhere nothing is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST = 8192


class Standing(Protocol):
    """Of what was read, or follows from it."""

    def holds(self) -> bool:
        """Whether it is still so."""
        ...


class Memory(Generic[K, V]):
    """At most ``most``; beyond that the one asked for longest ago is forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[K, tuple[V, Standing]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """None: not known, or no longer so."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if not kept[1].holds():
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept[0]

    def keep(self, key: K, value: V, seen: Standing | None) -> None:
        if seen is None:
            return
        self._kept[key] = (value, seen)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
