"""The one file that touches engineio's private parts: its web socket, without compression and with a pace.

engineio has no switch for per-message deflate (131 KB a connection instead of 31), reads as fast as a client can send,
would wait ten seconds for a closing handshake, and keeps more of each connection than is of use (decision 0125).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, MutableMapping
from typing import Any, NoReturn

import socketio
import structlog
from aiohttp import hdrs, web
from engineio import exceptions, packet
from engineio.async_drivers import aiohttp as driver

from server import clock
from server.live import packets
from server.live.backlog import Backlog
from server.live.doorway import Doorway, Place
from server.live.outbox import NAMESPACE, Message
from server.pacing import Bucket, Rate

log = structlog.get_logger()

_CLOSE_TIMEOUT_S = 1.0
_POLICY_VIOLATION = 1008
_UNSUPPORTED = 1003
_MALFORMED_LINES = Rate(per_minute=12, burst=5)
_REQUEST = "aiohttp.request"
# Of a handshake, what is needed later: the libraries would keep its headers as long as the connection.
_KEPT = (_REQUEST, "REQUEST_METHOD")
_PLACE = web.RequestKey("doorway", Place)
_EVENT = socketio.packet.EVENT
# Engine.IO message, Socket.IO packet with attachments: those would be collected without a limit.
_WITH_ATTACHMENTS = ("45", "46")


MOST_TOGETHER = 50
"""Messages of one client that are worked on side by side: as many as a paper has questions."""


class SideBySide(socketio.AsyncServer):
    """One message of a client after the other, but for ``events``: a paper's answers are handed in together, and each
    counts from when it came, not from when those before it were committed. With ``MOST_TOGETHER`` under way the next
    is awaited, and with it whatever else the client says. ``start`` owns the tasks.
    """

    def __init__(
        self,
        events: frozenset[str],
        *,
        start: Callable[[Coroutine[Any, Any, None]], object],
        **options: Any,  # noqa: ANN401 - socketio's own
    ) -> None:
        super().__init__(async_handlers=False, **options)
        self._side_by_side = events
        self._start = start
        self._under_way: Counter[str] = Counter()

    async def _handle_event_internal(
        self,
        server: socketio.AsyncServer,
        sid: str,
        eio_sid: str,
        data: list[Any],
        *ack: Any,  # noqa: ANN401 - namespace and id, socketio's own
    ) -> None:
        alone = data[0] not in self._side_by_side or self._under_way[sid] >= MOST_TOGETHER
        work = super()._handle_event_internal(server, sid, eio_sid, data, *ack)
        if alone:
            await work
        else:
            self._under_way[sid] += 1
            self._start(self._worked(sid, work))

    async def _worked(self, sid: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("socket.packet_failed")
        finally:
            self._under_way[sid] -= 1
            if not self._under_way[sid]:
                del self._under_way[sid]


class PacedWebSocket(driver.WebSocket):
    """Satisfies engineio's WebSocket. Too many messages, or anything but text, close the connection."""

    def __init__(self, handler: Any, engine: Any, keeper: Keeper) -> None:  # noqa: ANN401 - engineio's own
        super().__init__(handler, engine)
        self._connection = handler.__self__
        self._connection.web_socket = self
        self._engine_id: str = self._connection.sid
        self._keeper = keeper
        self._bucket = Bucket(keeper.rate, clock.monotonic_ms())
        self._sending = False

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False, timeout=_CLOSE_TIMEOUT_S
        )
        await self._sock.prepare(environ[_REQUEST])
        self._sock.headers.clear()  # they are on their way
        self.environ = environ
        with self._keeper.keeping(self._engine_id, self):
            await self._serve()
        return self._sock

    async def _serve(self) -> None:
        """As engineio's own handler, which makes a task and a timer for each packet in either direction."""
        connection, engine = self._connection, self.server
        connection.connected = connection.upgraded = True
        writer = asyncio.create_task(self._write_on())
        try:
            while True:
                async with asyncio.timeout(engine.ping_interval + engine.ping_timeout):
                    text = await self.wait()
                # Who goes on talking and never reads answers no ping.
                if not await connection.check_ping_timeout():
                    break
                await self._take(text)
        except (OSError, TimeoutError, exceptions.SocketIsClosedError):
            pass  # gone, silent, or sent away
        finally:
            connection.queue.put_nowait(None)
            self.hang_up()
            await writer
            await connection.close(wait=False, abort=True, reason=engine.reason.TRANSPORT_CLOSE)

    async def _take(self, text: str) -> None:
        try:
            await self._connection.receive(packet.Packet(encoded_packet=text))
        except exceptions.UnknownPacketError:
            pass
        except exceptions.SocketIsClosedError:
            raise
        except Exception:
            log.exception("socket.packet_failed")

    async def _write_on(self) -> None:
        """What engineio has to say, until the end marker. When nobody is there any more it is taken all the same:
        whoever waits until it is would wait for ever.
        """
        queue, gone = self._connection.queue, False
        while (item := await queue.get()) is not None:
            # Nothing may overtake it, from the moment on in which it does not stand in the queue any more.
            self._sending = True
            queue.task_done()
            if gone:
                continue
            try:
                await self._sock.send_str(item.encode())
                self._sending = False
            except OSError:
                gone = True
                await self._sock.close()
        await self._sock.close()

    def write(self, frame: bytes) -> bool:
        """A whole frame, at once, past engineio's writer: only when that one has nothing, and the network keeps up."""
        transport = self.environ[_REQUEST].transport
        if self._sending or self._sock.closed or transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size():
            return False
        transport.write(frame)
        return True

    def hang_up(self) -> None:
        """What the network has not taken a second from now is given up: nobody who does not read is waited for."""
        transport = self.environ[_REQUEST].transport
        if transport is not None:
            asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT_S, transport.abort)

    async def wait(self) -> str:
        """Raises OSError when nothing more comes, or what comes is none."""
        data = await super().wait()
        if self._bucket.take(clock.monotonic_ms()) > 0:
            await self._refuse("too_fast", _POLICY_VIOLATION)
        if not isinstance(data, str) or data.startswith(_WITH_ATTACHMENTS):
            await self._refuse("binary", _UNSUPPORTED)
        await self._check_form(data)
        return data

    async def _check_form(self, text: str) -> None:
        try:
            said = packets.message(text)
            if packets.is_connect(said) and self._keeper.joined(self._engine_id, said.namespace):
                raise ValueError("joins twice")
        except ValueError as error:
            self._keeper.note_malformed(str(error))
            await self._refuse("malformed", _POLICY_VIOLATION)

    async def _refuse(self, reason: str, code: int) -> NoReturn:
        self._keeper.on_cut(reason)
        await self._sock.close(code=code, message=reason.encode())
        raise OSError(reason)


