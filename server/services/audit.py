"""The audit log: a call that changes something leaves its line in the very transaction that changes it.

What a call is about stands in a context variable, set at the edge; the record that use cases are given adds the line to
whatever they write meanwhile. So no use case can forget it, and none has to know.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from server.domain.audit import DONE, Deed
from server.domain.refusals import Refusal
from server.services.records import Records, Seen, Transaction

S = TypeVar("S")
T = TypeVar("T")


@dataclass(slots=True)
class Doing:
    """A call on its way. ``late``: its line is written when it is over, since only then it is known what it came to.

    ``written``: a transaction of it has left its line.
    """

    at: dt.datetime
    actor: str | None
    address: str
    login: str
    request_id: str
    action: str
    about: str = ""
    detail: str = "{}"
    late: bool = False
    written: bool = False

    def deed(self, result: str = DONE) -> Deed:
        return Deed(
            *(self.at, self.actor, self.address, self.login, self.request_id, self.action, self.about, result),
            detail=self.detail,
            salt=new_salt(),
        )


_DOING: ContextVar[Doing | None] = ContextVar("audited call", default=None)


def new_salt() -> str:
    return secrets.token_hex(16)


@contextmanager
def doing(call: Doing) -> Iterator[None]:
    """What is written in here is of this call."""
    token = _DOING.set(call)
    try:
        yield
    finally:
        _DOING.reset(token)


class AuditedRecords:
    """:class:`Records` that add the line of the call on its way to every transaction that it writes.

    ``write_together`` is left alone: what thousands ask for in the same seconds (sign-ins, answers) is evidence in rows
    of its own.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    async def read(self, fn: Callable[[Transaction], T]) -> T:
        return await self._records.read(fn)

    async def glance(self, fn: Callable[[Transaction], T]) -> T:
        return await self._records.glance(fn)

    async def read_seen(self, fn: Callable[[Transaction], T]) -> tuple[T, Seen | None]:
        return await self._records.read_seen(fn)

    async def write(self, fn: Callable[[Transaction], T]) -> T:
        call = _DOING.get()
        if call is None or call.late:
            return await self._records.write(fn)
        deed = call.deed()

        def with_line(tx: Transaction) -> T:
            result = fn(tx)
            tx.audit.add(deed)
            return result

        result = await self._records.write(with_line)
        call.written = True
        return result

    async def write_together(self, fn: Callable[[Transaction, Sequence[S]], Sequence[T | Refusal]], item: S) -> T:
        return await self._records.write_together(fn, item)


async def note(records: Records, call: Doing, result: str = DONE) -> None:
    """A line of its own: what changed nothing in the record, or was refused."""
    deed = call.deed(result)
    await records.write(lambda tx: tx.audit.add(deed))
