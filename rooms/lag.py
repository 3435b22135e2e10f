"""How late the event loop comes: what every packet waits for, whoever is to blame."""

from __future__ import annotations

from collections import deque

TICKS = 500  # ten seconds of the node's clock, more when it comes late
_SMOOTHING = 1 / 16


class LoopLag:
    """Milliseconds between the time a tick was due and the time it ran."""

    def __init__(self) -> None:
        self._window: deque[float] = deque(maxlen=TICKS)
        self.smoothed_ms = 0.0

    def note(self, late_ms: float) -> None:
        late_ms = max(0.0, late_ms)
        self._window.append(late_ms)
        self.smoothed_ms += _SMOOTHING * (late_ms - self.smoothed_ms)

    def gauges(self) -> dict[str, float]:
        """Of the window, in seconds: ``loop_lag_p50_seconds``, ``…_p99_seconds``, ``…_max_seconds``."""
        late = sorted(self._window) or [0.0]
        places = {"p50": len(late) // 2, "p99": min(len(late) - 1, len(late) * 99 // 100), "max": len(late) - 1}
        return {f"loop_lag_{name}_seconds": late[place] / 1000 for name, place in places.items()}
