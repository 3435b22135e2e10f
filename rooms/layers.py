"""Simulcast layers: their order, their size, and which of those that are sent a receiver follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ACTIVE_WITHIN_MS = 1000.0
_KNOWN_RANKS = {"q": 0, "l": 0, "h": 1, "m": 1, "f": 2}


HIGHEST, LOWEST = 99, 0
# What a layer costs before it was heard long enough to know: 180, 360 and 720 lines as browsers send them.
_NOMINAL_BPS = (150_000.0, 500_000.0, 1_800_000.0)
_NOMINAL_HEIGHTS = (180, 360, 720)
# A picture a quarter smaller than asked for is as good, at a third of the bit rate.
GOOD_ENOUGH = 0.75


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


def choose(activity: Sequence[LayerActivity], limit: int, now_ms: float) -> int | None:
    """The rank to follow: of the layers that sent something within a second the best up to ``limit``, else the lowest.

    When all are silent it is the last one that was not.
    """
    if not activity:
        return None
    active = [layer.rank for layer in activity if now_ms - layer.heard_at_ms <= ACTIVE_WITHIN_MS]
    if not active:
        return max(activity, key=lambda layer: layer.heard_at_ms).rank
    return max((rank for rank in active if rank <= limit), default=min(active))


def nominal_bps(rank: int) -> float:
    return _NOMINAL_BPS[min(rank, len(_NOMINAL_BPS) - 1)]


def limit_for(height: int | None, heights: Mapping[int, int | None]) -> int:
    """The rank of the smallest layer that fills ``height`` lines well enough; None asks for the best.

    ``heights``: lines of each rank, None where they are not known.
    """
    if height is None:
        return HIGHEST
    for rank in sorted(heights):
        lines = heights[rank] or _NOMINAL_HEIGHTS[min(rank, len(_NOMINAL_HEIGHTS) - 1)]
        if lines >= GOOD_ENOUGH * height:
            return rank
    return HIGHEST
