"""Opinions and word clouds: staff look at what was written, and decide what everybody may see (不代替组织表决)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import events
from server.domain import opinions as rules
from server.domain.access import Action, LessonTarget, Principal
from server.domain.opinions import Ruled, Ruling, Saying
from server.domain.quiz import UNSCORED, Opinion, QuestionKind, Quiz
from server.domain.refusals import Refusal
from server.domain.wordlist import has_listed, listed_in
from server.services.commands import command, once
from server.services.finding import allowed_target, report_day
from server.services.house import House
from server.services.quiz_reports import units_of
from server.services.quizzes import quiz_target
from server.services.records import Records, Transaction
from server.services.rooms import tell

MOST_IN_A_FILE = 20_000
"""Of one quiz."""


@dataclass(frozen=True, slots=True)
class SayingView:
    """``id``: of the spelling that is shown here. ``listed``: what in it stands for a listed word."""

    id: str
    text: str
    count: int
    ruling: Ruling
    listed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpinionDesk:
    """``counts``: how many sayings, by ruling. ``items``: a page of those asked for, the most frequent first."""

    quiz_id: str
    kind: QuestionKind
    counts: dict[Ruling, int]
    items: tuple[SayingView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class OpinionsRuled:
    """``changed``: how many. It says none of the texts: what a command came to is kept."""

    quiz_id: str
    ruling: Ruling
    changed: int


_RULED = TypeAdapter(OpinionsRuled)


async def opinion_desk(
    records: Records, principal: Principal, quiz_id: str, *, ruling: Ruling, offset: int, limit: int, now: dt.datetime
) -> OpinionDesk:
    """What was written, alike as one, for whoever launches the lesson's quizzes.

    Raises ``quiz_not_found``, ``forbidden``, ``no_opinions``.
    """

    def load(tx: Transaction) -> OpinionDesk:
        quiz, target = _opinion_target(tx, principal, quiz_id, now, lock=False)
        found, words = sayings_of(tx, quiz.id), tx.words.of(target.unit_line)
        meant = [one for one in found if one.ruling is ruling]
        items = tuple(_view(one, words) for one in meant[offset : offset + limit])
        counts = {each: sum(1 for one in found if one.ruling is each) for each in Ruling}
        more = str(offset + limit) if len(meant) > offset + limit else None
        return OpinionDesk(quiz.id, quiz.kind, counts, items, more)

    return await records.read(load)


def sayings_of(tx: Transaction, quiz_id: str) -> tuple[Saying, ...]:
    return rules.sayings(tx.quizzes.counted(quiz_id), tx.opinions.ruled(quiz_id))


def _view(one: Saying, words: Sequence[str]) -> SayingView:
    return SayingView(one.id, one.text, one.count, one.ruling, listed_in(one.text, words))


@dataclass(frozen=True, slots=True)
class Approved:
    """Of one quiz, everything that was approved."""

    number: int
    text: str
    opinions: tuple[Opinion, ...]


async def approved_opinions(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[Approved, ...]:
    """For the report's file: of closed quizzes, as far as the report goes. Raises as the report."""

    def load(tx: Transaction) -> tuple[Approved, ...]:
        target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
        units_of(principal, target, tx.units.tree(), report_day(tx, target.lesson))
        asked = [quiz for quiz, _ in tx.quizzes.of(lesson_id) if quiz.closed and quiz.kind in UNSCORED]
        return tuple(
            Approved(one.number, one.text, rules.shown(sayings_of(tx, one.id), MOST_IN_A_FILE)) for one in asked
        )

    return await records.read(load)


def _approved(tx: Transaction, quiz: Quiz) -> Approved:
    return Approved(quiz.number, quiz.text, rules.shown(sayings_of(tx, quiz.id), MOST_IN_A_FILE))


async def rule_opinions(
    house: House,
    principal: Principal,
    quiz_id: str,
    command_id: str,
    *,
    ids: Sequence[str],
    ruling: Ruling,
    now: dt.datetime,
) -> OpinionsRuled:
    """Approve, hide or take back (``waiting``), as often as wanted, also after closing. ``ids``: spellings as they were
    looked at; of several that are approved at once those with a listed word stay as they are.

    Raises ``quiz_not_found``, ``forbidden``, ``no_opinions``, ``command_reused``.
    """
    asked = command(principal, command_id, "rule_opinions", quiz_id=quiz_id, ids=list(ids), ruling=ruling)

    def work(tx: Transaction) -> tuple[str, OpinionsRuled]:
        quiz, target = _opinion_target(tx, principal, quiz_id, now, lock=True)
        rule = _ruler(tx, principal, quiz, target, ids=ids, ruling=ruling, now=now)
        return quiz.lesson_id, once(tx, asked, now, _RULED, rule)

    lesson_id, view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _ruler(
    tx: Transaction,
    principal: Principal,
    quiz: Quiz,
    target: LessonTarget,
    *,
    ids: Sequence[str],
    ruling: Ruling,
    now: dt.datetime,
) -> Callable[[], OpinionsRuled]:
    def rule() -> OpinionsRuled:
        words = tx.words.of(target.unit_line)
        answers, before = tx.quizzes.counted(quiz.id), tx.opinions.ruled(quiz.id)
        due = rules.due(answers, before, ids, ruling, lambda text: has_listed(text, words))
        if due:
            by = principal.account_id
            tx.opinions.rule([Ruled(quiz.id, one.key, one.id, ruling, by, now) for one in due])
            tx.opinions.retell(quiz.id)
            tx.events.append(quiz.lesson_id, [events.quiz_opinions(quiz)], now, by)
        return OpinionsRuled(quiz.id, ruling, len(due))

    return rule


def _opinion_target(
    tx: Transaction, principal: Principal, quiz_id: str, now: dt.datetime, *, lock: bool
) -> tuple[Quiz, LessonTarget]:
    quiz, target = quiz_target(tx, principal, quiz_id, now, Action.QUIZ, lock=lock)
    if quiz.kind not in UNSCORED:
        raise Refusal("no_opinions", quiz.kind)
    return quiz, target
