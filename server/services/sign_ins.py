"""Signing in (签到). What is checked is read beside the writer; one INSERT then decides, so a hall costs little."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace

from server.domain import sign_ins as rules
from server.domain.access import Principal
from server.domain.refusals import Refusal
from server.domain.sign_ins import Door, SignIn, Way
from server.services.doorways import Knock, door_of
from server.services.entered import NEVER, Doorway, Once
from server.services.entrance import FLAGGED, Entrant, enter_all
from server.services.finding import found
from server.services.house import House
from server.services.login import digest
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.sign_in_codes import SignInSigner, redeem
from server.services.sign_in_views import SignInView, view_of


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request came from: the long-lived secret of the device, the address, and the accounts of other members
    that used the very same connection before.
    """

    device: str
    address: str
    others: frozenset[str] = frozenset()


# ---- signing in ------------------------------------------------------------------------------------------


def by_proof(principal: Principal, secret: str | None) -> Doorway:
    return Doorway(principal.member_id, secret=secret or "")


def by_phone(principal: Principal, lesson_id: str) -> Doorway:
    return Doorway(principal.member_id, lesson_id)


def scanned_secret(principal: Principal, token: str) -> str:
    """Of the proof that the page's own scanner made."""
    return f"{principal.account_id} {token}"


async def sign_in_by_proof(
    house: House,
    principal: Principal,
    command_id: str,
    *,
    secret: str | None,
    browser: Browser,
    elsewhere: bool = False,
    now: dt.datetime,
) -> SignInView:
    """By the code that this browser has redeemed; what counts is when it did. A repetition gives the first sign-in.

    Raises ``proof_missing``, ``not_on_roster``, ``sign_in_closed``, ``another_venue``, ``proof_used``,
    ``device_taken``.
    """

    way = by_proof(principal, secret)
    known = house.entered.known(way, now)
    if known is not None:
        return known

    once = Once(way, principal.account_id, command_id, elsewhere)
    return await house.entered.once(once, lambda: _by_proof(house, principal, once, browser=browser, now=now))


async def _by_proof(
    house: House, principal: Principal, once: Once, *, browser: Browser, now: dt.datetime
) -> SignInView:
    (proof, door), seen = await house.doors.ask(Knock(principal, "", once.way.secret, now=now))
    assert proof is not None
    if door.before is not None and door.before.arriving is None:
        view = view_of(door, door.before)
    else:
        rules.check_redeemed(door.lesson)
        check_expected(door, proof.lesson_venue_id, elsewhere=once.elsewhere)
        asked = replace(
            _asked(principal, door, once.command_id, browser, at=proof.redeemed_at),
            way=Way.QR,
            lesson_venue_id=proof.lesson_venue_id,
            proof_digest=proof.digest,
            slot=proof.slot,
            shown_at=rules.slot_begins(proof.slot),
        )
        view = await _enter(house, Entrant(door, asked, now, browser.others))
    if _is_of(door, view):
        house.entered.keep(once.way, view, seen, proof.expires_at)
    return view


async def sign_in_by_scan(
    house: House,
    signer: SignInSigner,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    token: str,
    browser: Browser,
    elsewhere: bool = False,
    now: dt.datetime,
) -> SignInView:
    """By the page's own scanner: the code is redeemed for this account first, so the question whether another venue
    is meant may take its time. Raises as redeeming and as by proof, and ``another_venue`` for another lesson's code.
    """
    secret = scanned_secret(principal, token)
    proof = await redeem(house, signer, token, secret, browser.address, now=now)
    if proof.lesson_id != lesson_id:
        raise Refusal("sign_in_code_invalid", "another lesson's")
    return await sign_in_by_proof(
        house, principal, command_id, secret=secret, browser=browser, elsewhere=elsewhere, now=now
    )


async def sign_in_by_phone(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, browser: Browser, now: dt.datetime
) -> SignInView:
    """One tap. Raises ``sign_in_on_the_spot`` where nothing is to be watched, and as by proof."""
    way = by_phone(principal, lesson_id)
    known = house.entered.known(way, now)
    if known is not None:
        return known

    once = Once(way, principal.account_id, command_id)
    return await house.entered.once(once, lambda: _by_phone(house, principal, once, browser=browser, now=now))


async def _by_phone(
    house: House, principal: Principal, once: Once, *, browser: Browser, now: dt.datetime
) -> SignInView:
    (_, door), seen = await house.doors.ask(Knock(principal, once.way.lesson_id, now=now))
    if door.before is not None:
        view = view_of(door, door.before)
    else:
        rules.check_open(door.lesson)
        rules.check_by_phone(door.lesson)
        asked = _asked(principal, door, once.command_id, browser, at=now)
        view = await _enter(house, Entrant(door, asked, now, browser.others))
    if _is_of(door, view):
        house.entered.keep(once.way, view, seen, NEVER)
    return view


