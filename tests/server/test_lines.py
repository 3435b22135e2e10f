"""What goes to a client past engineio's writer: the same bytes, in the same order, and only when nothing waits."""

import asyncio
import contextlib
import json

from engineio.exceptions import SocketIsClosedError
from hypothesis import given
from hypothesis import strategies as st
from socketio import packet

from server.domain.access import AccountKind, Principal
from server.domain.events import EVERYONE, Announcement, Event, Listener
from server.domain.presence import Device, Face
from server.live.audience import Audience
from server.live.client import Client, Joined
from server.live.feed import Feed
from server.live.frames import heard
from server.live.outbox import message
from server.live.wire import event_frame
from server.services.login import Holder
from tests.store.samples import NOW

from .test_sockets import Socket, ticket


def only_client(live, lesson):
    """Of this lesson, and the id of its connection; those of another test may end a moment later than it."""
    [client] = [each for each in live.audience.all() if each.joined.lesson_id == lesson["id"]]
    return client, live.server.manager.eio_sid_from_sid(client.joined.sid, "/live")


async def written(line, item):
    """At the first moment at which it goes at once."""
    for _ in range(100_000):
        if line.write(item):
            return
        await asyncio.sleep(0)
    raise AssertionError("it never goes")


async def test_a_frame_of_any_length_is_read_as_it_was_written(school, member, admin):
    lesson = await school.new_lesson(admin, until="open")
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        client, _ = only_client(school.control.live, lesson)
        around = len(message("signals", {"text": ""}).wire) - 2
        for length in (0, 125 - around, 126 - around, 127 - around, 65_535 - around, 65_536 - around, 70_000):
            text = "课" * (length // 3) + "x" * (length % 3)
            await written(client._line, message("signals", {"text": text}))
            assert await phone.until(lambda name, data, text=text: name == "signals" and data["text"] == text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_an_event_is_the_packet_that_socketio_would_write(text):
    item = message("signals", {"text": text})
    ours = item.wire
    theirs = packet.Packet(packet.EVENT, ["signals", {"text": text}], namespace="/live").encode()
    assert ours == event_frame("/live", item.text)
    head = 2 if len(ours) < 128 else 4
    assert json.loads(ours[head + len(b"42/live,") :]) == json.loads(theirs.removeprefix("2/live,"))
    assert ours[head:].startswith(b"42/live,")


async def test_what_engineio_still_has_goes_first_at_every_turn_of_the_loop(school, member, admin):
    """A packet that has left its queue may not have reached its writer yet: nothing overtakes it there either."""
    lesson = await school.new_lesson(admin, until="open")
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        live = school.control.live
        client, engine_id = only_client(live, lesson)
        line = client._line
        await written(line, message("signals", {"seq": 0}))
        for turns in range(6):
            await live.server.eio.send(engine_id, f'2/live,["signals",{{"seq":{2 * turns + 1}}}]')
            for _ in range(turns):
                await asyncio.sleep(0)
            await written(line, message("signals", {"seq": 2 * turns + 2}))
        await phone.until(lambda name, data: name == "signals" and data["seq"] == 12)
        assert [data["seq"] for name, data in phone.heard if name == "signals"] == list(range(13))


async def test_a_connection_that_takes_nothing_is_written_nothing_more(school, member, admin):
    """What it has not taken waits where it is counted."""
    lesson = await school.new_lesson(admin, until="open")
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        client, _ = only_client(school.control.live, lesson)
        phone.client.eio.ws._response.connection.transport.pause_reading()
        item = message("signals", {"text": "x" * 50_000})
        taken = 0
        while client._line.write(item):
            taken += 1
            assert taken < 1000
        assert not client._line.write(item)
    assert not client._line.write(item)  # gone


async def test_one_that_takes_nothing_is_cut_off_though_its_buffers_are_full(school, member, admin):
    lesson = await school.new_lesson(admin, until="open")
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        live = school.control.live
        client, engine_id = only_client(live, lesson)
        phone.client.eio.ws._response.connection.transport.pause_reading()
        item = message("signals", {"text": "x" * 50_000})
        while client._line.write(item):
            pass
        wire, given_up = live._keeper.socket(engine_id).environ["aiohttp.request"].transport, asyncio.Event()
        abort = wire.abort
        wire.abort = lambda: (given_up.set(), abort())
        for _ in range(20):  # asyncio takes half a megabyte before it says that it is enough
            await live.server.eio.send(engine_id, item.text)
        await live._cut(client, "too_slow")
        async with asyncio.timeout(30):
            await given_up.wait()  # else TLS waits for the other side's goodbye
            while engine_id in live._keeper._sockets:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)


async def test_who_asks_and_never_reads_is_cut_off_too(school, member, admin):
    """It answers no ping, and what stands before its last question is never taken."""
    lesson = await school.new_lesson(admin, until="open")
    house, now, live = school.control.house, school.control.site.now(), school.control.live
    long = [Announcement("x", EVERYONE, {"text": "x" * 2000})] * 400
    await house.records.write(lambda tx: tx.events.append(lesson["id"], long, now, None))
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], since=10_000):
        phone.client.eio.ws._response.connection.transport.pause_reading()
        client, engine_id = only_client(live, lesson)
        connection = live.server.eio.sockets[engine_id]
        for _ in range(35):
            await phone.client.emit("since", {"seq": 0}, namespace="/live", callback=lambda *_: None)
        async with asyncio.timeout(30):
            while not connection.queue.unfinished:  # noqa: ASYNC110 - until its buffers are full
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            connection.last_ping = 1.0  # long ago
            with contextlib.suppress(SocketIsClosedError):
                await connection.check_ping_timeout()  # as engineio's own watch does
            while engine_id in live._keeper._sockets:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        assert live.audience.get(client.joined.sid) is None


