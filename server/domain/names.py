"""Names of rooms and units in the order in which people count them."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"([0-9]+|[〇零一二三四五六七八九十百]+)")
_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0}
_SCALES = {"十": 10, "百": 100}


def in_natural_order(name: str) -> tuple[tuple[str, int], ...]:
    """A key for sorting as people count: 第2分会场 before 第10分会场, 第二 before 第三 before 第十一."""
    parts = _NUMBERS.split(name)  # text, number, text, …
    return tuple(zip(parts[::2], [*map(_value, parts[1::2]), -1], strict=True))


def _value(numeral: str) -> int:
    """Below a thousand in Chinese numerals; digits one after the other (二〇二六) are read as such."""
    if numeral.isascii():
        return int(numeral)
    if not any(sign in _SCALES for sign in numeral):
        return int("".join(str(_DIGITS[sign]) for sign in numeral))
    total, digit = 0, None
    for sign in numeral:
        if sign in _SCALES:
            total, digit = total + (1 if digit is None else digit) * _SCALES[sign], None
        else:
            digit = _DIGITS[sign]
    return total + (digit or 0)
