"""Who is heard: the loudest of the opened sources take the audio slots, without flapping."""

from __future__ import annotations

from collections.abc import Iterable

SILENCE_DBOV = 127.0
ATTACK, RELEASE = 0.5, 0.05
MARGIN_DB = 6.0
PROVE_MS = 400.0
MIN_SEAT_MS = 1500.0
STALE_MS = 1000.0


class Loudness:
    """Seats for ``seats`` sources. Levels are RFC 6464's: 0 is loudest, 127 silence.

    A free seat is taken at once. To displace the quietest seated source, a challenger must be louder by
    ``MARGIN_DB`` for ``PROVE_MS``, and nobody loses a seat within ``MIN_SEAT_MS`` of taking it.
    """

    def __init__(self, seats: int) -> None:
        self.seated: list[str | None] = [None] * seats
        self._levels: dict[str, float] = {}
        self._heard_at_ms: dict[str, float] = {}
        self._seated_at_ms: dict[str, float] = {}
        self._louder_since_ms: dict[str, float] = {}

    def allow(self, sources: Iterable[str], now_ms: float) -> None:
        """Exactly these sources may sit. Those that are no longer allowed leave at once."""
        allowed = sorted(sources)
        self._levels = {source: self._levels.get(source, SILENCE_DBOV) for source in allowed}
        self._heard_at_ms = {source: at for source, at in self._heard_at_ms.items() if source in self._levels}
        for seat, source in enumerate(self.seated):
            if source is not None and source not in self._levels:
                self._vacate(seat, source)
        self._seat_waiting(now_ms)

    def heard(self, source: str, level_dbov: int, now_ms: float) -> None:
        """A packet's level: quick to believe that somebody speaks, slow to believe that he has stopped."""
        held = self._levels.get(source)
        if held is not None:
            weight = ATTACK if level_dbov < held else RELEASE
            self._levels[source] = held + (level_dbov - held) * weight
            self._heard_at_ms[source] = now_ms

    def rearrange(self, now_ms: float) -> None:
        """Let at most one challenger displace the quietest seated source. Call a few times a second."""
        self._hush(now_ms)
        seated = [source for source in self.seated if source is not None]
        waiting = [source for source in self._levels if source not in self._seated_at_ms]
        if not seated or not waiting or len(seated) < len(self.seated):
            return
        quietest = max(seated, key=self._levels.__getitem__)
        challenger = min(waiting, key=self._levels.__getitem__)
        if self._proven(challenger, quietest, now_ms):
            seat = self.seated.index(quietest)
            self._vacate(seat, quietest)
            self._sit(seat, challenger, now_ms)

    def _hush(self, now_ms: float) -> None:
        """A source from which nothing comes is silent; it keeps its seat until somebody needs it."""
        for source in self._levels:
            if now_ms - self._heard_at_ms.get(source, now_ms) > STALE_MS:
                self._levels[source] = SILENCE_DBOV

    def _proven(self, challenger: str, quietest: str, now_ms: float) -> bool:
        if self._levels[quietest] - self._levels[challenger] < MARGIN_DB:
            self._louder_since_ms.clear()
            return False
        since = self._louder_since_ms.get(challenger)
        if since is None:
            self._louder_since_ms = {challenger: now_ms}
            return False
        return now_ms - since >= PROVE_MS and now_ms - self._seated_at_ms[quietest] >= MIN_SEAT_MS

    def _seat_waiting(self, now_ms: float) -> None:
        for seat, source in enumerate(self.seated):
            if source is None:
                waiting = [name for name in self._levels if name not in self._seated_at_ms]
                if not waiting:
                    return
                self._sit(seat, min(waiting, key=self._levels.__getitem__), now_ms)

    def _sit(self, seat: int, source: str, now_ms: float) -> None:
        self.seated[seat] = source
        self._seated_at_ms[source] = now_ms
        self._louder_since_ms.clear()

    def _vacate(self, seat: int, source: str) -> None:
        self.seated[seat] = None
        self._seated_at_ms.pop(source, None)
