"""TURN passwords that end: by the vectors of their MAC, in answers, and with a real coturn."""

import asyncio
import base64
import contextlib
import datetime as dt
import re
import shutil
import socket
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from aioice import stun
from aioice.turn import create_turn_endpoint

from server.settings import BadSetting, Settings
from server.web import turn
from server.web.addresses import present
from server.web.streamheaders import offer_ice
from tests.servers.process import free_port

from .conftest import open_school
from .test_streams import opened

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
CONF = Path(__file__).resolve().parents[2] / "deploy" / "turnserver.conf"


@pytest.mark.parametrize(
    ("secret", "text", "mac"),
    [
        ("\x0b" * 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        ("Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    ],
)
def test_a_password_is_the_mac_of_the_user_name(secret, text, mac):
    """RFC 2202, section 3, cases 1 and 2."""
    assert turn.password(secret, text) == base64.b64encode(bytes.fromhex(mac)).decode()


def test_a_user_name_says_until_when_and_not_who():
    until = NOW + dt.timedelta(hours=12)
    username, word = turn.credential("secret", "account-1", until)
    expiry, user = username.split(":")
    assert int(expiry) == int(until.timestamp())
    assert "account" not in user
    assert word == turn.password("secret", username)
    assert turn.credential("secret", "account-2", until)[0] != username


def test_fixed_servers_stay_beside_those_with_a_secret():
    settings = Settings(ice_servers=("stun:s:3478",), turn_urls=("turn:t:3478?transport=tcp",), turn_secret="x")
    assert [server.url for server in turn.servers(settings, "a", NOW)] == ["stun:s:3478", "turn:t:3478?transport=tcp"]


async def test_a_password_with_quotes_and_backslashes_stays_one_parameter():
    settings = Settings(ice_servers=(r'turn:t:3478|u"1|p\w;"x',))
    response = web.Response()
    offer_ice(response, settings.ice)
    assert response.headers.getall("Link") == [
        r'<turn:t:3478>; rel="ice-server"; username="u\"1"; credential="p\\w;\"x"; credential-type="password"'
    ]


@pytest.mark.parametrize("server", ["turn:t:3478|u|p\nSet-Cookie: x", 'stun:s">', "stun:<s>"])
def test_an_ice_server_that_would_break_a_header_is_refused(server):
    with pytest.raises(BadSetting, match="ICE_SERVERS"):
        Settings(ice_servers=(server,))


@pytest.mark.process
async def test_whoever_was_let_in_gets_a_password_of_its_own_and_the_log_gets_none(tmp_path):
    async with open_school(tmp_path, turn_urls=("turn:turn.example:3478",), turn_secret="S3CRET") as school:
        stranger = await school.stranger()
        assert "Link" not in (await stranger.ask("OPTIONS", "/whip/resource/x")).headers
        lesson = await school.new_lesson(await school.person("admin"), until="open")
        people = [await school.person(number) for number in ("10001", "10002")]
        with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
            answers = [await opened(person, lesson, "watch", "recvonly", view="programme") for person in people]
        links = [answer.headers["Link"] for answer in answers]
    shape = (
        r'<turn:turn\.example:3478>; rel="ice-server"; username="(\d+:[0-9a-f]+)"; '
        r'credential="(\S+)"; credential-type="password"'
    )
    found = [re.fullmatch(shape, link) for link in links]
    for match in found:
        assert turn.password("S3CRET", match[1]) == match[2]
        assert match[2] not in repr(lines)
    assert found[0][1] != found[1][1]


# ---- a real TURN server


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(b"heard " + data, address)


class Heard(asyncio.DatagramProtocol):
    def __init__(self):
        self.got = asyncio.Queue()

    def datagram_received(self, data, address):
        self.got.put_nowait(data)


@pytest.fixture
async def coturn(tmp_path):
    """With our own configuration, a secret, and one peer that it may talk to: this machine."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("coturn is not installed (Debian: coturn)")
    own = next((address for address in present().addresses if "." in address), None)
    if own is None:
        pytest.skip("this machine has no address but the loopback, where no relay may go")
    port = free_port()
    options = ["-c", CONF, "--realm=test", "--static-auth-secret=S3CRET", f"--allowed-peer-ip={own}"]
    options += [f"--listening-port={port}", "--listening-ip=127.0.0.1", f"--relay-ip={own}"]
    options += [f"--pidfile={tmp_path / 'pid'}", f"--userdb={tmp_path / 'db'}"]
    process = await asyncio.create_subprocess_exec(
        program, *map(str, options), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.returncode is None, "coturn ended"
            await asyncio.sleep(0.05)
    yield port, own
    process.terminate()
    await process.wait()


async def relayed(port, username, word, peer):
    """What comes back through the relay. Raises ``stun.TransactionFailed`` when it does not let us in."""
    transport, protocol = await create_turn_endpoint(
        Heard, server_addr=("127.0.0.1", port), username=username, password=word, transport="tcp"
    )
    try:
        transport.sendto(b"hello", peer)
        async with asyncio.timeout(60):
            return await protocol.got.get()
    finally:
        transport.close()


@pytest.mark.process
async def test_coturn_takes_our_passwords_and_no_others(coturn):
    port, own = coturn
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=(own, 0))
    peer = echo.get_extra_info("sockname")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    username, word = turn.credential("S3CRET", "account", until)
    assert await relayed(port, username, word, peer) == b"heard hello"
    over = turn.credential("S3CRET", "account", until - dt.timedelta(hours=2))
    for refused in ((username, "guess"), over, turn.credential("another secret", "account", until)):
        with pytest.raises(stun.TransactionFailed):
            await relayed(port, *refused, peer)
    echo.close()
