"""How often a frame of events goes out: at once after a silence, then at a steady pace, urgent ones in between. Pure.

Times are milliseconds of any steady clock.
"""

from __future__ import annotations

MOST_A_SECOND = 4
EVERY_MS = 350.0
"""The pace of what can wait: under three a second, so that the fourth is left for what cannot."""
WINDOW_MS = 1100.0
"""With a tenth to spare: what goes out evenly arrives in bunches."""


class Cadence:
    """In no second more than ``MOST_A_SECOND``, however urgent."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: tuple[float, ...] = ()

    def wait_ms(self, now_ms: float, *, urgent: bool) -> float:
        """0: a frame may go now."""
        if not self._sent:
            return 0.0
        bound = self._sent[0] + WINDOW_MS if len(self._sent) == MOST_A_SECOND else now_ms
        due = bound if urgent else max(bound, self._sent[-1] + EVERY_MS)
        return max(0.0, due - now_ms)

    def sent(self, now_ms: float) -> None:
        self._sent = (*self._sent, now_ms)[-MOST_A_SECOND:]
