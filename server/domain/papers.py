"""Papers (试卷): a named list of questions of the bank, fixed by version, or drawn by tag, kind, difficulty and number.

A draw follows from its seed alone: candidates are ranked by SHA-256 and the first ones are taken. Seed and candidates
are kept, so that an auditor can draw again and get the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.bank import LONGEST_TAG, MOST_WORDS, BankKind, Difficulty
from server.domain.refusals import Refusal

MOST_QUESTIONS = 50
"""Of one paper."""
MOST_DRAWS = 10
MOST_PAPERS = 500
"""Of one unit, retired ones among them."""


@dataclass(frozen=True, slots=True)
class Draw:
    """``count`` questions of a ``tag`` ("": any), ``kind`` and ``difficulty`` (None: any)."""

    count: int
    tag: str = ""
    kind: BankKind | None = None
    difficulty: Difficulty | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is in a paper: ``version_ids`` in their order, then what is drawn. ``mixed``: the order is drawn, too."""

    name: str
    version_ids: tuple[str, ...] = ()
    draws: tuple[Draw, ...] = ()
    mixed: bool = False

    @property
    def questions(self) -> int:
        return len(self.version_ids) + sum(draw.count for draw in self.draws)


@dataclass(frozen=True, slots=True)
class Paper:
    """``revision`` is its ETag."""

    id: str
    unit_id: str
    plan: Plan
    created_by: str
    created_at: dt.datetime
    changed_at: dt.datetime
    retired_at: dt.datetime | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """The evidence of a draw. ``candidates``: of each draw the versions there were; ``version_ids``: the outcome."""

    id: str
    paper_id: str
    revision: int
    lesson_id: str
    seed: str
    fixed: tuple[str, ...]
    counts: tuple[int, ...]
    candidates: tuple[tuple[str, ...], ...]
    mixed: bool
    version_ids: tuple[str, ...]
    by: str
    at: dt.datetime


def checked(plan: Plan) -> Plan:
    """As it is kept. Raises ``invalid_body``."""
    name = plan.name.strip()
    draws = tuple(replace(draw, tag=draw.tag.strip()) for draw in plan.draws)
    _hold(1 <= len(name) <= MOST_WORDS, f"name: 1 to {MOST_WORDS} signs")
    _hold(len(set(plan.version_ids)) == len(plan.version_ids), "questions: each once")
    _hold(len(draws) <= MOST_DRAWS and all(draw.count >= 1 for draw in draws), f"draws: {MOST_DRAWS}, 1 or more each")
    _hold(all(len(draw.tag) <= LONGEST_TAG for draw in draws), f"tag: {LONGEST_TAG} signs")
    _hold(1 <= plan.questions <= MOST_QUESTIONS, f"questions: 1 to {MOST_QUESTIONS}")
    return replace(plan, name=name, draws=draws)


def _hold(holds: bool, wrong: str) -> None:
    if not holds:
        raise Refusal("invalid_body", wrong)


def drawn(
    seed: str,
    fixed: Sequence[str],
    candidates: Sequence[Sequence[str]],
    counts: Sequence[int],
    *,
    mixed: bool,
) -> tuple[str, ...]:
    """The versions of a paper, each once. Of each draw, one after the other, those of its candidates that are not in
    the paper yet are ranked, and the first ``count`` taken. What the order of ``candidates`` is changes nothing.

    The rank of a version is SHA-256 over seed, line feed, version id in UTF-8. With ``mixed`` the whole is put in the
    order of SHA-256 over seed, line feed, "order", line feed, id. Raises ``paper_too_few``.
    """
    taken = list(dict.fromkeys(fixed))
    for these, count in zip(candidates, counts, strict=True):
        left = sorted(set(these) - set(taken), key=lambda each: (_rank(seed, each), each))
        if len(left) < count:
            raise Refusal("paper_too_few", f"{len(left)} of {count}")
        taken += left[:count]
    return tuple(sorted(taken, key=lambda each: (_rank(seed, "order", each), each)) if mixed else taken)


def _rank(*words: str) -> bytes:
    return hashlib.sha256("\n".join(words).encode()).digest()


def redrawn(one: Drawn) -> bool:
    """Whether the evidence gives what is said to have come of it."""
    try:
        again = drawn(one.seed, one.fixed, one.candidates, one.counts, mixed=one.mixed)
    except Refusal:
        return False
    return again == one.version_ids


# ---- its life --------------------------------------------------------------------------------------------


def edited(paper: Paper, plan: Plan, revision: int, now: dt.datetime) -> Paper:
    """What lessons took of it stays. Raises ``precondition_failed``, ``paper_retired``, ``invalid_body``."""
    if paper.revision != revision:
        raise Refusal("precondition_failed", f"{revision}, now {paper.revision}")
    check_in_use(paper)
    return replace(paper, plan=checked(plan), changed_at=now, revision=paper.revision + 1)


def retired(paper: Paper, now: dt.datetime | None) -> Paper:
    """Offered no more (None: again). Twice is no fault."""
    if (paper.retired_at is None) is (now is None):
        return paper
    return replace(paper, retired_at=now, revision=paper.revision + 1)


def check_in_use(paper: Paper) -> None:
    """Raises ``paper_retired``."""
    if paper.retired_at is not None:
        raise Refusal("paper_retired", paper.id)
