"""A venue's codes: shown on its screen, scanned, and redeemed in time for a proof that outlives a slow login."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.domain import sign_ins as rules
from server.domain.access import Action, LessonTarget, Principal, allowed, lesson_venue_of
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.sign_ins import CODE_SLOT, SLOT, Claim, Proof, slot_at, slot_begins
from server.services.finding import allowed_target, found
from server.services.house import House
from server.services.login import digest
from server.services.records import Records, Transaction
from server.services.typed_codes import DigitSigner
from server.services.views import Named

CODES_AHEAD = 3
"""How many codes a screen gets at once, the present one first: it survives a hiccup of the line."""
_PROOFS_KEPT = dt.timedelta(days=1)


class SignInSigner(DigitSigner, Protocol):
    """Codes that only this installation can have made."""

    def token(self, lesson_id: str, claim: Claim) -> str: ...

    def read(self, token: str) -> Claim:
        """Raises ``sign_in_code_invalid``. Whether it is true only ``check`` knows."""
        ...

    def check(self, token: str, lesson_id: str) -> None:
        """Raises ``sign_in_code_invalid``. Does not look at the time."""


@dataclass(frozen=True, slots=True)
class LessonName:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class ProofView:
    lesson: LessonName
    venue: Named
    redeemed_at: dt.datetime
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class VenueCode:
    """One slot's: ``token`` for the QR code, ``code`` to be typed."""

    token: str
    code: str
    shows_at: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class VenueCodes:
    lesson_venue_id: str
    codes: tuple[VenueCode, ...]


# ---- the venue's screen ----------------------------------------------------------------------------------


async def venue_codes(
    records: Records, signer: SignInSigner, principal: Principal, lesson_id: str, *, venue: str | None, now: dt.datetime
) -> VenueCodes:
    """A venue its own, who runs the lesson any (to be named). Raises ``forbidden``, ``venue_not_found``,
    ``sign_in_closed``.
    """

    def load(tx: Transaction) -> str:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        rules.check_open(target.lesson)
        return _shown_venue(principal, target, venue)

    lesson_venue_id = await records.read(load)
    slots = range(slot_at(now), slot_at(now) + CODES_AHEAD)
    return VenueCodes(lesson_venue_id, tuple(_code(signer, lesson_id, lesson_venue_id, slot) for slot in slots))


def _shown_venue(principal: Principal, target: LessonTarget, venue: str | None) -> str:
    own = lesson_venue_of(principal, target.lesson)
    wanted = venue or (own.id if own else None)
    if wanted is None or not (Action.RUN in allowed(principal, target) or (own and own.id == wanted)):
        raise Refusal("forbidden", "codes of another venue")
    return target.lesson.venue(wanted).id


def _code(signer: SignInSigner, lesson_id: str, lesson_venue_id: str, slot: int) -> VenueCode:
    shows_at = slot_begins(slot)
    digits = signer.digits(lesson_id, Claim(lesson_venue_id, slot_at(shows_at, CODE_SLOT)))
    return VenueCode(signer.token(lesson_id, Claim(lesson_venue_id, slot)), digits, shows_at, shows_at + SLOT)


# ---- from a code to a proof ------------------------------------------------------------------------------


async def redeem(
    house: House, signer: SignInSigner, token: str, secret: str, address: str, *, now: dt.datetime, first: bool = False
) -> Proof:
    """A scanned code, opened in time, becomes a proof for whoever holds ``secret``. Again: the first one holds.
    ``first``: the secret was made for it just now, so there is none.

    Raises ``sign_in_code_invalid``, ``sign_in_code_expired``, ``sign_in_closed``.
    """
    claim, key = signer.read(token), digest(secret)
    place = house.redeemed.place(claim.lesson_venue_id) if first else None
    if place is not None:
        lesson, before = place.lesson, None
    else:
        look = house.records.read_seen(lambda tx: (_lesson_of(tx, claim), tx.proofs.get(key)))
        (lesson, before), seen = await look
        place = house.redeemed.keep_place(claim.lesson_venue_id, lesson, seen)
    signer.check(token, lesson.id)
    if before is not None and now < before.expires_at:
        return before
    rules.check_open(lesson)
    rules.check_fresh(claim.slot, now)
    proof = Proof(key, lesson.id, claim.lesson_venue_id, claim.slot, now, now + rules.PROOF_LIFE, address)
    await house.records.write_together(_keep, proof)
    if first:
        house.redeemed.keep_proof(proof, place)
    return proof


def _keep(tx: Transaction, proofs: Sequence[Proof]) -> list[None]:
    tx.proofs.add(proofs)
    return [None] * len(proofs)


def _lesson_of(tx: Transaction, claim: Claim) -> Lesson:
    lesson = tx.lessons.holding(claim.lesson_venue_id)
    if lesson is None:
        raise Refusal("sign_in_code_invalid", "no such venue")
    return lesson


async def see_proof(house: House, secret: str | None, now: dt.datetime) -> ProofView:
    """What the browser scanned. Raises ``proof_missing``."""
    proof = house.redeemed.proof(digest(secret)) if secret else None
    place = house.redeemed.place(proof.lesson_venue_id) if proof is not None else None
    if proof is not None and place is not None and now < proof.expires_at:
        return _proof_view(proof, place.lesson)

    def load(tx: Transaction) -> ProofView:
        held = held_proof(tx, secret, now)
        return _proof_view(held, found(tx.lessons.holding(held.lesson_venue_id)))

    return await house.records.glance(load)


def _proof_view(proof: Proof, lesson: Lesson) -> ProofView:
    venue = lesson.venue(proof.lesson_venue_id)
    title = LessonName(lesson.id, lesson.title)
    return ProofView(title, Named(venue.id, venue.name), proof.redeemed_at, proof.expires_at)


def held_proof(tx: Transaction, secret: str | None, now: dt.datetime) -> Proof:
    proof = tx.proofs.get(digest(secret)) if secret else None
    if proof is None or now >= proof.expires_at:
        raise Refusal("proof_missing")
    return proof


async def forget_old_proofs(records: Records, now: dt.datetime) -> None:
    """To be called now and then. What a sign-in rests on stands in its own row."""
    await records.write(lambda tx: tx.proofs.forget_before(now - _PROOFS_KEPT))
