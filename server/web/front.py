"""One port for everything: HTTPS for us, ICE-TCP for a media process, told apart by their first bytes.

A connection is looked at without taking anything from it (MSG_PEEK) and then handed on as it is. The kernel wakes us
only when there is as much as we need (SO_RCVLOWAT): a client that sends byte by byte costs no more than a silent one.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import errno
import re
import socket
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from server import clock
from server.web.listening import Listener, listen
from server.web.threshold import Threshold

_ACCEPT_BATCH = 64
_MOST_UNDECIDED = 2048  # then the longest silent goes
_UNDECIDED_MS = 10_000.0
_SWEEP_S = 1.0
_OUT_OF_THINGS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_REST_S = 1.0
_LENGTH_BYTES = 2
_MOST_FRAME_BYTES = 1500
_COOKIE_AT, _COOKIE = 6, bytes.fromhex("2112a442")
# Our own user fragment begins with the number of its media process; the other side's follows after a colon.
_USERNAME = re.compile(rb"\x00\x06..([0-9a-f]{2})[0-9a-f]{4,60}:", re.DOTALL)
_HEADER_BYTES = 20


class Speech(enum.Enum):
    HTTPS = "https"
    MEDIA = "media"
    NOISE = "noise"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Heard:
    """``worker``: which media process; ``needed``: so many bytes decide."""

    speech: Speech
    worker: int = 0
    needed: int = _LENGTH_BYTES


def listen_to(data: bytes) -> Heard:
    """Who speaks. RFC 4571 begins with a length and a STUN check follows (RFC 6544, 10.1); TLS and HTTP would be longer
    than any check of ours: 0x16 and letters are 5,632 and more."""
    if len(data) < _LENGTH_BYTES:
        return Heard(Speech.UNFINISHED)
    size = int.from_bytes(data[:_LENGTH_BYTES], "big")
    if size > _MOST_FRAME_BYTES:
        return Heard(Speech.HTTPS)
    end = _LENGTH_BYTES + size
    cookie = data[_COOKIE_AT : _COOKIE_AT + len(_COOKIE)]
    if size < _HEADER_BYTES or not _COOKIE.startswith(cookie):
        return Heard(Speech.NOISE)
    if len(data) < end:
        return Heard(Speech.UNFINISHED, needed=end)
    named = _USERNAME.search(data, _LENGTH_BYTES + _HEADER_BYTES, end)
    return Heard(Speech.MEDIA, worker=int(named[1], 16)) if named else Heard(Speech.NOISE)


class Front:
    """Accepts on one socket. ``to_media`` gets the worker's number and a connection, which it owns."""

    def __init__(
        self,
        bound: socket.socket,
        listener: Listener,
        to_media: Callable[[int, socket.socket], None],
        now_ms: Callable[[], float] = clock.monotonic_ms,
    ) -> None:
        self._bound = bound
        self._listener = listener
        self._to_media = to_media
        self._now_ms = now_ms
        self._loop = asyncio.get_running_loop()
        self._undecided: OrderedDict[socket.socket, float] = OrderedDict()
        self._threshold = Threshold(self._greet)
        self._resting: asyncio.TimerHandle | None = None
        listen(bound)
        self._loop.add_reader(bound, self._accept)
        self._sweeper = self._loop.call_later(_SWEEP_S, self._sweep)

    def _accept(self) -> None:
        for _ in range(_ACCEPT_BATCH):
            try:
                connection, _ = self._bound.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _OUT_OF_THINGS:
                    self._rest()
                return  # else it was over at once: the next turn takes the next
            connection.setblocking(False)
            self._undecided[connection] = self._now_ms()
            if len(self._undecided) > _MOST_UNDECIDED:
                self._drop(next(iter(self._undecided)))
            self._wait(connection, _LENGTH_BYTES)
            self._loop.add_reader(connection, self._look, connection, _LENGTH_BYTES)

    def _rest(self) -> None:
        """Nothing can be accepted for want of descriptors or memory; those who wait would wake us for ever."""
        self._loop.remove_reader(self._bound)
        self._resting = self._loop.call_later(_REST_S, self._loop.add_reader, self._bound, self._accept)

    @staticmethod
    def _wait(connection: socket.socket, needed: int) -> None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, needed)

    def _look(self, connection: socket.socket, needed: int) -> None:
        try:
            data = connection.recv(_LENGTH_BYTES + _MOST_FRAME_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            self._drop(connection)
            return
        heard = listen_to(data)
        if heard.speech is Speech.UNFINISHED and len(data) >= needed:
            self._wait(connection, heard.needed)
            self._loop.add_reader(connection, self._look, connection, heard.needed)
        elif heard.speech in (Speech.UNFINISHED, Speech.NOISE):  # woken with less than was needed: there is no more
            self._drop(connection)
        else:
            self._decided(connection, heard)

    def _decided(self, connection: socket.socket, heard: Heard) -> None:
        self._forget(connection)
        self._wait(connection, 1)
        if heard.speech is Speech.MEDIA:
            self._to_media(heard.worker, connection)
            return
        self._threshold.come(connection)

    async def _greet(self, connection: socket.socket) -> None:
        try:
            await self._listener.take(connection)
        except (OSError, TimeoutError):  # a handshake that failed (ssl.SSLError is an OSError) costs nobody else
            connection.close()

    def _forget(self, connection: socket.socket) -> None:
        self._undecided.pop(connection, None)
        self._loop.remove_reader(connection)

    def _drop(self, connection: socket.socket) -> None:
        self._forget(connection)
        connection.close()

    def _sweep(self) -> None:
        self._sweeper = self._loop.call_later(_SWEEP_S, self._sweep)
        now_ms = self._now_ms()
        for connection, since_ms in list(self._undecided.items()):
            if now_ms - since_ms <= _UNDECIDED_MS:
                break
            self._drop(connection)

    async def close(self) -> None:
        """Idempotent."""
        self._sweeper.cancel()
        if self._resting is not None:
            self._resting.cancel()
        if self._bound.fileno() >= 0:
            self._loop.remove_reader(self._bound)
            self._bound.close()
        for connection in list(self._undecided):
            self._drop(connection)
        await self._threshold.close()
