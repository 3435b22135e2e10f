"""The browsers of the sign-in bench: what they send is a request, and who is not the server is not spoken to."""

import asyncio
import datetime as dt
import ssl
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.web import certificates
from tests.servers.process import free_port

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "script"))

from lean_browser import Browser, Door


@asynccontextmanager
async def door(folder, *, names=("localhost",), answer=None):
    """To a server that tells what it was sent; ``heard``: its requests."""
    made, port, heard = certificates.ensure(folder / "tls", names, dt.datetime.now(dt.UTC)), free_port(), []

    async def serve(reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            size = next((int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.startswith(b"Content-Length")), 0)
            heard.append((head, await reader.readexactly(size)))
            if answer is not None:
                await answer(heard)
            body = b'{"n": %d}' % len(heard)
            lines = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\ncontent-length: %d\r\n\r\n"
            writer.write(lines % len(body) + body[:4])
            await writer.drain()
            writer.write(body[4:])

    async def until_the_end(reader, writer):
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    context = certificates.server_context(made.leaf_cert, made.leaf_key)
    server = await asyncio.start_server(until_the_end, "127.0.0.1", port, ssl=context)
    try:
        yield Door("localhost", port, ssl.create_default_context(cafile=made.ca_cert)), heard
    finally:
        server.close()


async def test_requests_one_after_the_other_go_by_one_connection(tmp_path):
    async with door(tmp_path) as (it, heard), Browser(it) as browser:
        replies = [await browser.ask(it.request("POST", "/a", ["c=3"], {"x": "中"})) for _ in range(3)]
    assert [reply.json for reply in replies] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert replies[0].set_cookies() == ["a=1", "b=2"]
    assert replies[0] != replies[1]
    assert (it.connections, it.resumed) == (1, 0)
    head, body = heard[0]
    assert head.startswith(b"POST /a HTTP/1.1\r\nHost: localhost:")
    assert b"\r\nCookie: c=3\r\n" in head
    assert body == b'{"x": "\\u4e2d"}'


async def test_at_once_it_opens_two_and_the_second_resumes(tmp_path):
    both = asyncio.Event()

    async def answer(heard):
        if len(heard) == 3:
            both.set()
        if len(heard) > 1:
            await both.wait()

    async with door(tmp_path, answer=answer) as (it, heard), Browser(it) as browser:
        request = it.request("GET", "/", [])
        await browser.ask(request)
        await asyncio.gather(*(browser.ask(request) for _ in range(5)))
    assert len(heard) == 6
    assert (it.connections, it.resumed) == (2, 1)


async def test_a_server_of_another_name_is_not_spoken_to(tmp_path):
    async with door(tmp_path, names=("elsewhere.example",)) as (it, heard), Browser(it) as browser:
        with pytest.raises(ssl.SSLCertVerificationError):
            await browser.ask(it.request("GET", "/", []))
    assert heard == []


async def test_a_connection_that_breaks_is_told(tmp_path):
    async def answer(_heard):
        raise ConnectionResetError

    async with door(tmp_path, answer=answer) as (it, _), Browser(it) as browser:
        with pytest.raises(ConnectionError):
            await browser.ask(it.request("GET", "/", []))
