"""The customer's own list of words, found in a text however it is disguised.

Word and text are folded alike, and a listed word is one whose folded form stands in the folded text. The fold takes
away width and styled letters (NFKC), case, accents and every combining mark, spaces, punctuation, symbols, zero-width
and other invisible characters, and writes look-alikes as one: Cyrillic and Greek letters as the Latin ones that they
look like (a subset of Unicode's confusables, UTS #39), digits as the letters that they stand for.

Traditional and simplified characters are different words: no table of them is in the standard library, and a rough
one would hold innocent lines. A list names both. Whoever writes a word in another way altogether passes, too: that is
what approving is for.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from server.domain.refusals import Refusal

MOST_WORDS = 2000
LONGEST_WORD = 50

INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a symbol by category, and nothing to be seen."""

# By how they look in lower case, or (Greek eta, nu, upsilon) in capitals, where both cannot be had.
_LATIN = (
    ("abcehijkmopqstuvwxy", "авсеніјкморԛѕтцѵԝху"),
    ("abehiknoptxyzvwcy", "αβεηικνορτχυζѵωσγ"),
    ("agiijldohtwym", "ɑɡɩıȷłđøћŧшүμ"),
    ("oliseatbg", "011534789"),
)
_SQUARED = ((0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26))
"""Letters in black circles and squares, and those of flags: NFKC leaves them."""


@dataclass(frozen=True, slots=True)
class WordList:
    """A unit's own; it counts for lessons of the unit and of all below it. ``version`` 0: there is none yet."""

    unit_id: str
    words: tuple[str, ...] = ()
    version: int = 0
    changed_by: str | None = None
    changed_at: dt.datetime | None = None


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for letters, alike in _LATIN:
        table |= {ord(other): letter for letter, other in zip(letters, alike, strict=True)}
    for first, count in _SQUARED:
        table |= {first + n: chr(ord("a") + n) for n in range(count)}
    # One form for what cannot be told apart: 1, l and i.
    return {**{code: "i" if letter == "l" else letter for code, letter in table.items()}, ord("l"): "i"}


_ALIKE = _table()


def folded(text: str) -> str:
    """The letters and digits that are left of it, each in one form."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).casefold()
    alike = plain.translate(_ALIKE)
    return "".join(each for each in alike if each not in INVISIBLE and unicodedata.category(each)[0] in "LN")


def checked(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order. Raises ``invalid_body`` for too many, one too long, or one of which nothing is left."""
    found: dict[str, str] = {}
    for word in words:
        kept = word.strip()
        if not kept:
            continue
        if len(kept) > LONGEST_WORD or not folded(kept):
            raise Refusal("invalid_body", f"words: 1 to {LONGEST_WORD} characters, with a letter or digit")
        found.setdefault(folded(kept), kept)
    if len(found) > MOST_WORDS:
        raise Refusal("invalid_body", f"words: {MOST_WORDS} at most")
    return tuple(found.values())


def has_listed(text: str, words: Sequence[str]) -> bool:
    if not words:
        return False
    plain = folded(text)
    return any(word in plain for word in _folded_words(tuple(words)))


@lru_cache(maxsize=32)
def _folded_words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(word) for word in words)
