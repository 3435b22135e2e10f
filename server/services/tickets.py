"""Issuing tickets and grants. What stands in them is decided here; a signer seals them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from server.domain.access import Action, LessonTarget, Principal, allowed, lesson_venue_of
from server.domain.kits import is_kit
from server.domain.lessons import Lesson, check_media
from server.domain.refusals import Refusal
from server.domain.talkback import is_talkback
from server.domain.tickets import (
    LONGEST,
    LONGEST_RETURN,
    PlayGrant,
    Playing,
    PublishTicket,
    ReturnTicket,
    SocketTicket,
    Ticket,
    WatchTicket,
    renewal,
    viewed_sources,
)
from server.domain.venues import LECTURER_SOURCES, MAIN_SOURCE, SPARE_SOURCES, is_member_source, member_source
from server.services.finding import allowed_target, check_on_air
from server.services.login import Holder, still_here
from server.services.media import MediaPlane, Track
from server.services.records import Records, Transaction


class TicketSigner(Protocol):
    def sign(self, ticket: Ticket) -> str: ...

    def read(self, token: str) -> Ticket:
        """Raises ``ticket_invalid``. Does not look at the time."""
        ...


class GrantSigner(Protocol):
    """For a path segment: URL-safe."""

    def sign_grant(self, grant: PlayGrant) -> str: ...

    def read_grant(self, text: str, recording_id: str) -> PlayGrant:
        """Raises ``grant_invalid``, also for a grant of another recording. Does not look at the time."""
        ...


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """``path`` is where it is good: ``/whip/…`` or ``/whep/…``. ``return_token``: for a viewer's next dials there."""

    path: str
    token: str
    expires_at: dt.datetime
    return_token: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedSocketTicket:
    ticket: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class LivePlaylists:
    """Paths below the server's root. After ``renew_after_s`` seconds a page asks for the next ones."""

    camera: str
    screen: str | None
    expires_at: dt.datetime
    renew_after_s: int


async def issue_publish_ticket(
    records: Records,
    signer: TicketSigner,
    principal: Principal,
    lesson_id: str,
    *,
    source: str,
    client_id: str,
    replace: bool = False,
    login: str | None = None,
    lifetime: dt.timedelta = LONGEST,
    now: dt.datetime,
) -> IssuedTicket:
    """Raises ``lesson_not_found``, ``lesson_not_on_air``, ``source_unknown``, ``forbidden``.

    ``replace`` throws out another account's publisher: the director's right.
    """
    if is_kit(client_id):
        raise Refusal("invalid_body", "client_id: room kits come with a key")

    def decide(tx: Transaction) -> PublishTicket:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        role = publisher_role(principal, target, source, replace=replace)
        check_on_air(target.lesson)
        return PublishTicket(
            lesson_id=lesson_id,
            source=source,
            account_id=principal.account_id,
            role=role,
            client_id=client_id,
            replace=replace,
            expires_at=now + min(lifetime, LONGEST),
            member_id=principal.member_id,
            login=login,
        )

    ticket = await records.read(decide)
    return IssuedTicket(f"/whip/{lesson_id}/{source}", signer.sign(ticket), ticket.expires_at)


def publisher_role(principal: Principal, target: LessonTarget, source: str, *, replace: bool) -> str:
    """Raises ``source_unknown`` or ``forbidden``. Who may force may also stand in for any source."""
    if is_talkback(source):
        return _talking(principal, target, source)
    if source not in target.lesson.sources:
        raise Refusal("source_unknown", source)
    guest = target.lesson.guest
    if guest is not None and source == guest.source:
        if principal.account_id != guest.account_id:
            raise Refusal("forbidden", f"publish {source}")
        return "member"
    check_media(target.lesson)
    rights = allowed(principal, target)
    if source in LECTURER_SOURCES:
        return _lecturer_role(principal, target, source, rights, replace=replace)
    if replace:
        if Action.REPLACE_SOURCE not in rights:
            raise Refusal("forbidden", f"replace {source}")
        return "director"
    venue = lesson_venue_of(principal, target.lesson)
    if Action.PUBLISH_VENUE not in rights or venue is None or venue.source != source:
        raise Refusal("forbidden", f"publish {source}")
    return "venue"


def _talking(principal: Principal, target: LessonTarget, source: str) -> str:
    """Only who began the talkback, as long as it lasts and the right does. Raises ``source_unknown``, ``forbidden``."""
    talkback = next((one for one in target.lesson.talkbacks if one.source == source), None)
    if talkback is None or talkback.account_id != principal.account_id:
        raise Refusal("source_unknown", source)
    if Action.RUN not in allowed(principal, target):
        raise Refusal("forbidden", f"publish {source}")
    return "director"


def _lecturer_role(
    principal: Principal, target: LessonTarget, source: str, rights: frozenset[Action], *, replace: bool
) -> str:
    """A spare machine may be set up by whoever runs the lesson; the lecturer takes the own sources over from anybody.

    Raises ``forbidden``.
    """
    if replace and Action.REPLACE_SOURCE in rights:
        return "director"
    if replace and target.lesson.lecturer_id != principal.account_id:
        raise Refusal("forbidden", f"replace {source}")
    if Action.PUBLISH_MAIN in rights or (source in SPARE_SOURCES and Action.RUN in rights):
        return "main"
    raise Refusal("forbidden", f"publish {source}")


