"""协助作答 afterwards: which answers somebody else put in, for whom, by whom and why; for those who vouch for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Action, Principal
from server.services.finding import allowed_target, report_day
from server.services.quiz_reports import units_of
from server.services.records import Records, Transaction
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class HelpedView:
    """``by``: who put it in. What was answered does not stand in it."""

    quiz_id: str
    number: int
    text: str
    member: Named
    unit: Named
    by: Named
    at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class HelpedAnswers:
    """The newest first."""

    items: tuple[HelpedView, ...]
    next_cursor: str | None


async def helped_answers(
    records: Records, principal: Principal, lesson_id: str, *, offset: int, limit: int, now: dt.datetime
) -> HelpedAnswers:
    """Of the answers that stand, narrowed as the reports on quizzes are: a secretary's own units, who runs or audits
    the lesson all. One that its member changed since is the member's own.

    Raises ``lesson_not_found``, ``forbidden`` (also for operators of a room).
    """

    def load(tx: Transaction) -> HelpedAnswers:
        target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
        tree, on = tx.units.tree(), report_day(tx, target.lesson)
        found = tx.quiz_reports.helped(lesson_id, units_of(principal, target, tree, on), offset, limit + 1)
        by = tx.accounts.names({one.account_id for one in found[:limit]})
        items = tuple(
            HelpedView(
                quiz_id=one.quiz_id,
                number=one.number,
                text=one.text,
                member=Named(one.member_id, one.name),
                unit=Named(one.unit_id, tree.name(one.unit_id, on)),
                by=Named(one.account_id, by.get(one.account_id, "")),
                at=one.received_at,
                reason=one.reason,
            )
            for one in found[:limit]
        )
        return HelpedAnswers(items, str(offset + limit) if len(found) > limit else None)

    return await records.read(load)
