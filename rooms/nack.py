"""Repair: which packets to ask a publisher for again, and how often to serve a viewer that asks."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

REORDER_MS = 10.0
FIRST_RTT_MS = 100.0
MIN_RETRY_MS = 40.0
MAX_TRIES = 8
# On a way that loses much a try is said twice: a publisher that heard the first does not mind the second.
LOSSY, ECHO_MS = 0.02, 20.0
LOSS_OVER_PACKETS, NO_LOSS = 256, 1e-4
MAX_MISSING = 256
MAX_PER_ROUND = 64
GIVE_UP_MS = 1000.0
SERVE_AGAIN_MS = 20.0  # while nothing is known of the round trip, and at least
MAX_SERVE_AGAIN_MS = 500.0
SERVED_PER_ROUND = 128
REMEMBERED_ROUND_TRIPS = 4
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
    echoed: bool = False  # whether the last try was said twice


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
        self._deviation_ms = FIRST_RTT_MS / 8
        self.rtt_ms = FIRST_RTT_MS
        self.loss = 0.0  # of 1, before repair, over the last few hundred packets
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
            gap = index - highest - 1
            if gap or self.loss:
                self._note_loss(gap)
                self._note_missing(highest + 1, index, now_ms)

    def _note_missing(self, start: int, stop: int, now_ms: float) -> None:
        if stop - start + len(self._missing) > MAX_MISSING:
            self._missing.clear()
            self.overflowed = True
            return
        for index in range(start, stop):
            self._missing[index] = _Missing(now_ms)

    def _note_loss(self, gap: int) -> None:
        self.loss += (gap / (gap + 1) - self.loss) * min(1.0, (gap + 1) / LOSS_OVER_PACKETS)
        if self.loss < NO_LOSS:
            self.loss = 0.0

    def _recovered(self, index: int, now_ms: float) -> None:
        missing = self._missing.pop(index, None)
        if missing is not None and missing.tries == 1:
            sample = max(1.0, now_ms - missing.asked_at_ms)
            self._deviation_ms += (abs(sample - self.rtt_ms) - self._deviation_ms) / 4
            self.rtt_ms += (sample - self.rtt_ms) / 8

    @property
    def retry_ms(self) -> float:
        """When an answer should have come (RFC 6298, 2.3)."""
        return max(MIN_RETRY_MS, self.rtt_ms + 4 * self._deviation_ms)

    def due(self, now_ms: float) -> list[int]:
        """Indexes to ask for now, oldest first; counts as asked."""
        self._forget_old(now_ms)
        if now_ms - self._round_began_ms >= self.rtt_ms:
            self._round_began_ms, self._asked_in_round = now_ms, 0
        lossy, retry_ms = self.loss >= LOSSY, self.retry_ms
        asked = []
        for index, missing in self._missing.items():
            if self._asked_in_round >= MAX_PER_ROUND:
                break
            if self._asks(missing, now_ms, retry_ms, lossy=lossy):
                self._asked_in_round += 1
                asked.append(index)
        return asked

    def _asks(self, missing: _Missing, now_ms: float, retry_ms: float, *, lossy: bool) -> bool:
        """Whether to ask now: for the first time, once more because asking is lost as well, or anew."""
        since = now_ms - (missing.asked_at_ms if missing.tries else missing.since_ms)
        if missing.tries and since < retry_ms:
            if not lossy or missing.echoed or since < ECHO_MS:
                return False
            missing.echoed = True
            return True
        if missing.tries >= MAX_TRIES or (not missing.tries and since < REORDER_MS):
            return False
        missing.asked_at_ms, missing.tries, missing.echoed = now_ms, missing.tries + 1, False
        return True

    def _forget_old(self, now_ms: float) -> None:
        lost = [
            index
            for index, missing in self._missing.items()
            if now_ms - missing.since_ms > GIVE_UP_MS
            or (missing.tries >= MAX_TRIES and now_ms - missing.asked_at_ms > 2 * self.rtt_ms)
        ]
        for index in lost:
            del self._missing[index]


class RoundTrip:
    """How long it takes to one viewer and back at least: the least of its last four reports, so of some seconds."""

    def __init__(self) -> None:
        self._samples_ms: deque[float] = deque(maxlen=REMEMBERED_ROUND_TRIPS)

    def measured(self, sample_ms: float) -> None:
        self._samples_ms.append(sample_ms)

    @property
    def least_ms(self) -> float | None:
        """``None`` before the first report."""
        return min(self._samples_ms, default=None)

    @property
    def serve_again_ms(self) -> float:
        """A packet that is asked for again sooner than this after it was sent may still be on its way."""
        return min(MAX_SERVE_AGAIN_MS, max(SERVE_AGAIN_MS, self.least_ms or 0.0))


class RepairBudget:
    """How much one viewer may have again: a token bucket, at most ``SERVED_PER_ROUND`` within a round trip, and
    never the same packet twice within it.

    Looking for what is asked costs time as well, also when nothing comes of it: that has a bucket of its own.
    """

    def __init__(self, trip: RoundTrip) -> None:
        self._trip = trip
        self._round_began_ms = float("-inf")
        self._in_round = 0
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

    def copies(self, key: int, now_ms: float, *, lossy: bool = False) -> int:
        """How many to send now of a packet that is asked for: 0, 1 or 2. Counts as served.

        Two for who asks a second time, or loses much anyway: what is repaired late is not worth having.
        """
        self._fill(now_ms)
        round_ms = self._trip.serve_again_ms
        if now_ms - self._round_began_ms >= round_ms:
            self._round_began_ms, self._in_round = now_ms, 0
        served_at = self._served.get(key)
        if served_at is not None and now_ms - served_at < round_ms:
            return 0
        wanted = 2 if lossy or served_at is not None else 1
        number = max(0, min(wanted, int(self._tokens), SERVED_PER_ROUND - self._in_round))
        if number:
            self._tokens -= number
            self._in_round += number
            self._remember(key, now_ms)
        return number

    def _remember(self, key: int, now_ms: float) -> None:
        self._served[key] = now_ms
        self._served.move_to_end(key)
        if len(self._served) > REMEMBERED_SERVED:
            self._served.popitem(last=False)

    def _fill(self, now_ms: float) -> None:
        if self._filled_at_ms is not None:
            passed_s = (now_ms - self._filled_at_ms) / 1000
            self._tokens = min(SERVED_BURST, self._tokens + passed_s * SERVED_PER_SECOND)
            self._lookups = min(LOOKED_UP_BURST, self._lookups + passed_s * LOOKED_UP_PER_SECOND)
        self._filled_at_ms = now_ms
