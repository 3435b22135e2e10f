"""Repair: which packets to ask a publisher for again, and how often to serve a viewer that asks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

REORDER_MS = 10.0
FIRST_RTT_MS = 100.0
MIN_RETRY_MS = 40.0
MAX_TRIES = 5
MAX_MISSING = 256
MAX_PER_ROUND = 64
GIVE_UP_MS = 1000.0
SERVE_AGAIN_MS = 20.0
REMEMBERED_SERVED = 256
SERVED_PER_SECOND = 500.0
SERVED_BURST = 250.0
LOOKED_UP_PER_SECOND = 2000.0
LOOKED_UP_BURST = 1000.0


@dataclass(slots=True)
class _Missing:
    since_ms: float
    asked_at_ms: float = 0.0
    tries: int = 0


class Gaps:
    """Missing packets of one received stream. Bounded in number, in tries and per round trip.

    More than ``MAX_MISSING`` missing at once are not worth asking for: everything is forgotten and
    ``overflowed`` says that a keyframe is the better repair.
    """

    def __init__(self) -> None:
        self._missing: dict[int, _Missing] = {}
        self._highest: int | None = None
        self._round_began_ms = float("-inf")
        self._asked_in_round = 0
        self.rtt_ms = FIRST_RTT_MS
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._missing)

    def received(self, index: int, now_ms: float) -> None:
        highest = self._highest
        if highest is None:
            self._highest = index
        elif index <= highest:
            self._recovered(index, now_ms)
        else:
            self._highest = index
            self._note_missing(highest + 1, index, now_ms)

    def _note_missing(self, start: int, stop: int, now_ms: float) -> None:
        if stop - start + len(self._missing) > MAX_MISSING:
            self._missing.clear()
            self.overflowed = True
            return
        for index in range(start, stop):
            self._missing[index] = _Missing(now_ms)

    def _recovered(self, index: int, now_ms: float) -> None:
        missing = self._missing.pop(index, None)
        if missing is not None and missing.tries == 1:
            sample = max(1.0, now_ms - missing.asked_at_ms)
            self.rtt_ms += (sample - self.rtt_ms) / 8

    def due(self, now_ms: float) -> list[int]:
        """Indexes to ask for now, oldest first; counts as asked."""
        self._forget_old(now_ms)
        retry_ms = max(MIN_RETRY_MS, 1.5 * self.rtt_ms)
        if now_ms - self._round_began_ms >= self.rtt_ms:
            self._round_began_ms, self._asked_in_round = now_ms, 0
        asked = []
        for index, missing in self._missing.items():
            if self._asked_in_round >= MAX_PER_ROUND:
                break
            since, wait = (missing.asked_at_ms, retry_ms) if missing.tries else (missing.since_ms, REORDER_MS)
            if missing.tries >= MAX_TRIES or now_ms - since < wait:
                continue
            missing.asked_at_ms, missing.tries = now_ms, missing.tries + 1
            self._asked_in_round += 1
            asked.append(index)
        return asked

    def _forget_old(self, now_ms: float) -> None:
        lost = [
            index
            for index, missing in self._missing.items()
            if now_ms - missing.since_ms > GIVE_UP_MS
            or (missing.tries >= MAX_TRIES and now_ms - missing.asked_at_ms > 2 * self.rtt_ms)
        ]
        for index in lost:
            del self._missing[index]


class RepairBudget:
    """How much one viewer may have again: a token bucket, and never the same packet within 20 ms.

    Looking for what is asked costs time as well, also when nothing comes of it: that has a bucket of its own.
    """

    def __init__(self) -> None:
        self._tokens = SERVED_BURST
        self._lookups = LOOKED_UP_BURST
        self._filled_at_ms: float | None = None
        self._served: OrderedDict[int, float] = OrderedDict()

    def may_look(self, now_ms: float) -> bool:
        """Counts as looked up when it answers True."""
        self._fill(now_ms)
        if self._lookups < 1:
            return False
        self._lookups -= 1
        return True

    def allows(self, key: int, now_ms: float) -> bool:
        """Counts as served when it answers True."""
        self._fill(now_ms)
        served_at = self._served.get(key)
        if self._tokens < 1 or (served_at is not None and now_ms - served_at < SERVE_AGAIN_MS):
            return False
        self._tokens -= 1
        self._served[key] = now_ms
        self._served.move_to_end(key)
        if len(self._served) > REMEMBERED_SERVED:
            self._served.popitem(last=False)
        return True

    def _fill(self, now_ms: float) -> None:
        if self._filled_at_ms is not None:
            passed_s = (now_ms - self._filled_at_ms) / 1000
            self._tokens = min(SERVED_BURST, self._tokens + passed_s * SERVED_PER_SECOND)
            self._lookups = min(LOOKED_UP_BURST, self._lookups + passed_s * LOOKED_UP_PER_SECOND)
        self._filled_at_ms = now_ms
