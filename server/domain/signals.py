"""Signals (听得清 · 听不清 · 太快): what a hall's faces would say. Counts, never names."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass

LASTS = dt.timedelta(seconds=60)
"""How long one counts when nothing else is said."""
LEAST_UNCLEAR, LEAST_UNCLEAR_PERCENT = 5, 10


class Signal(enum.StrEnum):
    CLEAR = "clear"  # 听得清
    UNCLEAR = "unclear"  # 听不清
    FAST = "fast"  # 太快


@dataclass(frozen=True, slots=True)
class SignalCounts:
    """``hint``: so many hear badly that somebody should look into it."""

    clear: int = 0
    unclear: int = 0
    fast: int = 0
    hint: bool = False


def counted(signals: Iterable[Signal], listeners: int) -> SignalCounts:
    """``listeners``: how many phones are there. At least five, and a tenth of them, hear badly: that is a hint."""
    given = list(signals)
    unclear = given.count(Signal.UNCLEAR)
    many = unclear >= LEAST_UNCLEAR and unclear * 100 >= listeners * LEAST_UNCLEAR_PERCENT
    return SignalCounts(given.count(Signal.CLEAR), unclear, given.count(Signal.FAST), many)
