"""The moment of signing in: one INSERT for all who come together, the table's constraints decide."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from server.domain import events
from server.domain.proof import Doubt, evidenced
from server.domain.refusals import Refusal
from server.domain.sign_ins import Door, SignIn, check_undecided
from server.services.records import Transaction

FLAGGED = frozenset({"device_taken", "proof_used"})
"""Refusals that staff hear of."""
SHARED_DEVICE = "shared_device"
"""A remark, no refusal."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody whose right to come in was checked, and the sign-in that is asked for.

    ``others``: accounts that used the same connection before, which cookies that were cleared in between do not hide.
    """

    door: Door
    asked: SignIn
    now: dt.datetime
    others: frozenset[str] = frozenset()


def enter_all(tx: Transaction, entrants: Sequence[Entrant]) -> list[SignIn | Refusal]:
    """Each member's sign-in, whichever request was first; a refusal where phone or scan served somebody else.

    For ``Records.write_together``. The refusal leaves a trace: it is a value, so that it does not undo the transaction.
    """
    entrants = _evidenced(tx, entrants)
    closed = _closed(tx, {each.door.lesson.id for each in entrants})
    late = [closed[each.door.lesson.id] for each in entrants]
    there = [each for each, refusal in zip(entrants, late, strict=True) if refusal is None]
    added = tx.sign_ins.add_each([(each.door.lesson.id, each.asked) for each in there])
    fresh = set(added)

    def one(each: Entrant) -> SignIn | Refusal:
        key = (each.door.lesson.id, each.asked.member_id, each.asked.command_id)
        if key in fresh:
            fresh.remove(key)  # the same command twice at once: the second one looks up the first
            _remark(tx, each)
            return each.asked
        return _instead(tx, each)

    return [refusal or one(each) for each, refusal in zip(entrants, late, strict=True)]


def _evidenced(tx: Transaction, entrants: Sequence[Entrant]) -> Sequence[Entrant]:
    """With what their venues know of networks and devices: one look for all."""
    places = {each.asked.lesson_venue_id for each in entrants} - {None}
    venues = tx.venues.of_places([place for place in places if place]) if places else {}

    def one(each: Entrant) -> Entrant:
        venue = venues.get(each.asked.lesson_venue_id or "")
        if venue is None:
            return each
        return replace(each, asked=evidenced(each.asked, venue.networks, shares_device=venue.shares_device))

    return [one(each) for each in entrants]


def _closed(tx: Transaction, lesson_ids: Collection[str]) -> dict[str, Refusal | None]:
    """Settling may have come since these lessons were read: it finds the sign-in, or there is none."""

    def one(lesson_id: str) -> Refusal | None:
        state = tx.lessons.held_state(lesson_id)
        try:
            if state is None:
                raise Refusal("lesson_not_found", lesson_id)
            check_undecided(state)
        except Refusal as refusal:
            return refusal
        return None

    return {lesson_id: one(lesson_id) for lesson_id in sorted(lesson_ids)}  # in one order, whoever locks them


def _instead(tx: Transaction, entrant: Entrant) -> SignIn | Refusal:
    asked = entrant.asked
    before = tx.sign_ins.get(entrant.door.lesson.id, asked.member_id)
    if before is not None:
        return arrived(tx, entrant.door.lesson.id, before, asked, entrant.now)
    used = asked.proof_digest is not None and tx.sign_ins.of_proof(asked.proof_digest) is not None
    refusal = Refusal("proof_used" if used else "device_taken", asked.member_id)
    _flag(tx, entrant, refusal.code)
    return refusal


def arrived(tx: Transaction, lesson_id: str, before: SignIn, asked: SignIn, now: dt.datetime) -> SignIn:
    """The first sign-in stands. Who was moved to this venue (转到备用) is known to be there from now on."""
    if asked.lesson_venue_id is None or before.arriving != asked.lesson_venue_id:
        return before
    tx.failovers.arrive(lesson_id, [before.member_id], now, asked.account_id)
    return replace(before, arrived_at=now)


def _remark(tx: Transaction, entrant: Entrant) -> None:
    """The sign-in stands. A person may ask why one browser served several members in this lesson."""
    shared = entrant.asked.device_digest is None  # by its venue
    if entrant.others and not shared and tx.sign_ins.any_by(entrant.door.lesson.id, entrant.others):
        _flag(tx, entrant, SHARED_DEVICE)


def _flag(tx: Transaction, entrant: Entrant, code: str) -> None:
    """Staff hear of it once per member and reason, however often it is tried."""
    lesson, asked = entrant.door.lesson, entrant.asked
    tx.findings.flag(lesson.id, asked.member_id, Doubt(code), asked.account_id, entrant.now)
    once = str(uuid.uuid5(uuid.UUID(int=0), f"flag {code} {lesson.id} {asked.member_id}"))
    if tx.commands.begin(once, asked.account_id, code, entrant.now) is not None:
        return
    venue = lesson.venue(asked.lesson_venue_id).name if asked.lesson_venue_id else None
    said = events.sign_in_flagged(code, entrant.door.entry.name, venue)
    tx.events.append(lesson.id, [said], entrant.now, asked.account_id)
