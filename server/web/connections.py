"""Which members used one connection: one that ends here belongs to one browser, whatever its cookies say."""

from __future__ import annotations

import asyncio
import weakref

from aiohttp import web

_MOST = 16
_NOBODY: frozenset[str] = frozenset()


class Connections:
    """Their accounts, at most ``_MOST`` of each connection, for as long as it lasts.

    ``ours`` False: a proxy ends the connections of its clients and shares its own among them, so nothing is noted.
    """

    def __init__(self, *, ours: bool) -> None:
        self._ours = ours
        self._accounts: weakref.WeakKeyDictionary[asyncio.BaseTransport, frozenset[str]] = weakref.WeakKeyDictionary()

    def used(self, request: web.BaseRequest, account_id: str) -> None:
        transport = request.transport
        if not self._ours or transport is None:
            return
        known = self._accounts.get(transport, _NOBODY)
        if account_id not in known and len(known) < _MOST:
            self._accounts[transport] = known | {account_id}

    def others(self, request: web.Request, account_id: str) -> frozenset[str]:
        """Who used it besides."""
        transport = request.transport
        return _NOBODY if transport is None else self._accounts.get(transport, _NOBODY) - {account_id}
