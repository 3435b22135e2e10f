"""How members came to the end of a lesson's papers (交卷时间, 自动收卷), for the reports on its quizzes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from server.domain.paper_runs import PaperRun, Through, through
from server.domain.quiz import Quiz
from server.domain.quiz_figures import Marked
from server.services.records import Transaction


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper whose time is over. Of those whom the asker sees: ``handed_in``, and ``collected``: who answered some of
    it and did not hand in. ``round``: its newest.
    """

    run_id: str
    name: str
    first: int
    questions: int
    closed_at: dt.datetime | None
    round: int
    handed_in: int
    collected: int


@dataclass(frozen=True, slots=True)
class PaperEnd:
    """Of one member and paper: when it was handed in, the last time, and in which round (null, 0: it was not);
    ``collected``: it was not, and something of it was answered.
    """

    run_id: str
    handed_in_at: dt.datetime | None
    round: int
    collected: bool


class PaperEnds:
    """Of a lesson, looked up once."""

    def __init__(self, tx: Transaction, lesson_id: str, quizzes: Sequence[Quiz], answers: Sequence[Marked]) -> None:
        """``quizzes``: the closed ones; ``answers`` to them."""
        closed = {quiz.id: quiz for quiz in quizzes if quiz.run_id is not None}
        self._runs = tuple(run for run in tx.papers.runs(lesson_id) if set(run.quiz_ids) <= closed.keys())
        self._firsts = {run.id: closed[run.quiz_ids[0]] for run in self._runs}
        self._handed = {run.id: _by_member(tx, run, self._firsts[run.id].round) for run in self._runs}
        of_run = {each: run.id for run in self._runs for each in run.quiz_ids}
        self._begun: dict[str, set[str]] = {run.id: set() for run in self._runs}
        for one in answers:
            if one.quiz_id in of_run:
                self._begun[of_run[one.quiz_id]].add(one.member_id)

    def of(self, member_id: str) -> tuple[PaperEnd, ...]:
        """In the order of the papers; one that was not begun has its entry, too."""
        return tuple(_view(run, self._through(run, member_id)) for run in self._runs)

    def rows(self, member_ids: Collection[str]) -> tuple[PaperRow, ...]:
        return tuple(self._row(run, member_ids) for run in self._runs)

    def _through(self, run: PaperRun, member_id: str) -> Through:
        return through(self._handed[run.id].get(member_id, {}), answered=member_id in self._begun[run.id])

    def _row(self, run: PaperRun, member_ids: Collection[str]) -> PaperRow:
        first, ends = self._firsts[run.id], [self._through(run, each) for each in member_ids]
        return PaperRow(
            run_id=run.id,
            name=run.name,
            first=first.number,
            questions=len(run.quiz_ids),
            closed_at=first.closed_at,
            round=first.round,
            handed_in=sum(1 for end in ends if end.at is not None),
            collected=sum(1 for end in ends if end.collected),
        )


def _by_member(tx: Transaction, run: PaperRun, rounds: int) -> Mapping[str, dict[int, dt.datetime]]:
    found: dict[str, dict[int, dt.datetime]] = {}
    for number in range(1, rounds + 1):
        for member_id, at in tx.papers.hand_ins(run.id, number).items():
            found.setdefault(member_id, {})[number] = at
    return found


def _view(run: PaperRun, end: Through) -> PaperEnd:
    return PaperEnd(run.id, end.at, end.round, end.collected)
