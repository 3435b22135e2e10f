"""Preparing a lesson's questions. Launched quizzes keep their own copy: nothing here changes what was asked."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain.access import Action, Principal, allowed, require
from server.domain.bank import SCORINGS, BankQuestion, Content, Version, checked, key_of
from server.domain.lessons import EDITABLE, ON_AIR, Lesson
from server.domain.question_pictures import Picture
from server.domain.quiz import CHOICES, MOST_PREPARED, Option, Question, QuestionKind
from server.domain.refusals import Refusal
from server.domain.scoring import Scoring
from server.services.bank import kept_question
from server.services.commands import command, once
from server.services.finding import found, placed
from server.services.picture_naming import named_picture
from server.services.records import Records, Transaction
from server.services.views import OptionView, QuestionView

_VIEW = TypeAdapter(QuestionView)
_VIEWS = TypeAdapter(tuple[QuestionView, ...])
_OPTION_ID_BYTES = 6  # they stand in two thousand answers: shorter than a UUID


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """``correct``: places in ``options``, from 0; the options of an ordering stand in the right order. ``blanks``: of
    each what is accepted there. ``scoring``: the number of the rule, None: the usual one of the kind.
    """

    kind: QuestionKind
    text: str
    options: tuple[str, ...] = ()
    correct: tuple[int, ...] = ()
    explanation: str = ""
    seconds: int = 60
    blanks: tuple[tuple[str, ...], ...] = ()
    scoring: Scoring | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """None: leave as it is. New ``options`` of choices need ``correct`` beside them. ``bare``: its picture goes."""

    kind: QuestionKind | None = None
    text: str | None = None
    options: tuple[str, ...] | None = None
    correct: tuple[int, ...] | None = None
    explanation: str | None = None
    seconds: int | None = None
    blanks: tuple[tuple[str, ...], ...] | None = None
    scoring: Scoring | None = None
    picture: Picture | None = None
    bare: bool = False


async def list_questions(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[QuestionView, ...]:
    """By position. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[QuestionView, ...]:
        prepared_lesson(tx, principal, lesson_id, now)
        return tuple(question_view(question) for question in tx.questions.of(lesson_id))

    return await records.read(load)


async def add_question(
    records: Records, principal: Principal, lesson_id: str, command_id: str, *, plan: QuestionPlan, now: dt.datetime
) -> QuestionView:
    """After the last one. Raises ``invalid_body``, ``picture_not_found``, ``not_editable`` when the lesson is over,
    ``command_reused``.
    """
    asked = command(principal, command_id, "add_question", lesson_id=lesson_id, **asdict(plan))

    def work(tx: Transaction) -> QuestionView:
        lesson = prepared_lesson(tx, principal, lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: _add(tx, principal, lesson, plan))

    return await records.write(work)


async def take_from_bank(
    records: Records,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    bank_ids: Sequence[str],
    now: dt.datetime,
) -> tuple[QuestionView, ...]:
    """Their newest versions become questions of the lesson, after the last one, in this order; each keeps which
    version it is. All of them or none.

    Raises ``bank_question_not_found``, ``bank_retired``, and as adding.
    """
    asked = command(principal, command_id, "take_from_bank", lesson_id=lesson_id, bank_ids=list(bank_ids))

    def do(tx: Transaction, lesson: Lesson) -> tuple[QuestionView, ...]:
        if len(set(bank_ids)) < len(bank_ids):
            raise Refusal("invalid_body", "bank_ids: each once")
        versions = [_newest(kept_question(tx, principal, bank_id, now)) for bank_id in bank_ids]
        taken = put_questions(tx, lesson, versions)
        tx.bank.use([version.id for version in versions], now)
        return taken

    def work(tx: Transaction) -> tuple[QuestionView, ...]:
        lesson = prepared_lesson(tx, principal, lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEWS, lambda: do(tx, lesson))

    return await records.write(work)


