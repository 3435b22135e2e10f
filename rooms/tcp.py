"""ICE-TCP, the passive side (RFC 6544): for networks that let no UDP through. Framed as RFC 4571 says.

A connection is an address like any other to whoever stands behind it (:class:`rooms.guard.TcpAddress`): the
demultiplexer binds it by an authentic check, the fan-out hands it what it would have put into a datagram.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import Callable, Sequence

from rooms import rtp
from rooms.framing import BadFraming, Deframer, framed
from rooms.guard import Address, TcpAddress, looks_like_a_check, network_of
from rooms.slow_reader import SendQueue

BACKLOG = 1024
READ_BYTES = 16 * 1024
# Unknown until its first authentic check. A hall of phones may share one address.
FIRST_CHECK_MS = 10_000.0
MAX_STRANGERS, MAX_STRANGERS_OF_NETWORK = 1024, 256
MAX_CHECKS_OF_STRANGER = 16
# How much the kernel may hold that has not left yet: what waits in our own queue can still be put in order.
UNSENT_BYTES = 32 * 1024
SEND_BUFFER_BYTES = 256 * 1024
TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)
SSRC_AT, SSRC_END = 8, 12

COUNTERS = ("tcp_refused", "tcp_silent", "tcp_no_check", "tcp_bad_framing", "tcp_dropped")

OnDatagram = Callable[[bytes, Address], None]


class TcpPort:
    """Every ICE-TCP connection of a node: those of its listener, and those that were accepted elsewhere."""

    def __init__(
        self,
        on_datagram: OnDatagram,
        on_batch_end: Callable[[], None],
        is_bound: Callable[[Address], bool],
        on_keyframe_wanted: Callable[[Address, int], None],
        *,
        max_connections: int,
        clock: Callable[[], float],
    ) -> None:
        """``is_bound``: whether a session has shown that it is there. ``on_keyframe_wanted``: address and SSRC."""
        self.on_datagram = on_datagram
        self.on_batch_end = on_batch_end
        self.is_bound = is_bound
        self.counters: Counter[str] = Counter()
        self.clock = clock
        self._on_keyframe_wanted = on_keyframe_wanted
        self._max_connections = max_connections
        self._connections: dict[Address, Connection] = {}
        self._strangers: Counter[str] = Counter()  # by network
        self._numbers = 0
        self._server: asyncio.Server | None = None
        self._buffer = memoryview(bytearray(READ_BYTES))

    def __len__(self) -> int:
        return len(self._connections)

    async def listen(self, sock: socket.socket) -> None:
        """``sock`` is bound; it is ours now."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=sock, backlog=BACKLOG)

    async def adopt(self, sock: socket.socket) -> None:
        """A connection that somebody else accepted; nothing of it has been read. It is ours now."""
        sock.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(self._connection, sock)

    def _connection(self) -> Connection:
        return Connection(self, self._buffer)

    # ---- what a connection reports

    def opened(self, connection: Connection, host: str, port: int) -> TcpAddress | None:
        """Its address with us; None: there is no place for it."""
        network = network_of(host)
        strangers = sum(self._strangers.values())
        if (
            len(self._connections) >= self._max_connections
            or strangers >= MAX_STRANGERS
            or self._strangers[network] >= MAX_STRANGERS_OF_NETWORK
        ):
            self.counters["tcp_refused"] += 1
            return None
        self._numbers += 1
        address = TcpAddress(host, port, self._numbers)
        self._connections[address] = connection
        self._strangers[network] += 1
        return address

    def known(self, address: TcpAddress) -> None:
        """It is no stranger's any more. Call once."""
        network = network_of(address.host)
        self._strangers[network] -= 1
        if self._strangers[network] <= 0:
            del self._strangers[network]

    def closed(self, connection: Connection, address: TcpAddress) -> None:
        if self._connections.pop(address, None) is not None and connection.stranger:
            self.known(address)
        self.counters["tcp_dropped"] += connection.queue.dropped

    # ---- out

    def send_one(self, datagram: bytes, address: Address) -> bool:
        """Whether there is such a connection."""
        connection = self._connections.get(address)
        if connection is None:
            return False
        connection.send_one(datagram)
        return True

    def send_media(self, sealed: Sequence[bytes], address: Address, *, urgent: bool, keyframe: bool) -> bool:
        """A batch of one stream. Whether there is such a connection."""
        connection = self._connections.get(address)
        if connection is None:
            return False
        connection.send_media(sealed, urgent=urgent, keyframe=keyframe)
        return True

    def discard(self, address: Address) -> None:
        """What waits for a slow reader is given up."""
        connection = self._connections.get(address)
        if connection is not None:
            connection.queue.clear()

    # ---- the clock

    def on_tick(self, now_ms: float) -> None:
        """Once a second: ends whose time is over, asks for the keyframes that slow readers wait for."""
        for address, connection in list(self._connections.items()):
            if connection.stranger:
                if now_ms - connection.opened_at_ms > FIRST_CHECK_MS:
                    self.counters["tcp_silent"] += 1
                    connection.end()
            elif not self.is_bound(address):
                connection.end()
            else:
                for ssrc in connection.queue.keyframes_due(now_ms):
                    self._on_keyframe_wanted(address, ssrc)

    def tally(self) -> Counter[str]:
        total = Counter(dict.fromkeys(COUNTERS, 0))
        total.update(self.counters)
        total["tcp_connections"] = len(self._connections)
        total["tcp_dropped"] += sum(connection.queue.dropped for connection in self._connections.values())
        return total

    def close(self) -> None:
        """Idempotent."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._connections.values()):
            connection.end()


class Connection(asyncio.BufferedProtocol):
    """One TCP connection. What the socket does not take at once waits in ``queue``, never in the transport."""

    def __init__(self, port: TcpPort, buffer: memoryview) -> None:
        self.queue = SendQueue()
        self.stranger = True
        self.opened_at_ms = port.clock()
        self._port = port
        self._buffer = buffer  # shared: it is read out before anybody else's bytes come in
        self._deframer = Deframer()
        self._checks = 0
        self._address: TcpAddress | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False

    # ---- asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]
        self._address = self._port.opened(self, host.removeprefix("::ffff:"), port)
        if self._address is None:
            transport.abort()
            return
        self._transport = transport
        transport.set_write_buffer_limits(high=0)
        sock = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            sock.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._address is not None:
            self._port.closed(self, self._address)
            self._address = None

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        try:
            for datagram in self._deframer.feed(bytes(self._buffer[:nbytes])):
                if self._address is None or not self._take(datagram):
                    return
        except BadFraming:
            self._refuse("tcp_bad_framing")
        self._port.on_batch_end()

    def eof_received(self) -> None:
        """They have said their last word; so have we."""

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._drain()

    # ---- in

    def _take(self, datagram: bytes) -> bool:
        """Whether to go on. A stranger has nothing to say but connectivity checks, and not many wrong ones."""
        address = self._address
        assert address is not None
        if self.stranger and not looks_like_a_check(datagram):
            self._refuse("tcp_no_check")
            return False
        self._port.on_datagram(datagram, address)
        if self.stranger:
            self._checks += 1
            if self._port.is_bound(address):
                self.stranger = False
                self._port.known(address)
            elif self._checks >= MAX_CHECKS_OF_STRANGER:
                self._refuse("tcp_no_check")
                return False
        return True

    def _refuse(self, reason: str) -> None:
        self._port.counters[reason] += 1
        self.end()

    def end(self) -> None:
        """Idempotent. What the socket does not take at once is lost: a slow reader must not keep it open."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    # ---- out

    def send_one(self, datagram: bytes) -> None:
        """Checks, handshakes and reports go first; a repeated packet of media waits with the pictures."""
        if self._transport is None:
            return
        if not self._paused:
            self._transport.write(framed((datagram,)))
        elif datagram[0] < 128 or rtp.is_rtcp(datagram):
            self.queue.put_urgent(datagram)
        else:
            self.queue.put_repair(datagram)

    def send_media(self, sealed: Sequence[bytes], *, urgent: bool, keyframe: bool) -> None:
        if self._transport is None:
            return
        if urgent:
            for datagram in sealed:
                self.queue.put_urgent(datagram)
        else:
            ssrc = int.from_bytes(sealed[0][SSRC_AT:SSRC_END], "big")
            self.queue.put_pictures(sealed, ssrc, keyframe=keyframe)
        self._drain()

    def _drain(self) -> None:
        """As much as the socket takes: in one write what there is, but no more than may wait in the transport."""
        while self.queue and not self._paused and self._transport is not None:
            batch: list[bytes] = []
            size = 0
            while size < UNSENT_BYTES and (datagram := self.queue.take()) is not None:
                batch.append(datagram)
                size += len(datagram)
            self._transport.write(framed(batch))


def bound(host: str, port: int) -> socket.socket:
    """A TCP socket on the number that the UDP port has. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((host, port))
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
