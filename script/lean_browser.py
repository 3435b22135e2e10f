"""A browser that costs little: what is measured is the server, and both share a machine.

HTTP/1.1 over TLS with the certificate and its name checked, requests made once as bytes, of an answer only what is
needed: its status, its headers as they came, its body. At most two connections to the server at a time, kept open;
what finds both taken waits. The second and later ones resume the TLS session of the first, as browsers do with a server
that they have just spoken to (RFC 8446, 2.2); no two browsers share a session.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections import deque
from dataclasses import dataclass, field
from typing import Any

MOST_CONNECTIONS = 2
_RECORD_BYTES = 16_384


@dataclass
class Door:
    """Where the server is, and what its clients did there. ``host``: the name that its certificate must bear."""

    host: str
    port: int
    context: ssl.SSLContext
    connections: int = 0
    resumed: int = 0

    @property
    def origin(self) -> str:
        return f"https://{self.host}:{self.port}"

    def request(self, method: str, path: str, cookies: list[str], body: object = None) -> bytes:
        """As it is sent. ``body``: what becomes JSON; None: there is none."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Origin: {self.origin}"]
        lines += ["Accept: */*", "Accept-Encoding: gzip, deflate", "User-Agent: lean-browser"]
        if cookies:
            lines.append(f"Cookie: {'; '.join(cookies)}")
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            lines += [f"Content-Length: {len(content)}", "Content-Type: application/json"]
        return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True, slots=True)
class Reply:
    """``head``: status line and headers; two replies to one request are told apart by status and body."""

    status: int
    head: bytes = field(repr=False, compare=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    def set_cookies(self) -> list[str]:
        """``name=value`` of each."""
        lines = self.head.split(b"\r\n")[1:]
        values = (line.split(b":", 1) for line in lines if line[:11].lower() == b"set-cookie:")
        return [value.split(b";", 1)[0].strip().decode() for _, value in values]


class Browser:
    """Used in ``async with``; whatever it still waits for ends with it."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._idle: list[_Line] = []
        self._open: set[_Line] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._count = 0

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: object) -> None:
        for line in self._open:
            line.close()

    async def ask(self, request: bytes) -> Reply:
        """Raises ConnectionError when the connection breaks, ssl.SSLError when the server is not who it should be."""
        line = await self._line()
        try:
            reply = await line.ask(request)
        except BaseException:
            self._give_back(None)
            raise
        self._give_back(line)
        return reply

    async def _line(self) -> _Line:
        while not self._idle and self._count >= MOST_CONNECTIONS:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        if self._idle:
            return self._idle.pop()
        self._count += 1
        try:
            session = next((line.session for line in self._open if line.session is not None), None)
            line = await _Line.open(self._door, session)
        except BaseException:
            self._give_back(None)
            raise
        self._open.add(line)
        return line

    def _give_back(self, line: _Line | None) -> None:
        """None: it broke."""
        if line is None:
            self._count -= 1
        else:
            self._idle.append(line)
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class _Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self, door: Door, session: ssl.SSLSession | None) -> None:
        self._door = door
        self._coming, self._going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = door.context.wrap_bio(self._coming, self._going, server_hostname=door.host, session=session)
        self._transport: asyncio.Transport | None = None
        self._came = b""
        self._shaken = False
        self._awaited: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, door: Door, session: ssl.SSLSession | None) -> _Line:
        _, line = await asyncio.get_running_loop().create_connection(lambda: cls(door, session), "127.0.0.1", door.port)
        await line._awaited
        door.connections += 1
        door.resumed += bool(line._tls.session_reused)
        return line

    @property
    def session(self) -> ssl.SSLSession | None:
        """What the next connection may resume: of TLS 1.3 it comes after the handshake."""
        session = self._tls.session
        return session if session is not None and session.has_ticket else None

    async def ask(self, request: bytes) -> Reply:
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection is over")
        self._awaited = asyncio.get_running_loop().create_future()
        self._tls.write(request)
        self._flush()
        reply: Reply = await self._awaited
        return reply

    def close(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        with contextlib.suppress(ssl.SSLError):  # our goodbye is written; nobody waits for theirs
            self._tls.unwrap()
        self._flush()
        self._transport.close()

    # ---- asyncio's -------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._shake()

    def data_received(self, data: bytes) -> None:
        self._coming.write(data)
        if not self._shaken:
            self._shake()
        if self._shaken:
            self._read()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or ConnectionResetError("the server closed the connection"))

    def _shake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as error:
            self._fail(error)
            self.close()
            return
        self._shaken = True
        self._flush()
        if not self._awaited.done():
            self._awaited.set_result(None)

    def _read(self) -> None:
        try:
            with contextlib.suppress(ssl.SSLWantReadError):
                while piece := self._tls.read(_RECORD_BYTES):
                    self._came += piece
        except ssl.SSLError as error:
            self._fail(error)
            return
        head, found, rest = self._came.partition(b"\r\n\r\n")
        if not found:
            return
        size = _length(head)
        if len(rest) < size:
            return
        self._came = rest[size:]
        if not self._awaited.done():
            self._awaited.set_result(Reply(int(head[9:12]), head, rest[:size]))

    def _fail(self, error: Exception) -> None:
        if not self._awaited.done():
            self._awaited.set_exception(error)

    def _flush(self) -> None:
        assert self._transport is not None
        if data := self._going.read():
            self._transport.write(data)


def _length(head: bytes) -> int:
    """Every answer of ours to these requests says how long it is; one without a body may not (204, 303, 304)."""
    lowered = head.lower()
    at = lowered.find(b"\r\ncontent-length:")
    return int(lowered[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
