"""Publishing and watching: WHIP (RFC 9725) and WHEP, from a ticket to a peer connection."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from server.domain.access import Action
from server.domain.kits import is_key, rehearsed
from server.domain.refusals import Refusal
from server.domain.streams import Direction, MediaSession, may_replace
from server.domain.tickets import (
    SOURCES_PREFIX,
    PublishTicket,
    ReturnTicket,
    WatchTicket,
    check_publish,
    check_return,
    check_watch,
    viewed_sources,
)
from server.domain.venues import LECTURER_SOURCES, sent_together
from server.services.finding import allowed_target, check_on_air, found
from server.services.following import reopen
from server.services.house import House
from server.services.kits import admit_kit, rehearse
from server.services.login import Holder, digest
from server.services.media import MediaAnswer, ProgrammeView, SourcesView, View, ViewerState
from server.services.records import Transaction
from server.services.returning import Return
from server.services.tickets import TicketSigner, check_here, own_source, viewer_role

T = TypeVar("T")
RESOURCE_BYTES = 32
HANDSHAKE = dt.timedelta(seconds=10)
"""Longer than any takes that succeeds."""
TAKEN_AGAIN_S = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedStream:
    """``resource`` is the secret (256 bit, URL-safe) of the session's URL."""

    resource: str
    sdp: str
    etag: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose session an address is: for the log."""

    lesson_id: str
    account_id: str
    member_id: str | None


async def publish(
    house: House, signer: TicketSigner, token: str, *, lesson_id: str, source: str, offer_sdp: str, now: dt.datetime
) -> OpenedStream:
    """Raises ``ticket_*``, ``lesson_not_on_air``, ``source_unknown``, ``source_taken``, and the media process's.

    The same client pushes its own older connection out, another one of its account does so, too, but only once; a
    ticket by force anybody's. A room kit comes with its key: before the lesson is open it rehearses.
    """
    if is_key(token):
        kit = await admit_kit(house, token, lesson_id, source, now)
        if kit.rehearses:
            answer = await rehearse(house, kit, offer_sdp)
            return await _register(house, kit.ticket, Direction.PUBLISH, rehearsed(source), answer, now=now)
        ticket = kit.ticket
    else:
        ticket = check_publish(signer.read(token), lesson_id, source, now)
    await _check_open(house, ticket, now, source)
    answer = await _with_room(house, lesson_id, now, lambda: _offer(house, ticket, offer_sdp, now))
    return await _register(house, ticket, Direction.PUBLISH, source, answer, now=now)


async def _offer(house: House, ticket: PublishTicket, offer_sdp: str, now: dt.datetime) -> MediaAnswer:
    """A holder whose handshake is still under way is none to the media process: who was pushed out is often faster."""
    holder, pushed_out = await house.records.read(lambda tx: _holder(tx, ticket))
    allowed = may_replace(holder, ticket.account_id, ticket.client_id, forced=ticket.replace, pushed_out=pushed_out)
    if holder is not None and not allowed and now - holder.started_at < HANDSHAKE:
        raise _taken(ticket)
    try:
        forced = ticket.replace and allowed
        return await house.media.publish(ticket.lesson_id, ticket.source, offer_sdp, replace=forced)
    except Refusal as refusal:
        if refusal.code != "source_taken":
            raise
    holder, pushed_out = await house.records.read(lambda tx: _holder(tx, ticket))
    if not may_replace(holder, ticket.account_id, ticket.client_id, forced=ticket.replace, pushed_out=pushed_out):
        raise _taken(ticket)
    return await house.media.publish(ticket.lesson_id, ticket.source, offer_sdp, replace=True)


def _taken(ticket: PublishTicket) -> Refusal:
    """Nobody may be beside a venue's screen or a phone: it is told when to ask again."""
    alone = ticket.source not in LECTURER_SOURCES
    return Refusal("source_taken", ticket.source, retry_after_s=TAKEN_AGAIN_S if alone else None)


