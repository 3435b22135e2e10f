"""Reports on the quizzes of a lesson: by question, by unit, by member.

Whose answers are counted is narrowed as the board: who runs or audits the lesson all, a secretary the own units'.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain import quiz_figures as rules
from server.domain.access import Action, LessonTarget, Principal
from server.domain.attendance_report import in_tree_order
from server.domain.names import in_natural_order
from server.domain.quiz import Opinion, QuestionKind, Quiz
from server.domain.quiz_figures import Figures, Hint, Marked, Reached
from server.domain.reaches import board_reach
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.units import UnitTree
from server.services.finding import MOST_LISTED, allowed_target, report_day
from server.services.paper_ends import PaperEnd, PaperEnds, PaperRow
from server.services.records import Records, Transaction
from server.services.remarking import may_remark
from server.services.views import Named

MOST_ANSWERS = 1_000_000
"""In one report."""
MOST_MEMBERS = 100_000
"""In one file."""


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """``difficulty`` and ``discrimination`` in thousandths; None: too few answers, or nothing to compare. ``opinions``:
    of an unscored one, what was approved.
    """

    quiz_id: str
    number: int
    kind: QuestionKind
    text: str
    scored: bool
    answered: int
    whole: int
    difficulty: int | None
    discrimination: int | None
    hint: Hint | None
    opinions: tuple[Opinion, ...] = ()
    helped: int = 0
    """Of ``answered``, how many somebody else put in (协助作答)."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """With everything below it. ``share``: of the marks there were for who answered at all, thousandths; None of few.

    ``under``, ``depth``: where it stands among the rows.
    """

    id: str
    name: str
    under: str | None
    depth: int
    expected: int
    people: int
    whole: int
    share: int | None


@dataclass(frozen=True, slots=True)
class QuizReport:
    """``remarkable``: whether the asker may give a quiz its right key. ``asked``: closed quizzes, ``scored``: those
    that give marks. ``people``: of those expected, who answered any.

    ``few``, ``least``: below how many answers there is no share, and no discrimination.
    """

    lesson: Named
    remarkable: bool
    asked: int
    scored: int
    expected: int
    people: int
    few: int
    least: int
    questions: tuple[QuestionRow, ...]
    units: tuple[UnitRow, ...]
    papers: tuple[PaperRow, ...] = ()
    """Asked as a whole, the first one first."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """``marks``: hundredths of a question, summed; 0 to 100 × ``scored`` of the report."""

    member: Named
    number: str | None
    unit: Named
    answered: int
    whole: int
    marks: int
    helped: int = 0
    papers: tuple[PaperEnd, ...] = ()
    """In the order of the report's."""