async def test_who_beats_on_and_takes_no_ack_makes_none_pile_up(school, member, admin):
    """It may say that it heard each ping without having read one."""
    lesson = await school.new_lesson(admin, until="open")
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        live = school.control.live
        client, engine_id = only_client(live, lesson)
        connection = live.server.eio.sockets[engine_id]
        phone.client.eio.ws._response.connection.transport.pause_reading()
        item = message("signals", {"text": "x" * 50_000})
        while client._line.write(item):
            pass
        for _ in range(1000):  # until its buffers are full
            await live.server.eio.send(engine_id, item.text)
            await asyncio.sleep(0.005)
            if connection.queue.qsize() > 2:
                break
        before = connection.queue.qsize()
        assert before
        for _ in range(30):
            await phone.client.emit("beat", {}, namespace="/live", callback=lambda *_: None)
        await asyncio.sleep(1)
        assert connection.queue.qsize() <= before + 2


class DeadLine:
    """A connection that is found dead while something is sent to it: by whoever sends."""

    def __init__(self, on_found):
        self.on_found = on_found

    def write(self, item):
        return False

    async def send(self, item):
        await self.on_found()


def a_client(line, seq=0, *, batch=True):
    device = Device("s", "a", Face.CONSOLE)
    joined = Joined(
        "s", "l", device, Listener("a"), Holder("a"), Principal("a", "会控员", "1", AccountKind.PERSON), batch
    )
    return Client(joined, seq, 10_000, line)


async def test_whoever_finds_a_connection_dead_ends_with_its_own_farewell_said():
    said = []

    async def farewell():
        audience.remove("s")
        await asyncio.sleep(0)  # the record learns of it
        said.append("gone")

    audience = Audience(None, 1, cut=None, now=None, on_count=lambda n: None)
    client = a_client(DeadLine(farewell))
    audience.take_place("a")
    tasks = []

    def start(run):
        tasks.append(asyncio.create_task(run))
        return tasks[0]

    audience.add(client, start)
    client.tell(message("signals", {}))
    client.tell(message("signals", {}))
    await tasks[0]
    assert said == ["gone"]
    assert audience.all() == ()


class Line(DeadLine):
    """One that takes everything at once."""

    def __init__(self):
        self.taken = []

    def write(self, item):
        self.taken.append(item.text)
        return True


async def test_a_client_that_fails_costs_the_others_no_event():
    class Broken(Line):
        def write(self, item):
            raise RuntimeError("a bug, or a transport of an odd kind")

    cut = []

    async def cut_off(client):
        cut.append(client)

    clients = [a_client(Line()) for _ in range(3)]
    broken = a_client(Broken())
    feed = Feed(None, "l", 0, cut_off, lambda: NOW)
    for client in (clients[0], broken, *clients[1:]):
        await feed.join(client)
    feed._waiting = list(heard([Event(1, NOW, "lesson.changed", EVERYONE, {}, None)]))
    feed._reach = 1
    await feed._give_frame(0.0)
    assert cut == [broken]
    assert [len(client._line.taken) for client in clients] == [1, 1, 1]
