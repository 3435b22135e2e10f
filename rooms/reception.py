"""What a receiver report says about one stream (RFC 3550, 6.4.1 and appendix A.3, A.8)."""

from __future__ import annotations

from rooms.rtcp import ReportBlock, SenderReport

RATE_WINDOW_MS = 1000.0


class Reception:
    """Loss, jitter and bit rate of one received stream."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self._ssrc = ssrc
        self._ticks_per_ms = clock_rate / 1000
        self._base: int | None = None
        self._highest = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._before = (0, 0)  # expected and received at the last report
        self._last_sr: tuple[int, float] | None = None
        self._window = (0.0, 0)
        self.received = 0
        self.bitrate_bps = 0
        self.steady_bps: float | None = None  # over some seconds: what to reckon with

    @property
    def expected(self) -> int:
        return 0 if self._base is None else self._highest - self._base + 1

    @property
    def lost(self) -> int:
        return max(0, self.expected - self.received)

    def packet(self, index: int, timestamp: int, size: int, arrival_ms: float) -> None:
        self._base = index if self._base is None else min(self._base, index)
        self._highest = max(self._highest, index)
        self.received += 1
        transit = arrival_ms * self._ticks_per_ms - timestamp
        if self._transit is not None and abs(transit - self._transit) < self._ticks_per_ms * 10_000:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit
        self._count(size, arrival_ms)

    def _count(self, size: int, arrival_ms: float) -> None:
        began_ms, octets = self._window
        if arrival_ms - began_ms >= RATE_WINDOW_MS:
            self.bitrate_bps = round(octets * 8000 / (arrival_ms - began_ms))
            self._steady(arrival_ms - began_ms)
            began_ms, octets = arrival_ms, 0
        self._window = (began_ms, octets + size)

    def _steady(self, window_ms: float) -> None:
        """A pause is not what the stream costs when it goes on."""
        if window_ms > 2 * RATE_WINDOW_MS:
            return
        before = self.steady_bps
        self.steady_bps = self.bitrate_bps if before is None else before + (self.bitrate_bps - before) / 4

    def sender_report(self, report: SenderReport, arrival_ms: float) -> None:
        self._last_sr = (report.ntp >> 16 & 0xFFFFFFFF, arrival_ms)

    def report(self, now_ms: float) -> ReportBlock:
        """Begins a new interval."""
        expected, received = self.expected - self._before[0], self.received - self._before[1]
        self._before = (self.expected, self.received)
        lost = expected - received
        last_sr, at_ms = self._last_sr or (0, now_ms)
        return ReportBlock(
            ssrc=self._ssrc,
            fraction_lost=0 if expected <= 0 or lost <= 0 else min(255, lost * 256 // expected),
            lost=min(self.lost, 0x7FFFFF),
            highest_sequence=self._highest & 0xFFFFFFFF,
            jitter=round(self._jitter),
            last_sr=last_sr,
            delay_since_sr=round((now_ms - at_ms) * 65.536) if last_sr else 0,
        )
