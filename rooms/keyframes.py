"""Requests for keyframes, merged: however many viewers ask, the source hears of it twice a second at most."""

from __future__ import annotations

MIN_INTERVAL_MS = 500.0


class KeyframeRequests:
    """One per layer. A request that comes too early is remembered and becomes due when the interval is over."""

    def __init__(self, min_interval_ms: float = MIN_INTERVAL_MS) -> None:
        self._min_interval_ms = min_interval_ms
        self._asked_at_ms: float | None = None
        self._wanted = False
        self.unanswered = 0  # requests since the last keyframe

    def want(self) -> None:
        self._wanted = True

    def satisfied(self) -> None:
        """A keyframe arrived."""
        self._wanted = False
        self.unanswered = 0

    def due(self, now_ms: float) -> bool:
        """True when a request must go out now; counts as sent."""
        if not self._wanted:
            return False
        if self._asked_at_ms is not None and now_ms - self._asked_at_ms < self._min_interval_ms:
            return False
        self._asked_at_ms = now_ms
        self._wanted = False
        self.unanswered += 1
        return True
