"""Cells of spreadsheets: none that leaves is reckoned with, and none that comes in is taken for a formula."""

from __future__ import annotations

import re

_ACTIVE = tuple("=+-@\t\r\n＝＋－＠")
"""A cell that begins so is a formula to spreadsheets; the full-width forms are, too, to some."""
_BELOW_ZERO = re.compile(r"-[0-9]+(?:\.[0-9]+)?")
_BLANK = " \u3000\u00a0\ufeff"


def active(text: str) -> bool:
    """Whether a spreadsheet might reckon with it. A number below zero is one, and no formula: sums shall have it."""
    if _BELOW_ZERO.fullmatch(text):
        return False
    return text.startswith(_ACTIVE) or text.lstrip(_BLANK).startswith(_ACTIVE)


def safe_cell(text: str) -> str:
    """For every cell of every table that people load down: an apostrophe before it makes it words again."""
    return f"'{text}" if active(text) else text


def bare_cell(text: str) -> str:
    """What :func:`safe_cell` was given."""
    return text[1:] if text.startswith("'") and active(text[1:]) else text


def cell_name(row: int, column: int) -> str:
    """``B3`` of row 2, column 1, both counted from 0."""
    letters, left = "", column
    while left >= 0:
        left, letter = divmod(left, 26)
        letters = chr(ord("A") + letter) + letters
        left -= 1
    return f"{letters}{row + 1}"
