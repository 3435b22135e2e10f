"""Outside credit as the faces see it: the objects of docs/protocol.md, same field names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.outside import OutsideCredit, OutsideState, Proof
from server.domain.stewards import Care
from server.services.outside_proofs import ProofView, cares_of, proof_view
from server.services.records import Transaction
from server.services.views import Named, PersonView


@dataclass(frozen=True, slots=True)
class OutsideEntryView:
    """A line of the ledger: ``hundredths`` as entered, below zero where a correction takes back."""

    id: str
    position: int
    hundredths: int
    reason: str
    by: PersonView
    at: dt.datetime
    hash: str


@dataclass(frozen=True, slots=True)
class OutsideView:
    """``proof``: None without one, and for whom it is not. ``proof_sha256`` stays when the file's time is over.

    ``may``: what the asker can do with it now: ``prove``, ``withdraw``, ``decide``, ``correct``.
    """

    id: str
    member: Named
    unit: Named
    title: str
    organiser: str
    held_on: dt.date
    hundredths: int
    state: OutsideState
    own: bool
    entered_by: PersonView
    entered_at: dt.datetime
    decided_by: PersonView | None
    decided_at: dt.datetime | None
    answer: str
    proof: ProofView | None
    proof_sha256: str | None
    entries: tuple[OutsideEntryView, ...]
    may: tuple[str, ...]


def outside_views(
    tx: Transaction, principal: Principal, listed: Sequence[OutsideCredit], now: dt.datetime
) -> tuple[OutsideView, ...]:
    if not listed:
        return ()
    members = tx.members.names({one.member_id for one in listed})
    units = tx.units.names({one.unit_id for one in listed}, tx.calendar.day(now))
    proofs = tx.outside.proofs({one.proof_id for one in listed if one.proof_id})
    sharers = tx.outside.sharers(set(proofs))
    made = tx.outside.entries({one.id for one in listed})
    lines = tx.ledger.named({entry.entry_id for entry in made})
    people = {one.entered_by for one in listed} | {one.decided_by for one in listed if one.decided_by}
    names = tx.accounts.names(people | {entry.by for entry in made})
    rights: dict[tuple[str, str], frozenset[Care]] = {}

    def person(account_id: str) -> PersonView:
        return PersonView(account_id, names[account_id])

    def entries(one: OutsideCredit) -> tuple[OutsideEntryView, ...]:
        pairs = ((entry, lines[entry.entry_id]) for entry in made if entry.outside_id == one.id)
        return tuple(
            OutsideEntryView(
                line.id,
                line.position,
                line.hundredths,
                entry.reason or line.reason,
                person(entry.by),
                line.at,
                line.hash,
            )
            for entry, line in sorted(pairs, key=lambda pair: pair[1].position)
        )

    def view(one: OutsideCredit) -> OutsideView:
        whose = (one.unit_id, one.member_id)
        if whose not in rights:
            rights[whose] = cares_of(tx, principal, one, now)
        cared = Care.CREDIT in rights[whose]
        proof = proofs.get(one.proof_id or "")
        return OutsideView(
            id=one.id,
            member=Named(one.member_id, members[one.member_id]),
            unit=Named(one.unit_id, units[one.unit_id]),
            title=one.title,
            organiser=one.organiser,
            held_on=one.held_on,
            hundredths=one.hundredths,
            state=one.state,
            own=one.member_id == principal.member_id,
            entered_by=person(one.entered_by),
            entered_at=one.entered_at,
            decided_by=person(one.decided_by) if one.decided_by else None,
            decided_at=one.decided_at,
            answer=one.answer,
            proof=_proof(proof, principal, sharers, one, cared=cared),
            proof_sha256=one.proof_sha256,
            entries=entries(one),
            may=_may(one, principal, cared=cared),
        )

    return tuple(view(one) for one in listed)


def _proof(
    proof: Proof | None, principal: Principal, sharers: dict[str, int], one: OutsideCredit, *, cared: bool
) -> ProofView | None:
    if proof is None:
        return None
    shared = sharers.get(proof.id, 0) > 1
    theirs = one.member_id == principal.member_id and not shared
    if not (cared or theirs or proof.account_id == principal.account_id):
        return None
    return proof_view(proof, shared=shared)


def _may(one: OutsideCredit, principal: Principal, *, cared: bool) -> tuple[str, ...]:
    own = one.member_id == principal.member_id
    if one.state is OutsideState.ASKED:
        entered = own or one.entered_by == principal.account_id
        prove = ("prove",) if entered or cared else ()
        return (*prove, *(("withdraw",) if entered else ()), *(("decide",) if cared and not own else ()))
    return ("correct",) if one.state is OutsideState.CONFIRMED and cared and not own else ()
