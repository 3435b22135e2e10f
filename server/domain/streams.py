"""Peer connections as the record knows them."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.kits import is_kit

RETURN_MS_EACH = 7.0
"""Until it was measured: a processor of its own answers about a hundred and fifty who come back in a second."""
LEAST_EACH_MS, MOST_EACH_MS = 4.0, 20.0
LEAST_RETURN_MS, MOST_RETURN_MS = 500, 30_000
ROOM_FOR_OTHERS = 1.75
"""The window is so many times the processor time of the control process: handshakes, and all that goes on beside it."""
LEAST_RETURNS, NEWEST = 20, 0.2


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


def may_replace(
    holder: MediaSession | None, account_id: str, client_id: str, *, forced: bool, pushed_out: bool = False
) -> bool:
    """Whether a publisher may push out the one that still holds the source: itself after a restart, or by force.

    A holder nobody knows may be one whose record is being written this moment: only force pushes it out.
    ``pushed_out``: this client sent the source before its holder did. It dials again by itself, and two machines of
    one account would push each other out for ever: it comes back by force, or once its holder is gone.

    A room kit pushes its venue's page out, and nothing pushes a kit out but itself: nobody stands beside it to start it
    again. It goes with its key.
    """
    if holder is not None and (is_kit(holder.client_id) or is_kit(client_id)):
        return client_id == holder.client_id or not is_kit(holder.client_id)
    if forced or holder is None:
        return forced
    return client_id == holder.client_id or (account_id == holder.account_id and not pushed_out)


class ReturnCost:
    """What letting one viewer come back costs this machine, from the seconds in which many did. Pure."""

    def __init__(self) -> None:
        self._measured_ms: float | None = None
        self._came = self._returned = 0

    def came(self, *, back: bool) -> None:
        """A viewer was let in; ``back``: by its kept ticket, which is cheaper than both requests of a first time."""
        self._came += 1
        self._returned += back

    def weigh(self, cpu_ms: float) -> None:
        """Processor time of the control process since the last call, about a second ago."""
        came, returned = self._came, self._returned
        self._came = self._returned = 0
        if returned < LEAST_RETURNS or returned < 0.8 * came:
            return
        each_ms = ROOM_FOR_OTHERS * cpu_ms / came
        before_ms = self._measured_ms or each_ms
        self._measured_ms = before_ms + NEWEST * (each_ms - before_ms)

    @property
    def each_ms(self) -> float:
        if self._measured_ms is None:
            return RETURN_MS_EACH
        return min(MOST_EACH_MS, max(LEAST_EACH_MS, self._measured_ms))


def return_window_ms(connections: int, each_ms: float = RETURN_MS_EACH) -> int:
    """Over how long so many are to spread their return when what they were connected to was replaced."""
    return round(min(MOST_RETURN_MS, max(LEAST_RETURN_MS, each_ms * connections)))
