"""Tickets: short-lived permission for one thing, carried where there is no cookie (WHIP, WHEP, Socket.IO, HLS).

``login``: the digest of the login that asked for the ticket; what the ticket opened ends with it. None: no login did.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.refusals import Refusal

PROGRAMME = "programme"
SOURCES_PREFIX = "sources:"
LONGEST = dt.timedelta(seconds=60)
MOST_SOURCES = 32


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
class SocketTicket:
    lesson_id: str
    account_id: str
    expires_at: dt.datetime
    login: str | None = None


@dataclass(frozen=True, slots=True)
class PlayGrant:
    """Permission to fetch one recording's playlists and segments, live or replay."""

    recording_id: str
    account_id: str
    expires_at: dt.datetime


Ticket = PublishTicket | WatchTicket | SocketTicket


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


def check_socket(ticket: Ticket, lesson_id: str, now: dt.datetime) -> SocketTicket:
    """Raises ``ticket_expired`` or ``ticket_foreign``."""
    check_fresh(ticket, now)
    if not isinstance(ticket, SocketTicket) or ticket.lesson_id != lesson_id:
        raise Refusal("ticket_foreign")
    return ticket


def check_grant(grant: PlayGrant, recording_id: str, now: dt.datetime) -> None:
    """Raises ``grant_expired`` or ``grant_invalid``."""
    if now >= grant.expires_at:
        raise Refusal("grant_expired")
    if grant.recording_id != recording_id:
        raise Refusal("grant_invalid", "for another recording")


def viewed_sources(view: str) -> tuple[str, ...]:
    """The sources of a ``sources:…`` view, () for the programme. Raises ``source_unknown`` for anything else."""
    if view == PROGRAMME:
        return ()
    names = tuple(name for name in view.removeprefix(SOURCES_PREFIX).split(",") if name)
    if not view.startswith(SOURCES_PREFIX) or not 1 <= len(names) <= MOST_SOURCES or len(set(names)) < len(names):
        raise Refusal("source_unknown", view[:200])
    return names