@dataclass(frozen=True, slots=True)
class MemberRows:
    items: tuple[MemberRow, ...]
    next_cursor: str | None
    asked: int
    scored: int
    papers: tuple[PaperRow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a report is made of, in one transaction. ``on``: the day whose tree and names hold."""

    target: LessonTarget
    remarkable: bool
    quizzes: tuple[Quiz, ...]
    opinions: Mapping[str, tuple[Opinion, ...]]
    answers: tuple[Marked, ...]
    expected: Mapping[str, int]
    tree: UnitTree
    on: dt.date

    @property
    def scored(self) -> int:
        return sum(1 for quiz in self.quizzes if scores(quiz))


def scores(quiz: Quiz) -> bool:
    """Whether its answers get marks."""
    return quiz.scored


async def quiz_report(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> QuizReport:
    """Of its closed quizzes. Raises ``lesson_not_found``, ``forbidden``, ``quiz_report_too_large``."""

    def load(tx: Transaction) -> tuple[_Seen, tuple[PaperRow, ...]]:
        seen = _seen(tx, principal, lesson_id, now)
        return seen, _papers(tx, seen)

    seen, papers = await records.read(load)
    return replace(await asyncio.to_thread(_report, seen), papers=papers)


async def quiz_members(
    records: Records,
    principal: Principal,
    lesson_id: str,
    *,
    unit_id: str | None = None,
    offset: int = 0,
    limit: int = MOST_LISTED,
    now: dt.datetime,
) -> MemberRows:
    """Everybody on the roster, by tree and name, never by marks. ``unit_id``: of it and all below.

    Raises as the report, ``unit_not_found``.
    """

    def load(tx: Transaction) -> MemberRows:
        seen = _seen(tx, principal, lesson_id, now)
        entries = _ordered(seen, tx.roster.of(lesson_id), unit_id)
        shown = entries[offset : offset + limit]
        reached = rules.by_member(seen.answers)
        helped = Counter(each.member_id for each in seen.answers if each.helped)
        numbers: dict[str, str] = {}
        for start in range(0, len(shown), 500):
            numbers |= tx.accounts.numbers([entry.member_id for entry in shown[start : start + 500]])
        ends = PaperEnds(tx, lesson_id, seen.quizzes, seen.answers)
        items = tuple(
            replace(_member(seen, each, reached, numbers, helped[each.member_id]), papers=ends.of(each.member_id))
            for each in shown
        )
        more = str(offset + limit) if len(entries) > offset + limit else None
        return MemberRows(items, more, len(seen.quizzes), seen.scored, ends.rows([each.member_id for each in entries]))

    return await records.read(load)


def _papers(tx: Transaction, seen: _Seen) -> tuple[PaperRow, ...]:
    lesson_id = seen.target.lesson.id
    if not any(quiz.run_id for quiz in seen.quizzes):
        return ()
    people = [one.member_id for one in tx.roster.of(lesson_id) if one.unit_id in seen.expected]
    return PaperEnds(tx, lesson_id, seen.quizzes, seen.answers).rows(people)


def _seen(tx: Transaction, principal: Principal, lesson_id: str, now: dt.datetime) -> _Seen:
    target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
    tree, on = tx.units.tree(), report_day(tx, target.lesson)
    units = units_of(principal, target, tree, on)
    answers = tx.quiz_reports.answers(lesson_id, units, MOST_ANSWERS + 1)
    if len(answers) > MOST_ANSWERS:
        raise Refusal("quiz_report_too_large", f"{MOST_ANSWERS} answers")
    closed = {quiz: outcome for quiz, outcome in tx.quizzes.of(lesson_id) if quiz.closed}
    return _Seen(
        target=target,
        remarkable=may_remark(principal, target),
        quizzes=tuple(closed),
        opinions={quiz.id: outcome.opinions for quiz, outcome in closed.items() if outcome is not None},
        answers=answers,
        expected=tx.quiz_reports.expected(lesson_id, units),
        tree=tree,
        on=on,
    )


def units_of(principal: Principal, target: LessonTarget, tree: UnitTree, on: dt.date) -> frozenset[str] | None:
    """Whose answers somebody may see; None: everybody's. Raises ``forbidden`` for who only operates a room."""
    reach = board_reach(principal, target)
    if reach.lesson_venue_id is not None:
        raise Refusal("forbidden", "operates a room: what its people answered is their units' business")
    if reach.unit_ids is None:
        return None
    return frozenset[str]().union(*(tree.subtree(each, on) for each in reach.unit_ids))


def _report(seen: _Seen) -> QuizReport:
    found = rules.figures(seen.answers)
    helped = Counter(each.quiz_id for each in seen.answers if each.helped)
    return QuizReport(
        lesson=Named(seen.target.lesson.id, seen.target.lesson.title),
        remarkable=seen.remarkable,
        asked=len(seen.quizzes),
        scored=seen.scored,
        expected=sum(seen.expected.values()),
        people=len({each.member_id for each in seen.answers}),
        few=rules.FEW,
        least=rules.LEAST_TO_TELL,
        questions=tuple(
            _question(quiz, found.get(quiz.id, Figures()), seen.opinions.get(quiz.id, ()), helped[quiz.id])
            for quiz in seen.quizzes
        ),
        units=_unit_rows(seen),
    )


def _question(quiz: Quiz, one: Figures, opinions: tuple[Opinion, ...], helped: int) -> QuestionRow:
    return QuestionRow(
        quiz_id=quiz.id,
        number=quiz.number,
        kind=quiz.kind,
        text=quiz.text,
        scored=scores(quiz),
        answered=one.answered,
        whole=one.whole,
        difficulty=one.difficulty,
        discrimination=one.discrimination,
        hint=one.hint,
        opinions=opinions,
        helped=helped,
    )


def _unit_rows(seen: _Seen) -> tuple[UnitRow, ...]:
    """Those on the roster and what stands above them, as far as more than one of the rows is below it."""
    shown = frozenset(each for unit_id in seen.expected for each in seen.tree.line(unit_id, seen.on))
    lines = {unit_id: [each for each in seen.tree.line(unit_id, seen.on) if each in shown] for unit_id in seen.expected}
    expected: dict[str, int] = {}
    for unit_id, count in seen.expected.items():
        for each in lines[unit_id]:
            expected[each] = expected.get(each, 0) + count
    reached = rules.by_line(seen.answers, lines)
    rows: list[UnitRow] = []
    for unit_id, under, depth in in_tree_order(shown, seen.tree, seen.on):
        one = reached.get(unit_id, Reached())
        name = seen.tree.name(unit_id, seen.on)
        counts = (expected[unit_id], one.people, one.whole, rules.share(one, seen.scored))
        rows.append(UnitRow(unit_id, name, under, depth, *counts))
    return tuple(rows)


def _ordered(seen: _Seen, roster: Sequence[RosterEntry], unit_id: str | None) -> list[RosterEntry]:
    below = seen.tree.subtree(unit_id, seen.on) if unit_id is not None else None
    wanted = [one for one in roster if one.unit_id in seen.expected and (below is None or one.unit_id in below)]
    places = in_tree_order({one.unit_id for one in wanted}, seen.tree, seen.on)
    order = {each: at for at, (each, _, _) in enumerate(places)}
    return sorted(wanted, key=lambda one: (order[one.unit_id], in_natural_order(one.name), one.member_id))


def _member(
    seen: _Seen, entry: RosterEntry, reached: Mapping[str, Reached], numbers: Mapping[str, str], helped: int
) -> MemberRow:
    one = reached.get(entry.member_id, Reached())
    unit = Named(entry.unit_id, seen.tree.name(entry.unit_id, seen.on))
    member = Named(entry.member_id, entry.name)
    return MemberRow(member, numbers.get(entry.member_id), unit, one.answered, one.whole, one.hundredths, helped)
