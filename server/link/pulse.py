"""Whether a media process that has not died is alive: it says so once a second, from its event loop.

Whoever is stopped (SIGSTOP) or turns in a circle says nothing. Whoever only waits for a processor says nothing, either,
and must not be killed for that: the kernel tells the two apart (Linux, ``/proc/PID/schedstat``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TICK_S = 0.5
_STARVED_WAIT = 0.8  # of a tick, waiting for a processor
_STARVED_RUN = 0.1  # of a tick, at most, having had one


@dataclass(frozen=True, slots=True)
class Limits:
    """In ticks, which are counted by us: while we ourselves are held up, none pass."""

    silent: int = 10  # five seconds
    silent_and_starved: int = 60  # thirty, whatever the kernel says


class Pulse:
    """Call ``tick`` every ``TICK_S`` with how many beats have come in all."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._beats = 0
        self._silent = self._starved = 0

    def tick(self, beats: int, *, starved: bool) -> bool:
        """True once the process is to be given up."""
        if beats != self._beats:
            self._beats, self._silent, self._starved = beats, 0, 0
            return False
        self._silent += not starved
        self._starved += starved
        return self._silent >= self._limits.silent or self._silent + self._starved >= self._limits.silent_and_starved


class Scheduling:
    """How the main thread of a process fared since the last look."""

    def __init__(self, pid: int) -> None:
        self._path = Path(f"/proc/{pid}/schedstat")
        self._last = self._read()

    def starved(self, elapsed_s: float) -> bool:
        """Whether it wanted a processor nearly all the time and got none. False where the kernel does not tell."""
        before, now = self._last, self._read()
        self._last = now
        if before is None or now is None or elapsed_s <= 0:
            return False
        ran_s, waited_s = ((after - earlier) / 1e9 for earlier, after in zip(before, now, strict=True))
        return waited_s >= _STARVED_WAIT * elapsed_s and ran_s <= _STARVED_RUN * elapsed_s

    def _read(self) -> tuple[int, int] | None:
        """Nanoseconds on a processor and in the queue for one."""
        try:
            ran, waited, _ = self._path.read_text(encoding="ascii").split()
            return int(ran), int(waited)
        except (OSError, ValueError):
            return None