class Keeper:
    """What all web sockets of a server share. ``on_cut`` hears why a client was cut off."""

    def __init__(self, server: socketio.AsyncServer, rate: Rate, on_cut: Callable[[str], None]) -> None:
        self.rate = rate
        self.on_cut = on_cut
        self._server = server
        self._sockets: dict[str, PacedWebSocket] = {}
        self._lines = Bucket(_MALFORMED_LINES, clock.monotonic_ms())
        self._unsaid = 0

    @contextlib.contextmanager
    def keeping(self, engine_id: str, socket: PacedWebSocket) -> Iterator[None]:
        self._sockets[engine_id] = socket
        try:
            yield
        finally:
            del self._sockets[engine_id]

    def socket(self, engine_id: str) -> PacedWebSocket | None:
        """The open one."""
        return self._sockets.get(engine_id)

    def joined(self, engine_id: str, namespace: str | None) -> bool:
        return self._server.manager.sid_from_eio_sid(engine_id, namespace or "/") is not None

    def note_malformed(self, why: str) -> None:
        """One line, and only so many of them: the next one says how many were left out."""
        if self._lines.take(clock.monotonic_ms()) > 0:
            self._unsaid += 1
            return
        log.warning("socket.malformed", why=why, unsaid=self._unsaid)
        self._unsaid = 0


def install(server: socketio.AsyncServer, rate: Rate, on_cut: Callable[[str], None]) -> Keeper:
    """Make the server's web sockets ours."""
    keeper = Keeper(server, rate, on_cut)

    def make(handler: Any, engine: Any) -> PacedWebSocket:  # noqa: ANN401
        return PacedWebSocket(handler, engine, keeper)

    server.eio._async = {**server.eio._async, "websocket": make}
    server.eio.create_queue = Backlog
    return keeper


def install_doorway(
    server: socketio.AsyncServer,
    doorway: Doorway,
    address_of: Callable[[web.Request], str],
    on_full: Callable[[], None],
) -> None:
    """Who has not joined is counted by address, and waits for a place; call before the server is attached."""
    handle = server.eio.handle_request

    async def guarded(request: web.Request) -> web.StreamResponse:
        place = await doorway.enter(address_of(request))
        if place is None:
            on_full()
            return web.Response(status=429, headers={hdrs.RETRY_AFTER: "10"})
        request[_PLACE] = place
        try:
            if request.transport is None:
                return web.Response(status=400)  # to nobody: it hung up while it waited
            answer: web.StreamResponse = await handle(request)
            return answer
        finally:
            place.leave()

    server.eio.handle_request = guarded


def has_joined(environ: MutableMapping[str, Any]) -> None:
    """The connection of this handshake stands in the door no more; what the handshake said is forgotten."""
    environ[_REQUEST][_PLACE].leave()
    kept = {key: environ[key] for key in _KEPT}
    environ.clear()
    environ.update(kept)


def connections(server: socketio.AsyncServer) -> int:
    """Open engine connections, also those that have not joined a namespace."""
    return len(server.eio.sockets)


def engine_ids(server: socketio.AsyncServer) -> tuple[str, ...]:
    return tuple(server.eio.sockets)


class SocketLine:
    """The way to one client; satisfies :class:`server.live.client.Line`."""

    def __init__(self, server: socketio.AsyncServer, keeper: Keeper, sid: str) -> None:
        self._server = server
        self._sid = sid
        self._engine_id: str = server.manager.eio_sid_from_sid(sid, NAMESPACE)
        self._connection = server.eio.sockets.get(self._engine_id)
        self._socket = keeper.socket(self._engine_id)

    def write(self, item: Message) -> bool:
        """In order with what engineio sends by itself: whatever stands in its queue goes first."""
        connection, socket = self._connection, self._socket
        if connection is None or socket is None or connection.closing or connection.closed:
            return False
        # Not ``empty()``: a packet may have left the queue and not have reached the network yet.
        return connection.queue.unfinished == 0 and socket.write(item.wire)

    def hang_up(self) -> None:
        """Also when who waits for it to take what it asked for does not come to it."""
        if self._socket is not None:
            self._socket.hang_up()

    async def send(self, item: Message) -> None:
        """``emit`` would write it anew, in a task of its own, for each client."""
        await self._server.eio.send(self._engine_id, f"{_EVENT}{NAMESPACE},{item.text}")
        await sent(self._server, self._sid, NAMESPACE)


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
        socket: PacedWebSocket | None = getattr(connection, "web_socket", None)
        if socket is not None:
            socket.hang_up()
