"""Re-markings (改判) as they are seen: what it would change, and what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.lessons import Lesson
from server.domain.quiz import QuestionKind
from server.domain.remarking import Change, CreditEffect, Remark
from server.domain.scoring import Key
from server.services.records import Transaction
from server.services.views import Named, OptionView

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class KeyView:
    """``correct``: option ids, of an ordering in the right order. ``blanks``: of each what is accepted there."""

    correct: tuple[str, ...]
    blanks: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Marks in hundredths of the question. ``credit``: what becomes of it in a settled lesson."""

    member: Named
    unit: Named
    before: int
    after: int
    credit: CreditEffect | None


@dataclass(frozen=True, slots=True)
class RemarkPreview:
    """``after``: how often it was marked again before; goes into the command. ``made_up``: whose failed attempts at a
    make-up study pass by the right key. ``people``: the first of ``changed``.
    """

    quiz_id: str
    after: int
    answers: int
    changed: int
    raised: int
    granted: int
    kept: int
    made_up: int
    settled: bool
    people: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class RemarkView:
    id: str
    quiz_id: str
    number: int
    former: KeyView
    key: KeyView
    reason: str
    by: Named
    at: dt.datetime
    changed: int
    raised: int
    granted: int
    kept: int
    made_up: int


@dataclass(frozen=True, slots=True)
class RemarkSheet:
    """A closed quiz, its key of now, and every re-marking, the first one first."""

    quiz_id: str
    number: int
    kind: QuestionKind
    text: str
    options: tuple[OptionView, ...]
    key: KeyView
    items: tuple[RemarkView, ...]


def people_of(tx: Transaction, lesson: Lesson, changes: Sequence[Change], now: dt.datetime) -> tuple[ChangeView, ...]:
    ids = [each.member_id for each in changes]
    names, units = tx.members.names(ids), tx.roster.units(lesson.id, ids)
    of_units = tx.units.names(set(units.values()), tx.calendar.day(now))

    def one(each: Change) -> ChangeView:
        unit_id = units.get(each.member_id, "")
        unit = Named(unit_id, of_units.get(unit_id, ""))
        return ChangeView(Named(each.member_id, names[each.member_id]), unit, each.before, each.after, each.credit)

    return tuple(one(each) for each in changes)


def remark_views(tx: Transaction, remarks: Sequence[Remark]) -> tuple[RemarkView, ...]:
    names = tx.accounts.names({each.by for each in remarks}) if remarks else {}
    return tuple(
        RemarkView(
            id=each.id,
            quiz_id=each.quiz_id,
            number=each.number,
            former=key_view(each.former),
            key=key_view(each.key),
            reason=each.reason,
            by=Named(each.by, names.get(each.by, "")),
            at=each.at,
            changed=each.changed,
            raised=each.raised,
            granted=each.granted,
            kept=each.kept,
            made_up=each.made_up,
        )
        for each in remarks
    )


def key_view(key: Key) -> KeyView:
    return KeyView(key.chosen, key.blanks)