def _holder(tx: Transaction, ticket: PublishTicket) -> tuple[MediaSession | None, bool]:
    """Who sends the source now, and whether this client did before: then it was pushed out, and dials by itself.

    At a desk somebody may take the place back by force. A venue's screen, alone in its hall, or a phone tries on, and
    has its place again when the other one is gone: nobody holds it then, as far as the media process is concerned.
    """
    shelf = tx.media_sessions
    holder = shelf.publisher(ticket.lesson_id, ticket.source)
    if holder is None:
        return None, False
    return holder, shelf.published(ticket.lesson_id, ticket.source, ticket.client_id, before=holder.started_at)


async def watch(
    house: House,
    signer: TicketSigner,
    token: str,
    *,
    lesson_id: str,
    view: str,
    offer_sdp: str,
    now: dt.datetime,
    height: int | None = None,
) -> OpenedStream:
    """``height``: lines that the pictures fill. Raises ``ticket_*``, ``lesson_not_on_air``, and the media process's."""
    given = signer.read(token)
    if isinstance(given, ReturnTicket):
        ticket = await _returning(house, given, lesson_id, view, now)
    else:
        ticket = check_watch(given, lesson_id, view, now)
        await _check_open(house, ticket, now)
    # The account alone: the media process bounds how much one viewer may open, and clients name themselves.
    answer = await _with_room(
        house, lesson_id, now, lambda: house.media.watch(lesson_id, ticket.account_id, offer_sdp, _view(ticket, height))
    )
    opened = await _register(house, ticket, Direction.WATCH, view, answer, now=now)
    house.return_cost.came(back=isinstance(given, ReturnTicket))
    return opened


async def _returning(house: House, ticket: ReturnTicket, lesson_id: str, view: str, now: dt.datetime) -> WatchTicket:
    """Raises ``ticket_*``, and as issuing a ticket."""
    check_return(ticket, lesson_id, view, now)
    return await house.returns.ask(Return(ticket, now))


def _view(ticket: WatchTicket, height: int | None) -> View:
    sources = viewed_sources(ticket.view)
    return SourcesView(sources, height) if sources else ProgrammeView(sent_together(ticket.minus_source), height)


async def owner_of(house: House, resource: str) -> Owner:
    """Raises ``session_unknown``."""
    return await house.records.read(lambda tx: _owner(tx, _session(tx, resource)))


async def add_candidates(house: House, resource: str, fragment: str, etag: str) -> tuple[Owner, str | None]:
    """Trickle ICE (RFC 8840): whose it is; a new fragment on ICE restart. Raises ``session_unknown``, ``bad_sdp``."""

    def look(tx: Transaction) -> tuple[str, Owner]:
        session = _session(tx, resource)
        return session.session_id, _owner(tx, session)

    session_id, owner = await house.records.read(look)
    return owner, await house.media.add_candidates(session_id, fragment, etag)


async def resize(house: House, resource: str, height: int | None) -> ViewerState:
    """The session's pictures fill so many lines from now on. Raises ``session_unknown``."""
    session_id = await house.records.read(lambda tx: _session(tx, resource).session_id)
    await house.media.resize(session_id, height)
    return await house.media.viewer_state(session_id)


async def look_at(house: House, resource: str, sources: Sequence[str], now: dt.datetime) -> ViewerState:
    """Other sources in the same connection, one for each of its pictures in order: the wall's next page.

    By the right that a new ticket for them would need. Raises ``session_unknown``, also of what is no view of
    sources, ``ticket_invalid``, ``lesson_not_on_air``, ``source_unknown``, ``forbidden``.
    """
    view = SOURCES_PREFIX + ",".join(sources)

    wanted = viewed_sources(view)

    def change(tx: Transaction) -> str:
        session = _session(tx, resource)
        if session.direction is not Direction.WATCH or not viewed_sources(session.name):
            raise Refusal("session_unknown", "not a view of sources")
        principal = check_here(tx, Holder(session.account_id, session.login), now)
        target = allowed_target(tx, principal, Action.READ, session.lesson_id, now)
        check_on_air(target.lesson)
        viewer_role(principal, target, wanted, own_source(principal, target.lesson))
        tx.media_sessions.rename(session.session_id, view)
        return session.session_id

    session_id = await house.records.write(change)
    await house.media.look_at(session_id, wanted)
    return await house.media.viewer_state(session_id)


