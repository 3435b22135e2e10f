"""Sending the audit log elsewhere. The log itself is the queue: no request waits, and who was away gets the rest.

Sent is at least once: a process that dies between sending and noting sends again; ``position`` tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.domain.audit import Line
from server.domain.chain import Head, head_after
from server.services.records import Records, Transaction

AT_ONCE = 500


class Post(Protocol):
    async def send(self, lines: Sequence[Line]) -> None:
        """Raises :class:`OSError` (timeouts are one) when they could not be sent."""
        ...


@dataclass(frozen=True, slots=True)
class Shipped:
    """``lost``: lines that were cut, since their time was over, before they could be sent."""

    sent: int
    lost: int = 0


async def ship(records: Records, post: Post) -> Shipped:
    """The next lines. The first call of all begins with what comes after it. Raises what ``post`` raises."""
    at, lines = await records.read(_waiting)
    if at is None:
        await records.write(lambda tx: tx.audit.move_sent(tx.audit.head()))
        return Shipped(0)
    if not lines:
        return Shipped(0)
    await post.send(lines)
    await records.write(lambda tx: tx.audit.move_sent(head_after(lines[-1])))
    return Shipped(len(lines), lines[0].position - at.position - 1)


def _waiting(tx: Transaction) -> tuple[Head | None, tuple[Line, ...]]:
    at = tx.audit.sent()
    return at, () if at is None else tx.audit.after(at.position, AT_ONCE)
