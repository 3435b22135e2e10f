"""How busy a media process is, and which of several is given the next lesson. Pure: time is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

_SMOOTHING = 0.4  # of the newest second
_ROOM_SHARE = 0.1  # of a core: what a room is reckoned at, whose viewers have yet to come
_SESSION_SHARE = 0.0002  # of a core: checks and reports of one connection, before any picture
_LAGGING_MS, _LAGGING_SHARE = 50.0, 0.5
_WINDOW = 11  # notes, one a second


@dataclass(frozen=True, slots=True)
class Load:
    """What a media process says of itself once a second. ``cpu_s`` grows with its life."""

    sessions: int
    rooms: int
    packets_sent: int
    cpu_s: float
    lag_ms: float


class LoadMeter:
    """Turns the growing figures of one process into a share of a core."""

    def __init__(self) -> None:
        self._last: tuple[Load, float] | None = None
        self._share: float | None = None

    def take(self, load: Load, now_s: float) -> None:
        if self._last is not None and now_s > self._last[1]:
            share = max(0.0, load.cpu_s - self._last[0].cpu_s) / (now_s - self._last[1])
            self._share = share if self._share is None else self._share + _SMOOTHING * (share - self._share)
        self._last = load, now_s

    @property
    def cost(self) -> float:
        """In cores, so that costs of different processes compare; 0 before anything is known."""
        if self._last is None:
            return 0.0
        load = self._last[0]
        lagging = _LAGGING_SHARE if load.lag_ms > _LAGGING_MS else 0.0
        return (self._share or 0.0) + _SESSION_SHARE * load.sessions + lagging


class CpuPerPacket:
    """What a packet sent costs the whole process, over the last ten notes."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    def note(self, cpu_s: float, packets_sent: int) -> None:
        self._notes.append((cpu_s, packets_sent))

    @property
    def microseconds(self) -> float:
        """0 while nothing is sent."""
        if not self._notes:
            return 0.0
        (first_s, first), (last_s, last) = self._notes[0], self._notes[-1]
        return (last_s - first_s) / (last - first) * 1e6 if last > first else 0.0


def least_loaded(costs: Mapping[int, float], rooms: Mapping[int, int]) -> int | None:
    """The process, by its number, for one more room; None when there is none.

    ``rooms``: how many each has been given, by us: of ten lessons opened in one second none has viewers yet.
    """
    if not costs:
        return None
    return min(costs, key=lambda each: (costs[each] + _ROOM_SHARE * rooms.get(each, 0), rooms.get(each, 0), each))
