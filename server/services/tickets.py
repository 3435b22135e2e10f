"""Issuing tickets and grants. What stands in them is decided here; a signer seals them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from server.domain.access import Principal
from server.domain.events import Listener
from server.domain.tickets import LONGEST, PlayGrant, Ticket
from server.services.records import Records


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
    """``path`` is where it is good: ``/whip/…`` or ``/whep/…``."""

    path: str
    token: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class IssuedSocketTicket:
    ticket: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class LivePlaylists:
    """Paths below the server's root."""

    camera: str
    screen: str | None
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may join a lesson's Socket.IO room, and what they hear there."""

    principal: Principal
    listener: Listener
    seq: int


async def issue_publish_ticket(
    records: Records,
    signer: TicketSigner,
    principal: Principal,
    lesson_id: str,
    *,
    source: str,
    client_id: str,
    replace: bool = False,
    lifetime: dt.timedelta = LONGEST,
    now: dt.datetime,
) -> IssuedTicket:
    """Raises ``lesson_not_found``, ``lesson_not_on_air``, ``source_unknown``, ``forbidden``.

    ``replace`` throws out another account's publisher: the director's right.
    """
    raise NotImplementedError


async def issue_watch_ticket(
    records: Records,
    signer: TicketSigner,
    principal: Principal,
    lesson_id: str,
    *,
    view: str,
    client_id: str,
    lifetime: dt.timedelta = LONGEST,
    now: dt.datetime,
) -> IssuedTicket:
    """Raises as publishing; ``sources:…`` views are staff's, and a venue's of its own source."""
    raise NotImplementedError


async def issue_socket_ticket(
    records: Records,
    signer: TicketSigner,
    principal: Principal,
    lesson_id: str,
    *,
    lifetime: dt.timedelta = LONGEST,
    now: dt.datetime,
) -> IssuedSocketTicket:
    """Raises ``lesson_not_found``."""
    raise NotImplementedError


async def admit_socket(
    records: Records, signer: TicketSigner, token: str, lesson_id: str, now: dt.datetime
) -> Admission:
    """Raises ``ticket_invalid``, ``ticket_expired``, ``ticket_foreign``, ``lesson_not_found``."""
    raise NotImplementedError


async def issue_live_grant(
    records: Records,
    signer: GrantSigner,
    principal: Principal,
    lesson_id: str,
    *,
    lifetime: dt.timedelta,
    now: dt.datetime,
) -> LivePlaylists:
    """Addresses of the live HLS playlists. Raises ``lesson_not_found``, ``lesson_not_on_air``, ``forbidden``."""
    raise NotImplementedError
