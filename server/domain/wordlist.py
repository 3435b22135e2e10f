"""The customer's own list of words, found in a text however it is disguised.

Word and text are folded alike, and a listed word is one whose folded form stands in the folded text. The fold takes
away width and styled letters (NFKC), case, accents and every combining mark, spaces, punctuation, symbols, zero-width
and other invisible characters, and writes look-alikes as one: Cyrillic and Greek letters as the Latin ones that they
look like (a subset of Unicode's confusables, UTS #39), digits as the letters that they stand for, traditional
characters as the simplified ones. Whoever writes a word in another way altogether passes: that is what approving is
for.

Each character is folded by itself, so what was found can be pointed at in the text as it was written.
"""

from __future__ import annotations

import datetime as dt
import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from server.domain.han import SIMPLIFIED
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
    return SIMPLIFIED | {code: "i" if letter == "l" else letter for code, letter in table.items()} | {ord("l"): "i"}


_ALIKE = _table()


def folded(text: str) -> str:
    """The letters and digits that are left of it, each in one form."""
    return "".join(map(_folded, text))


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    """None, one, or (a ligature) several."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold()).casefold()
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


def listed_in(text: str, words: Sequence[str]) -> tuple[str, ...]:
    """What stands for a listed word in it, as it was written; each once, in order. Empty: nothing does."""
    if not has_listed(text, words):
        return ()
    pieces = [_folded(character) for character in text]
    plain = "".join(pieces)
    origin = [place for place, piece in enumerate(pieces) for _ in piece]
    hit = [False] * len(text)
    for word in _folded_words(tuple(words)):
        at = plain.find(word)
        while at >= 0:
            first, last = origin[at], origin[at + len(word) - 1]
            hit[first : last + 1] = [True] * (last + 1 - first)
            at = plain.find(word, at + 1)
    return tuple(dict.fromkeys(_runs(text, hit)))


def _runs(text: str, hit: Sequence[bool]) -> Iterator[str]:
    """What is hit, without a gap."""
    for is_hit, run in itertools.groupby(zip(text, hit, strict=True), key=lambda each: each[1]):
        if is_hit:
            yield "".join(character for character, _ in run)


@lru_cache(maxsize=32)
def _folded_words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(word) for word in words)
