"""One port for everything: who speaks is heard without being read, and handed on as it is."""

import asyncio
import contextlib
import re
import socket

import pytest
from aiohttp import web
from aioice import stun as full_stun
from hypothesis import given
from hypothesis import strategies as st

from rooms.dtls import DtlsIdentity
from rooms.framing import framed
from rooms.stun import Credentials
from server.link.handover import Sender, path_beside, receiving
from server.web import front as front_module
from server.web.front import Front, Heard, Speech, listen_to
from server.web.listening import Listener, bind_tcp
from tests.rooms.light_peer import TcpPeer, offer_sdp

from .test_process import started, until


def check(username, more=()):
    request = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.REQUEST)
    request.attributes.update({"USERNAME": username, "PRIORITY": 1, **dict(more)})
    request.add_message_integrity(b"whatever")
    return framed([bytes(request)])


# ---- who speaks


@given(st.sampled_from(range(64)), st.text("abcdefghij+/0123456789", min_size=4, max_size=32))
def test_a_check_says_which_media_process_it_is_for(worker, theirs):
    ufrag = Credentials.fresh(f"{worker:02x}").ufrag
    assert listen_to(check(f"{ufrag}:{theirs}")) == Heard(Speech.MEDIA, worker)


@given(st.integers(0, 200))
def test_a_check_in_pieces_is_waited_for(cut):
    whole = check("00aabbccddeeff:theirs")
    heard = listen_to(whole[: min(cut, len(whole) - 1)])
    assert heard.speech is Speech.UNFINISHED
    assert heard.needed == (2 if cut < 2 else len(whole))


@given(st.binary(max_size=60))
def test_tls_and_http_are_never_taken_for_media(rest):
    for beginning in (b"\x16\x03\x01", b"GET /", b"POST /whip", b"OPTIONS *", b"PRI * HTTP/2.0", b"\x15\x03"):
        assert listen_to(beginning + rest).speech is Speech.HTTPS


@given(st.binary(max_size=1600))
def test_whatever_comes_it_is_decided_or_waited_for_within_a_frame(data):
    heard = listen_to(data)
    if heard.speech is Speech.UNFINISHED:
        assert len(data) < heard.needed <= 1502


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00" + bytes(30),
        b"\x00\x14" + bytes(20),
        framed([b"\x80" * 100]),
        check("no-number:theirs"),
        check("00aabb"),
        check("zz00aabbcc:theirs"),
    ],
)
def test_what_is_neither_is_noise(data):
    assert listen_to(data).speech is Speech.NOISE


# ---- handing over


async def pair():
    """A connection over loopback: the client's stream, and our end, accepted and not read."""
    listening = socket.create_server(("127.0.0.1", 0))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    connection, _ = listening.accept()
    listening.close()
    return reader, writer, connection


async def test_a_connection_changes_its_process_with_what_it_has_said(tmp_path):
    got = []
    arrived = asyncio.Event()

    async def adopt(connection):
        got.append(connection)
        if len(got) == 20:
            arrived.set()

    path = path_beside(tmp_path / "media.sock")
    sender = Sender(path)
    async with receiving(path, adopt):
        assert path.stat().st_mode & 0o777 == 0o600
        writers = []
        for number in range(20):  # more than a socket's queue holds
            _, writer, connection = await pair()
            writers.append(writer)
            writer.write(f"hello {number}".encode())
            await writer.drain()
            sender.hand_over(connection)
            assert connection.fileno() == -1 or sender._waiting
        await asyncio.wait_for(arrived.wait(), 60)
        said = sorted(connection.recv(100).decode() for connection in got)
        assert said == sorted(f"hello {number}" for number in range(20))
        for connection in got:
            connection.close()
        for writer in writers:
            writer.close()
    assert not path.exists()
    sender.close()
    sender.close()


async def test_without_a_media_process_the_connection_is_closed_and_the_next_one_finds_its_successor(tmp_path):
    path = path_beside(tmp_path / "media.sock")
    sender = Sender(path)
    reader, writer, connection = await pair()
    sender.hand_over(connection)
    assert await asyncio.wait_for(reader.read(), 60) == b""
    writer.close()
    for _ in range(2):
        adopted = asyncio.Queue()
        async with receiving(path, adopted.put):
            _, writer, connection = await pair()
            sender.hand_over(connection)
            (await asyncio.wait_for(adopted.get(), 60)).close()
            writer.close()
    sender.close()


# ---- the front, with one page behind it


