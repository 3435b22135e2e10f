"""Tables that people made with a spreadsheet, as rows of text: how large they may be, where their titles stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

MOST_ROWS = 100_000
MOST_COLUMNS = 64
LOOKED_THROUGH = 10
"""So many rows may stand above the titles."""
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` from the sheet's first row on, all text."""

    sheet: str
    rows: Sequence[Sequence[str]]


def bare_title(text: str) -> str:
    """Without spaces and the marks of what must be filled in."""
    return "".join(text.split()).strip("*＊：:")


def head_of(rows: Sequence[Sequence[str]], titled: Mapping[str, C], needed: Collection[C]) -> int | None:
    """The first row that has all of the needed columns' titles."""
    for at, row in enumerate(rows[:LOOKED_THROUGH]):
        if set(needed) <= {titled.get(bare_title(text)) for text in row}:
            return at
    return None
