"""Tickets: short-lived permission for one thing, carried where there is no cookie (WHIP, WHEP, Socket.IO, HLS).

``login``: the digest of the login that asked for the ticket; what the ticket opened ends with it. None: no login did.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.refusals import Refusal

PROGRAMME = "programme"
SOURCES_PREFIX = "sources:"
LONGEST = dt.timedelta(seconds=60)
MOST_SOURCES = 32
LONGEST_PLAY = dt.timedelta(hours=12)
LONGEST_RETURN = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class PublishTicket:
    """``replace``: the director's force; throws out whoever publishes this source now."""

    lesson_id: str
    source: str
    account_id: str
    role: str
    client_id: str
    replace: bool
    expires_at: dt.datetime
    member_id: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class WatchTicket:
    """``view`` is ``programme`` or ``sources:<name>,…``; ``minus_source``: the viewer's own, not heard back."""

    lesson_id: str
    view: str
    account_id: str
    role: str
    client_id: str
    minus_source: str | None
    expires_at: dt.datetime
    member_id: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnTicket:
    """For who has a view already and dials anew. It carries no right: whoever redeems it is looked at again.

    Good for one lesson, view, account and login.
    """

    lesson_id: str
    view: str
    account_id: str
    client_id: str
    expires_at: dt.datetime
    member_id: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class SocketTicket:
    lesson_id: str
    account_id: str
    expires_at: dt.datetime
    login: str | None = None


class Playing(enum.StrEnum):
    """What a grant opens: the playlist at the live edge while the lesson is on, or the one of the whole recording."""

    LIVE = "live"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class PlayGrant:
    """Permission to fetch one recording's playlists of one kind, and its segments."""

    recording_id: str
    account_id: str
    kind: Playing
    expires_at: dt.datetime


PAGE_WINDOW = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PageGrant:
    """Permission to fetch a material's pages. ``whole`` False: those that were shown on stage, no further."""

    material_id: str
    account_id: str
    whole: bool
    expires_at: dt.datetime
    login: str | None = None


def page_grant(
    material_id: str, account_id: str, now: dt.datetime, *, whole: bool, login: str | None = None
) -> PageGrant:
    """Good for one to two hours, and the same for everything asked within one: browsers keep what they have."""
    window = int(now.timestamp()) // int(PAGE_WINDOW.total_seconds())
    begun = dt.datetime.fromtimestamp(window * PAGE_WINDOW.total_seconds(), dt.UTC)
    return PageGrant(material_id, account_id, whole, begun + 2 * PAGE_WINDOW, login)


def check_page_grant(grant: PageGrant, now: dt.datetime) -> None:
    """Raises ``grant_expired``."""
    if now >= grant.expires_at:
        raise Refusal("grant_expired")


Ticket = PublishTicket | WatchTicket | ReturnTicket | SocketTicket


def check_fresh(ticket: Ticket, now: dt.datetime) -> None:
    """Raises ``ticket_expired``."""
    if now >= ticket.expires_at:
        raise Refusal("ticket_expired")


def check_publish(ticket: Ticket, lesson_id: str, source: str, now: dt.datetime) -> PublishTicket:
    """Raises ``ticket_expired`` or ``ticket_foreign``."""
    check_fresh(ticket, now)
    if not isinstance(ticket, PublishTicket) or (ticket.lesson_id, ticket.source) != (lesson_id, source):
        raise Refusal("ticket_foreign")
    return ticket


def check_watch(ticket: Ticket, lesson_id: str, view: str, now: dt.datetime) -> WatchTicket:
    """Raises ``ticket_expired`` or ``ticket_foreign``."""
    check_fresh(ticket, now)
    if not isinstance(ticket, WatchTicket) or (ticket.lesson_id, ticket.view) != (lesson_id, view):
        raise Refusal("ticket_foreign")
    return ticket


def check_return(ticket: ReturnTicket, lesson_id: str, view: str, now: dt.datetime) -> None:
    """Raises ``ticket_expired`` or ``ticket_foreign``. Whether its holder still has the right is not asked here."""
    check_fresh(ticket, now)
    if (ticket.lesson_id, ticket.view) != (lesson_id, view):
        raise Refusal("ticket_foreign")


def check_socket(ticket: Ticket, lesson_id: str, now: dt.datetime) -> SocketTicket:
    """Raises ``ticket_expired`` or ``ticket_foreign``."""
    check_fresh(ticket, now)
    if not isinstance(ticket, SocketTicket) or ticket.lesson_id != lesson_id:
        raise Refusal("ticket_foreign")
    return ticket


def check_grant(grant: PlayGrant, recording_id: str, kind: Playing | None, now: dt.datetime) -> None:
    """Raises ``grant_invalid`` or ``grant_expired``. ``kind``: of the playlist asked for, None for a segment."""
    if grant.recording_id != recording_id or kind not in (None, grant.kind):
        raise Refusal("grant_invalid", "for something else")
    if now >= grant.expires_at:
        raise Refusal("grant_expired")


def may_outlast(grant: PlayGrant, now: dt.datetime) -> bool:
    """Whether a grant that ran out may go on while its holder's login and right are there."""
    return now < grant.expires_at + LONGEST_PLAY


def renewal(lifetime: dt.timedelta) -> int:
    """After how many seconds a page should ask for the next grant: early enough for two more tries."""
    return max(1, int(lifetime.total_seconds() / 2))


def viewed_sources(view: str) -> tuple[str, ...]:
    """The sources of a ``sources:…`` view, () for the programme. Raises ``source_unknown`` for anything else."""
    if view == PROGRAMME:
        return ()
    names = tuple(name for name in view.removeprefix(SOURCES_PREFIX).split(",") if name)
    if not view.startswith(SOURCES_PREFIX) or not 1 <= len(names) <= MOST_SOURCES or len(set(names)) < len(names):
        raise Refusal("source_unknown", view[:200])
    return names
