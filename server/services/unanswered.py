"""Who has not answered a quiz yet, by name, for whom they are of business: narrowed as the reports on quizzes are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from server.domain.access import Action, Principal
from server.domain.attendance_report import in_tree_order
from server.domain.names import in_natural_order
from server.services.finding import report_day
from server.services.quiz_reports import units_of
from server.services.quizzes import quiz_target
from server.services.records import Records, Transaction
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class UnansweredUnit:
    """``missing`` of the ``expected`` have not answered."""

    unit: Named
    expected: int
    missing: int


@dataclass(frozen=True, slots=True)
class UnansweredMember:
    """``given``: of a paper's questions, how many this one answered."""

    member: Named
    unit_id: str
    given: int = 0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """``units``: those with anybody missing. ``items``: a page of the people, by tree and name. ``questions``: of the
    paper that it is asked in, of which is missing who neither handed in nor answered all of it; 1: it stands by itself.
    """

    quiz_id: str
    expected: int
    missing: int
    units: tuple[UnansweredUnit, ...]
    items: tuple[UnansweredMember, ...]
    next_cursor: str | None
    questions: int = 1


async def unanswered(
    records: Records, principal: Principal, quiz_id: str, *, offset: int, limit: int, now: dt.datetime
) -> Unanswered:
    """Of those on the roster now. Raises ``quiz_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> Unanswered:
        quiz, target = quiz_target(tx, principal, quiz_id, now, Action.BOARD, lock=False)
        tree, on = tx.units.tree(), report_day(tx, target.lesson)
        within = units_of(principal, target, tree, on)
        roster = [one for one in tx.roster.of(quiz.lesson_id) if within is None or one.unit_id in within]
        asked = tx.quizzes.together(quiz)
        given = tx.quiz_reports.given([each.id for each in asked])
        through = {each for each, count in given.items() if count >= len(asked)}
        if quiz.run_id is not None:
            through |= tx.papers.hand_ins(quiz.run_id, quiz.round).keys()
        missing = [one for one in roster if one.member_id not in through]
        expected, lacking = Counter(one.unit_id for one in roster), Counter(one.unit_id for one in missing)
        order = {each: at for at, (each, _, _) in enumerate(in_tree_order(set(lacking), tree, on))}
        missing.sort(key=lambda one: (order[one.unit_id], in_natural_order(one.name), one.member_id))
        units = [
            UnansweredUnit(Named(each, tree.name(each, on)), expected[each], lacking[each])
            for each in sorted(lacking, key=order.__getitem__)
        ]
        shown = missing[offset : offset + limit]
        items = tuple(
            UnansweredMember(Named(one.member_id, one.name), one.unit_id, given.get(one.member_id, 0)) for one in shown
        )
        more = str(offset + limit) if len(missing) > offset + limit else None
        return Unanswered(quiz.id, len(roster), len(missing), tuple(units), items, more, len(asked))

    return await records.read(load)
