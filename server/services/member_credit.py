"""A member's year of credit, and what stands behind an entry, for who looks after the member."""

from __future__ import annotations

import datetime as dt

from server.domain.access import Principal
from server.domain.ledger import balance
from server.domain.refusals import Refusal
from server.domain.stewards import Care, require_care
from server.services.correctable import correctable_by
from server.services.credit_views import CreditView, VerdictView, entry_views, verdict_views
from server.services.finding import found
from server.services.records import Records, Transaction


def require_member(tx: Transaction, principal: Principal, member_id: str, now: dt.datetime) -> None:
    """That the principal looks after the member's unit of today. Raises ``forbidden``, ``member_not_found``."""
    today = tx.calendar.day(now)
    file = tx.members.files([member_id]).get(member_id)
    if file is None:
        raise Refusal("member_not_found", member_id)
    require_care(principal, Care.SEE, tx.units.line(file.home(today), today), "member_not_found")


async def member_credit(
    records: Records, principal: Principal, member_id: str, year: int | None, now: dt.datetime
) -> CreditView:
    """The member's entries of a civil year (the present one), newest first, as the member sees them.

    Raises ``forbidden``, ``member_not_found``.
    """

    def load(tx: Transaction) -> CreditView:
        require_member(tx, principal, member_id, now)
        asked = tx.calendar.day(now).year if year is None else year
        entries = tx.ledger.of_member(member_id, *tx.calendar.year_bounds(asked))
        return CreditView(
            asked, balance(entries), entry_views(tx, entries, may_correct=correctable_by(tx, principal, entries, now))
        )

    return await records.read(load)


async def member_verdict(
    records: Records, principal: Principal, member_id: str, lesson_id: str, now: dt.datetime
) -> VerdictView:
    """The evidence of a settled lesson, whichever unit convened it: it stands behind the member's credit. What the
    member wrote for a review is for who decides it, and is not in it.

    Raises ``forbidden``, ``member_not_found``; of a lesson that has no verdict on the member ``lesson_not_found``.
    """

    def load(tx: Transaction) -> VerdictView:
        require_member(tx, principal, member_id, now)
        known = tx.verdicts.get(lesson_id, member_id)
        if known is None:
            raise Refusal("lesson_not_found", lesson_id)
        return verdict_views(tx, found(tx.lessons.get(lesson_id)), [known], reviews=False)[0]

    return await records.read(load)
