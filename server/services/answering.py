"""Members answer quizzes: once, in time, and by whatever way the answer came.

Two thousand do so in the same two seconds, so answers that wait beside each other are written together: a few
statements for all of them, a verdict for each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from server.domain.access import Action, Principal
from server.domain.paper_runs import HandInKey
from server.domain.quiz import Answer, AnswerChannel, AnswerKey, Keep, Quiz
from server.domain.quiz_answers import choice_of, is_same, marks_of
from server.domain.quiz_clock import Deadlines, Moment, check_in_time
from server.domain.quiz_turns import after, turn_of
from server.domain.refusals import Refusal
from server.domain.scoring import is_whole
from server.services.finding import allowed_target
from server.services.helping import check_may_help
from server.services.house import House
from server.services.records import Transaction
from server.services.views import AnswerView

_NOBODYS = frozenset({"quiz_not_found", "not_on_roster", "forbidden", "member_not_found"})
"""Refused without looking what the member answered before."""


@dataclass(frozen=True, slots=True)
class Helped:
    """协助作答: for whom somebody else puts the answer in, and why."""

    member_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """``arrival``: when it had been read and parsed here; no other clock counts.

    ``lesson_id``: the only lesson it may be for (a socket's), None for any. ``nth``: the member's count of the answers
    to this quiz, from 1; it tells where the last one counts. ``helped``: it is another's; with ``nth`` 1 it never takes
    the place of an answer.
    """

    quiz_id: str
    command_id: str
    choice: tuple[str, ...]
    channel: AnswerChannel
    arrival: Moment
    lesson_id: str | None = None
    nth: int = 1
    helped: Helped | None = None


@dataclass(frozen=True, slots=True)
class _Paper:
    """What somebody hands in."""

    principal: Principal
    attempt: Attempt
    deadlines: Deadlines

    @property
    def member_id(self) -> str | None:
        """Whose answer it is."""
        return self.attempt.helped.member_id if self.attempt.helped else self.principal.member_id


async def answer_quiz(house: House, principal: Principal, attempt: Attempt) -> AnswerView:
    """Committed when it returns. The same command again gives the same answer, also after closing.

    Raises ``quiz_not_found``, ``not_on_roster``, ``quiz_closed``, ``option_unknown``, ``invalid_body``,
    ``quiz_paused``, ``paper_handed_in``, ``already_answered``, ``command_reused``. Nothing is written then.
    """
    return await house.records.write_together(_answer_all, _Paper(principal, attempt, house.deadlines))


async def answer_for(house: House, principal: Principal, attempt: Attempt) -> AnswerView:
    """协助作答: for somebody who sits in a room without a phone, in a transaction of its own with its line in the audit
    log. Otherwise as :func:`answer_quiz`; never over an answer that stands.

    Raises ``forbidden``, ``member_not_found`` for who is not in a room (of the principal's), and as answering.
    """

    def work(tx: Transaction) -> AnswerView:
        [given] = _answer_all(tx, [_Paper(principal, attempt, house.deadlines)])
        if isinstance(given, Refusal):
            raise given
        return given

    return await house.records.write(work)


def _answer_all(tx: Transaction, papers: Sequence[_Paper]) -> list[AnswerView | Refusal]:
    """In the order in which they came: of two by one member the first counts, or the later one, as the quiz says."""
    desk = _Desk(tx, papers)
    decided = [desk.decide(paper) for paper in papers]
    new: dict[AnswerKey, Answer] = {}
    later: list[Answer] = []
    for each in decided:
        if isinstance(each, Answer) and new.setdefault(each.key, each) is not each:
            later.append(each)
    # In one order everywhere: the same answer may be on its way by another process, too.
    written = tx.quizzes.put(sorted(new.values(), key=lambda answer: answer.key))
    later[:0] = [answer for key, answer in new.items() if key not in written]
    standing = {key: new[key] for key in written}
    desk.look_up(papers, {**standing, **desk.change(standing, later)})
    return [desk.verdict(paper, each) for paper, each in zip(papers, decided, strict=True)]


class _Desk:
    """Where papers of one transaction are looked at."""

    def __init__(self, tx: Transaction, papers: Sequence[_Paper]) -> None:
        self._tx = tx
        self._quizzes = tx.quizzes.held({paper.attempt.quiz_id for paper in papers})
        self._expected = self._rosters(papers)
        self._handed_in = self._hand_ins(papers)
        self._standing: dict[AnswerKey, Answer] = {}

    def _rosters(self, papers: Sequence[_Paper]) -> Mapping[str, frozenset[str]]:
        """By lesson, those of the members who are on its roster."""
        asked: dict[str, set[str]] = {}
        for paper in papers:
            quiz, member_id = self._quizzes.get(paper.attempt.quiz_id), paper.member_id
            if quiz is not None and member_id is not None:
                asked.setdefault(quiz.lesson_id, set()).add(member_id)
        return {lesson_id: self._tx.roster.among(lesson_id, members) for lesson_id, members in asked.items()}

    def _hand_ins(self, papers: Sequence[_Paper]) -> Collection[HandInKey]:
        """Of the papers that any of these quizzes is in, what was handed in before."""
        runs = {quiz.run_id for quiz in self._quizzes.values() if quiz.run_id is not None}
        members = {paper.member_id for paper in papers if paper.member_id is not None}
        return self._tx.papers.handed_in(runs, members) if runs and members else ()

    def look_up(self, papers: Sequence[_Paper], written: Mapping[AnswerKey, Answer]) -> None:
        """What stands in the record now: the answers just written, and those that the others gave before."""
        self._standing = dict(written)
        missing: dict[str, set[str]] = {}
        for paper in papers:
            quiz_id, member_id = key = paper.attempt.quiz_id, paper.member_id or ""
            if key not in written:
                missing.setdefault(quiz_id, set()).add(member_id)
        for quiz_id, members in missing.items():
            self._standing |= {answer.key: answer for answer in self._tx.quizzes.given(quiz_id, members)}

    def change(self, written: Mapping[AnswerKey, Answer], later: Sequence[Answer]) -> Mapping[AnswerKey, Answer]:
        """Where the last answer counts: what stands of those who answer again. No two change one at a time."""
        later = [each for each in later if self._quizzes[each.quiz_id].keep is Keep.LAST]
        again: dict[str, set[str]] = {}
        for each in later:
            again.setdefault(each.quiz_id, set()).add(each.member_id)
        before = dict(written)
        for quiz_id, members in sorted(again.items()):
            before |= {answer.key: answer for answer in self._tx.quizzes.given(quiz_id, members, lock=True)}
        standing = dict(before)
        for each in later:
            if each.key in standing:
                rolling = self._quizzes[each.quiz_id].run_id is not None
                standing[each.key] = after(standing[each.key], each, rolling=rolling)
        self._tx.quizzes.change([answer for key, answer in standing.items() if answer is not before[key]])
        return standing

    def decide(self, paper: _Paper) -> Answer | Refusal:
        """What is to be written for it, if nothing was before."""
        try:
            return self._decide(paper)
        except Refusal as refusal:
            return refusal

    def _decide(self, paper: _Paper) -> Answer:
        principal, attempt = paper.principal, paper.attempt
        quiz = self._found(paper)
        received_at = paper.deadlines.received_at(quiz, attempt.arrival)
        check_in_time(quiz, received_at)
        if (quiz.run_id, paper.member_id, quiz.round) in self._handed_in:
            raise Refusal("paper_handed_in")
        choice = choice_of(quiz, attempt.choice)
        marks = marks_of(quiz, choice)
        assert paper.member_id is not None
        return Answer(
            quiz_id=quiz.id,
            member_id=paper.member_id,
            command_id=attempt.command_id,
            choice=choice,
            right=is_whole(marks),
            received_at=received_at,
            account_id=principal.account_id,
            channel=attempt.channel,
            marks=marks,
            round=quiz.round,
            reason=attempt.helped.reason if attempt.helped else "",
            nth=attempt.nth,
        )

    def _found(self, paper: _Paper) -> Quiz:
        """Whoever is on the roster may answer; who may not even know the lesson learns of no quiz."""
        principal, attempt = paper.principal, paper.attempt
        quiz = self._quizzes.get(attempt.quiz_id)
        if quiz is None or attempt.lesson_id not in {None, quiz.lesson_id}:
            raise Refusal("quiz_not_found", attempt.quiz_id)
        if attempt.helped is not None:
            check_may_help(self._tx, principal, quiz, attempt.helped.member_id, attempt.arrival.at)
            return quiz
        if principal.member_id in self._expected.get(quiz.lesson_id, ()):
            return quiz
        try:
            allowed_target(self._tx, principal, Action.READ, quiz.lesson_id, attempt.arrival.at)
        except Refusal:
            raise Refusal("quiz_not_found", attempt.quiz_id) from None
        raise Refusal("not_on_roster")

    def verdict(self, paper: _Paper, decided: Answer | Refusal) -> AnswerView | Refusal:
        """The answer that this command made, also when a later one stands; else why not."""
        attempt = paper.attempt
        refusal = decided if isinstance(decided, Refusal) else None
        if refusal is not None and refusal.code in _NOBODYS:
            return refusal
        stands = self._standing.get((attempt.quiz_id, paper.member_id or ""))
        if stands is None:
            return refusal or Refusal("command_reused", attempt.command_id)
        made = turn_of(stands, attempt.command_id)
        if made is None:
            return refusal or Refusal("already_answered")
        if not is_same(self._quizzes[stands.quiz_id], made.choice, attempt.choice):
            return Refusal("command_reused", attempt.command_id)
        return AnswerView(stands.quiz_id, made.choice, made.received_at, made.round, made.nth)