async def issue_watch_ticket(
    records: Records,
    signer: TicketSigner,
    principal: Principal,
    lesson_id: str,
    *,
    view: str,
    client_id: str,
    login: str | None = None,
    lifetime: dt.timedelta = LONGEST,
    now: dt.datetime,
) -> IssuedTicket:
    """Raises as publishing; ``sources:…`` views are staff's, and a publisher's of its own source."""

    def decide(tx: Transaction) -> WatchTicket:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        return watch_ticket(principal, target, view, client_id, login=login, until=now + min(lifetime, LONGEST))

    ticket = await records.read(decide)
    again = ReturnTicket(
        lesson_id, view, principal.account_id, client_id, now + LONGEST_RETURN, principal.member_id, login
    )
    path = f"/whep/{lesson_id}/{view}"
    return IssuedTicket(path, signer.sign(ticket), ticket.expires_at, signer.sign(again))


def watch_ticket(
    principal: Principal, target: LessonTarget, view: str, client_id: str, *, login: str | None, until: dt.datetime
) -> WatchTicket:
    """What this account may watch of a lesson it may read. Raises as :func:`issue_watch_ticket`."""
    own = own_source(principal, target.lesson)
    role = viewer_role(principal, target, viewed_sources(view), own)
    check_media(target.lesson)
    check_on_air(target.lesson)
    return WatchTicket(
        lesson_id=target.lesson.id,
        view=view,
        account_id=principal.account_id,
        role=role,
        client_id=client_id,
        minus_source=own,
        expires_at=until,
        member_id=principal.member_id,
        login=login,
    )


def own_source(principal: Principal, lesson: Lesson) -> str | None:
    """What this viewer itself sends and must not hear back."""
    venue = lesson_venue_of(principal, lesson)
    if venue is not None:
        return venue.source
    if lesson.lecturer_id == principal.account_id:
        return MAIN_SOURCE
    # Before anybody is asked to speak: who comes on the air watches on, by the same connection, without an echo.
    return member_source(principal.member_id) if principal.member_id else None


def viewer_role(principal: Principal, target: LessonTarget, sources: tuple[str, ...], own: str | None) -> str:
    """Raises ``source_unknown`` or ``forbidden``. No sources: the programme."""
    if any(is_talkback(source) for source in sources):
        return _spoken_to(principal, target.lesson, sources)
    rights = allowed(principal, target)
    unknown = set(sources) - set(target.lesson.sources)
    if Action.RUN in rights:
        if unknown:
            raise Refusal("source_unknown", min(unknown))
        return "staff"
    if Action.WATCH not in rights or set(sources) - {own}:
        raise Refusal("forbidden", "watch")
    if unknown:
        raise Refusal("source_unknown", min(unknown))
    return "venue" if own and not is_member_source(own) else "member"


def _spoken_to(principal: Principal, lesson: Lesson, sources: tuple[str, ...]) -> str:
    """Only the venue that is spoken to, nobody who runs the lesson either. Raises ``source_unknown``."""
    venue = lesson_venue_of(principal, lesson)
    own = {one.source for one in lesson.talkbacks if venue is not None and one.lesson_venue_id == venue.id}
    unknown = set(sources) - own
    if unknown:
        raise Refusal("source_unknown", min(unknown))
    return "venue"


async def issue_socket_ticket(
    records: Records,
    signer: TicketSigner,
    principal: Principal,
    lesson_id: str,
    *,
    login: str | None = None,
    lifetime: dt.timedelta = LONGEST,
    now: dt.datetime,
) -> IssuedSocketTicket:
    """Raises ``lesson_not_found``."""
    await records.read(lambda tx: allowed_target(tx, principal, Action.READ, lesson_id, now))
    ticket = SocketTicket(lesson_id, principal.account_id, now + min(lifetime, LONGEST), login)
    return IssuedSocketTicket(signer.sign(ticket), ticket.expires_at)


def check_here(tx: Transaction, holder: Holder, now: dt.datetime) -> Principal:
    """Raises ``ticket_invalid``: the account is gone, or the login ended since the ticket was given."""
    principal = still_here(tx, [holder], now).get(holder)
    if principal is None:
        raise gone()
    return principal


def gone() -> Refusal:
    """Of who held a ticket."""
    return Refusal("ticket_invalid", "account or login is gone")


async def issue_live_grant(
    records: Records,
    media: MediaPlane,
    signer: GrantSigner,
    principal: Principal,
    lesson_id: str,
    *,
    lifetime: dt.timedelta,
    now: dt.datetime,
) -> LivePlaylists:
    """Addresses of the live HLS playlists; no screen before its first segment.

    Raises ``lesson_not_found``, ``lesson_not_on_air``, ``forbidden``.
    """

    def decide(tx: Transaction) -> Lesson:
        lesson = allowed_target(tx, principal, Action.WATCH, lesson_id, now).lesson
        check_media(lesson)
        check_on_air(lesson)
        return lesson

    lesson = await records.read(decide)
    assert lesson.recording_id is not None
    grant = PlayGrant(lesson.recording_id, principal.account_id, Playing.LIVE, now + lifetime)
    sealed = signer.sign_grant(grant)
    screen = playlist_path(grant.recording_id, sealed, Track.SCREEN, live=True)
    return LivePlaylists(
        camera=playlist_path(grant.recording_id, sealed, Track.CAMERA, live=True),
        screen=screen if await _has_live_screen(media, grant.recording_id) else None,
        expires_at=grant.expires_at,
        renew_after_s=renewal(lifetime),
    )


async def _has_live_screen(media: MediaPlane, recording_id: str) -> bool:
    try:
        return await media.live_playlist(recording_id, Track.SCREEN) is not None
    except Refusal:
        return False


def playlist_path(recording_id: str, sealed: str, track: Track, *, live: bool) -> str:
    return f"/hls/{recording_id}/{sealed}/{'live-' if live else ''}{track.value}.m3u8"
