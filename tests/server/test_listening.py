"""Who comes and asks for nothing is let go; who has asked stays."""

import asyncio
import contextlib
import datetime as dt
import socket
import ssl

import pytest
from aiohttp import web

from server.web import certificates, listening
from server.web.listening import Listener, PortTaken, bind_tcp, listen

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def open_port(tmp_path):
    """A page behind TLS, behind a front, and in the clear: how to come there, and the client's context."""
    folder = certificates.ensure(tmp_path, ("localhost",), dt.datetime.now(dt.UTC))
    ours = certificates.server_context(folder.leaf_cert, folder.leaf_key)
    theirs = ssl.create_default_context(cafile=folder.ca_cert)

    async def page(_request):
        return web.Response(text="a page")

    async with contextlib.AsyncExitStack() as stack:

        async def opened(*, tls):
            app = web.Application()
            app.router.add_get("/", page)
            bound = bind_tcp("127.0.0.1", 0)
            port = bound.getsockname()[1]
            listener = await Listener.start(app, bound, ours if tls else None)
            stack.push_async_callback(listener.close)
            opened.listener = listener
            return port, theirs if tls else None

        yield opened


async def come(port, context, said=b""):
    host = {"server_hostname": "localhost"} if context else {}
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, **host)
    writer.write(said)
    await writer.drain()
    return reader, writer


async def patience_ends(open_port, monkeypatch):
    """Of the server, when the handshake of who came is over, which has a limit of its own below this one."""
    async with asyncio.timeout(15):
        while not [one for one in open_port.listener.silent._since_ms if one.transport is not None]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    monkeypatch.setattr(listening, "_FIRST_REQUEST_S", 0.05)


async def ended(reader):
    async with asyncio.timeout(15):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            return await reader.read()
    return b""


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("said", [b"", b"G", REQUEST[:-2], b"POST / HTTP/1.1\r\nX-Header: 1\r\n"])
async def test_who_asks_for_nothing_is_let_go(open_port, monkeypatch, tls, said):
    monkeypatch.setattr(listening, "_SWEEP_S", 0.02)
    reader, writer = await come(*await open_port(tls=tls), said)
    await patience_ends(open_port, monkeypatch)
    assert await ended(reader) == b""
    writer.close()


async def test_a_handshake_that_is_never_finished_is_let_go(open_port, monkeypatch):
    monkeypatch.setattr(listening, "_HANDSHAKE_S", 0.1)
    port, _ = await open_port(tls=True)
    with socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(bytes.fromhex("16030100c8010000c40303"))
        half.setblocking(False)
        async with asyncio.timeout(15):
            assert await asyncio.get_running_loop().sock_recv(half, 100) == b""


async def test_who_has_asked_once_may_be_silent_as_long_as_connections_are_kept(open_port, monkeypatch):
    monkeypatch.setattr(listening, "_SWEEP_S", 0.02)
    port, context = await open_port(tls=True)
    reader, writer = await come(port, context, REQUEST)
    assert b"a page" in await reader.readuntil(b"a page")
    silent, other = await come(port, context)
    await patience_ends(open_port, monkeypatch)
    assert await ended(silent) == b""
    writer.write(REQUEST)
    assert b"a page" in await reader.readuntil(b"a page")
    for each in (writer, other):
        each.close()


async def test_a_kept_connection_ends_for_good_though_its_client_says_no_goodbye(open_port, monkeypatch):
    """A phone without network cannot: its next request would go unanswered for half a minute."""
    monkeypatch.setattr(listening, "_KEEPALIVE_S", 0.05)
    monkeypatch.setattr(listening, "_GOODBYE_S", 0.05)
    port, context = await open_port(tls=True)
    loop = asyncio.get_running_loop()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    mute = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.setblocking(False)
        async with asyncio.timeout(15):
            while True:
                try:
                    mute.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    await loop.sock_sendall(raw, outgoing.read())
                    incoming.write(await loop.sock_recv(raw, 65536))
            mute.write(REQUEST)
            await loop.sock_sendall(raw, outgoing.read())
            said = 0
            with contextlib.suppress(ConnectionError):
                while heard := await loop.sock_recv(raw, 65536):
                    said += len(heard)
    assert said > 0


async def test_a_port_is_held_from_the_beginning_and_nobody_gets_through_before_they_are_served():
    bound = bind_tcp("127.0.0.1", 0)
    port = bound.getsockname()[1]
    other = bind_tcp("127.0.0.1", port)  # both hold it, as neither listens
    with contextlib.closing(bound), contextlib.closing(other):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        listen(bound)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        with pytest.raises(PortTaken):
            listen(other)
        with pytest.raises(PortTaken):
            bind_tcp("127.0.0.1", port)
