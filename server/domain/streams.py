"""Peer connections as the record knows them."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

RETURN_MS_EACH = 7
"""One processor answers about a hundred and fifty who come back in a second: tickets, an offer, a handshake each."""
LEAST_RETURN_MS, MOST_RETURN_MS = 500, 15_000


class Direction(enum.StrEnum):
    PUBLISH = "publish"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class MediaSession:
    """``resource_digest``: SHA-256 of the secret in its URL. ``name``: the source published, or the view watched.

    ``login``: the digest of the login that it ends with, None when there was none.
    """

    session_id: str
    resource_digest: str
    lesson_id: str
    direction: Direction
    name: str
    account_id: str
    client_id: str
    started_at: dt.datetime
    ended_at: dt.datetime | None = None
    login: str | None = None


def may_replace(holder: MediaSession | None, account_id: str, client_id: str, *, forced: bool) -> bool:
    """Whether a publisher may push out the one that still holds the source: itself after a restart, or by force.

    A holder nobody knows may be one whose record is being written this moment: only force pushes it out.
    """
    if forced or holder is None:
        return forced
    return client_id == holder.client_id or account_id == holder.account_id


def return_window_ms(connections: int) -> int:
    """Over how long so many are to spread their return when what they were connected to was replaced."""
    return min(MOST_RETURN_MS, max(LEAST_RETURN_MS, RETURN_MS_EACH * connections))
