"""Correcting credit that was entered (学时更正): by who settles the lesson, never one's own; an entry more."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from pydantic import TypeAdapter

from server.domain import access
from server.domain.access import Action, Principal
from server.domain.entry_corrections import EntryCorrection, check_correctable, correct, verdict_after
from server.domain.ledger import Entry, EntryKind
from server.domain.reconciliation import OF_VERDICTS
from server.domain.refusals import Refusal
from server.domain.stewards import Care, require_care
from server.services.commands import command, once
from server.services.credit_views import CreditEntryView, entry_views
from server.services.finding import found, placed
from server.services.house import House
from server.services.letters import tell_corrected
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.settling_entries import enter_alone, text_of

_VIEW = TypeAdapter(CreditEntryView)


async def correct_entry(
    house: House,
    principal: Principal,
    entry_id: str,
    command_id: str,
    *,
    hundredths: int,
    seen: int,
    reason: str,
    now: dt.datetime,
) -> CreditEntryView:
    """What ``entry_id`` granted comes to ``hundredths`` from now on; 0 takes all of it back. The corrected entry.

    ``seen``: what it came to when the principal looked. Raises ``entry_not_found``, ``forbidden``, ``entry_own``,
    ``entry_of_outside``, ``entry_correcting``, ``entry_changed``, ``entry_same``, ``entry_corrections_full``,
    ``command_reused``.
    """
    body = {"hundredths": hundredths, "seen": seen, "reason": reason}
    asked = command(principal, command_id, "correct_entry", id=entry_id, **body)

    def work(tx: Transaction) -> CreditEntryView:
        entry = _reached(tx, principal, entry_id, now)

        def do() -> CreditEntryView:
            apply_correction(tx, principal.account_id, entry, after=hundredths, seen=seen, reason=reason, now=now)
            return entry_views(tx, [entry], may_correct={entry.id})[0]

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(work)
    if view.lesson is not None:
        await tell(house, view.lesson.id)
    return view


def _reached(tx: Transaction, principal: Principal, entry_id: str, now: dt.datetime) -> Entry:
    """A lesson's, its row locked, or a micro-video's. Raises ``entry_not_found``, ``forbidden``, ``entry_own``."""
    entry = tx.ledger.named([entry_id]).get(entry_id)
    if entry is None:
        raise Refusal("entry_not_found", entry_id)
    if entry.lesson_id is None:
        line = tx.units.line(entry.unit_id, tx.calendar.day(now))
        require_care(principal, Care.EDIT, line, "entry_not_found")
    else:
        lesson = found(tx.lessons.lock(entry.lesson_id))
        verdict = access.decide(principal, Action.SETTLE, placed(tx, lesson, now, [principal]))
        if verdict is access.Verdict.HIDDEN:
            raise Refusal("entry_not_found", entry_id)
        if verdict is access.Verdict.FORBIDDEN:
            raise Refusal("forbidden", f"correct {entry_id}")
    if entry.member_id == principal.member_id:
        raise Refusal("entry_own", entry_id)
    return entry


def apply_correction(
    tx: Transaction, actor: str, entry: Entry, *, after: int, seen: int, reason: str, now: dt.datetime
) -> Entry:
    """The correcting entry. Who may is asked before.

    Two corrections at once are two: the ledger's head is locked before anything is read.
    """
    check_correctable(entry)
    tx.ledger.lock()
    if after > seen:
        _check_not_granted_elsewhere(tx, entry)
    known = [each for each in tx.entry_corrections.about([entry.id]) if each.corrected_id == entry.id]
    facts = {"corrected_entry": entry.id, "before": seen, "after": after}
    award = correct(entry, known, after, seen=seen, evidence=text_of(facts), actor=actor)
    made = enter_alone(tx, award, now)
    if made.hundredths != award.hundredths or made.at != now:  # a note beside the ledger is gone: verify tells
        raise Refusal("entry_changed", made.id)
    correction = EntryCorrection(
        entry_id=made.id,
        corrected_id=entry.id,
        number=len(known) + 1,
        member_id=entry.member_id,
        before=seen,
        after=after,
        reason=reason,
        by=actor,
        counts_at=entry.at,
        at=now,
    )
    tx.entry_corrections.add(correction)
    tell_corrected(tx, correction)
    if entry.kind in OF_VERDICTS:
        _correct_verdict(tx, entry, after, now)
    elif entry.kind == EntryKind.MAKE_UP:
        _correct_make_up(tx, entry, after)
    return made


def _check_not_granted_elsewhere(tx: Transaction, entry: Entry) -> None:
    """A make-up or teaching that was taken back stays so when a review has granted the lesson since: it would be
    granted twice. Raises ``entry_changed``.
    """
    if entry.lesson_id is None or entry.kind in OF_VERDICTS:
        return
    known = tx.verdicts.get(entry.lesson_id, entry.member_id)
    granting = tx.ledger.named([known[0].entry_id]) if known and known[0].entry_id and known[0].hundredths else {}
    if any(each.position > entry.position for each in granting.values()):
        raise Refusal("entry_changed", entry.id)


def _correct_verdict(tx: Transaction, entry: Entry, after: int, now: dt.datetime) -> None:
    known = tx.verdicts.get(entry.lesson_id or "", entry.member_id)
    if known is None:
        raise Refusal("entry_changed", entry.id)
    tx.verdicts.save(entry.lesson_id or "", verdict_after(known[0], entry, after, now))


def _correct_make_up(tx: Transaction, entry: Entry, after: int) -> None:
    """So that a review grants what is left of the lesson's credit."""
    made_up = tx.make_ups.of(entry.lesson_id or "", entry.member_id)
    if made_up is not None:
        tx.make_ups.save(replace(made_up, hundredths=after))