class Porch:
    """A front on a free port: what it hands to media is kept, everything else gets a page."""

    def __init__(self, listener):
        self.now_ms = 0.0
        self.bound = bind_tcp("127.0.0.1", 0)
        self.port = self.bound.getsockname()[1]
        self.media = []
        self.front = Front(self.bound, listener, self._take, lambda: self.now_ms)

    def _take(self, worker, connection):
        self.media.append((worker, connection))

    async def say(self, *parts):
        """Each part in a packet of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        return reader, writer

    async def until(self, condition):
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - sockets tell nobody
                await asyncio.sleep(0.005)

    async def heard(self):
        await self.until(lambda: self.media)
        return self.media.pop()


@pytest.fixture
async def porch():
    async def page(_request):
        return web.Response(text="a page")

    app = web.Application()
    app.router.add_get("/", page)
    listener = await Listener.behind(app, None)
    porch = Porch(listener)
    yield porch
    await porch.front.close()
    await porch.front.close()
    await listener.close()


async def test_a_page_and_media_come_by_one_port_even_byte_by_byte(porch):
    whole = check("05aabbccddeeff:theirs")
    _, writer = await porch.say(*(whole[at : at + 1] for at in range(len(whole))))
    worker, connection = await porch.heard()
    assert worker == 5
    assert connection.recv(2000) == whole, "nothing of it has been read"
    connection.close()
    writer.close()
    request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    reader, writer = await porch.say(request[:1], request[1:2], request[2:])
    assert (await asyncio.wait_for(reader.read(), 60)).endswith(b"a page")
    writer.close()


async def test_who_says_nothing_or_stops_halfway_is_let_go(porch):
    half = check("00aabbccddeeff:theirs")[:40]
    silent = [await porch.say(), await porch.say(b"\x00"), await porch.say(half)]
    await porch.until(lambda: len(porch.front._undecided) == len(silent))
    porch.front._sweep()
    assert len(porch.front._undecided) == len(silent)
    porch.now_ms = 10_001.0
    porch.front._sweep()
    for reader, writer in silent:
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
    assert not porch.front._undecided


async def test_who_leaves_halfway_leaves_nothing_behind(porch):
    _, writer = await porch.say(check("00aabbccddeeff:theirs")[:40])
    await porch.until(lambda: porch.front._undecided)
    writer.close()
    await porch.until(lambda: not porch.front._undecided)
    assert porch.media == []


async def test_of_too_many_the_longest_silent_goes(porch, monkeypatch):
    monkeypatch.setattr(front_module, "_MOST_UNDECIDED", 5)
    first, writer = await porch.say()
    others = [await porch.say() for _ in range(5)]
    assert await asyncio.wait_for(first.read(), 60) == b""
    assert len(porch.front._undecided) == 5
    for _, each in (*others, (first, writer)):
        each.close()


# ---- the real processes


async def both_there(admin):
    return (await admin.get("/readyz")).json["media"]["processes"] == 2


@pytest.mark.process
async def test_pages_and_media_of_several_processes_come_through_one_port(tmp_path):
    async with started(tmp_path / "data", SINGLE_PORT="on", MEDIA_WORKERS="2") as (process, school):
        admin, lecturer = await school.person("admin"), await school.person("lecturer")
        await until(lambda: both_there(admin))
        identity = DtlsIdentity()
        prefixes = set()
        # A lesson goes to the process with more room. One counts as a tenth of a core while somebody is in it, and a
        # process that is slow for a while as a whole one and a half: of sixteen that go on not all go to the same.
        peers = []
        for _ in range(16):
            if len(prefixes) == 2:
                break
            lesson = await school.new_lesson(admin, until="open")
            ticket = await lecturer.ticket(lesson["id"], use="publish", source="main")
            peer = TcpPeer(identity, "venue")
            headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {ticket['token']}"}
            offer = offer_sdp(peer, "sendonly", ("video", "audio")).encode()
            answer = await lecturer.ask("POST", ticket["url"], data=offer, headers=headers)
            assert answer.status == 201, answer.text
            candidates = re.findall(r"a=candidate:\S+ 1 (\w+) \d+ (\S+) (\d+) ", answer.text)
            assert set(candidates) == {("tcp", "127.0.0.1", str(process.port))}
            prefixes.add(re.search(r"a=ice-ufrag:(..)", answer.text)[1])
            peer.accept(answer.text)
            peers.append(peer)
            await asyncio.wait_for(peer.connect(), 60)
        for peer in peers:
            peer.hang_up()
        assert prefixes == {"00", "01"}
        # Neither noise nor silence keeps anybody out.
        with (
            socket.create_connection(("127.0.0.1", process.port)) as noise,
            socket.create_connection(("127.0.0.1", process.port)),
        ):
            noise.sendall(framed([b"\x00" * 60]))
            with contextlib.suppress(ConnectionResetError):
                assert noise.recv(1) == b""
            assert (await admin.get("/healthz")).status == 200


@pytest.mark.parametrize(
    ("public_url", "port", "handed"),
    [("", 8443, 8443), ("https://class.example.org", 8443, 443), ("https://class.example.org:9443", 8443, 9443)],
)
def test_people_are_told_the_port_that_they_come_to(public_url, port, handed):
    from server.settings import Settings

    assert Settings(single_port=True, public_url=public_url, port=port).handed_port == handed
    assert Settings(public_url=public_url, port=port).handed_port is None
