"""Proofs of outside credit (证明材料): a file comes, is looked at, waits to be named; who may see it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.outside import MOST_PROOF_BYTES, PROOF_STAYS, OutsideCredit, Proof, ProofKind, kind_of
from server.domain.refusals import Refusal
from server.domain.stewards import Care, cares
from server.services.commands import Command, command, once
from server.services.depot import Received
from server.services.house import House
from server.services.records import Transaction

MOST_LOOSE = 20
"""Of one account, that no credit names yet."""
_MOST_SHARED = 2000


@dataclass(frozen=True, slots=True)
class ProofView:
    """``sha256``: of the file, in hexadecimal. ``shared``: it is of several people, whom it names."""

    id: str
    name: str
    kind: ProofKind
    bytes: int
    sha256: str
    shared: bool


_VIEW = TypeAdapter(ProofView)


async def bring_proof(
    house: House,
    principal: Principal,
    command_id: str,
    *,
    name: str,
    chunks: AsyncIterator[bytes],
    now: dt.datetime,
) -> ProofView:
    """The file is on disk and in the record when this returns. A repeated command brings the first one.

    Raises ``forbidden`` for who has no credit and enters none, ``proofs_used``, ``file_too_large``,
    ``proof_type_wrong``, ``disk_full``, ``upload_broken``, ``storage_unavailable``, ``command_reused``.
    """
    asked = command(principal, command_id, "bring_proof", called=name)
    begun = await house.records.write(lambda tx: _begin(tx, principal, name, now))
    kept: ProofView | None = None
    try:
        arrived = await house.outside_proofs.receive(begun.id, chunks, MOST_PROOF_BYTES)
        kind = kind_of(arrived.head)
        kept = await house.records.write(lambda tx: _arrived(tx, replace(begun, kind=kind), asked, arrived, now))
    finally:
        if kept is None or kept.id != begun.id:
            await _forget(house, begun)
    return kept


def _begin(tx: Transaction, principal: Principal, name: str, now: dt.datetime) -> Proof:
    check_may_enter(principal)
    if tx.outside.loose(principal.account_id) >= MOST_LOOSE:
        raise Refusal("proofs_used", principal.account_id)
    begun = Proof(str(uuid.uuid4()), principal.account_id, name, ProofKind.PDF, 0, "", now)
    tx.outside.put_proof(begun)
    return begun


def check_may_enter(principal: Principal) -> None:
    """Members for themselves, who looks after some for these. Raises ``forbidden``."""
    if principal.member_id is None:
        check_looks_after(principal)


def check_looks_after(principal: Principal) -> None:
    """Somebody's credit, whoever that is. Raises ``forbidden``."""
    if not any(Care.CREDIT in cares(principal, [grant.unit_id]) for grant in principal.grants):
        raise Refusal("forbidden", "outside credit")


def _arrived(tx: Transaction, proof: Proof, asked: Command, arrived: Received, now: dt.datetime) -> ProofView:
    def do() -> ProofView:
        if proof.id not in tx.outside.proofs([proof.id]):
            raise Refusal("upload_broken", "deleted while it came")
        known = replace(proof, bytes=arrived.size_bytes, sha256=arrived.sha256)
        tx.outside.put_proof(known)
        return proof_view(known, shared=False)

    return once(tx, asked, now, _VIEW, do)


async def _forget(house: House, begun: Proof) -> None:
    """Unless it stands in the record after all: of a commit one may not hear."""

    def remove(tx: Transaction) -> bool:
        present = tx.outside.proofs([begun.id]).get(begun.id)
        if present is not None and not present.sha256:
            tx.outside.drop_proof(begun.id)
        return present is None or not present.sha256

    if await house.records.write(remove):
        await house.outside_proofs.remove(begun.id)


def own_proof(tx: Transaction, principal: Principal, proof_id: str) -> Proof:
    """One that the principal brought, to be named. Raises ``proof_not_found``."""
    proof = tx.outside.proofs([proof_id]).get(proof_id)
    if proof is None or proof.account_id != principal.account_id or not proof.sha256:
        raise Refusal("proof_not_found", proof_id)
    return proof


async def readable_proof(house: House, principal: Principal, proof_id: str, now: dt.datetime) -> Proof:
    """By who brought it, who looks after a member whom it is for, and that member, unless it names others too.

    Raises ``proof_not_found``.
    """

    def load(tx: Transaction) -> Proof:
        proof = tx.outside.proofs([proof_id]).get(proof_id)
        if proof is None or not proof.sha256:
            raise Refusal("proof_not_found", proof_id)
        if proof.account_id != principal.account_id:
            named = tx.outside.with_proof(proof_id, _MOST_SHARED)
            if not (_only_theirs(named, principal) or _looks_after(tx, named, principal, now)):
                raise Refusal("proof_not_found", proof_id)
        return proof

    return await house.records.read(load)


def _only_theirs(named: tuple[OutsideCredit, ...], principal: Principal) -> bool:
    return bool(named) and {one.member_id for one in named} == {principal.member_id}


def _looks_after(tx: Transaction, named: tuple[OutsideCredit, ...], principal: Principal, now: dt.datetime) -> bool:
    return any(Care.CREDIT in cares_of(tx, principal, one, now) for one in named)


def cares_of(tx: Transaction, principal: Principal, one: OutsideCredit, now: dt.datetime) -> frozenset[Care]:
    """By the unit in which it was entered, or the member's own of today: who changed is looked after by both."""
    today = tx.calendar.day(now)
    file = tx.members.files([one.member_id]).get(one.member_id)
    units = {one.unit_id} | ({file.home(today)} if file else set())
    return frozenset[Care]().union(*(cares(principal, tx.units.line(unit, today)) for unit in units))


def proof_view(proof: Proof, *, shared: bool) -> ProofView:
    return ProofView(proof.id, proof.name, proof.kind, proof.bytes, proof.sha256, shared)


async def forget_loose_proofs(house: House, now: dt.datetime) -> int:
    """Proofs that no credit names (any more), and files that no row names; how many files went.

    Files are listed first: each has its row before it is made.
    """
    there = await house.outside_proofs.ids()

    def look(tx: Transaction) -> frozenset[str]:
        tx.outside.drop_loose(now - PROOF_STAYS)
        return tx.outside.kept_proofs()

    strays = there - await house.records.write(look)
    for proof_id in strays:
        await house.outside_proofs.remove(proof_id)
    return len(strays)
