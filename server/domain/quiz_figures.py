"""What the answers to quizzes say: of a question how hard it was and how well it tells apart, of people and units.

Two figures of classical test theory, in thousandths. 难度 P: the mean share of the marks among those who answered
(the higher, the easier). 区分度 D: the difference of that share between the upper and the lower 27 % by what they
reached in the *other* questions of the same lesson (T. L. Kelley, "The selection of upper and lower groups for the
validation of test items", Journal of Educational Psychology 30, 1939, 17-24). How D is read follows R. L. Ebel and
D. A. Frisbie, "Essentials of Educational Measurement", 5th ed. 1991, ch. 13.

Of a few answers no figure is given: ``FEW`` for P and for shares of units, ``LEAST_TO_TELL`` answers and
``LEAST_QUESTIONS`` scored questions for D. Nothing here orders people by what they reached.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from server.domain.scoring import FULL

FEW = 10
"""As in reports of attendance: of fewer a share says nothing, and nearly says who it was."""
LEAST_TO_TELL = 30
"""So that each of the two groups has eight people."""
LEAST_QUESTIONS = 3
GROUP_PERCENT = 27
THOUSAND = 1000


class Hint(enum.StrEnum):
    """What somebody should look at."""

    CHECK_KEY = "check_key"  # D below -0.05, more than by chance: who did well elsewhere failed here; is the key right?
    TELLS_LITTLE = "tells_little"  # D below 0.2
    TOO_EASY = "too_easy"  # P 0.9 and above
    TOO_HARD = "too_hard"  # P below 0.3


@dataclass(frozen=True, slots=True)
class Marked:
    """One answer. ``hundredths`` of the question, 0 to ``FULL``; None: nothing is scored (opinions, word clouds).
    ``helped``: somebody else put it in (协助作答).
    """

    quiz_id: str
    member_id: str
    unit_id: str
    hundredths: int | None
    helped: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one question. ``whole``: how many got all of it. None: too few, or nothing to compare."""

    answered: int = 0
    whole: int = 0
    difficulty: int | None = None
    discrimination: int | None = None
    hint: Hint | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """What somebody reached, or all of a unit: ``people`` who answered at all, ``answered`` questions, ``whole`` right
    ones, and the sum of marks.
    """

    people: int = 0
    answered: int = 0
    whole: int = 0
    hundredths: int = 0

    def plus(self, other: Reached) -> Reached:
        return Reached(
            self.people + other.people,
            self.answered + other.answered,
            self.whole + other.whole,
            self.hundredths + other.hundredths,
        )


def figures(answers: Iterable[Marked]) -> dict[str, Figures]:
    """By quiz, of those that were answered. ``answers``: of one lesson, one for each quiz and member."""
    of_quiz: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    unscored: defaultdict[str, int] = defaultdict(int)
    totals: defaultdict[str, int] = defaultdict(int)
    for each in answers:
        if each.hundredths is None:
            unscored[each.quiz_id] += 1
        else:
            of_quiz[each.quiz_id].append((each.member_id, each.hundredths))
            totals[each.member_id] += each.hundredths
    comparable = len(of_quiz) >= LEAST_QUESTIONS
    found = {quiz_id: Figures(count) for quiz_id, count in unscored.items()}
    for quiz_id, marks in of_quiz.items():
        beside = [(own, totals[member_id] - own) for member_id, own in marks]
        found[quiz_id] = _figures(beside, comparable=comparable)
    return found


def _figures(beside: Sequence[tuple[int, int]], *, comparable: bool) -> Figures:
    hard = difficulty([own for own, _ in beside])
    tells = discrimination(beside) if comparable else None
    return Figures(len(beside), sum(own == FULL for own, _ in beside), hard, tells, hint(hard, tells))


def difficulty(marks: Collection[int]) -> int | None:
    """P in thousandths; None of fewer than ``FEW``."""
    return None if len(marks) < FEW else round(Fraction(sum(marks) * THOUSAND, len(marks) * FULL))


def discrimination(beside: Sequence[tuple[int, int]]) -> int | None:
    """D in thousandths, -1000 to 1000. ``beside``: of each who answered the own marks, and those in the others.

    Those who stand level at the edge of a group count in it by their mean, so the order of the list and of ids changes
    nothing. None of fewer than ``LEAST_TO_TELL``, and where the groups can't be told apart.
    """
    if len(beside) < LEAST_TO_TELL:
        return None
    size = len(beside) * GROUP_PERCENT // 100
    rest = sorted(other for _, other in beside)
    low, high = rest[size - 1], rest[-size]
    if low >= high:
        return None
    upper = _mean([(own, other - high) for own, other in beside], size)
    lower = _mean([(own, low - other) for own, other in beside], size)
    return round((upper - lower) * THOUSAND / FULL)


def _mean(beside: Iterable[tuple[int, int]], size: int) -> Fraction:
    """Of the own marks of the ``size`` that reach furthest: beyond the edge (more than 0) whole, at it by their
    mean.
    """
    beyond: list[int] = []
    level: list[int] = []
    for own, past in beside:
        if past >= 0:
            (beyond if past else level).append(own)
    return (sum(beyond) + Fraction(sum(level), len(level)) * (size - len(beyond))) / size


def hint(hard: int | None, tells: int | None) -> Hint | None:
    """The most pressing one."""
    if tells is not None and tells < -50:
        return Hint.CHECK_KEY
    if hard is not None and hard >= 900:
        return Hint.TOO_EASY
    if hard is not None and hard < 300:
        return Hint.TOO_HARD
    return Hint.TELLS_LITTLE if tells is not None and tells < 200 else None


def by_member(answers: Iterable[Marked]) -> dict[str, Reached]:
    """Of those who answered at all."""
    found: dict[str, Reached] = {}
    for each in answers:
        marks = each.hundredths or 0
        one = Reached(0, 1, int(marks == FULL), marks)
        found[each.member_id] = found.get(each.member_id, Reached(people=1)).plus(one)
    return found


def by_line(answers: Iterable[Marked], lines: Mapping[str, Sequence[str]]) -> dict[str, Reached]:
    """Each unit with all below it. ``lines``: of each unit the ones that are shown of it and those above."""
    kept = tuple(answers)
    home = {each.member_id: each.unit_id for each in kept}
    found: dict[str, Reached] = {}
    for member_id, reached in by_member(kept).items():
        for unit_id in lines[home[member_id]]:
            found[unit_id] = found.get(unit_id, Reached()).plus(reached)
    return found


def share(reached: Reached, questions: int) -> int | None:
    """Thousandths of all the marks there were for those who answered at all; None of fewer people than ``FEW``."""
    if reached.people < FEW or questions <= 0:
        return None
    return round(Fraction(reached.hundredths * THOUSAND, reached.people * questions * FULL))


def pooled(uses: Iterable[Figures]) -> Figures:
    """Of one question over several lessons: P over all who answered, D as the mean of what each lesson gave, by how
    many answered there. Lessons that were too few to give a figure give none here either.
    """
    kept = tuple(uses)
    hard = [(each.difficulty, each.answered) for each in kept if each.difficulty is not None]
    tells = [(each.discrimination, each.answered) for each in kept if each.discrimination is not None]
    p, d = _weighted(hard), _weighted(tells)
    return Figures(sum(each.answered for each in kept), sum(each.whole for each in kept), p, d, hint(p, d))


def _weighted(values: Sequence[tuple[int, int]]) -> int | None:
    whole = sum(weight for _, weight in values)
    return None if whole == 0 else round(Fraction(sum(value * weight for value, weight in values), whole))
