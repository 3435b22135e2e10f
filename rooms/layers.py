"""Which simulcast layer a receiver follows. The one place that bandwidth adaptation will have to change."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

ACTIVE_WITHIN_MS = 1000.0
_KNOWN_RANKS = {"q": 0, "l": 0, "h": 1, "m": 1, "f": 2}


class Appetite(enum.Enum):
    """What a receiver wants of a source that offers several layers."""

    HIGHEST = "highest"
    LOWEST = "lowest"


@dataclass(frozen=True, slots=True)
class LayerActivity:
    """``rank``: 0 is the smallest picture. ``heard_at_ms``: when its newest packet arrived."""

    rank: int
    heard_at_ms: float


def ranks(rids: Sequence[str]) -> dict[str, int]:
    """Order of layers by their names q/h/f or l/m/h, else as listed (RFC 8853 leaves the meaning open)."""
    if set(rids) <= {"l", "m", "h"} and "l" in rids:
        return {rid: "lmh".index(rid) for rid in rids}
    if set(rids) <= set(_KNOWN_RANKS) and len({_KNOWN_RANKS[rid] for rid in rids}) == len(rids):
        return {rid: _KNOWN_RANKS[rid] for rid in rids}
    return {rid: rank for rank, rid in enumerate(rids)}


def choose(activity: Sequence[LayerActivity], appetite: Appetite, now_ms: float) -> int | None:
    """The rank to follow: among the layers that sent something within a second, else the last one that did."""
    if not activity:
        return None
    active = [layer for layer in activity if now_ms - layer.heard_at_ms <= ACTIVE_WITHIN_MS]
    if not active:
        return max(activity, key=lambda layer: layer.heard_at_ms).rank
    pick = max if appetite is Appetite.HIGHEST else min
    return pick(layer.rank for layer in active)
