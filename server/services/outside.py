"""Outside credit (校外学时): entered, proved, withdrawn, decided, corrected, seen. See :mod:`server.domain.outside`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import outside as rules
from server.domain.access import Principal
from server.domain.outside import OutsideCredit, OutsideEntry, OutsideState, Proof
from server.domain.refusals import Refusal
from server.domain.stewards import Care, held, require_care
from server.services.commands import Command, command, once
from server.services.finding import MOST_LISTED, cursor_of, read_cursor
from server.services.outside_proofs import cares_of, check_looks_after, check_may_enter, own_proof
from server.services.outside_views import OutsideView, outside_views
from server.services.records import Records, Transaction
from server.services.settling_entries import enter_alone, text_of
from server.services.views import Page


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of something learned elsewhere. ``hundredths`` of 学时."""

    title: str
    organiser: str
    held_on: dt.date
    hundredths: int


@dataclass(frozen=True, slots=True)
class Decided:
    items: tuple[OutsideView, ...]


_VIEW = TypeAdapter(OutsideView)
_DECIDED = TypeAdapter(Decided)


# ---- seeing ----------------------------------------------------------------------------------------------


async def own_outside(
    records: Records, principal: Principal, year: int | None, now: dt.datetime
) -> tuple[OutsideView, ...]:
    """The caller's own of a year, the newest day first; nothing for who is no member."""

    def load(tx: Transaction) -> tuple[OutsideView, ...]:
        if principal.member_id is None:
            return ()
        wanted = tx.calendar.day(now).year if year is None else year
        since, until = dt.date(wanted, 1, 1), dt.date(wanted + 1, 1, 1)
        return outside_views(tx, principal, tx.outside.of_member(principal.member_id, since, until), now)

    return await records.read(load)


