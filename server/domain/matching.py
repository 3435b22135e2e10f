"""When two written answers say the same: width, case, punctuation, spaces and the spelling of numbers don't count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_DIGITS = {
    **{char: value for value, char in enumerate("零一二三四五六七八九")},
    **{char: value for value, char in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    **{"貳": 2, "參": 3, "叄": 3, "陸": 6, "两": 2, "兩": 2},
    **{str(value): value for value in range(10)},
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_LONGEST = 18
"""Of the digits before a unit: who writes more means no number, and it is compared as it stands."""
_NUMERAL = re.compile("[" + "".join({*_DIGITS, *_SMALL, *_LARGE}) + "]+")
_KEPT = "%"
"""Of what is called punctuation: 5 and 5% are two answers."""


def normalised(text: str) -> str:
    """What is compared. Of what it gives, it gives the same again."""
    while (plainer := _once(text)) != text:
        text = plainer
    return text


def matches(given: str, accepted: Collection[str]) -> bool:
    """Nothing written matches nothing."""
    own = normalised(given)
    return bool(own) and own in {normalised(each) for each in accepted}


def _once(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(char for char in text if unicodedata.category(char)[0] not in "ZC")
    text = _NUMERAL.sub(lambda found: _number(found.group()), text)
    return "".join(char for at, char in enumerate(text) if not _is_idle(text, at))


def _is_idle(text: str, at: int) -> bool:
    """Punctuation, but for the point of a fraction and the sign of a number."""
    char = text[at]
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if char == "." and _is_digit(before) and _is_digit(after):
        return False
    if char == "-" and _is_digit(after) and not before.isalnum():
        return False
    return unicodedata.category(char)[0] == "P" and char not in _KEPT


def _is_digit(char: str) -> bool:
    return len(char) == 1 and char.isascii() and char.isdigit()


def _number(word: str) -> str:
    """二十三, 廿 aside, as 23; what is no number keeps its units and gets its digits plain: 万一 is 万1."""
    if any(char in _SMALL or char in _LARGE for char in word):
        value = _value(word)
        if value is not None:
            return str(value)
    return "".join(str(_DIGITS.get(char, char)) for char in word)


def _value(word: str) -> int | None:
    """Of a numeral with units; None where they don't go down as they should."""
    whole, section, digits = 0, 0, ""
    last_small, last_large = 10_000, 10**12
    for char in word:
        if len(digits) > _LONGEST:
            return None
        if char in _DIGITS:
            digits += str(_DIGITS[char])
        elif char in _SMALL:
            unit = _SMALL[char]
            if unit >= last_small or (digits and len(digits.lstrip("0")) != 1) or (not digits and unit > 10):
                return None
            section += int(digits or "1") * unit
            digits, last_small = "", unit
        else:
            unit = _LARGE[char]
            section += int(digits or "0")
            if unit >= last_large or not section:
                return None
            whole += section * unit
            section, digits, last_small, last_large = 0, "", 10_000, unit
    if len(digits.lstrip("0")) > 1 and (section or whole) and last_small < 10_000:
        return None
    last = int(digits or "0")
    if len(digits) == 1 and len(word) > 1:  # 一百二 is 120, 一百零二 is 102
        last *= max(1, {**_SMALL, **_LARGE}.get(word[-2], 1) // 10)
    return whole + section + last
