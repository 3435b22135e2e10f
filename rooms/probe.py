"""A probe: for a few seconds a viewer gets padding beside its media, to see whether its path would take more."""

from __future__ import annotations

RAMP_MS = 1500.0
HOLD_MS = 1500.0
PATIENCE_MS = 2000.0  # for a report after the last padding
HEARD_MS = 500.0  # a report counts when so much of the full rate lies behind it
MAX_EXTRA_BPS = 3_000_000.0
MAX_TICK_MS = 40.0  # a late clock does not make up for it in a burst


class Probe:
    """``target_bps`` is what shall have gone through: the media that flow and ``extra_bps`` of padding.

    The padding begins gently, so that a path that takes no more says so while little stands in its queue; at most
    ``extra_bps`` × (``RAMP_MS`` / 2 + ``HOLD_MS``) in all.
    """

    def __init__(self, target_bps: float, flowing_bps: float, now_ms: float) -> None:
        self.target_bps = target_bps
        self.extra_bps = min(max(0.0, target_bps - flowing_bps), MAX_EXTRA_BPS)
        self.began_at_ms = self._filled_at_ms = now_ms
        self._owed_bytes = 0.0
        self._heard = False

    def due(self, now_ms: float) -> int:
        """Bytes of padding to send now; give back by :meth:`sent` what really went out."""
        since_ms = now_ms - self.began_at_ms
        passed_ms = min(now_ms - self._filled_at_ms, MAX_TICK_MS)
        self._filled_at_ms = now_ms
        if since_ms >= RAMP_MS + HOLD_MS or passed_ms <= 0:
            return 0
        self._owed_bytes += self.extra_bps * min(1.0, since_ms / RAMP_MS) * passed_ms / 8000
        return max(0, int(self._owed_bytes))

    def sent(self, octets: int) -> None:
        self._owed_bytes -= octets

    def heard(self, now_ms: float) -> None:
        """A report came that complains of nothing."""
        self._heard = self._heard or now_ms - self.began_at_ms >= RAMP_MS + HEARD_MS

    def passed(self, now_ms: float) -> bool | None:
        """None: not yet decided. Without a single report nothing was shown."""
        since_ms = now_ms - self.began_at_ms
        if since_ms < RAMP_MS + HOLD_MS:
            return None
        if self._heard:
            return True
        return False if since_ms >= RAMP_MS + HOLD_MS + PATIENCE_MS else None
