"""When logins were used last: kept here, written down together now and then. Watching is use, too.

Who works for others is logged out after a while without any; a page that only asks by itself does not count.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import OrderedDict
from collections.abc import Iterable

from server.services.records import Records, Transaction

EVERY_S = 60.0
MOST = 200_000
AT_ONCE = 500
"""Rows in one transaction: a sign-in that comes between waits for no more."""


class Uses:
    """Of one control process, by the digest of a login. Beyond ``MOST`` the one used longest ago is forgotten."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, dt.datetime] = OrderedDict()
        self._unwritten: set[str] = set()

    def touch(self, login: str | None, now: dt.datetime) -> None:
        if login is None:
            return
        self._last[login] = now
        self._last.move_to_end(login)
        self._unwritten.add(login)
        if len(self._last) > MOST:
            oldest, _ = self._last.popitem(last=False)
            self._unwritten.discard(oldest)

    def touch_all(self, logins: Iterable[str | None], now: dt.datetime) -> None:
        for login in logins:
            self.touch(login, now)

    def last(self, login: str) -> dt.datetime | None:
        return self._last.get(login)

    async def write(self, records: Records) -> int:
        """To be called every ``EVERY_S``; how many were written. What could not be written is so the next time."""
        waiting = list(self._unwritten)
        for begin in range(0, len(waiting), AT_ONCE):
            due = {login: self._last[login] for login in waiting[begin : begin + AT_ONCE] if login in self._last}
            await records.write(functools.partial(_write, due))
            self._unwritten -= {login for login, at in due.items() if self._last.get(login) == at}
        return len(waiting)


def _write(due: dict[str, dt.datetime], tx: Transaction) -> None:
    tx.sessions.use(due)
