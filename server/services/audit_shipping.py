"""Sending the audit log elsewhere. The log itself is the queue: no request waits, and who was away gets the rest.

Of several processes one at a time sends: it claims the queue for as long as a batch may take. Sent is at least once:
one that dies between sending and noting leaves its batch to the next, when the claim is over; ``position`` tells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.domain.audit import Line
from server.domain.chain import Head, head_after
from server.services.records import Records, Transaction

AT_ONCE = 500
CLAIM = dt.timedelta(seconds=30)
"""Longer than any :class:`Post` tries."""


class Post(Protocol):
    async def send(self, lines: Sequence[Line]) -> None:
        """Raises :class:`OSError` (timeouts are one) when they could not be sent."""
        ...


@dataclass(frozen=True, slots=True)
class Shipped:
    """``lost``: lines that were cut, since their time was over, before they could be sent."""

    sent: int
    lost: int = 0


async def ship(records: Records, post: Post, now: dt.datetime) -> Shipped:
    """The next lines. The first call of all begins with what comes after it. Raises what ``post`` raises."""
    at, lines = await records.read(_waiting)
    if at is None:
        await records.write(lambda tx: tx.audit.move_sent(tx.audit.head()))
        return Shipped(0)
    if not lines:
        return Shipped(0)
    until = now + CLAIM
    at, lines = await records.write(lambda tx: _waiting(tx) if tx.audit.claim_sending(now, until) else (None, ()))
    if at is None:
        return Shipped(0)  # another process is at it
    done: Head | None = None
    try:
        if lines:
            await post.send(lines)
            done = head_after(lines[-1])
    finally:
        await records.write(lambda tx: _noted(tx, done, until))
    return Shipped(len(lines), lines[0].position - at.position - 1) if lines else Shipped(0)


def _noted(tx: Transaction, done: Head | None, until: dt.datetime) -> None:
    if done is not None:
        tx.audit.move_sent(done)
    tx.audit.release_sending(until)


def _waiting(tx: Transaction) -> tuple[Head | None, tuple[Line, ...]]:
    at = tx.audit.sent()
    return at, () if at is None else tx.audit.after(at.position, AT_ONCE)
