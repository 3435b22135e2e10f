"""Whose entries of the ledger somebody may correct (学时更正), so that only these show the button."""

from __future__ import annotations

import datetime as dt

from server.domain import access
from server.domain.access import Action, Principal
from server.domain.ledger import Entry, EntryKind, is_correcting
from server.domain.stewards import Care, cares
from server.services.finding import found, placed
from server.services.records import Transaction


def correctable_by(
    tx: Transaction, principal: Principal, entries: tuple[Entry, ...], now: dt.datetime
) -> frozenset[str]:
    """Which of the entries, of one member, the principal may correct, so that only these show the button."""
    settles: dict[str | None, bool] = {}
    found_ids = set[str]()
    for entry in entries:
        if entry.member_id == principal.member_id or entry.kind == EntryKind.OUTSIDE:
            continue
        if is_correcting(entry.idempotency_key):
            continue
        if entry.lesson_id not in settles:
            settles[entry.lesson_id] = _settles(tx, principal, entry, now)
        if settles[entry.lesson_id]:
            found_ids.add(entry.id)
    return frozenset(found_ids)


def _settles(tx: Transaction, principal: Principal, entry: Entry, now: dt.datetime) -> bool:
    if entry.lesson_id is None:
        return Care.EDIT in cares(principal, tx.units.line(entry.unit_id, tx.calendar.day(now)))
    lesson = found(tx.lessons.get(entry.lesson_id))
    return access.decide(principal, Action.SETTLE, placed(tx, lesson, now, [principal])) is access.Verdict.ALLOWED
