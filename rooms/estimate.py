"""What a viewer's path takes, told from what the viewer says: REMB and the loss in its receiver reports.

A receiver that finds more arriving than the path carries says 85 % of what did arrive
(draft-ietf-rmcat-gcc-02, 5.5), and whatever it says grows with what arrives: a viewer of 24 kbit/s says 35 at most.
So a low figure proves nothing; one that *falls* does.
"""

from __future__ import annotations

import math

FELL = 0.97
TOLERANCE = 1.25  # 1 / 0.85, and a little: one fall by that much says that the path is full, not that it is too small
FIRST = 2.0  # what a receiver says first, it says after it was overrun, or of a stream that had hardly begun
FALLS_WITHIN_MS = 3000.0
LOSS = 0.10  # below it no sender would slow down (draft-ietf-rmcat-gcc-02, 6)
HEAVY_LOSS = 0.25
LOSS_MARGIN = 0.9
# A report covers a second that lies behind: what was lost before a change is no reason for another.
LOSS_GRACE_MS = 1500.0
CALM_MS = 3000.0
# A receiver that stalled for a moment says little, too, and more a second later: what it said must have held for so
# long, and not be rising.
CONFIRM_MS = 800.0
RISING = 1.02
# It says a share of what arrives: whenever we send less it says less, for as long as the old queue drains.
SETTLING_MS = 2500.0


class PathEstimate:
    """``ceiling_bps`` is infinite until there were signs of too much. Bits per second of RTP, sound included."""

    def __init__(self) -> None:
        self.ceiling_bps = math.inf
        self.remb_bps: int | None = None
        self.troubled_at_ms = -math.inf  # when there last was a sign that the path takes no more
        self._fell_at_ms = -math.inf
        self._changed_at_ms = -math.inf
        self._bad_reports = 0
        self._accused: tuple[int, float] | None = None  # what was said, and since when

    @property
    def accused(self) -> bool:
        """Something was said that is to be confirmed."""
        return self._accused is not None

    def calm(self, now_ms: float) -> bool:
        return now_ms - self.troubled_at_ms >= CALM_MS

    def remb(self, bitrate_bps: int, sent_bps: float, least_bps: float, now_ms: float) -> bool:
        """Whether ``sent_bps``, what we mean to send, has turned out to be too much.

        ``least_bps``: every picture at its lowest; below it there is sound only, and that is not done rashly.
        """
        before, self.remb_bps = self.remb_bps, bitrate_bps
        if bitrate_bps >= (sent_bps / FIRST if before is None else FELL * before):
            rose = before is not None and bitrate_bps > before
            return self._did_not_fall(bitrate_bps, rose, sent_bps, least_bps, now_ms)
        again = now_ms - self._fell_at_ms <= FALLS_WITHIN_MS
        self._fell_at_ms = self.troubled_at_ms = now_ms
        if sent_bps <= bitrate_bps or not (again or sent_bps > TOLERANCE * bitrate_bps):
            return False
        self._accused = self._accused or (bitrate_bps, now_ms)
        confirmed = now_ms - self._accused[1] >= CONFIRM_MS
        return confirmed and self._too_much(bitrate_bps, sent_bps, least_bps, now_ms)

    def _did_not_fall(self, bitrate_bps: int, rose: bool, sent_bps: float, least_bps: float, now_ms: float) -> bool:
        if self._accused is not None:
            said_bps, since_ms = self._accused
            if bitrate_bps > RISING * said_bps or sent_bps <= bitrate_bps:
                self._accused = None
            elif now_ms - since_ms >= CONFIRM_MS:
                return self._too_much(bitrate_bps, sent_bps, least_bps, now_ms)
        # One that only repeats itself may have nothing to measure by.
        if rose and bitrate_bps > self.ceiling_bps and self.calm(now_ms):
            self.ceiling_bps = bitrate_bps
        return False

    def _too_much(self, bitrate_bps: int, sent_bps: float, least_bps: float, now_ms: float) -> bool:
        self._accused = None
        settled = now_ms - self._changed_at_ms >= SETTLING_MS
        return self._lower(bitrate_bps if settled else max(bitrate_bps, least_bps), sent_bps, now_ms)

    def complained(self, bitrate_bps: int, now_ms: float) -> None:
        """A REMB for whose fall there is another reason than what is sent."""
        self.remb_bps = bitrate_bps
        self.troubled_at_ms = now_ms

    def loss(self, fraction: float, sent_bps: float, least_bps: float, now_ms: float) -> bool:
        """Likewise. Loss that is no more than a bad radio's never costs the lowest picture, ``least_bps``."""
        if fraction < LOSS:
            self._bad_reports = 0
            return False
        self.troubled_at_ms = now_ms
        if now_ms - self._changed_at_ms < LOSS_GRACE_MS:
            return False
        self._bad_reports += 1
        if fraction < HEAVY_LOSS and self._bad_reports < 2:
            return False
        self._bad_reports = 0
        takes_bps = sent_bps * (1 - fraction) * LOSS_MARGIN
        if fraction < HEAVY_LOSS:
            takes_bps = max(takes_bps, least_bps)
        return self._lower(takes_bps, sent_bps, now_ms)

    def _lower(self, takes_bps: float, sent_bps: float, now_ms: float) -> bool:
        """Whether that is less than what is sent."""
        if takes_bps >= sent_bps:
            return False
        self.ceiling_bps = min(self.ceiling_bps, takes_bps)
        self._changed_at_ms = self.troubled_at_ms = now_ms
        self._accused = None
        return True

    def revived(self, now_ms: float) -> None:
        """A picture begins again: the first report on it will count what was lost when it was left."""
        self._changed_at_ms = now_ms
        self._accused = None

    def carried(self, bitrate_bps: float) -> None:
        """So much went through without a sign of trouble."""
        self.ceiling_bps = max(self.ceiling_bps, bitrate_bps)

    def unbound(self) -> None:
        self.ceiling_bps = math.inf
