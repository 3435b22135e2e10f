"""Names in pinyin, to sort and find them by: 张三 is "zhang san", and "zs".

A surname is read as a surname (曾 zeng, 单 shan). Without the dictionary of phrases, which names are not in.
"""

from __future__ import annotations

import functools
import os
import unicodedata
from collections.abc import Iterator

_SURNAMES = {
    **{"曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "任": "ren", "朴": "piao", "区": "ou"},
    **{"盖": "ge", "尉": "wei", "万": "wan", "召": "shao", "员": "yun", "乐": "yue", "洗": "xian", "冼": "xian"},
    **{"缪": "miao", "秘": "bi", "翟": "zhai", "葛": "ge", "华": "hua", "覃": "qin", "晁": "chao", "种": "chong"},
    **{"黑": "he", "逄": "pang", "逯": "lu", "车": "che", "折": "she", "能": "nai", "宓": "mi", "那": "na"},
}


def spelling(name: str) -> str:
    """One syllable per hanzi, everything else as it is, in small letters."""
    return " ".join(_syllables(name))


def initials(name: str) -> str:
    return "".join(syllable[0] for syllable in _syllables(name))


def _syllables(name: str) -> Iterator[str]:
    """A run of other letters and digits is one; marks only part."""
    other = ""
    for place, sign in enumerate(name.strip().lower()):
        syllable = _reading(sign, first=place == 0)
        if not syllable and sign.isalnum():
            other += sign
            continue
        if other:
            yield other
            other = ""
        if syllable:
            yield syllable
    if other:
        yield other


@functools.lru_cache(8192)
def _reading(sign: str, *, first: bool) -> str:
    """The first reading of a hanzi, without its tone; "" for what is none."""
    if first and sign in _SURNAMES:
        return _SURNAMES[sign]
    reading = _readings().get(ord(sign), "").split(",", 1)[0]
    marked = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in marked if letter.isascii())


@functools.cache
def _readings() -> dict[int, str]:
    """Loaded when it is first wanted; the phrases beside it would cost 40 MB."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415

    found: dict[int, str] = pinyin_dict
    return found
