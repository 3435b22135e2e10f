"""The one UDP port: datagrams are read in batches, whatever is read is handed on with its source."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from rooms.guard import Address

READ_BATCH = 64
# One byte more than the guard lets pass, so that an oversized datagram is seen as such.
READ_BYTES = 1501
BUFFER_BYTES = 4 * 1024 * 1024


class UdpPort:
    """``on_datagram`` is called for each datagram, ``on_batch_end`` when the socket is drained or the batch full."""

    def __init__(
        self,
        host: str,
        port: int,
        on_datagram: Callable[[bytes, Address], None],
        on_batch_end: Callable[[], None],
    ) -> None:
        self._on_datagram = on_datagram
        self._on_batch_end = on_batch_end
        self.socket = _bound(host, port)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket, self._read_batch)

    @property
    def number(self) -> int:
        return int(self.socket.getsockname()[1])

    def _read_batch(self) -> None:
        receive = self.socket.recvfrom
        try:
            for _ in range(READ_BATCH):
                datagram, source = receive(READ_BYTES)
                self._on_datagram(datagram, source)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            pass  # an ICMP error of some earlier send, reported here by the kernel; it names nobody
        self._on_batch_end()

    def close(self) -> None:
        """Idempotent."""
        if self.socket.fileno() >= 0:
            self._loop.remove_reader(self.socket)
            self.socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
