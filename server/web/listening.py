"""Ports: bound before anything starts, and closed within seconds whatever clients do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio import sslproto
from dataclasses import dataclass

from aiohttp import web

BACKLOG = 4096
_CLOSE_TIMEOUT_S = 1.0
_KEEPALIVE_S = 75.0
_TLS_BUFFER_BYTES = 16_384
"""What a TLS connection keeps for reading. asyncio's own 256 KiB are 1 GB for 4,000 phones; a record has 16 KiB."""


class PortTaken(Exception):
    """One sentence for the operator."""

    def __init__(self, protocol: str, port: int, reason: str) -> None:
        super().__init__(f"{protocol} port {port} cannot be used: {reason}")
        self.port = port


def bind_tcp(host: str, port: int) -> socket.socket:
    """A listening socket's address, held from now on. Raises :class:`PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise PortTaken("TCP", port, error.strerror or str(error)) from None
    bound.setblocking(False)
    return bound


@dataclass(slots=True)
class Listener:
    """One application on one bound socket."""

    runner: web.AppRunner
    context: ssl.SSLContext | None
    site: web.SockSite | None = None

    @classmethod
    async def start(cls, app: web.Application, bound: socket.socket, context: ssl.SSLContext | None = None) -> Listener:
        listener = await cls.behind(app, context)
        listener.site = web.SockSite(listener.runner, bound, ssl_context=context, backlog=BACKLOG)
        await listener.site.start()
        return listener

    @classmethod
    async def behind(cls, app: web.Application, context: ssl.SSLContext | None) -> Listener:
        """Without a port of its own: somebody else accepts, and :meth:`take` serves."""
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=_KEEPALIVE_S,
            shutdown_timeout=_CLOSE_TIMEOUT_S,  # aiohttp's own default is a minute
            lingering_time=2.0,
            auto_decompress=False,  # nobody needs packed requests, and a packed bomb is refused as unreadable
        )
        await runner.setup()
        # asyncio has no parameter for it.
        sslproto.SSLProtocol.max_size = _TLS_BUFFER_BYTES
        return cls(runner, context)

    async def take(self, connection: socket.socket) -> None:
        """Serves an accepted connection of which nothing has been read. Returns after its handshake; raises OSError."""
        server = self.runner.server
        assert server is not None
        await asyncio.get_running_loop().connect_accepted_socket(server, connection, ssl=self.context)

    async def close(self) -> None:
        """Open requests get a second. Idempotent."""
        async with asyncio.timeout(_CLOSE_TIMEOUT_S + 3):
            await self.runner.cleanup()


def udp_is_free(host: str, port: int) -> bool:
    """Whether the media port could be had right now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