def _is_of(door: Door, view: SignInView) -> bool:
    """Not where another request was first: then it names a venue that was not read at the door."""
    return view.lesson_venue_id in {None, *(venue.id for venue in door.lesson.venues)}


async def sign_in_by_code(
    house: House,
    signer: SignInSigner,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    code: str,
    browser: Browser,
    elsewhere: bool = False,
    now: dt.datetime,
) -> SignInView:
    """By the six digits of a venue's screen; so does who was moved there arrive. Raises ``sign_in_code_wrong``,
    ``sign_in_code_expired``, ``too_fast`` and ``code_tries_used`` after wrong ones, ``scan_needed``, and as by proof.
    """
    door = await house.records.glance(lambda tx: door_of(tx, principal, lesson_id, now=now))
    if door.before is not None and door.before.arriving is None:
        return view_of(door, door.before)
    rules.check_open(door.lesson)
    place = await house.codes.venue(
        signer,
        lesson_id,
        code,
        own=door.before.arriving if door.before else door.entry.place,
        elsewhere=elsewhere,
        venues=lambda: house.records.glance(lambda tx: _venues_of(tx, lesson_id)),
        now=now,
    )
    if not isinstance(place, Refusal):
        door = await house.records.glance(lambda tx: door_of(tx, principal, lesson_id, place=place, now=now))
    shown_at = None if isinstance(place, Refusal) else house.codes.shown_at(signer, lesson_id, code, place, now)
    asked = replace(_asked(principal, door, command_id, browser, at=now), way=Way.CODE, shown_at=shown_at)
    typed = _Typed(Entrant(door, asked, now, browser.others), place, elsewhere)
    return await _told(house, typed.entrant, house.records.write_together(_enter_typed, typed))


def _venues_of(tx: Transaction, lesson_id: str) -> tuple[str, ...]:
    return tuple(venue.id for venue in found(tx.lessons.get(lesson_id)).venues)


@dataclass(frozen=True, slots=True)
class _Typed:
    """Somebody who typed a code. ``place``: the venue that shows it, else what is wrong with it."""

    entrant: Entrant
    place: str | Refusal
    elsewhere: bool


def _enter_typed(tx: Transaction, typed: Sequence[_Typed]) -> list[SignIn | Refusal]:
    """Wrong ones are counted, of each account."""
    looked_at = [_looked_at(tx, each) for each in typed]
    entered = iter(enter_all(tx, [each for each in looked_at if isinstance(each, Entrant)]))
    return [next(entered) if isinstance(each, Entrant) else each for each in looked_at]


def _looked_at(tx: Transaction, typed: _Typed) -> Entrant | Refusal:
    entrant, place = typed.entrant, typed.place
    lesson_id, tries = entrant.door.lesson.id, f"code {entrant.asked.account_id}"
    try:
        rules.check_tries(tx.attempts.failures(tries, lesson_id, entrant.now - rules.CODE_TRIES_KEPT), entrant.now)
        if isinstance(place, Refusal):
            tx.attempts.add(tries, lesson_id, entrant.now)
            return place
        check_expected(entrant.door, place, elsewhere=typed.elsewhere)
    except Refusal as refusal:
        return refusal
    return replace(entrant, asked=replace(entrant.asked, lesson_venue_id=place))


def check_expected(door: Door, place: str, *, elsewhere: bool) -> None:
    """Who was moved and has not arrived confirms it where the move leads, nowhere else. Raises ``another_venue``."""
    if door.before is not None:
        rules.check_place(door.before.arriving, place, elsewhere=False)
    else:
        rules.check_place(door.entry.place, place, elsewhere=elsewhere)


def _asked(principal: Principal, door: Door, command_id: str, browser: Browser, *, at: dt.datetime) -> SignIn:
    return SignIn(
        member_id=door.entry.member_id,
        at=at,
        way=Way.PHONE,
        lesson_venue_id=None,
        account_id=principal.account_id,
        command_id=command_id,
        address=browser.address,
        device_digest=digest(browser.device),
    )


def _whole(tx: Transaction, door: Door) -> Door:
    """With all venues."""
    return replace(door, lesson=found(tx.lessons.get(door.lesson.id)))


async def _enter(house: House, entrant: Entrant) -> SignInView:
    return await _told(house, entrant, house.records.write_together(enter_all, entrant))


async def _told(house: House, entrant: Entrant, entering: Awaitable[SignIn]) -> SignInView:
    """What came of it. Staff are told to look when it may have left a trace in the record."""
    door = entrant.door
    try:
        signed_in = await entering
    except Refusal as refusal:
        if refusal.code in FLAGGED:
            await tell(house, door.lesson.id)
        raise
    if entrant.others:
        await tell(house, door.lesson.id)
    if signed_in.place not in {None, *(venue.id for venue in door.lesson.venues)}:
        door = await house.records.glance(lambda tx: _whole(tx, door))  # another request was first, from elsewhere
    return view_of(door, signed_in)