async def viewer_state(house: House, resource: str) -> ViewerState:
    """Raises ``session_unknown``."""
    return await house.media.viewer_state(await house.records.read(lambda tx: _session(tx, resource).session_id))


async def hang_up(house: House, resource: str, now: dt.datetime) -> Owner:
    """Whose it was. Idempotent (RFC 9110, 9.2.2): a goodbye on the wire may have been faster than the request.

    Raises ``session_unknown`` for what never was.
    """

    def end(tx: Transaction) -> tuple[str, Owner]:
        session = _session(tx, resource, ended=True)
        tx.media_sessions.end(session.session_id, now)
        return session.session_id, _owner(tx, session)

    session_id, owner = await house.records.write(end)
    try:
        await house.media.end_session(session_id)
    except Refusal as refusal:
        if refusal.code != "session_unknown":
            raise
    return owner


def _owner(tx: Transaction, session: MediaSession) -> Owner:
    account = tx.accounts.get(session.account_id)
    return Owner(session.lesson_id, session.account_id, account.member_id if account is not None else None)


def _session(tx: Transaction, resource: str, *, ended: bool = False) -> MediaSession:
    session = tx.media_sessions.by_resource(digest(resource), ended=ended)
    if session is None:
        raise Refusal("session_unknown")
    return session


def _add(tx: Transaction, sessions: Sequence[MediaSession]) -> Sequence[Refusal | None]:
    """For ``Records.write_together``: a hall that comes back is one statement and not two thousand."""
    tx.media_sessions.add_all(sessions)
    return [None] * len(sessions)


async def _check_open(
    house: House, ticket: PublishTicket | WatchTicket, now: dt.datetime, source: str | None = None
) -> None:
    """``source``: to be published. A member's phone is one for as long as it is asked to speak."""

    def check(tx: Transaction) -> None:
        check_here(tx, Holder(ticket.account_id, ticket.login), now)
        lesson = found(tx.lessons.get(ticket.lesson_id))
        check_on_air(lesson)
        talks = {one.source for one in lesson.talkbacks}
        if source is not None and source not in talks and source not in lesson.sources:
            raise Refusal("source_unknown", source)

    await house.records.read(check)


async def _with_room(house: House, lesson_id: str, now: dt.datetime, ask: Callable[[], Awaitable[T]]) -> T:
    """A media process that was just replaced may not know the room yet: open it and ask once more."""
    try:
        return await ask()
    except Refusal as refusal:
        if refusal.code != "room_unknown":
            raise
    await reopen(house, lesson_id, now)
    return await ask()


async def _register(
    house: House,
    ticket: PublishTicket | WatchTicket,
    direction: Direction,
    name: str,
    answer: MediaAnswer,
    *,
    now: dt.datetime,
) -> OpenedStream:
    """Without its record nobody could end the connection: then it is ended here."""
    resource = secrets.token_urlsafe(RESOURCE_BYTES)
    session = MediaSession(
        session_id=answer.session_id,
        resource_digest=digest(resource),
        lesson_id=ticket.lesson_id,
        direction=direction,
        name=name,
        account_id=ticket.account_id,
        client_id=ticket.client_id,
        started_at=now,
        login=ticket.login,
    )
    try:
        await house.records.write_together(_add, session)
    except BaseException:
        with contextlib.suppress(Refusal):
            await house.media.end_session(answer.session_id)
        raise
    house.glances.forget(ticket.lesson_id)
    return OpenedStream(resource, answer.sdp, answer.etag, ticket.account_id)
