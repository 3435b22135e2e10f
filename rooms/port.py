"""The one UDP port: datagrams are read in batches, whatever is read is handed on with its source."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Sequence

from rooms.clock import now_ms, wall_ms
from rooms.guard import Address

READ_BATCH = 64
# One byte more than the guard lets pass, so that an oversized datagram is seen as such.
READ_BYTES = 1501
BUFFER_BYTES = 4 * 1024 * 1024

# The kernel's stamp upon what it takes in (socket(7); Python does not name it), as struct timespec.
SO_TIMESTAMPNS = 35
_STAMP = struct.Struct("@qq")
LONGEST_WAIT_MS = 1000

# Whatever is there, at most READ_BATCH datagrams, each with its source and the milliseconds for which it has waited
# since the kernel took it in (0 where that is not known). Never waits, never raises.
Read = Callable[[], Sequence[tuple[bytes, Address, float]]]


class UdpPort:
    """``on_datagram`` is called for each datagram with its source and the time of its arrival.

    What we read late has still arrived when it did: senders are told so, and clocks are set by it. ``on_batch_end`` is
    called when the socket is drained or the batch full.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_datagram: Callable[[bytes, Address, float], None],
        on_batch_end: Callable[[], None],
        make_reader: Callable[[socket.socket], Read],
    ) -> None:
        self._on_datagram = on_datagram
        self._on_batch_end = on_batch_end
        self.socket = _bound(host, port)
        self._read = make_reader(self.socket)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket, self._read_batch)

    @property
    def number(self) -> int:
        return int(self.socket.getsockname()[1])

    def _read_batch(self) -> None:
        on_datagram = self._on_datagram
        batch = self._read()
        read_at_ms = now_ms()
        for datagram, source, waited_ms in batch:
            on_datagram(datagram, source, read_at_ms - waited_ms)
        self._on_batch_end()

    def close(self) -> None:
        """Idempotent."""
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket)
            self.socket.close()


def reader(sock: socket.socket) -> Read:
    """One system call a datagram."""

    room = socket.CMSG_SPACE(_STAMP.size)

    def read() -> list[tuple[bytes, Address, float]]:
        batch: list[tuple[bytes, Address, float]] = []
        try:
            for _ in range(READ_BATCH):
                datagram, stamps, _, source = sock.recvmsg(READ_BYTES, room)
                batch.append((datagram, source, _waited_ms(stamps) if stamps else 0.0))
        except OSError:
            pass  # drained; or an ICMP error of some earlier send, reported here by the kernel: it names nobody
        return batch

    return read


def _waited_ms(stamps: Sequence[tuple[int, int, bytes]]) -> float:
    """The wall clock may be set meanwhile: what cannot be true is not known."""
    for level, kind, stamp in stamps:
        if (level, kind, len(stamp)) == (socket.SOL_SOCKET, SO_TIMESTAMPNS, _STAMP.size):
            seconds, nanoseconds = _STAMP.unpack(stamp)
            waited_ms = wall_ms() - (seconds * 1e3 + nanoseconds / 1e6)
            return waited_ms if 0 < waited_ms < LONGEST_WAIT_MS else 0.0
    return 0.0


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        with contextlib.suppress(
            OSError
        ):  # not every system has it; arrivals are then as exact as our reading is prompt
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
