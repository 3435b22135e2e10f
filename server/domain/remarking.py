"""Re-marking a closed quiz whose key was wrong (改判): what the right key is, and for whom it makes a difference.

Every answer is marked again by the same numbered rule; the former key and marks stay in the record. Who reaches what
the lesson's rule asks by the right key is granted its credit; whoever was granted it by the wrong one keeps it: the
mistake was the house's, and nothing is taken back automatically.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain.bank import MOST_ACCEPTED, MOST_WORDS
from server.domain.credit import CreditRule, Failing, Verdict, judge
from server.domain.matching import normalised
from server.domain.quiz import QuestionKind, Quiz
from server.domain.quiz_answers import key_of, marks_of
from server.domain.refusals import Refusal
from server.domain.scoring import FULL, Key, Scoring

MOST_REMARKS = 20
"""Of one quiz."""


class CreditEffect(enum.StrEnum):
    GRANTED = "granted"
    KEPT = "kept"  # would not reach it by the right key, and keeps it


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one answer, in hundredths. ``credit``: of a settled lesson; None: nothing."""

    member_id: str
    before: int
    after: int
    credit: CreditEffect | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """``number`` counts from 1 for each quiz. ``changed``: answers, ``granted``, ``kept``: people. ``made_up``: those
    whose failed attempts at a make-up study pass by the right key.
    """

    id: str
    quiz_id: str
    lesson_id: str
    number: int
    former: Key
    key: Key
    reason: str
    by: str  # account
    at: dt.datetime
    changed: int = 0
    raised: int = 0
    granted: int = 0
    kept: int = 0
    made_up: int = 0


def rekeyed(quiz: Quiz, key: Key) -> Quiz:
    """With the right key. Raises ``quiz_open``, ``remark_unscored``, ``remark_same``, ``invalid_body``."""
    if not quiz.closed:
        raise Refusal("quiz_open", quiz.id)
    if quiz.scoring is Scoring.NONE:
        raise Refusal("remark_unscored", quiz.id)
    right = _checked(quiz, key)
    if right == key_of(quiz):
        raise Refusal("remark_same", quiz.id)
    return replace(quiz, correct=right.chosen, blanks=right.blanks)


def _checked(quiz: Quiz, key: Key) -> Key:
    known = [option.id for option in quiz.options]
    if quiz.kind is QuestionKind.FILL_IN:
        _hold(not key.chosen and len(key.blanks) == len(quiz.blanks), f"blanks: {len(quiz.blanks)}")
        blanks = tuple(tuple(dict.fromkeys(text.strip() for text in accepted)) for accepted in key.blanks)
        _hold(all(1 <= len(accepted) <= MOST_ACCEPTED for accepted in blanks), f"accepted: 1 to {MOST_ACCEPTED}")
        _hold(all(normalised(text) and len(text) <= MOST_WORDS for each in blanks for text in each), "accepted: texts")
        return Key(blanks=blanks)
    _hold(not key.blanks and len(set(key.chosen)) == len(key.chosen), "correct: each once")
    _hold(bool(key.chosen) and set(key.chosen) <= set(known), "correct: options of the quiz")
    if quiz.kind is QuestionKind.ORDERING:
        _hold(len(key.chosen) == len(known), "correct: every option, in order")
        return key
    _hold(quiz.kind is QuestionKind.MULTIPLE or len(key.chosen) == 1, "correct: exactly one")
    return Key(tuple(each for each in known if each in key.chosen))


def _hold(holds: bool, wrong: str) -> None:
    if not holds:
        raise Refusal("invalid_body", wrong)


def differences(quiz: Quiz, answers: Iterable[tuple[str, Sequence[str], int]]) -> tuple[Change, ...]:
    """Answers that the key of ``quiz`` marks otherwise than they were. ``answers``: member, choice, marks; in order."""
    marked = ((member_id, before, marks_of(quiz, choice) or 0) for member_id, choice, before in answers)
    return tuple(Change(member_id, before, after) for member_id, before, after in marked if before != after)


def verdict_after(verdict: Verdict, change: Change, rule: CreditRule | None, hundredths: int) -> Verdict:
    """With what is right now in its evidence. One that passed stays so, and one that a person took back; one that
    passes now is judged anew, to be entered. ``hundredths``: the lesson's 核定学时.
    """
    more = int(change.after == FULL) - int(change.before == FULL)
    evidence = replace(verdict.evidence, right=verdict.evidence.right + more)
    kept = replace(verdict, evidence=evidence)
    decided = verdict.passed or Failing.TAKEN_BACK in verdict.failings
    return kept if decided else judge(evidence, rule, hundredths, verdict.at)


def effect_on(verdict: Verdict, after: Verdict, rule: CreditRule | None) -> CreditEffect | None:
    """``after``: of :func:`verdict_after`."""
    if after.passed and not verdict.passed:
        return CreditEffect.GRANTED
    reaches = judge(after.evidence, rule, 0, after.at).passed
    reached = judge(verdict.evidence, rule, 0, verdict.at).passed
    return CreditEffect.KEPT if verdict.passed and reached and not reaches else None