def put_questions(tx: Transaction, lesson: Lesson, versions: Sequence[Version]) -> tuple[QuestionView, ...]:
    """These versions of the bank after the lesson's last question, in this order; what may be taken is checked before.

    ``lesson``: locked, by :func:`prepared_lesson`. Raises ``not_editable``, ``invalid_body``.
    """
    _check_not_over(lesson)
    present = tx.questions.of(lesson.id)
    if len(present) + len(versions) > MOST_PREPARED:
        raise Refusal("invalid_body", f"{MOST_PREPARED} questions at most")
    first = 1 + max((each.position for each in present), default=0)
    taken = [_of_version(lesson.id, first + at, version) for at, version in enumerate(versions)]
    for question in taken:
        tx.questions.add(question)
    return tuple(question_view(question) for question in taken)


def _newest(kept: BankQuestion) -> Version:
    if kept.retired_at is not None:
        raise Refusal("bank_retired", kept.id)
    return kept.latest


def _of_version(lesson_id: str, position: int, version: Version) -> Question:
    return replace(_question_of(lesson_id, position, version.content), bank_version_id=version.id)


def _add(tx: Transaction, principal: Principal, lesson: Lesson, plan: QuestionPlan) -> QuestionView:
    _check_not_over(lesson)
    present = tx.questions.of(lesson.id)
    if len(present) >= MOST_PREPARED:
        raise Refusal("invalid_body", f"{MOST_PREPARED} questions at most")
    pictured = replace(plan, picture=named_picture(tx, principal, plan.picture))
    question = prepared(lesson.id, 1 + max((each.position for each in present), default=0), pictured)
    tx.questions.add(question)
    return question_view(question)


def prepared(lesson_id: str, position: int, plan: QuestionPlan) -> Question:
    """Raises ``invalid_body``."""
    content = Content(
        kind=plan.kind,
        text=plan.text,
        options=plan.options,
        correct=plan.correct,
        blanks=plan.blanks,
        scoring=SCORINGS[plan.kind][0] if plan.scoring is None else plan.scoring,
        explanation=plan.explanation,
        seconds=plan.seconds,
        picture=plan.picture,
    )
    return _question_of(lesson_id, position, checked(content))


def _question_of(lesson_id: str, position: int, content: Content) -> Question:
    ids = [secrets.token_hex(_OPTION_ID_BYTES) for _ in content.options]
    key = key_of(content, ids)
    options = [Option(own, text) for own, text in zip(ids, content.options, strict=True)]
    if content.kind is QuestionKind.ORDERING:
        options.sort(key=lambda option: option.id)
        if options[0].id == ids[0]:  # not as it should be
            options.append(options.pop(0))
    return Question(
        id=str(uuid4()),
        lesson_id=lesson_id,
        position=position,
        kind=content.kind,
        text=content.text,
        options=tuple(options),
        correct=key.chosen,
        explanation=content.explanation,
        seconds=content.seconds,
        scoring=content.scoring,
        blanks=content.blanks,
        picture=content.picture,
    )


def plan_of(question: Question) -> QuestionPlan:
    """What it was made from."""
    ids = question.correct if question.kind is QuestionKind.ORDERING else [each.id for each in question.options]
    texts = {each.id: each.text for each in question.options}
    places = [] if question.kind is QuestionKind.ORDERING else [ids.index(each) for each in question.correct]
    return QuestionPlan(
        kind=question.kind,
        text=question.text,
        options=tuple(texts[each] for each in ids),
        correct=tuple(places),
        explanation=question.explanation,
        seconds=question.seconds,
        blanks=question.blanks,
        scoring=question.scoring,
        picture=question.picture,
    )


async def change_question(
    records: Records,
    principal: Principal,
    question_id: str,
    change: QuestionChange,
    *,
    version: int,
    command_id: str | None = None,
    now: dt.datetime,
) -> QuestionView:
    """Raises ``question_not_found``, ``precondition_failed``, and as adding."""

    def work(tx: Transaction) -> QuestionView:
        question = _locked(tx, principal, question_id, now)
        if command_id is None:
            return _change(tx, principal, question, change, version=version)
        said = {"question_id": question_id, "version": version, **asdict(change)}
        asked = command(principal, command_id, "change_question", **said)
        return once(tx, asked, now, _VIEW, lambda: _change(tx, principal, question, change, version=version))

    return await records.write(work)


def _change(
    tx: Transaction, principal: Principal, question: Question, change: QuestionChange, *, version: int
) -> QuestionView:
    _check_version(question, version)
    known = replace(change, picture=named_picture(tx, principal, change.picture, question.picture))
    changed = _applied(question, known)
    tx.questions.save(changed)
    return question_view(changed)


