"""Ports: bound before anything starts, and closed within seconds whatever clients do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from server import clock
from server.web import tls_reading

BACKLOG = 4096
_CLOSE_TIMEOUT_S = 1.0
_KEEPALIVE_S = 75.0
# asyncio gives a handshake a minute and aiohttp a first request for ever: a few hundred slow ones would hold all that
# there are descriptors for. Long enough for a hall that comes at once to a machine that is busy.
_HANDSHAKE_S = 20.0
_FIRST_REQUEST_S = 30.0
# asyncio waits half a minute for the other side's goodbye and answers nothing meanwhile. A phone that was without
# network sends its next request into a connection that ran out: closed for good, it is told so and opens another.
_GOODBYE_S = 5.0
_SWEEP_S = 1.0


class PortTaken(Exception):
    """One sentence for the operator."""

    def __init__(self, protocol: str, port: int, reason: str) -> None:
        super().__init__(f"{protocol} port {port} cannot be used: {reason}")
        self.port = port


def bind_tcp(host: str, port: int) -> socket.socket:
    """An address, held from now on; nobody gets through until :func:`listen`. Raises :class:`PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise PortTaken("TCP", port, error.strerror or str(error)) from None
    bound.setblocking(False)
    return bound


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Around = Callable[[Handler], Handler]
"""What stands around an application: it sees every request first."""


def listen(bound: socket.socket) -> None:
    """Call when those who come are served at once. A hall that knocks at a server that is still being built would wait
    in its queue with a dial whose time runs; who is refused meanwhile dials again, and is patient then (decision 0125).
    Raises :class:`PortTaken`.
    """
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise PortTaken("TCP", bound.getsockname()[1], error.strerror or str(error)) from None


class Silent:
    """Connections that have not asked for anything yet, longest first; makes them, and ends those that never do."""

    def __init__(self) -> None:
        self.make: Callable[[], RequestHandler] | None = None
        self._since_ms: dict[object, float] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def __call__(self) -> RequestHandler:
        assert self.make is not None
        handler = self.make()
        self._since_ms[handler] = clock.monotonic_ms()
        return handler

    def heard(self, handler: Handler) -> Handler:
        def handle(request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
            self._since_ms.pop(request.protocol, None)
            return handler(request)

        return handle

    def sweep(self) -> None:
        """Every second from now on."""
        self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_S, self.sweep)
        now_ms = clock.monotonic_ms()
        for handler, since_ms in list(self._since_ms.items()):
            if now_ms - since_ms < 1000 * _FIRST_REQUEST_S:
                break
            del self._since_ms[handler]
            if isinstance(handler, RequestHandler) and handler.transport is not None:
                handler.transport.abort()

    def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()


@dataclass(slots=True)
class Listener:
    """One application on one bound socket."""

    runner: web.AppRunner
    context: ssl.SSLContext | None
    silent: Silent
    accepting: asyncio.Server | None = None

    @classmethod
    async def start(
        cls,
        app: web.Application,
        bound: socket.socket,
        context: ssl.SSLContext | None = None,
        around: Around | None = None,
    ) -> Listener:
        listener = await cls.behind(app, context, around)
        listen(bound)
        listener.accepting = await asyncio.get_running_loop().create_server(
            listener.silent,
            sock=bound,
            ssl=context,
            backlog=BACKLOG,
            ssl_handshake_timeout=listener._of_tls(_HANDSHAKE_S),
            ssl_shutdown_timeout=listener._of_tls(_GOODBYE_S),
        )
        return listener

    @classmethod
    async def behind(
        cls, app: web.Application, context: ssl.SSLContext | None, around: Around | None = None
    ) -> Listener:
        """Without a port of its own: somebody else accepts, and :meth:`take` serves."""
        silent = Silent()
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
        server = runner.server
        assert server is not None
        server.request_handler = silent.heard(around(server.request_handler) if around else server.request_handler)
        silent.make = server
        silent.sweep()
        tls_reading.share()
        return cls(runner, context, silent)

    def _of_tls(self, seconds: float) -> float | None:
        """asyncio takes no such limit without TLS."""
        return None if self.context is None else seconds

    async def take(self, connection: socket.socket) -> None:
        """Serves an accepted connection of which nothing has been read. Returns after its handshake; raises OSError."""
        await asyncio.get_running_loop().connect_accepted_socket(
            self.silent,
            connection,
            ssl=self.context,
            ssl_handshake_timeout=self._of_tls(_HANDSHAKE_S),
            ssl_shutdown_timeout=self._of_tls(_GOODBYE_S),
        )

    async def close(self) -> None:
        """Open requests get a second. Idempotent."""
        if self.accepting is not None:
            self.accepting.close()
        self.silent.close()
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
