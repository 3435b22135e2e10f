"""Which layers of a publisher anybody has use for, with hysteresis: wanted at once, unwanted after a while."""

from __future__ import annotations

from collections.abc import Iterable, Set

UNWANTED_MS = 10_000.0
# A layer that is asked for again is on its way for so long, and counted as there.
RETURN_MS = 3000.0
# A wanted layer that stays away may be one whose publisher did not hear: it is told again, ever more seldom.
REMIND_MS, LONGEST_REMIND_MS = 10_000.0, 300_000.0


class Demand:
    """``wanted`` never lacks the lowest rank: a preview shall begin at once, and a camera be seen to live.

    Nor does it lack what lies below a wanted one: that is what is left when the uplink does not take the best.
    """

    def __init__(self, ranks: Iterable[int]) -> None:
        self._ranks = frozenset(ranks)
        self.wanted = self._ranks
        self._unwanted_since_ms: dict[int, float] = {}
        self._asked_again_at_ms: dict[int, float] = {}
        self._away_since_ms: float | None = None
        self._remind_ms = REMIND_MS

    def update(self, wished: Set[int], now_ms: float) -> bool:
        """Whether ``wanted`` is another now."""
        best = max(wished, default=min(self._ranks))
        kept = {rank for rank in self._ranks if rank <= best} | {min(self._ranks)}
        for rank in self._ranks:
            if rank in kept:
                self._unwanted_since_ms.pop(rank, None)
            elif now_ms - self._unwanted_since_ms.setdefault(rank, now_ms) < UNWANTED_MS and rank in self.wanted:
                kept.add(rank)
        for rank in kept - self.wanted:
            self._asked_again_at_ms[rank] = now_ms
        changed = kept != self.wanted
        self.wanted = frozenset(kept)
        return changed

    def remind(self, away: bool, now_ms: float) -> bool:
        """Whether to say once more what is wanted; ``away``: something of it is not being sent."""
        if not away:
            self._away_since_ms, self._remind_ms = None, REMIND_MS
        elif self._away_since_ms is None:
            self._away_since_ms = now_ms
        elif now_ms - self._away_since_ms >= self._remind_ms:
            self._away_since_ms, self._remind_ms = now_ms, min(2 * self._remind_ms, LONGEST_REMIND_MS)
            return True
        return False

    def can_come(self, rank: int, now_ms: float) -> bool:
        """Whether a layer that is silent is so because of us, and can be had for the asking."""
        if rank not in self.wanted:
            return True
        return now_ms - self._asked_again_at_ms.get(rank, float("-inf")) < RETURN_MS
