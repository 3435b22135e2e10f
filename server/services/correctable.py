"""Whose entries of the ledger somebody may correct (学时更正), so that only these show the button."""

from __future__ import annotations

import datetime as dt

from server.domain import access
from server.domain.access import Action, Principal
from server.domain.ledger import Entry, EntryKind, is_correcting
from server.domain.reconciliation import OF_VERDICTS
from server.domain.stewards import Care, cares
from server.services.finding import found, placed
from server.services.records import Transaction


def correctable_by(
    tx: Transaction, principal: Principal, entries: tuple[Entry, ...], now: dt.datetime
) -> frozenset[str]:
    """Which of the entries, of one member, the principal may correct, so that only these show the button."""
    places: dict[str, bool] = {}
    found_ids = set[str]()
    for entry in entries:
        if entry.member_id == principal.member_id or entry.kind == EntryKind.OUTSIDE:
            continue
        if is_correcting(entry.idempotency_key) or not stands(tx, entry):
            continue
        place = entry.lesson_id or entry.unit_id
        if place not in places:
            places[place] = _settles(tx, principal, entry, now)
        if places[place]:
            found_ids.add(entry.id)
    return frozenset(found_ids)


def stands(tx: Transaction, entry: Entry) -> bool:
    """Whether the verdict points at it, where one should: what a later review replaced is corrected no more."""
    if entry.kind not in OF_VERDICTS:
        return True
    known = tx.verdicts.get(entry.lesson_id or "", entry.member_id)
    return known is not None and known[0].entry_id == entry.id


def _settles(tx: Transaction, principal: Principal, entry: Entry, now: dt.datetime) -> bool:
    if entry.lesson_id is None:
        return Care.EDIT in cares(principal, tx.units.line(entry.unit_id, tx.calendar.day(now)))
    lesson = found(tx.lessons.get(entry.lesson_id))
    return access.decide(principal, Action.SETTLE, placed(tx, lesson, now, [principal])) is access.Verdict.ALLOWED