def _applied(question: Question, change: QuestionChange) -> Question:
    """An edit of anything but its time makes it no version of the bank any more. The options keep their ids while they
    are the same.
    """
    if change.options is not None and change.correct is None and (change.kind or question.kind) in CHOICES:
        raise Refusal("invalid_body", "correct: must come with new options")
    said = {each.name: getattr(change, each.name) for each in fields(QuestionPlan)}
    new = {name: value for name, value in said.items() if value is not None}
    other_kind = change.kind not in {None, question.kind}
    plan = replace(plan_of(question), **new)
    if change.bare:
        plan = replace(plan, picture=None)
    if other_kind and change.scoring is None:
        plan = replace(plan, scoring=None)
    made = prepared(question.lesson_id, question.position, plan)
    if [each.text for each in made.options] == [each.text for each in question.options]:
        known = {each.id: old.id for each, old in zip(made.options, question.options, strict=True)}
        made = replace(made, options=question.options, correct=tuple(known[each] for each in made.correct))
    return replace(
        made,
        id=question.id,
        version=question.version + 1,
        bank_version_id=question.bank_version_id if change == QuestionChange(seconds=change.seconds) else None,
    )


async def remove_question(
    records: Records, principal: Principal, question_id: str, *, version: int, now: dt.datetime
) -> None:
    """Raises ``question_not_found``, ``precondition_failed``, ``not_editable``, ``forbidden``."""

    def work(tx: Transaction) -> None:
        question = _locked(tx, principal, question_id, now)
        _check_version(question, version)
        tx.questions.remove(question_id)

    await records.write(work)


def _locked(tx: Transaction, principal: Principal, question_id: str, now: dt.datetime) -> Question:
    """The question, its lesson's row locked."""
    _, lesson = _with_lesson(tx, principal, question_id, now, lock=True)
    again = tx.questions.get(question_id)  # it may have been changed while we waited for the lock
    if again is None:
        raise Refusal("question_not_found", question_id)
    _check_not_over(lesson)
    return again


def seen_question(tx: Transaction, principal: Principal, question_id: str, now: dt.datetime) -> Question:
    """For whoever may launch it, or plan its lesson. Raises ``question_not_found``, ``forbidden``."""
    return _with_lesson(tx, principal, question_id, now, lock=False)[0]


def _with_lesson(
    tx: Transaction, principal: Principal, question_id: str, now: dt.datetime, *, lock: bool
) -> tuple[Question, Lesson]:
    """Whoever may not know the lesson learns of no question."""
    question = tx.questions.get(question_id)
    if question is None:
        raise Refusal("question_not_found", question_id)
    try:
        return question, prepared_lesson(tx, principal, question.lesson_id, now, lock=lock)
    except Refusal as refusal:
        raise Refusal("question_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None


def prepared_lesson(
    tx: Transaction, principal: Principal, lesson_id: str, now: dt.datetime, *, lock: bool = False
) -> Lesson:
    """For whoever may launch its quizzes, or plan it. Raises ``lesson_not_found``, ``forbidden``."""
    lesson = found(tx.lessons.lock(lesson_id) if lock else tx.lessons.get(lesson_id))
    target = placed(tx, lesson, now, [principal])
    require(principal, Action.EDIT if Action.EDIT in allowed(principal, target) else Action.QUIZ, target)
    return target.lesson


def _check_not_over(lesson: Lesson) -> None:
    if lesson.state not in EDITABLE | ON_AIR:
        raise Refusal("not_editable", lesson.state)


def _check_version(question: Question, version: int) -> None:
    if question.version != version:
        raise Refusal("precondition_failed", f"{version}, now {question.version}")


def question_view(question: Question) -> QuestionView:
    return QuestionView(
        id=question.id,
        position=question.position,
        kind=question.kind,
        text=question.text,
        options=tuple(OptionView(option.id, option.text) for option in question.options),
        correct=question.correct,
        explanation=question.explanation,
        seconds=question.seconds,
        version=question.version,
        from_bank=question.bank_version_id is not None,
        scoring=question.scoring,
        blanks=question.blanks,
        picture=question.picture,
    )
