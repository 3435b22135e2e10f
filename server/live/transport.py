"""The one file that touches engineio's private parts: its web socket, without compression and with a pace.

engineio has no switch for per-message deflate (131 KB a connection instead of 31), reads as fast as a client can send,
and would wait ten seconds for a closing handshake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import socketio
from aiohttp import web
from engineio.async_drivers import aiohttp as driver

from server import clock
from server.pacing import Bucket, Rate

_CLOSE_TIMEOUT_S = 1.0
_POLICY_VIOLATION = 1008
_UNSUPPORTED = 1003
_EVENT = socketio.packet.EVENT
# Engine.IO message, Socket.IO packet with attachments: those would be collected without a limit.
_WITH_ATTACHMENTS = ("45", "46")


class PacedWebSocket(driver.WebSocket):
    """Satisfies engineio's WebSocket. Too many messages, or anything but text, close the connection."""

    def __init__(self, handler: Any, server: Any, rate: Rate, on_cut: Callable[[str], None]) -> None:  # noqa: ANN401 - engineio's own
        super().__init__(handler, server)
        self._bucket = Bucket(rate, clock.monotonic_ms())
        self._on_cut = on_cut

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False, timeout=_CLOSE_TIMEOUT_S
        )
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        await self.handler(self)
        return self._sock

    async def wait(self) -> Any:  # noqa: ANN401 - text or bytes
        data = await super().wait()
        if self._bucket.take(clock.monotonic_ms()) > 0:
            await self._refuse("too_fast", _POLICY_VIOLATION)
        if isinstance(data, bytes) or (data is not None and data.startswith(_WITH_ATTACHMENTS)):
            await self._refuse("binary", _UNSUPPORTED)
        return data

    async def _refuse(self, reason: str, code: int) -> NoReturn:
        self._on_cut(reason)
        await self._sock.close(code=code, message=reason.encode())
        raise OSError(reason)


def install(server: socketio.AsyncServer, rate: Rate, on_cut: Callable[[str], None]) -> None:
    """Make the server's web sockets ours. ``on_cut`` hears why a client was cut off."""

    def make(handler: Any, engine: Any) -> PacedWebSocket:  # noqa: ANN401
        return PacedWebSocket(handler, engine, rate, on_cut)

    server.eio._async = {**server.eio._async, "websocket": make}


def connections(server: socketio.AsyncServer) -> int:
    """Open engine connections, also those that have not joined a namespace."""
    return len(server.eio.sockets)


def engine_ids(server: socketio.AsyncServer) -> tuple[str, ...]:
    return tuple(server.eio.sockets)


async def send_event(server: socketio.AsyncServer, sid: str, namespace: str, text: str) -> None:
    """``text``: name and data as a JSON array. ``emit`` would write it anew, in a task of its own, for each client."""
    engine_id = server.manager.eio_sid_from_sid(sid, namespace)
    if engine_id is not None:
        await server.eio.send(engine_id, f"{_EVENT}{namespace},{text}")


async def sent(server: socketio.AsyncServer, sid: str, namespace: str) -> None:
    """Returns when everything queued for this client so far has been taken by its writer; at once when it is gone."""
    connection = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, namespace))
    if connection is not None and not connection.closed:
        await connection.queue.join()


async def cut(server: socketio.AsyncServer, sid: str, namespace: str) -> None:
    """Close the client's connection without waiting for what it has not taken."""
    engine_id = server.manager.eio_sid_from_sid(sid, namespace)
    if engine_id is not None:
        await cut_engine(server, engine_id)


async def cut_engine(server: socketio.AsyncServer, engine_id: str) -> None:
    connection = server.eio.sockets.get(engine_id)
    if connection is not None:
        await connection.close(wait=False, abort=True, reason=server.eio.reason.SERVER_DISCONNECT)
        # Whatever waits is of no use any more; the end marker lets the writer close the web socket.
        while not connection.queue.empty():
            connection.queue.get_nowait()
            connection.queue.task_done()
        connection.queue.put_nowait(None)