async def list_outside(
    records: Records,
    principal: Principal,
    *,
    unit_id: str | None = None,
    state: OutsideState | None = None,
    year: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[OutsideView]:
    """Of the members whom the principal looks after, newest first. Raises ``forbidden``, ``unit_not_found``."""
    roots, before, wanted = held(principal), read_cursor(cursor), max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[OutsideView]:
        tree, today = tx.units.tree(), tx.calendar.day(now)
        units = frozenset[str]().union(*(tree.subtree(root, today) for root in roots))
        if unit_id is not None:
            if unit_id not in units:
                raise Refusal("unit_not_found", unit_id)
            units &= tree.subtree(unit_id, today)
        found = tx.outside.listed(sorted(units), today, state=state, year=year, before=before, limit=wanted + 1)
        shown = outside_views(tx, principal, found[:wanted], now)
        more = len(found) > wanted
        return Page(shown, cursor_of(shown[-1].entered_at, shown[-1].id) if more else None)

    return await records.read(load)


# ---- entering --------------------------------------------------------------------------------------------


async def enter_outside(
    records: Records,
    principal: Principal,
    command_id: str,
    *,
    said: Said,
    proof_id: str | None,
    member_id: str | None = None,
    now: dt.datetime,
) -> OutsideView:
    """One's own, or ``member_id``'s by who looks after that member. It waits for its confirmation.

    Raises ``forbidden``, ``member_not_found``, ``proof_not_found``, ``outside_day_wrong``, ``outside_twice``,
    ``outside_too_many``, ``command_reused``.
    """
    check_may_enter(principal)
    whose = principal.member_id if member_id is None else member_id
    facts = {"title": said.title, "organiser": said.organiser, "held_on": str(said.held_on), "h": said.hundredths}
    asked = command(principal, command_id, "enter_outside", member_id=whose, proof_id=proof_id, **facts)

    def work(tx: Transaction) -> OutsideView:
        unit_id = _unit_of(tx, principal, whose, now)
        proof = own_proof(tx, principal, proof_id) if proof_id else None
        return once(tx, asked, now, _VIEW, lambda: do(tx, unit_id, proof))

    def do(tx: Transaction, unit_id: str, proof: Proof | None) -> OutsideView:
        rules.check_day(said.held_on, tx.calendar.day(now))
        made = made_of(principal, str(whose), unit_id, said, proof, now=now)
        if tx.outside.waiting([made.member_id]).get(made.member_id, 0) >= rules.MOST_WAITING:
            raise Refusal("outside_too_many", made.member_id)
        if not tx.outside.add(made):
            raise Refusal("outside_twice", made.title)
        return outside_views(tx, principal, [made], now)[0]

    return await records.write(work)


def made_of(
    principal: Principal, member_id: str, unit_id: str, said: Said, proof: Proof | None, *, now: dt.datetime
) -> OutsideCredit:
    return OutsideCredit(
        id=str(uuid.uuid4()),
        member_id=member_id,
        unit_id=unit_id,
        title=said.title,
        organiser=said.organiser,
        held_on=said.held_on,
        hundredths=said.hundredths,
        entered_by=principal.account_id,
        entered_at=now,
        proof_id=proof.id if proof else None,
        proof_sha256=proof.sha256 if proof else None,
    )


def _unit_of(tx: Transaction, principal: Principal, member_id: str | None, now: dt.datetime) -> str:
    """The member's of today."""
    today = tx.calendar.day(now)
    person = tx.members.found([member_id], today).get(member_id) if member_id else None
    if person is None:
        raise Refusal("member_not_found", str(member_id))
    if member_id != principal.member_id:
        require_care(principal, Care.CREDIT, tx.units.line(person.unit_id, today), "member_not_found")
    return person.unit_id


# ---- changing --------------------------------------------------------------------------------------------


async def prove_outside(
    records: Records, principal: Principal, outside_id: str, command_id: str, *, proof_id: str, now: dt.datetime
) -> OutsideView:
    """A proof, or another one, before it is decided: by the member, who entered it, or who looks after the member.

    Raises ``outside_not_found``, ``proof_not_found``, ``outside_decided``, ``command_reused``.
    """
    asked = command(principal, command_id, "prove_outside", id=outside_id, proof_id=proof_id)

    def change(tx: Transaction) -> OutsideCredit:
        one, cared = _seen(tx, principal, outside_id, now)
        if not (cared or _entered(principal, one)):
            raise Refusal("forbidden", outside_id)
        return rules.with_proof(one, own_proof(tx, principal, proof_id))

    return await _change(records, principal, asked, change, now)


async def withdraw_outside(
    records: Records, principal: Principal, outside_id: str, command_id: str, now: dt.datetime
) -> OutsideView:
    """By the member or who entered it. Raises ``outside_not_found``, ``forbidden``, ``outside_decided``."""
    asked = command(principal, command_id, "withdraw_outside", id=outside_id)

    def change(tx: Transaction) -> OutsideCredit:
        one, _ = _seen(tx, principal, outside_id, now)
        if not _entered(principal, one):
            raise Refusal("forbidden", outside_id)
        return rules.withdraw(one, principal.account_id, now)

    return await _change(records, principal, asked, change, now)


async def decide_outside(
    records: Records,
    principal: Principal,
    command_id: str,
    *,
    outside_ids: Sequence[str],
    confirm: bool,
    answer: str,
    seen: Mapping[str, str] | None = None,
    now: dt.datetime,
) -> Decided:
    """All of them or none; never one's own. What is confirmed is in the ledger when this returns. ``seen``: by id the
    digest of the proof that was looked at, so that another one that came meanwhile is not confirmed unseen.

    Raises ``outside_not_found``, ``forbidden``, ``outside_own``, ``outside_decided``, ``outside_no_proof``,
    ``outside_changed``, ``outside_no_reason``, ``command_reused``.
    """
    check_looks_after(principal)
    wanted, looked_at = sorted(set(outside_ids)), dict(seen or {})
    body = {"ids": wanted, "confirm": confirm, "answer": answer} | ({"seen": looked_at} if looked_at else {})
    asked = command(principal, command_id, "decide_outside", **body)

    def work(tx: Transaction) -> Decided:
        found = [_cared(tx, principal, outside_id, now) for outside_id in wanted]
        return once(tx, asked, now, _DECIDED, lambda: do(tx, found))

    def do(tx: Transaction, found: Sequence[OutsideCredit]) -> Decided:
        by = principal.account_id
        decided = [
            rules.decide(one, confirm=confirm, answer=answer, by=by, now=now, seen=looked_at.get(one.id))
            for one in found
        ]
        for one in decided:
            tx.outside.save(one)
            if confirm:
                _enter(tx, one, before=0, by=by, reason=answer, now=now)
        return Decided(outside_views(tx, principal, decided, now))

    return await records.write(work)


async def correct_outside(
    records: Records,
    principal: Principal,
    outside_id: str,
    command_id: str,
    *,
    hundredths: int,
    reason: str,
    now: dt.datetime,
) -> OutsideView:
    """What was confirmed becomes another number by an entry more; 0 takes all of it back. Never one's own.

    Raises ``outside_not_found``, ``forbidden``, ``outside_own``, ``outside_not_confirmed``, ``outside_same``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "correct_outside", id=outside_id, hundredths=hundredths, reason=reason)

    def change(tx: Transaction) -> OutsideCredit:
        before = _cared(tx, principal, outside_id, now)
        after = rules.correct(before, hundredths)
        _enter(tx, after, before=before.hundredths, by=principal.account_id, reason=reason, now=now)
        return after

    return await _change(records, principal, asked, change, now)


async def _change(
    records: Records,
    principal: Principal,
    asked: Command,
    change: Callable[[Transaction], OutsideCredit],
    now: dt.datetime,
) -> OutsideView:
    def work(tx: Transaction) -> OutsideView:
        def do() -> OutsideView:
            after = change(tx)
            tx.outside.save(after)
            return outside_views(tx, principal, [after], now)[0]

        return once(tx, asked, now, _VIEW, do)

    return await records.write(work)


def _enter(tx: Transaction, one: OutsideCredit, *, before: int, by: str, reason: str, now: dt.datetime) -> None:
    """Into the ledger: without words of people, and with the proof's digest. Why stands beside it."""
    facts = {"outside_id": one.id, "held_on": one.held_on.isoformat(), "proof_sha256": one.proof_sha256}
    award = rules.award_of(one, before=before, evidence=text_of(facts), actor=by)
    entry = enter_alone(tx, award, now)
    counts_at = min(tx.calendar.begins(one.held_on), now)
    tx.outside.enter(OutsideEntry(entry.id, one.id, one.member_id, by, reason, counts_at, now))


def _seen(tx: Transaction, principal: Principal, outside_id: str, now: dt.datetime) -> tuple[OutsideCredit, bool]:
    """Its row locked, and whether the principal looks after the member. Raises ``outside_not_found``."""
    one = tx.outside.get(outside_id, lock=True)
    if one is None:
        raise Refusal("outside_not_found", outside_id)
    rights = cares_of(tx, principal, one, now)
    if Care.SEE not in rights and not _entered(principal, one):
        raise Refusal("outside_not_found", outside_id)
    return one, Care.CREDIT in rights


def _cared(tx: Transaction, principal: Principal, outside_id: str, now: dt.datetime) -> OutsideCredit:
    """Somebody else's. Raises ``outside_not_found``, ``forbidden``, ``outside_own``."""
    one, cared = _seen(tx, principal, outside_id, now)
    if one.member_id == principal.member_id:
        raise Refusal("outside_own", outside_id)
    if not cared:
        raise Refusal("forbidden", outside_id)
    return one


def _entered(principal: Principal, one: OutsideCredit) -> bool:
    return principal.account_id == one.entered_by or (
        principal.member_id is not None and principal.member_id == one.member_id
    )
