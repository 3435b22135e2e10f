"""From RTP timestamps to the room's common clock (the node's monotonic milliseconds), RFC 3550, 6.4.1.

The sender reports of one source tie its audio and video to one sender clock; the quickest arrival ties that
sender clock to the room's. Until the first report, the quickest arrival stands in for it.
"""

from __future__ import annotations

from rooms.sequence import Unwrapper

DRIFT_MS_PER_REPORT = 0.5
SLEW_MS_PER_REPORT = 2.0
STEP_MS = 100.0
DISCONTINUITY_MS = 5000.0
# Browsers report sound every five seconds, for the first time after half of that.
PATIENCE_MS = 6000.0


class SenderClock:
    """One per source: how far its NTP clock lies from the room's."""

    def __init__(self) -> None:
        self.offset_ms: float | None = None

    def reported(self, ntp_ms: float, arrival_ms: float) -> float:
        """The room time of ``ntp_ms``. Earlier arrivals count at once, later ones only as slow drift."""
        offset = arrival_ms - ntp_ms
        if self.offset_ms is None or offset < self.offset_ms or offset - self.offset_ms > DISCONTINUITY_MS:
            self.offset_ms = offset
        else:
            self.offset_ms += min(offset - self.offset_ms, DRIFT_MS_PER_REPORT)
        return ntp_ms + self.offset_ms


class TrackClock:
    """One per received stream. ``media_ms`` is linear in the timestamp except for slow, small corrections, and
    one step when a report shows more than ``STEP_MS`` of error."""

    def __init__(self, clock_rate: int, sender: SenderClock) -> None:
        self._ms_per_tick = 1000 / clock_rate
        self._sender = sender
        self._ticks = Unwrapper(32)
        self._anchor: tuple[int, float] | None = None
        self._reported = False
        self._began_ms: float | None = None
        self.steps = 0  # corrections that were no slow drift: whoever was told of this clock should be told anew

    def media_ms(self, timestamp: int, arrival_ms: float) -> float:
        """Capture time of a packet that arrived now."""
        ticks = self._ticks.unwrap(timestamp)
        if self._anchor is None:
            self._anchor = (ticks, arrival_ms)
        if self._began_ms is None:
            self._began_ms = arrival_ms
        media_ms = self._at(ticks)
        early_ms = media_ms - arrival_ms
        if abs(early_ms) > DISCONTINUITY_MS:
            self._anchor, self._reported = (ticks, arrival_ms), False
            self.steps += 1
            return arrival_ms
        if early_ms > 0 and not self._reported:
            self._move(-early_ms)
            return arrival_ms
        return media_ms

    def reported(self, ntp_ms: float, timestamp: int, arrival_ms: float) -> None:
        """A sender report: ``timestamp`` was captured at the sender's ``ntp_ms``."""
        room_ms = self._sender.reported(ntp_ms, arrival_ms)
        if self._anchor is None:
            self._anchor = (self._ticks.unwrap(timestamp), room_ms)
        error_ms = room_ms - self._at(self._ticks.unwrap(timestamp))
        # A starved sender's sound clock can fall seconds behind: that is no drift to be slewed away unheard.
        if self._reported and abs(error_ms) <= STEP_MS:
            error_ms = max(-SLEW_MS_PER_REPORT, min(SLEW_MS_PER_REPORT, error_ms))
        self._reported = True
        self.steps += abs(error_ms) > SLEW_MS_PER_REPORT
        self._move(error_ms)

    def timestamp_at(self, room_ms: float) -> int | None:
        """The timestamp of something captured at ``room_ms``, now: what a sender report to a viewer needs.

        ``None`` as long as the source may still report for the first time. Receivers draw a line through our reports:
        a guess that is corrected a second later would send it astray for many seconds more.
        """
        if self._anchor is None or self._began_ms is None:
            return None
        if not self._reported and room_ms - self._began_ms < PATIENCE_MS:
            return None
        ticks, anchor_ms = self._anchor
        return ticks + round((room_ms - anchor_ms) / self._ms_per_tick)

    def _at(self, ticks: int) -> float:
        assert self._anchor is not None
        return self._anchor[1] + (ticks - self._anchor[0]) * self._ms_per_tick

    def _move(self, by_ms: float) -> None:
        assert self._anchor is not None
        self._anchor = (self._anchor[0], self._anchor[1] + by_ms)
