"""What members wrote to an opinion or a word cloud: approved before anybody else reads it (不代替组织表决).

What several wrote alike is one saying: width, case, punctuation and spaces don't count. It is decided on once, for all
of them and for those who write it later. Shown is the very spelling that was approved; when nobody's answer has it any
more, the saying waits again, so that nothing is ever shown which nobody had looked at.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from server.domain.matching import normalised
from server.domain.quiz import Opinion
from server.domain.quiz_answers import Counted

MOST_SHOWN = 60
"""Of one quiz, the most frequent ones."""
MOST_AT_ONCE = 200
"""Decided by one call."""
Listed = Callable[[str], bool]


class Ruling(enum.StrEnum):
    WAITING = "waiting"  # 待审
    APPROVED = "approved"  # 已通过
    HIDDEN = "hidden"  # 不展示


@dataclass(frozen=True, slots=True)
class Ruled:
    """What was decided last. ``key``: of the saying; ``text_id``: of the spelling that was looked at. Both are digests
    (:func:`key_of`, :func:`id_of`): the text stands with the answers alone, and goes with them.
    """

    quiz_id: str
    key: str
    text_id: str
    ruling: Ruling
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Saying:
    """``id``: of the spelling in ``text``. ``count``: how many people wrote it, whatever the spelling."""

    id: str
    key: str
    text: str
    count: int
    ruling: Ruling


@lru_cache(maxsize=16_384)
def key_of(text: str) -> str:
    """SHA-256 of the text as it is compared; of one of which nothing would be left, as it stands."""
    return id_of(normalised(text) or text)


@lru_cache(maxsize=16_384)
def id_of(text: str) -> str:
    """SHA-256 of the text as it stands, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def sayings(answers: Iterable[Counted], ruled: Mapping[str, Ruled]) -> tuple[Saying, ...]:
    """The most frequent first. ``answers``: distinct ones of one quiz; ``ruled``: by key."""
    spellings: dict[str, Counter[str]] = {}
    for each in answers:
        for text in filter(None, each.choice):
            spellings.setdefault(key_of(text), Counter())[text] += each.count
    found = (_saying(key, counts, ruled.get(key)) for key, counts in spellings.items())
    return tuple(sorted(found, key=lambda one: (-one.count, one.text)))


def _saying(key: str, spellings: Counter[str], ruled: Ruled | None) -> Saying:
    ruling = Ruling.WAITING if ruled is None else ruled.ruling
    looked_at = [text for text in spellings if ruled is not None and id_of(text) == ruled.text_id]
    if ruling is Ruling.APPROVED and not looked_at:
        ruling = Ruling.WAITING
    text = looked_at[0] if looked_at else min(spellings, key=lambda each: (-spellings[each], each))
    return Saying(id_of(text), key, text, spellings.total(), ruling)


def shown(all_of_them: Sequence[Saying], most: int = MOST_SHOWN) -> tuple[Opinion, ...]:
    """What everybody may see of them, the most frequent first."""
    approved = (one for one in all_of_them if one.ruling is Ruling.APPROVED)
    return tuple(Opinion(one.text, one.count) for one, _ in zip(approved, range(most), strict=False))


def due(
    answers: Sequence[Counted], ruled: Mapping[str, Ruled], ids: Collection[str], ruling: Ruling, listed: Listed
) -> tuple[Saying, ...]:
    """Those that a decision on these spellings changes, each as it was looked at. What nobody writes any more is passed
    over. ``listed``: whether a text holds a listed word; nobody approves such a one among several.
    """
    wanted = set(ids)
    standing = {one.key: one for one in sayings(answers, ruled)}
    found: dict[str, Saying] = {}
    for text in (text for each in answers for text in each.choice if id_of(text) in wanted):
        if ruling is Ruling.APPROVED and len(wanted) > 1 and listed(text):
            continue
        one = standing[key_of(text)]
        if (one.ruling, one.id) != (ruling, id_of(text)):
            found[one.key] = replace(one, id=id_of(text), text=text)
    return tuple(found.values())
