"""How a question of the bank did wherever it was asked, by version."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from server.domain import quiz_figures as rules
from server.domain.access import Principal
from server.domain.quiz_figures import Figures, Hint, Marked
from server.services.bank import kept_question
from server.services.quiz_reports import MOST_ANSWERS
from server.services.records import Records, Transaction

MOST_USES = 50
"""Of a question of the bank that are counted, the newest."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """``number``: of the version. ``uses``: quizzes in which it was asked."""

    number: int
    uses: int
    answered: int
    whole: int
    difficulty: int | None
    discrimination: int | None
    hint: Hint | None


@dataclass(frozen=True, slots=True)
class BankReport:
    """``total``: over all versions. ``more``: it was asked oftener than is counted."""

    total: VersionRow
    versions: tuple[VersionRow, ...]
    few: int
    least: int
    more: bool


async def bank_report(records: Records, principal: Principal, bank_id: str, now: dt.datetime) -> BankReport:
    """Everybody's answers, as sums: whoever keeps the question may know how it does.

    Raises ``bank_question_not_found``, ``forbidden``.
    """

    def used(tx: Transaction) -> tuple[tuple[int, str, str], ...]:
        return tx.quiz_reports.uses(kept_question(tx, principal, bank_id, now).id, MOST_USES + 1)

    uses = await records.read(used)
    counted, of_lesson = uses[:MOST_USES], dict[str, dict[str, Figures]]()
    for lesson_id in sorted({each for _, _, each in counted}):
        answers = await records.read(partial(_answers, lesson_id=lesson_id))
        of_lesson[lesson_id] = await asyncio.to_thread(rules.figures, answers)
    found = [(number, of_lesson[lesson_id].get(quiz_id, Figures())) for number, quiz_id, lesson_id in counted]
    more = len(uses) > MOST_USES
    versions = sorted({number for number, _ in found}, reverse=True)
    rows = tuple(_version(number, [one for each, one in found if each == number]) for number in versions)
    return BankReport(_version(0, [one for _, one in found]), rows, rules.FEW, rules.LEAST_TO_TELL, more)


def _answers(tx: Transaction, *, lesson_id: str) -> tuple[Marked, ...]:
    return tx.quiz_reports.answers(lesson_id, None, MOST_ANSWERS)


def _version(number: int, uses: Sequence[Figures]) -> VersionRow:
    one = rules.pooled(uses)
    return VersionRow(number, len(uses), one.answered, one.whole, one.difficulty, one.discrimination, one.hint)
