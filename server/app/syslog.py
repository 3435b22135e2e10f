"""Syslog over UDP (RFC 5426) or TCP (RFC 6587)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from server.domain.audit import Line
from server.domain.syslog import framed, message

_PATIENCE_S = 5.0
_PORTS = {"udp": 514, "tcp": 601}


class Syslog:
    """``url``: ``udp://host:514`` or ``tcp://host:601``. TCP opens a connection for each batch, and knows no
    acknowledgement: what the other side had taken from the wire when it died is its loss.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._kind = parts.scheme
        self._peer = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self._host = socket.gethostname()

    async def send(self, lines: Sequence[Line]) -> None:
        messages = [message(line, self._host) for line in lines]
        async with asyncio.timeout(_PATIENCE_S):
            await (self._by_udp(messages) if self._kind == "udp" else self._by_tcp(messages))

    async def _by_udp(self, messages: Sequence[bytes]) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=self._peer)
        try:
            for each in messages:
                transport.sendto(each)
        finally:
            transport.close()

    async def _by_tcp(self, messages: Sequence[bytes]) -> None:
        _, writer = await asyncio.open_connection(*self._peer)
        try:
            writer.write(b"".join(map(framed, messages)))
            await writer.drain()
        finally:
            writer.close()
        await writer.wait_closed()
