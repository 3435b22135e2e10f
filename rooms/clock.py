"""The only reader of the clock in ``rooms``: everything else takes ``now_ms`` as an argument."""

from __future__ import annotations

import time


def now_ms() -> float:
    """Milliseconds of the monotonic clock. The media plane knows no calendar."""
    return time.monotonic_ns() / 1_000_000


def wall_ms() -> float:
    """Milliseconds of the clock that the kernel stamps datagrams by: for differences of a moment, nothing else."""
    return time.time_ns() / 1_000_000
