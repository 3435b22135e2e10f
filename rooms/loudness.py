"""Who is heard: the loudest of the opened sources take the audio slots, without flapping."""

from __future__ import annotations

from collections.abc import Iterable

SILENCE_DBOV = 127.0
# What a source is taken for that tells no levels (OBS, GStreamer, room kits): louder than a room, not than a speaker.
ASSUMED_DBOV = 40
# Quieter than this is nobody's voice.
SPEAKS_DBOV = 60.0
ATTACK, RELEASE = 0.5, 0.05
MARGIN_DB = 6.0
PROVE_MS = 400.0
IDLE_MS = 1000.0
PROVE_IDLE_MS = 60.0
MIN_SEAT_MS = 1500.0
STALE_MS = 1000.0
NEVER = float("-inf")


class Loudness:
    """Seats for ``seats`` sources. Levels are RFC 6464's: 0 is loudest, 127 silence.

    A free seat is taken at once. A seat whose source has not spoken for ``IDLE_MS`` goes to whoever speaks, nearly at
    once; any other only to a challenger that is louder than the quietest by ``MARGIN_DB`` for ``PROVE_MS``. Nobody
    loses a seat within ``MIN_SEAT_MS`` of taking it, but for who was given a free one and says nothing.
    """

    def __init__(self, seats: int) -> None:
        self.seated: list[str | None] = [None] * seats
        self.changes = 0
        self._allowed: frozenset[str] = frozenset()
        self._levels: dict[str, float] = {}  # of the closed ones, too, so that it is known who speaks when it is opened
        self._heard_at_ms: dict[str, float] = {}
        self._spoke_at_ms: dict[str, float] = {}
        self._safe_until_ms: dict[str, float] = {}
        self._speaking = _Proof(PROVE_IDLE_MS)
        self._louder = _Proof(PROVE_MS)

    def allow(self, sources: Iterable[str], now_ms: float) -> None:
        """Exactly these sources may sit. Those that are no longer allowed leave at once."""
        self._allowed = frozenset(sources)
        self._hush(now_ms)
        for seat, source in enumerate(self.seated):
            if source is not None and source not in self._allowed:
                self._vacate(seat, source)
        for seat in range(len(self.seated)):
            waiting = self._waiting()
            if self.seated[seat] is None and waiting:
                source = min(waiting, key=self.level)
                self._sit(seat, source)
                if source in self._spoke_at_ms:
                    self._safe_until_ms[source] = now_ms + MIN_SEAT_MS

    def heard(self, source: str, level_dbov: int, now_ms: float) -> None:
        """A packet's level: quick to believe that somebody speaks, slow to believe that he has stopped."""
        held = self._levels.get(source, SILENCE_DBOV)
        level = held + (level_dbov - held) * (ATTACK if level_dbov < held else RELEASE)
        self._levels[source] = level
        self._heard_at_ms[source] = now_ms
        if level < SPEAKS_DBOV:
            self._spoke_at_ms[source] = now_ms

    def forget(self, source: str) -> None:
        """Nothing comes from it any more; it keeps its seat until somebody needs it."""
        for known in (self._levels, self._heard_at_ms, self._spoke_at_ms):
            known.pop(source, None)

    def rearrange(self, now_ms: float) -> bool:
        """Let at most one challenger displace a seated source; whether one did. Call with every tick."""
        waiting = self._waiting()
        if not waiting or None in self.seated:
            self._speaking.clear()
            self._louder.clear()
            return False
        self._hush(now_ms)
        return self._one_speaks(waiting, now_ms) or self._one_is_louder(waiting, now_ms)

    def _one_speaks(self, waiting: list[str], now_ms: float) -> bool:
        """The seat of whoever has been silent longest is for the loudest of those who speak."""
        idle = [source for source in self._present() if now_ms - self._spoke_at_ms.get(source, NEVER) > IDLE_MS]
        if not idle:
            self._speaking.clear()
            return False
        longest = min(idle, key=lambda source: self._spoke_at_ms.get(source, NEVER))
        ceiling = min(SPEAKS_DBOV, self.level(longest) - MARGIN_DB)
        return self._displaced(longest, self._speaking.of(self._below(ceiling, waiting), now_ms), now_ms)

    def _one_is_louder(self, waiting: list[str], now_ms: float) -> bool:
        quietest = max(self._present(), key=self.level)
        louder = self._below(self.level(quietest) - MARGIN_DB, waiting)
        return self._displaced(quietest, self._louder.of(louder, now_ms), now_ms)

    def _present(self) -> list[str]:
        return [source for source in self.seated if source is not None]

    def _below(self, ceiling_dbov: float, waiting: list[str]) -> list[str]:
        return [source for source in waiting if self.level(source) <= ceiling_dbov]

    def _displaced(self, weakest: str, challengers: list[str], now_ms: float) -> bool:
        if not challengers or now_ms < self._safe_until_ms.get(weakest, NEVER):
            return False
        seat = self.seated.index(weakest)
        challenger = min(challengers, key=self.level)
        self._vacate(seat, weakest)
        self._sit(seat, challenger)
        self._safe_until_ms[challenger] = now_ms + MIN_SEAT_MS
        return True

    def level(self, source: str) -> float:
        return self._levels.get(source, SILENCE_DBOV)

    def _waiting(self) -> list[str]:
        return sorted(self._allowed.difference(self._present()))

    def _hush(self, now_ms: float) -> None:
        for source, heard_at_ms in list(self._heard_at_ms.items()):
            if now_ms - heard_at_ms > STALE_MS:
                self.forget(source)

    def _sit(self, seat: int, source: str) -> None:
        self.changes += 1
        self.seated[seat] = source

    def _vacate(self, seat: int, source: str) -> None:
        self.seated[seat] = None
        self._safe_until_ms.pop(source, None)


class _Proof:
    """Who has met a condition without a pause for ``needed_ms``."""

    def __init__(self, needed_ms: float) -> None:
        self._needed_ms = needed_ms
        self._since_ms: dict[str, float] = {}

    def of(self, sources: list[str], now_ms: float) -> list[str]:
        """``sources`` meet it now, nobody else does."""
        self._since_ms = {source: self._since_ms.get(source, now_ms) for source in sources}
        return [source for source in sources if now_ms - self._since_ms[source] >= self._needed_ms]

    def clear(self) -> None:
        self._since_ms.clear()
