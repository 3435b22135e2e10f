"""The only reader of the clock in ``rooms``: everything else takes ``now_ms`` as an argument."""

from __future__ import annotations

import time


def now_ms() -> float:
    """Milliseconds of the monotonic clock. No calendar time exists in the media plane."""
    return time.monotonic_ns() / 1_000_000
