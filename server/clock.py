"""The only reader of the clock in ``server``: everybody else takes the time as an argument."""

from __future__ import annotations

import datetime as dt
import time


def utc_now() -> dt.datetime:
    """Aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def cpu_ms() -> float:
    """Processor time of this process."""
    return time.process_time_ns() / 1e6


def monotonic_ms() -> float:
    """Milliseconds that never go back; comparable within one process only."""
    return time.monotonic_ns() / 1e6
