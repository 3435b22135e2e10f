"""A web socket over TLS by hand, so that five thousand phones cost a bench less than the server that it measures.

What a browser says goes over the wire as a browser says it (a whole TLS handshake, the upgrade of RFC 6455, masked text
frames, one after the other); what it costs on this side does not matter to the server, and is left out: no certificate
is checked, no header parsed but the status, no packet makes a task. With aiohttp's client a return cost the bench 7 ms.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import ssl
import struct
from collections import deque
from urllib.parse import urlsplit

_CONTINUED, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA
_LAST, _MASKED = 0x80, 0x80
_SHORT, _MEDIUM = 126, 127
_AT_ONCE = 65_536
_MOST_WAITING = 2_000
"""Texts that nobody has taken: then the connection is closed, as this is a fault of the bench."""


class GoneError(ConnectionError):
    """The connection is over, whoever ended it."""


def anyone() -> ssl.SSLContext:
    """Trusts every server: the bench's own CA was made a second ago."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without authorities: OpenSSL would look through them all
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def masked(kind: int, payload: bytes, mask: bytes) -> bytes:
    """RFC 6455, 5.2: one unfragmented frame of a client. ``mask``: four bytes."""
    length = len(payload)
    if length < _SHORT:
        head = struct.pack("!BB", _LAST | kind, _MASKED | length)
    elif length < _AT_ONCE:
        head = struct.pack("!BBH", _LAST | kind, _MASKED | _SHORT, length)
    else:
        head = struct.pack("!BBQ", _LAST | kind, _MASKED | _MEDIUM, length)
    key = (mask * (length // 4 + 1))[:length]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + mask + hidden.to_bytes(length, "big")


class Frames:
    """A server's frames out of bytes, however they come. Pure."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Those that are complete: kind and payload. Raises ValueError for one in pieces: our server makes none."""
        self._bytes += data
        found = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def _next(self) -> tuple[int, bytes] | None:
        buffer, at = self._bytes, 2
        if len(buffer) < at:
            return None
        length = buffer[1]
        wide = {_SHORT: 2, _MEDIUM: 8}.get(length, 0)
        if wide:
            if len(buffer) < at + wide:
                return None
            length = int.from_bytes(buffer[at : at + wide], "big")
            at += wide
        if len(buffer) < at + length:
            return None
        kind = buffer[0] & 0x0F
        if not buffer[0] & _LAST or kind == _CONTINUED:
            raise ValueError("a frame in pieces")
        payload = bytes(buffer[at : at + length])
        del buffer[: at + length]
        return kind, payload


class LightSocket:
    """``open`` → ``receive`` and ``send`` → ``close``; every ``receive`` raises :class:`GoneError` in the end."""

    def __init__(self, origin: str, path: str, context: ssl.SSLContext) -> None:
        parts = urlsplit(origin)
        self._address = parts.hostname or "", parts.port or 443
        self._asked = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._number = self._socket.fileno()  # asyncio finds a number at once, and writes a socket out first
        self._context = context
        self._tls: ssl.SSLObject
        self._secure = self._open = self.closed = False
        self._unsent = b""
        self._head = b""
        self._frames = Frames()
        self._texts: deque[str] = deque()
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, origin: str, path: str, context: ssl.SSLContext) -> LightSocket:
        """Returns with the answer to the upgrade. Raises OSError: refused, or gone."""
        one = cls(origin, path, context)
        try:
            await one._opened()
        except BaseException:
            one._end()
            raise
        return one

    async def _opened(self) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect_ex(self._address)
        self._loop.add_writer(self._number, self._reached)
        while not self._open:
            await self._wait()

    def _reached(self) -> None:
        self._loop.remove_writer(self._number)
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._end()
            return
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()  # who is refused needs none
        self._tls = self._context.wrap_bio(self._in, self._out)
        self._loop.add_reader(self._number, self._readable)
        self._step()

    async def receive(self) -> str:
        """The next text. Raises :class:`GoneError`."""
        while not self._texts:
            await self._wait()
        return self._texts.popleft()

    async def _wait(self) -> None:
        if self.closed:
            raise GoneError
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def send(self, text: str) -> None:
        """What the network does not take waits, without a limit. Raises :class:`GoneError`."""
        if self.closed:
            raise GoneError
        self._say(_TEXT, text.encode())

    def _say(self, kind: int, payload: bytes) -> None:
        self._tls.write(masked(kind, payload, os.urandom(4)))
        self._flush()

    def deafen(self) -> None:
        """Nothing is read any more."""
        self._loop.remove_reader(self._number)

    def close(self) -> None:
        """With a goodbye, and without waiting for another. Idempotent."""
        if self._open and not self.closed:
            self._say(_CLOSE, struct.pack("!H", 1000))
        self._end()

    def abort(self) -> None:
        """Without a word. Idempotent."""
        self._end()

    def _end(self) -> None:
        if self.closed:
            return
        self.closed = True
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._number)
            self._loop.remove_writer(self._number)
            self._socket.close()
        self._wake()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end()
            return
        self._in.write(data)
        self._step()

    def _step(self) -> None:
        """As far as what came allows."""
        try:
            if not self._secure:
                self._shake_hands()
            while self._secure and not self.closed:
                self._take(self._tls.read(_AT_ONCE))
        except ssl.SSLWantReadError:
            self._flush()
        except (OSError, ValueError):
            self._end()

    def _shake_hands(self) -> None:
        self._tls.do_handshake()
        self._secure = True
        self._tls.write(self._asked)
        self._flush()

    def _take(self, data: bytes) -> None:
        if not data:
            raise GoneError
        if not self._open:
            head, end, data = (self._head + data).partition(b"\r\n\r\n")
            if not end:
                self._head = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise GoneError(head[:40])
            self._open = True
            self._wake()
        for kind, payload in self._frames.feed(data):
            if kind == _TEXT:
                self._texts.append(payload.decode())
                self._wake()
            elif kind == _PING:
                self._say(_PONG, payload)
            elif kind == _CLOSE or len(self._texts) > _MOST_WAITING:
                raise GoneError

    def _flush(self) -> None:
        if self.closed:
            return
        self._unsent += self._out.read()
        if not self._unsent:
            return
        try:
            sent = self._socket.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._end()
            return
        self._unsent = self._unsent[sent:]
        if self._unsent:
            self._loop.add_writer(self._number, self._flush)
        else:
            self._loop.remove_writer(self._number)
