"""Publishing and watching: WHIP (RFC 9725) and WHEP, from a ticket to a peer connection."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.services.house import House
from server.services.tickets import TicketSigner


@dataclass(frozen=True, slots=True)
class OpenedStream:
    """``resource`` is the secret (256 bit, URL-safe) of the session's URL."""

    resource: str
    sdp: str
    etag: str


async def publish(
    house: House, signer: TicketSigner, token: str, *, lesson_id: str, source: str, offer_sdp: str, now: dt.datetime
) -> OpenedStream:
    """Raises ``ticket_*``, ``lesson_not_on_air``, ``source_taken``, and the media process's refusals.

    The same client or account pushes its own older connection out; a director's ticket anybody's.
    """
    raise NotImplementedError


async def watch(
    house: House, signer: TicketSigner, token: str, *, lesson_id: str, view: str, offer_sdp: str, now: dt.datetime
) -> OpenedStream:
    """Raises ``ticket_*``, ``lesson_not_on_air``, and the media process's refusals."""
    raise NotImplementedError


async def add_candidates(house: House, resource: str, fragment: str, etag: str) -> str | None:
    """Trickle ICE (RFC 8840); a new fragment on ICE restart. Raises ``session_unknown``, ``bad_sdp``."""
    raise NotImplementedError


async def hang_up(house: House, resource: str, now: dt.datetime) -> None:
    """Raises ``session_unknown``."""
    raise NotImplementedError
