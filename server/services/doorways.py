"""What is read of a lesson when somebody comes in: of one member, or of a hall that comes in the same moments."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from server.domain.access import Action, Principal
from server.domain.refusals import Refusal
from server.domain.sign_ins import Door, Proof
from server.domain.venues import LessonVenue
from server.services.finding import allowed_target
from server.services.login import digest
from server.services.records import Transaction
from server.services.together import SeeTogether


def door_of(
    tx: Transaction, principal: Principal, lesson_id: str, *, place: str | None = None, now: dt.datetime
) -> Door:
    """With the venues that matter: where the member is expected, is signed in already, or wants in (``place``).

    Raises ``not_on_roster``, or ``lesson_not_found`` for whom the lesson does not even reach.
    """
    door = tx.roster.door(lesson_id, principal.member_id) if principal.member_id else None
    if door is None:
        allowed_target(tx, principal, Action.READ, lesson_id, now)
        raise Refusal("not_on_roster", lesson_id)
    wanted = _venues_at(door, place)
    return _with_venues(door, tx.lessons.venues(wanted) if wanted else ())


def _venues_at(door: Door, place: str | None) -> list[str]:
    places = {place, door.entry.lesson_venue_id, door.entry.place}
    wanted = places | ({door.before.lesson_venue_id, door.before.place} if door.before else set())
    return sorted(each for each in wanted if each)


def _with_venues(door: Door, venues: Sequence[LessonVenue]) -> Door:
    return replace(door, lesson=replace(door.lesson, venues=tuple(venues)))


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody who wants in: by the secret of a proof, else by one tap in ``lesson_id``."""

    principal: Principal
    lesson_id: str
    secret: str | None = field(default=None, repr=False)
    now: dt.datetime = field(kw_only=True)


Opened = tuple[Proof | None, Door]
Knocks = SeeTogether[Knock, Opened]


def knock_all(tx: Transaction, knocks: Sequence[Knock]) -> list[Opened | Refusal]:
    """Each as :func:`door_of` says it, with the proof that was held up; or what it is refused with."""
    proofs = _proofs(tx, knocks)
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for knock, proof in zip(knocks, proofs, strict=True):
        if not isinstance(proof, Refusal) and knock.principal.member_id:
            wanted[proof.lesson_id if proof else knock.lesson_id].add(knock.principal.member_id)
    doors = {lesson_id: tx.roster.doors(lesson_id, members) for lesson_id, members in sorted(wanted.items())}
    seen = [_door_seen(doors, knock, proof) for knock, proof in zip(knocks, proofs, strict=True)]
    places = {each for door, place in seen if door for each in _venues_at(door, place)}
    venues = {venue.id: venue for venue in tx.lessons.venues(sorted(places))} if places else {}
    return [
        proof if isinstance(proof, Refusal) else _opened(tx, knock, proof, door, venues)
        for knock, proof, (door, _) in zip(knocks, proofs, seen, strict=True)
    ]


def _proofs(tx: Transaction, knocks: Sequence[Knock]) -> list[Proof | Refusal | None]:
    keys = {knock.secret: digest(knock.secret) for knock in knocks if knock.secret}
    held = tx.proofs.those(set(keys.values())) if keys else {}

    def one(knock: Knock) -> Proof | Refusal | None:
        if knock.secret is None:
            return None
        proof = held.get(keys[knock.secret]) if knock.secret else None
        return Refusal("proof_missing") if proof is None or knock.now >= proof.expires_at else proof

    return [one(knock) for knock in knocks]


def _door_seen(
    doors: dict[str, dict[str, Door]], knock: Knock, proof: Proof | Refusal | None
) -> tuple[Door | None, str | None]:
    """The door, and the place that is asked for."""
    if isinstance(proof, Refusal):
        return None, None
    lesson_id, place = (proof.lesson_id, proof.lesson_venue_id) if proof else (knock.lesson_id, None)
    return doors.get(lesson_id, {}).get(knock.principal.member_id or ""), place


def _opened(
    tx: Transaction, knock: Knock, proof: Proof | None, door: Door | None, venues: dict[str, LessonVenue]
) -> Opened | Refusal:
    if door is None:
        try:
            lesson_id, place = (proof.lesson_id, proof.lesson_venue_id) if proof else (knock.lesson_id, None)
            return proof, door_of(tx, knock.principal, lesson_id, place=place, now=knock.now)
        except Refusal as refusal:
            return refusal
    wanted = _venues_at(door, proof.lesson_venue_id if proof else None)
    return proof, _with_venues(door, [venues[each] for each in wanted if each in venues])
