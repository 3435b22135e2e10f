"""Open connections handed from the control process to a media process (SCM_RIGHTS, unix(7)), unread.

One datagram each, to a socket beside the link's that only our user can open. Nothing is copied afterwards: the media
process owns the connection as if it had accepted it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import structlog

log = structlog.get_logger()

_MOST_WAITING = 512  # for a media process that is busy; then the newest is closed
_BATCH = 64
_WORD = b"c"


def path_beside(link: Path) -> Path:
    return link.with_name(f"{link.name}.fd")


class Sender:
    """Towards one media process, which may come and go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: deque[socket.socket] = deque()
        self._socket: socket.socket | None = None

    def hand_over(self, connection: socket.socket) -> None:
        """``connection`` is no longer the caller's. It is closed when nobody takes it."""
        if len(self._waiting) >= _MOST_WAITING:
            connection.close()
            return
        self._waiting.append(connection)
        if len(self._waiting) == 1:
            self._send()

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            first_try = self._socket is not None  # it may have had a predecessor at the other end
            try:
                sock = self._connected()
                socket.send_fds(sock, [_WORD], [self._waiting[0].fileno()])
            except BlockingIOError:
                loop.add_writer(self._connected(), self._send)
                return
            except OSError as error:
                self._disconnect()
                if first_try:
                    continue
                log.warning("handover.failed", reason=error.strerror or str(error))
            self._waiting.popleft().close()
        if self._socket is not None:
            loop.remove_writer(self._socket)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sock.setblocking(False)
            try:
                sock.connect(str(self._path))
            except OSError:
                sock.close()
                raise
            self._socket = sock
        return self._socket

    def _disconnect(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_writer(self._socket)
            self._socket.close()
            self._socket = None

    def close(self) -> None:
        """Idempotent."""
        self._disconnect()
        while self._waiting:
            self._waiting.popleft().close()


@contextlib.asynccontextmanager
async def receiving(path: Path, adopt: Callable[[socket.socket], Awaitable[None]]) -> AsyncIterator[None]:
    """Gives every connection that comes to ``adopt``, which owns it, until the block ends."""
    sock = _bound(path)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.TaskGroup() as group:
            loop.add_reader(sock, _receive, sock, lambda connection: group.create_task(_adopted(connection, adopt)))
            try:
                yield
            finally:
                loop.remove_reader(sock)
    finally:
        sock.close()
        _forget(path)


def _bound(path: Path) -> socket.socket:
    _forget(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    before = os.umask(0o177)
    try:
        sock.bind(str(path))
    finally:
        os.umask(before)
    sock.setblocking(False)
    return sock


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def _receive(sock: socket.socket, take: Callable[[socket.socket], object]) -> None:
    with contextlib.suppress(BlockingIOError):
        for _ in range(_BATCH):
            _, descriptors, _, _ = socket.recv_fds(sock, len(_WORD), 1)
            for descriptor in descriptors:
                take(socket.socket(fileno=descriptor))


async def _adopted(connection: socket.socket, adopt: Callable[[socket.socket], Awaitable[None]]) -> None:
    try:
        await adopt(connection)
    except OSError as error:  # it may be over already
        log.debug("handover.lost", reason=str(error))
        connection.close()
