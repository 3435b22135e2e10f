"""How an answer is marked: pure rules in integers, each with a number for good.

A rule is never changed: another way to mark is another number. Marks are hundredths of the question: 0 to ``FULL``.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

from server.domain.matching import matches

FULL = 100


class Scoring(enum.IntEnum):
    """What stands in the record."""

    NONE = 0  # 不计分: opinions and word clouds
    EXACT = 1  # 全对得分
    HALF = 2  # 漏选得一半, 错选不得分
    SHARES = 3  # 选对一项得一份, 选错一项扣一份, 不倒扣
    BLANKS = 4  # 每空一份
    ORDER = 5  # 顺序全对得分
    PAIRS = 6  # 按前后关系正确的对数


@dataclass(frozen=True, slots=True)
class Key:
    """What is right. ``chosen``: of choices the right ones, of an ordering all of them in the right order.

    ``blanks``: of each what is accepted there.
    """

    chosen: tuple[str, ...] = ()
    blanks: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answered: options, in the given order where that counts, or what was written in each blank."""

    chosen: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()


def scoring_1(key: Key, given: Given) -> int:
    """All of the right options and no other."""
    return FULL if given.chosen and set(given.chosen) == set(key.chosen) else 0


def scoring_2(key: Key, given: Given) -> int:
    """All right: all. Some of the right ones and no other: half. A wrong one: nothing."""
    chosen, right = set(given.chosen), set(key.chosen)
    if not chosen or not chosen <= right:
        return 0
    return FULL if chosen == right else FULL // 2


def scoring_3(key: Key, given: Given) -> int:
    """Each right one earns its share, each wrong one takes one away; never below nothing. Rounded down."""
    chosen, right = set(given.chosen), set(key.chosen)
    return FULL * max(0, len(chosen & right) - len(chosen - right)) // len(right)


def scoring_4(key: Key, given: Given) -> int:
    """Each blank earns its share when what is written there matches. Rounded down."""
    written = (*given.blanks, *[""] * len(key.blanks))
    right = sum(matches(text, accepted) for text, accepted in zip(written, key.blanks, strict=False))
    return FULL * right // len(key.blanks)


def scoring_5(key: Key, given: Given) -> int:
    """Every option in its place."""
    return FULL if given.chosen == key.chosen else 0


def scoring_6(key: Key, given: Given) -> int:
    """Of all pairs of options, those that stand the right way round. Rounded down; what is left out stands nowhere."""
    place = {option: at for at, option in enumerate(given.chosen)}
    pairs = list(combinations(key.chosen, 2))
    right = sum(1 for one, other in pairs if one in place and other in place and place[one] < place[other])
    return FULL * right // len(pairs)


_RULES: Mapping[Scoring, Callable[[Key, Given], int]] = {
    Scoring.EXACT: scoring_1,
    Scoring.HALF: scoring_2,
    Scoring.SHARES: scoring_3,
    Scoring.BLANKS: scoring_4,
    Scoring.ORDER: scoring_5,
    Scoring.PAIRS: scoring_6,
}


def mark(scoring: Scoring, key: Key, given: Given) -> int | None:
    """Hundredths; None where nothing is scored. ``key`` is one that the bank let in: never empty for its rule."""
    rule = _RULES.get(scoring)
    return None if rule is None else rule(key, given)


def is_whole(marked: int | None) -> bool:
    return marked == FULL
