"""Keys of room kits: issued and shown once, listed, revoked; and what a kit is let in to by its own."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import kits as rules
from server.domain.access import Action, LessonTarget, Principal
from server.domain.audit import of_the_house
from server.domain.kits import KEY_PREFIX, VenueKey
from server.domain.lessons import ON_AIR, Lesson, LessonState, check_media
from server.domain.reaches import kit_rooms
from server.domain.refusals import Refusal
from server.domain.streams import MediaSession
from server.domain.tickets import LONGEST, PublishTicket
from server.domain.venues import Part
from server.services.audit import new_salt
from server.services.commands import command, once
from server.services.finding import allowed_target, found, placed
from server.services.house import House
from server.services.login import Holder, digest
from server.services.media import MediaAnswer
from server.services.records import Transaction
from server.services.rights import end_streams
from server.services.tickets import check_here, gone

KEY_BYTES = 32
REHEARSAL_MS = 600_000
"""How long the room of rehearsing kits stays after the last one came; whoever is cut off dials again."""
USED = "venue_key.used"
_WHEN = ON_AIR | {LessonState.SCHEDULED}


@dataclass(frozen=True, slots=True)
class VenueKeyView:
    """``path``: where the kit sends to. ``sends``: it is connected. ``key``: only in the answer that issues it."""

    id: str
    lesson_venue_id: str
    venue: str
    path: str
    by: str
    issued_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None
    sends: bool
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A kit that may send. ``rehearses``: the lesson is not open yet."""

    ticket: PublishTicket
    video_codec: str
    rehearses: bool


_VIEW = TypeAdapter(VenueKeyView)


# ---- by people -------------------------------------------------------------------------------------------


