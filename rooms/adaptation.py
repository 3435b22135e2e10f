"""One viewer's layers over time: down at once on signs of trouble, up slowly, after a probe. Sans-I/O.

Nothing here costs a viewer whose path shows no trouble anything: it has everything that its size allows.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable

from rooms.choice import Offers, Steps, allot, raised
from rooms.estimate import FELL, LOSS, PathEstimate
from rooms.probe import Probe

WAIT_MS = 4000.0  # from a step down, and from a failed try, to the next try; doubled with every failure
MAX_WAIT_MS = 60_000.0
NEXT_MS = 2000.0  # from one step up to the next try
TRIAL_MS = 10_000.0  # a step up that does not last so long has failed
FREE_MS = 30_000.0  # with everything, and no trouble: the limits are forgotten
AFTERMATH_MS = 2500.0  # what a probe has left in the path's queue is complained of after its end, too
# Reports cover what was lost while the viewer was in no network; its receiver's estimate needs as long to rise again.
MOVED_MS = 4000.0
HEADROOM = 1.1
URGENT = 1.5


class Change(enum.Enum):
    """What a call has changed. ``URGENT``: so much too much is on the way that it must end before the next keyframe."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    URGENT = "urgent"
    OTHER = "other"  # other pictures, within the same limits


class Adaptation:
    """``steps`` is what the viewer gets of each of its pictures; None: all of what there is."""

    def __init__(self, jitter: float = 0.0) -> None:
        """``jitter``, 0 to 1, is the viewer's own: a hall shall not probe in step."""
        self.path = PathEstimate()
        self.steps: Steps | None = None
        self.probe: Probe | None = None
        self._jitter = jitter
        self._shape: object = ()
        self._any_picture = False
        self._wait_ms = WAIT_MS
        self._try_at_ms = -math.inf
        self._raised_at_ms: float | None = None
        self._changed_at_ms = -math.inf
        self._failed_at_ms = -math.inf
        self._moved_at_ms = -math.inf

    @property
    def limited(self) -> bool:
        return self.steps is not None

    @property
    def sound_only(self) -> bool:
        """There are pictures, and the path takes none of them."""
        return self.steps is not None and not any(self.steps) and self._any_picture

    def allowed(self, picture: int, layers: int) -> int:
        """How many of its ``layers`` the n-th picture may have."""
        return layers if self.steps is None or picture >= len(self.steps) else min(self.steps[picture], layers)

    def moved(self, now_ms: float) -> None:
        """Another path: what was learned of the one before says nothing of it, and what was lost between the two was
        not lost by sending too much. A limit is tried at once."""
        self.path = PathEstimate()
        self.probe = self._raised_at_ms = None
        self._wait_ms = WAIT_MS
        self._moved_at_ms = self._changed_at_ms = now_ms
        self._try_at_ms = now_ms + MOVED_MS

    # ---- what the viewer says

    def remb(self, bitrate_bps: int, offers: Callable[[], Offers], now_ms: float) -> Change:
        path, probe = self.path, self.probe
        before = path.remb_bps
        if now_ms - self._moved_at_ms < MOVED_MS:
            path.remb_bps = bitrate_bps
            return Change.NONE
        if not (self.limited or path.accused) and before is not None and bitrate_bps >= FELL * before:
            path.remb_bps = bitrate_bps
            return Change.NONE
        fell = before is not None and bitrate_bps < FELL * before
        if fell and (probe is not None or now_ms - self._failed_at_ms < AFTERMATH_MS):
            path.complained(bitrate_bps, now_ms)
            if probe is not None and bitrate_bps < probe.target_bps:
                self._failed(now_ms)
            return Change.NONE
        there = offers()
        sent_bps = there.cost_bps(self._now(there))
        over = path.remb(bitrate_bps, sent_bps, there.least_bps, now_ms)
        return self._down(there, sent_bps, now_ms) if over else Change.NONE

    def loss(self, fraction: float, offers: Callable[[], Offers], now_ms: float) -> Change:
        """``fraction`` of 1: the worst of the viewer's pictures, or of its sound when it has no picture."""
        if now_ms - self._moved_at_ms < MOVED_MS:
            return Change.NONE
        if fraction < LOSS:
            self.path.loss(fraction, 0.0, 0.0, now_ms)
            return Change.NONE
        if self.probe is not None or now_ms - self._failed_at_ms < AFTERMATH_MS:
            # Of what was tried, it need not be the pictures' own loss: they are as good as before without it.
            self.path.troubled_at_ms = now_ms
            if self.probe is not None:
                self._failed(now_ms)
            return Change.NONE
        there = offers()
        sent_bps = there.cost_bps(self._now(there))
        over = self.path.loss(fraction, sent_bps, there.least_bps, now_ms)
        return self._down(there, sent_bps, now_ms) if over else Change.NONE

    def padding_arrives(self, now_ms: float) -> None:
        """A report shows that what a probe sends is received."""
        if self.probe is not None:
            self.probe.heard(now_ms)

    def _now(self, there: Offers) -> Steps:
        if self.steps is None or len(self.steps) != len(there.pictures):
            return there.full
        return tuple(map(min, self.steps, there.full))

    def _down(self, there: Offers, sent_bps: float, now_ms: float) -> Change:
        steps = allot(there, self.path.ceiling_bps)
        if self.steps is not None and len(self.steps) == len(steps):
            steps = tuple(map(min, steps, self.steps))
        on_trial = self._raised_at_ms is not None and now_ms - self._raised_at_ms < TRIAL_MS
        self._backed_off(now_ms, failed=on_trial or self.probe is not None)
        self.probe = self._raised_at_ms = None
        return self._take(there, steps, Change.URGENT if sent_bps > URGENT * self.path.ceiling_bps else Change.DOWN)

    def _failed(self, now_ms: float) -> None:
        self.probe = None
        self._failed_at_ms = now_ms
        self._backed_off(now_ms, failed=True)

    def _backed_off(self, now_ms: float, *, failed: bool) -> None:
        self._wait_ms = min(2 * self._wait_ms, MAX_WAIT_MS) if failed else WAIT_MS
        self._wait(self._wait_ms, now_ms)

    def _wait(self, at_least_ms: float, now_ms: float) -> None:
        self._changed_at_ms = now_ms
        self._try_at_ms = now_ms + at_least_ms * (1 + self._jitter / 4)

    def _take(self, there: Offers, steps: Steps, change: Change) -> Change:
        before, self.steps, self._shape = self.steps, steps, there.shape
        self._any_picture = any(there.full)
        return Change.NONE if steps == before else change

    # ---- the clock, while limited

    def on_tick(self, there: Offers, now_ms: float, *, may_probe: bool) -> Change:
        """A few times a second while ``limited``; a probe that begins stands in ``probe``."""
        if self.steps is None:
            return Change.NONE
        if there.shape != self._shape:
            self.probe = None
            return self._take(there, allot(there, self.path.ceiling_bps), Change.OTHER)
        if self.probe is not None:
            return self._judge(self.probe, there, now_ms)
        if self._raised_at_ms is not None and now_ms - self._raised_at_ms >= TRIAL_MS:
            self._raised_at_ms, self._wait_ms = None, WAIT_MS
        better = raised(there, self._now(there))
        if better is None:
            self._forget_limits(now_ms)
        elif now_ms >= self._try_at_ms and self.path.calm(now_ms):
            return self._try(there, better, now_ms, may_probe=may_probe)
        return Change.NONE

    def _forget_limits(self, now_ms: float) -> None:
        since_ms = max(self._changed_at_ms, self.path.troubled_at_ms)
        if now_ms - since_ms >= FREE_MS:
            self.steps, self._wait_ms, self._raised_at_ms = None, WAIT_MS, None
            self.path.unbound()

    def _try(self, there: Offers, better: Steps, now_ms: float, *, may_probe: bool) -> Change:
        needed_bps = there.cost_bps(better)
        if self.path.ceiling_bps >= needed_bps * HEADROOM:
            return self._up(there, better, now_ms)
        if may_probe:
            self.probe = Probe(needed_bps * HEADROOM, there.cost_bps(self._now(there)), now_ms)
        return Change.NONE

    def _judge(self, probe: Probe, there: Offers, now_ms: float) -> Change:
        remb_bps = self.path.remb_bps
        passed = True if remb_bps is not None and remb_bps >= probe.target_bps else probe.passed(now_ms)
        if passed is None:
            return Change.NONE
        if not passed:
            self._failed(now_ms)
            return Change.NONE
        self.probe = None
        self.path.carried(probe.target_bps)
        better = raised(there, self._now(there))
        fits = better is not None and there.cost_bps(better) <= self.path.ceiling_bps
        return self._up(there, better, now_ms) if better is not None and fits else Change.NONE

    def _up(self, there: Offers, better: Steps, now_ms: float) -> Change:
        if any(step and not before for step, before in zip(better, self._now(there), strict=True)):
            self.path.revived(now_ms)
        self._raised_at_ms = now_ms
        self._wait(NEXT_MS, now_ms)
        return self._take(there, better, Change.UP)