async def list_keys(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> tuple[VenueKeyView, ...]:
    """Those that hold, of all sub-venues or of the own one. Raises ``forbidden``."""

    def load(tx: Transaction) -> tuple[VenueKeyView, ...]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        theirs = _concerned(principal, target)
        keys = [key for key in tx.venue_keys.of_lesson(lesson_id) if key.revoked_at is None]
        return tuple(_view(tx, target.lesson, key) for key in keys if key.lesson_venue_id in theirs)

    return await house.records.read(load)


async def issue_key(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, lesson_venue_id: str, now: dt.datetime
) -> VenueKeyView:
    """A retry of the same command is answered without the key: nobody keeps it.

    Raises ``venue_not_found``, ``forbidden``, ``no_media``, ``lesson_not_on_air``, ``venue_key_*``, ``command_reused``.
    """
    asked = command(principal, command_id, "issue_key", lesson_id=lesson_id, venue=lesson_venue_id)
    secret = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    key = VenueKey(str(uuid4()), lesson_id, lesson_venue_id, digest(secret), principal.account_id, principal.name, now)

    def change(tx: Transaction) -> VenueKeyView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        _check_may(principal, target, lesson_venue_id)

        def do() -> VenueKeyView:
            check_media(target.lesson)
            if target.lesson.state not in _WHEN:
                raise Refusal("lesson_not_on_air", target.lesson.state)
            rules.check_issue(target.lesson.venue(lesson_venue_id), tx.venue_keys.of_lesson(lesson_id))
            tx.venue_keys.add(key)
            return _view(tx, target.lesson, key)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(change)
    return replace(view, key=secret if view.id == key.id else None)


async def revoke_key(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, key_id: str, now: dt.datetime
) -> VenueKeyView:
    """And the kit's connection ends; one that can't be reached now ends at the next look at rights. Again is no fault.

    Raises ``venue_key_not_found``, ``forbidden``.
    """
    asked = command(principal, command_id, "revoke_key", lesson_id=lesson_id, key=key_id)

    def change(tx: Transaction) -> VenueKeyView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        key = tx.venue_keys.get(key_id)
        if key is None or key.lesson_id != lesson_id:
            raise Refusal("venue_key_not_found", key_id)
        _check_may(principal, target, key.lesson_venue_id)

        def do() -> VenueKeyView:
            revoked = key
            if key.revoked_at is None:
                revoked = replace(key, revoked_at=now, revoked_by=principal.account_id)
                tx.venue_keys.save(revoked)
            return _view(tx, target.lesson, revoked)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(change)
    ours = rules.CLIENT_PREFIX + key_id
    open_now = await house.records.read(lambda tx: tx.media_sessions.open_of_lesson(lesson_id))
    await end_streams(house, [each for each in open_now if each.client_id == ours], now)
    return replace(view, sends=False)


def _concerned(principal: Principal, target: LessonTarget) -> frozenset[str]:
    """The sub-venues whose keys are the principal's business. Raises ``forbidden``."""
    theirs = kit_rooms(principal, target)
    if not theirs:
        raise Refusal("forbidden", "keys of room kits")
    return theirs


def _check_may(principal: Principal, target: LessonTarget, lesson_venue_id: str) -> None:
    """Raises ``forbidden``, ``venue_not_found``."""
    theirs = _concerned(principal, target)
    target.lesson.venue(lesson_venue_id)
    if lesson_venue_id not in theirs:
        raise Refusal("forbidden", f"the key of {lesson_venue_id}")


def _view(tx: Transaction, lesson: Lesson, key: VenueKey) -> VenueKeyView:
    venue = lesson.venue(key.lesson_venue_id)
    path = f"/whip/{lesson.id}/{venue.source}"
    times = (key.issued_at, key.used_at, key.revoked_at)
    return VenueKeyView(key.id, venue.id, venue.name, path, key.by, *times, sends(tx, lesson, key))


def sends(tx: Transaction, lesson: Lesson, key: VenueKey) -> bool:
    """Whether its kit is what sends for the venue now, or rehearses; a page may instead."""
    source = lesson.venue(key.lesson_venue_id).source
    holder = tx.media_sessions.publisher(lesson.id, source if lesson.on_air else rules.rehearsed(source))
    return holder is not None and holder.client_id == key.client_id


# ---- by the kit ------------------------------------------------------------------------------------------


async def admit_kit(house: House, token: str, lesson_id: str, source: str, now: dt.datetime) -> Admitted:
    """What the key is good for now. Raises ``ticket_invalid``, ``ticket_foreign``, ``lesson_not_on_air``, and as a
    ticket for whoever issued it.
    """
    shown = digest(token)

    def admit(tx: Transaction) -> Admitted:
        key = tx.venue_keys.by_digest(shown)
        if key is None or key.revoked_at is not None:
            raise Refusal("ticket_invalid", "no such key of a room kit, or revoked")
        lesson = found(tx.lessons.get(key.lesson_id))
        venue = lesson.venue(key.lesson_venue_id)
        if (lesson.id, venue.source) != (lesson_id, source) or venue.part is Part.MAIN:
            raise Refusal("ticket_foreign")
        check_media(lesson)
        if lesson.state not in _WHEN:
            raise Refusal("lesson_not_on_air", lesson.state)
        _check_issuer(tx, key, lesson, now)
        if not tx.venue_keys.use(key.id, now):
            raise Refusal("ticket_invalid", "revoked meanwhile")
        if key.used_at is None:
            deed = of_the_house(now, USED, f"lesson/{lesson.id}", new_salt(), key_id=key.id, venue=key.lesson_venue_id)
            tx.audit.add(deed)
        ticket = PublishTicket(
            lesson.id, source, key.account_id, "venue", key.client_id, replace=False, expires_at=now + LONGEST
        )
        return Admitted(ticket, lesson.video_codec, rehearses=not lesson.on_air)

    return await house.records.write(admit)


def _check_issuer(tx: Transaction, key: VenueKey, lesson: Lesson, now: dt.datetime) -> None:
    """A key is worth what the right of its issuer is. Raises ``ticket_invalid``."""
    principal = check_here(tx, Holder(key.account_id), now)
    target = placed(tx, lesson, now, [principal])
    if key.lesson_venue_id not in kit_rooms(principal, target):
        raise gone()


async def rehearse(house: House, kit: Admitted, offer_sdp: str) -> MediaAnswer:
    """Into a room that nobody watches and nothing records. A kit that comes again takes its own place."""
    room, ticket = rules.rehearsal_room(kit.ticket.lesson_id), kit.ticket
    await house.media.open_room(room, None, kit.video_codec, recording=False)
    await house.media.close_room(room, grace_ms=REHEARSAL_MS)
    return await house.media.publish(room, ticket.source, offer_sdp, replace=True)


async def end_rehearsal(house: House, lesson_id: str, now: dt.datetime) -> None:
    """The lesson has opened: kits that rehearsed dial again, into its room."""

    def rehearsing(tx: Transaction) -> list[MediaSession]:
        lesson = found(tx.lessons.get(lesson_id))
        names = {rules.rehearsed(venue.source) for venue in lesson.venues}
        return [each for each in tx.media_sessions.open_of_lesson(lesson_id) if each.name in names]

    await end_streams(house, await house.records.read(rehearsing), now)
