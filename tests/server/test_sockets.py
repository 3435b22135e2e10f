"""Socket.IO /live: who is let in, what is pushed to whom, and how it ends."""

import asyncio
import contextlib
import functools
import itertools

import aiohttp
import engineio
import pytest
import socketio
import structlog

from server.domain.events import EVERYONE, STAFF, Announcement, to_account, to_venue
from server.live import feed, sockets, transport
from server.live.doorway import Doorway
from server.live.outbox import Outbox, Overflow, message
from server.pacing import Rate
from server.services.demo import demo_id

from .conftest import open_school

LIVE = "/live"


class _PatientLine(engineio.AsyncClient):
    """It would give up by itself when a ping came late: on a starved machine one does, the first before anybody could
    say that there is time.
    """

    @property
    def ping_timeout(self):
        return 120.0

    @ping_timeout.setter
    def ping_timeout(self, _told):
        pass


class _Patient(socketio.AsyncClient):
    def _engineio_client_class(self):
        return _PatientLine


class Socket:
    """One client of /live and what it has heard."""

    def __init__(self, school, *, origin=None):
        self.school = school
        self.origin = origin or school.url
        self.heard = []
        self.changed = asyncio.Condition()
        self.refusal = None
        self.closed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def joined(self, **auth):
        connector = aiohttp.TCPConnector(ssl=self.school.context)
        async with aiohttp.ClientSession(connector=connector) as session:
            self.client = _Patient(http_session=session, reconnection=False, handle_sigint=False)
            for name in (
                "event",
                "events",
                "stage",
                "board",
                "quiz",
                "inquiries",
                "signals",
                "resync",
                "caught_up",
                "bye",
            ):
                self.client.on(name, self._listener(name), namespace=LIVE)
            self.client.on("*", self._something_else, namespace=LIVE)
            self.client.on("connect_error", self._refused, namespace=LIVE)
            self.client.on("disconnect", self._disconnected, namespace=LIVE)
            try:
                await self.client.connect(
                    self.school.url,
                    auth=auth,
                    headers={"Origin": self.origin},
                    transports=["websocket"],
                    namespaces=[LIVE],
                    wait_timeout=60,
                )
                yield self
            finally:
                line = self.client.eio.ws
                await self.client.shutdown()
                if line is not None:
                    line._response.close()  # the library forgets it where the other end is gone

    def _listener(self, name):
        async def listen(data):
            async with self.changed:
                self.heard.append((name, data))
                self.changed.notify_all()

        return listen

    async def _something_else(self, name, *data):
        """Nothing that is sent goes unheard, whatever it is called."""
        async with self.changed:
            self.heard.append((name, list(data)))
            self.changed.notify_all()

    async def _refused(self, data):
        self.refusal = data

    async def _disconnected(self, *_):
        self.closed.set()

    async def until(self, predicate, timeout_s=60.0):
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(lambda: any(predicate(*each) for each in self.heard))
        return next(data for name, data in self.heard if predicate(name, data))

    async def ask(self, name, data=None):
        return await self.client.call(name, data, namespace=LIVE, timeout=60)

    def kinds(self):
        return [data["kind"] for name, data in self.heard if name == "event"]


async def ticket(person, lesson):
    answer = await person.post("/api/v1/socket-ticket", {"lesson_id": lesson["id"]})
    assert answer.status == 201
    return answer.json["ticket"]


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="open")


async def test_events_are_pushed_in_order_and_only_to_their_audience(school, admin, director, member, lesson):
    lesson_id = lesson["id"]
    staff, phone = Socket(school), Socket(school)
    async with (
        staff.joined(ticket=await ticket(director, lesson), lesson_id=lesson_id, face="console"),
        phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson_id, face="phone"),
    ):
        venue = await school.person("venue1")
        await venue.command(f"/api/v1/lessons/{lesson_id}/venue", microphone="ready")
        await admin.command(f"/api/v1/lessons/{lesson_id}/transitions", event="start")
        for socket in (staff, phone):
            await socket.until(lambda name, data: name == "event" and data["data"].get("state") == "live")
        assert "venue.microphone" in staff.kinds()
        assert "venue.microphone" not in phone.kinds()
        seqs = [data["seq"] for name, data in staff.heard if name == "event"]
        assert seqs == sorted(set(seqs))


async def test_what_was_missed_is_pushed_after_since(school, admin, member, lesson):
    await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="start")
    log = (await member.get(f"/api/v1/lessons/{lesson['id']}/events")).json
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], since=0):
        await phone.until(lambda name, data: name == "event" and data["seq"] == log["events"][-1]["seq"])
        assert [data for name, data in phone.heard if name == "event"] == log["events"]
        assert (await phone.ask("since", {"seq": 0}))["events"] == log["events"]
    late = Socket(school)
    async with late.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], since=log["seq"]):
        answer = await late.ask("since", {"seq": log["seq"]})
        assert answer["events"] == []
        assert late.kinds() == []


@pytest.mark.parametrize(("number", "face"), [("director", "console"), ("10001", "phone"), ("venue1", "venue")])
async def test_a_socket_and_the_log_tell_one_person_the_same_events(school, admin, number, face):
    """Pushed one by one or caught up with: the same audience and every field as ``…/events?since=0``."""
    lesson = await school.new_lesson(admin, until="open")
    house, now, path = school.control.house, school.control.site.now(), f"/api/v1/lessons/{lesson['id']}"
    audiences = {"console": STAFF, "phone": to_account(demo_id("10001")), "venue": to_venue(lesson["venues"][1]["id"])}
    addressed = [Announcement("x", audience, {"to": audience}) for audience in audiences.values()]
    person = await school.person(number)
    auth = {"ticket": await ticket(person, lesson), "lesson_id": lesson["id"], "since": 0, "face": face}
    early, late = Socket(school), Socket(school)
    async with early.joined(**auth):
        await house.records.write(lambda tx: tx.events.append(lesson["id"], addressed, now, None))
        await admin.command(f"{path}/transitions", event="start")
        async with late.joined(**auth):
            log = (await person.get(f"{path}/events", params={"since": "0"})).json["events"]
            assert [event["data"]["to"] for event in log if event["kind"] == "x"] == [audiences[face]]
            for socket in (early, late):
                await socket.until(lambda name, data: name == "event" and data["seq"] >= log[-1]["seq"])
                told = [data for name, data in socket.heard if name == "event" and data["seq"] <= log[-1]["seq"]]
                assert told == log


async def test_the_stage_is_pushed_to_staff_only_and_not_more_than_twice_a_second(school, director, member, lesson):
    staff, phone = Socket(school), Socket(school)
    async with (
        staff.joined(ticket=await ticket(director, lesson), lesson_id=lesson["id"], face="console"),
        phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]),
    ):
        stage = await staff.until(lambda name, _: name == "stage")
        assert stage["slots"] == {"camera": "main", "screen": "screen"}
        loop = asyncio.get_running_loop()
        began = loop.time()
        for opened in (True, False) * 4:
            source = f"venue-{lesson['venues'][1]['id']}"
            await director.command(f"/api/v1/lessons/{lesson['id']}/audio", source=source, opened=opened)
        await director.command(f"/api/v1/lessons/{lesson['id']}/take", slot="screen", source=None)
        await staff.until(lambda name, data: name == "stage" and data["slots"]["screen"] is None)
        stages = [data for name, data in staff.heard if name == "stage"]
        assert len(stages) <= 2 + (loop.time() - began) * 2 + 1
        assert not [name for name, _ in phone.heard if name == "stage"]


async def test_events_do_not_wait_for_the_pace_of_the_stage(school, director, lesson, monkeypatch):
    monkeypatch.setattr(feed, "STAGE_EVERY_S", 3600)
    console = Socket(school)
    async with console.joined(ticket=await ticket(director, lesson), lesson_id=lesson["id"], face="console"):
        await console.until(lambda name, _: name == "stage")
        source = f"venue-{lesson['venues'][1]['id']}"
        for opened in (True, False):
            await director.command(f"/api/v1/lessons/{lesson['id']}/audio", source=source, opened=opened)
            await console.until(lambda *_, times=2 - opened: console.kinds().count("stage.audio") == times)
        assert [name for name, _ in console.heard].count("stage") == 1


async def test_the_board_is_pushed_to_staff_whole_and_to_a_venue_its_own(school, director, member, lesson):
    venue, lesson_id = await school.person("venue1"), lesson["id"]
    staff, room, phone = Socket(school), Socket(school), Socket(school)
    own = lesson["venues"][1]["id"]
    async with (
        staff.joined(ticket=await ticket(director, lesson), lesson_id=lesson_id, face="board"),
        room.joined(ticket=await ticket(venue, lesson), lesson_id=lesson_id, face="venue"),
        phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson_id, face="board"),
    ):
        first = await staff.until(lambda name, _: name == "board")
        everybody = (await director.get(f"/api/v1/lessons/{lesson_id}/board")).json["expected"]
        assert (first["expected"], first["present"], len(first["venues"])) == (everybody, 0, 3)
        await venue.command(f"/api/v1/lessons/{lesson_id}/assisted-sign-ins", member_id=demo_id("member 10010"))
        await member.command(f"/api/v1/lessons/{lesson_id}/sign-in", way="phone")
        whole = await staff.until(lambda name, data: name == "board" and data["present"] == 2)
        ours = await room.until(lambda name, data: name == "board" and data["present"] == 1)
        assert [row["lesson_venue_id"] for row in ours["venues"]] == [own]
        asked = (await director.get(f"/api/v1/lessons/{lesson_id}/board")).json
        assert {**asked, "at": whole["at"]} == whole
        assert not [name for name, _ in phone.heard if name == "board"]
    boards = [data for name, data in staff.heard if name == "board"]
    assert all(one != other for one, other in itertools.pairwise(boards))


async def test_who_wants_to_catch_up_is_told_in_one_message_what_it_missed_and_nothing_of_it_twice(
    school, admin, member, lesson
):
    await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="start")
    log = (await member.get(f"/api/v1/lessons/{lesson['id']}/events")).json
    assert len(log["events"]) > 1
    for since in (0, log["events"][0]["seq"], log["seq"]):
        phone = Socket(school)
        told = {"since": since, "batch": True, "catch_up": True}
        async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], **told):
            caught_up = await phone.until(lambda name, data: name == "caught_up")
            assert caught_up == {"events": [each for each in log["events"] if each["seq"] > since], "seq": log["seq"]}
            assert (await phone.ask("beat", {}))["server_time"]
            assert [name for name, _ in phone.heard if name in ("event", "events", "caught_up")] == ["caught_up"]


async def test_who_is_more_than_a_page_behind_is_told_so_at_once(school, member, lesson, monkeypatch):
    monkeypatch.setattr(feed, "PAGE", 1)
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], since=0, catch_up=True):
        caught_up = await phone.until(lambda name, data: name == "caught_up")
        assert caught_up["events"] == []
        assert caught_up["behind"] is True


async def test_a_beat_gives_a_ticket_for_the_next_dials_to_who_asks(school, member, lesson):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        kept = (await phone.ask("beat", {"ticket": True}))["ticket"]
        assert set(await phone.ask("beat", {})) == {"server_time"}
        assert (await phone.ask("beat", {"ticket": "yes"}))["code"] == "invalid_body"
        assert (await phone.ask("beat", {"hidden": "yes"}))["code"] == "invalid_body"
    phone = Socket(school)
    async with phone.joined(ticket=kept, lesson_id=lesson["id"]):
        assert (await phone.ask("beat", {}))["server_time"]


async def test_a_login_that_ends_while_its_socket_comes_in_takes_it_along(school, lesson, monkeypatch):
    member = await school.person("10007")
    arrive, left = sockets.arrive, []

    async def meanwhile(*more, **said):
        if not left:
            left.append((await member.ask("DELETE", "/api/v1/session")).status)
            await asyncio.sleep(0.1)
        return await arrive(*more, **said)

    phone, one = Socket(school), await ticket(member, lesson)
    monkeypatch.setattr(sockets, "arrive", meanwhile)
    async with phone.joined(ticket=one, lesson_id=lesson["id"]):
        assert (await phone.until(lambda name, data: name == "bye"))["code"] == "not_logged_in"
    assert left == [204]


async def test_a_beat_answers_with_the_servers_time(school, member, lesson):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        answer = await phone.ask("beat", {})
        assert answer["server_time"].endswith("Z")


async def test_what_a_page_says_of_being_put_away_reaches_the_record(school, lesson):
    """With its first word and with each beat: what is connected and hidden is seen as another kind of being there."""
    member, sightings = await school.person("10006"), school.control.house.sightings

    def seen(phone):
        sid = phone.client.get_sid(LIVE)
        return [sightings.begun(lesson["id"], key) is not None for key in (sid, f"{sid} hidden")]

    for first in (True, False):
        phone = Socket(school)
        async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], hidden=first):
            assert seen(phone) == [not first, first]
            await phone.ask("beat", {"hidden": True})
            assert seen(phone) == [False, True]


async def test_a_venues_screen_puts_the_venue_online_and_offline(school, director, lesson):
    venue = await school.person("venue1")
    staff, screen = Socket(school), Socket(school)
    async with staff.joined(ticket=await ticket(director, lesson), lesson_id=lesson["id"], face="console"):
        async with screen.joined(ticket=await ticket(venue, lesson), lesson_id=lesson["id"], face="venue"):
            online = await staff.until(lambda name, data: name == "event" and data["kind"] == "venue.online")
            assert online["data"]["name"] == "第一分会场"
        await staff.until(lambda name, data: name == "event" and data["kind"] == "venue.offline")


async def refused(school, code, *, origin=None, **auth):
    socket = Socket(school, origin=origin)
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with socket.joined(**auth):
            pass
    if code is not None:
        problem = socket.refusal["data"]
        assert problem["code"] == code
        assert problem["title"]
        assert problem["title_en"]


async def test_who_is_not_let_in(school, admin, member, lesson):
    own = await ticket(member, lesson)
    other = await school.new_lesson(admin, until="open")
    lesson_id = lesson["id"]
    await refused(school, "ticket_foreign", ticket=own, lesson_id=other["id"])
    await refused(school, "ticket_invalid", ticket="nonsense", lesson_id=lesson_id)
    await refused(school, "invalid_body", lesson_id=lesson_id)
    await refused(school, "invalid_body", ticket=own, lesson_id=lesson_id, since="later")
    await refused(school, "invalid_body", ticket=own, lesson_id=lesson_id, face="television")
    watch = await member.ticket(lesson_id, use="watch", view="programme")
    await refused(school, "ticket_foreign", ticket=watch["token"], lesson_id=lesson_id)
    for origin in ("https://evil.example", "null"):
        await refused(school, None, origin=origin, ticket=own, lesson_id=lesson_id)


async def test_too_many_messages_close_the_socket(school, member, lesson):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            for _ in range(10_000):
                await phone.client.emit("beat", {}, namespace=LIVE)
                if phone.closed.is_set():
                    break
        async with asyncio.timeout(60):
            await phone.closed.wait()


async def test_a_message_over_64_kib_closes_the_socket(school, member, lesson):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        around = len(f'42{LIVE},["beat",""]')
        await phone.client.emit("beat", "x" * ((64 << 10) + 1 - around), namespace=LIVE)
        async with asyncio.timeout(60):
            await phone.closed.wait()


@pytest.mark.parametrize("data", [None, {}, {"seq": -1}, {"seq": "1"}, [1]])
async def test_a_question_that_does_not_fit_gets_a_problem(school, member, lesson, data):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        assert (await phone.ask("since", data))["code"] == "invalid_body"


@pytest.mark.process
async def test_a_draining_server_says_goodbye_with_a_moment_to_come_back(tmp_path):
    async with open_school(tmp_path, retry_least_ms=100, retry_most_ms=900) as school:
        admin = await school.person("admin")
        member = await school.person("10001")
        lesson = await school.new_lesson(admin, until="open")
        phone = Socket(school)
        async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
            await school.control.drain()
            farewell = await phone.until(lambda name, _: name == "bye")
            assert farewell["code"] == "draining"
            assert 100 <= farewell["retry_after_ms"] <= 900
            async with asyncio.timeout(60):
                await phone.closed.wait()
            ready = await member.get("/readyz")
            assert ready.status == 503
            assert ready.json["checks"]["staying"] is False


async def raw(school, session):
    """A web socket that speaks Engine.IO by hand, as far as the open packet."""
    url = f"{school.url}/socket.io/?EIO=4&transport=websocket"
    socket = await session.ws_connect(url, origin=school.url)
    assert (await socket.receive_str()).startswith("0{")
    return socket


@contextlib.asynccontextmanager
async def by_hand(school):
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=school.context)) as session:
        yield session


@pytest.mark.parametrize("text", ["42/live,{", '42/live,["disconnect"]', "44/live,{}", "4" + "[" * 60_000, "x"])
async def test_a_malformed_packet_cuts_its_client_off_without_a_traceback(school, member, lesson, caplog, text):
    phone = Socket(school)
    async with by_hand(school) as session, phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        socket = await raw(school, session)
        await socket.send_str(text)
        async with asyncio.timeout(60):
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert (await phone.ask("beat", {}))["server_time"]
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_client_that_joins_twice_is_cut_off(school, member, lesson, caplog):
    join = f'40/live,{{"ticket":"{await ticket(member, lesson)}","lesson_id":"{lesson["id"]}"}}'
    async with by_hand(school) as session:
        socket = await raw(school, session)
        await socket.send_str(join)
        assert (await socket.receive_str()).startswith("40/live,")
        await socket.send_str(join)
        async with asyncio.timeout(60):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert socket.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
    assert not [record for record in caplog.records if record.exc_info]


async def test_malformed_packets_are_a_few_lines_in_the_log_however_many_come(school):
    keeper = transport.Keeper(school.control.live.server, Rate(1, 1), lambda _: None)
    with structlog.testing.capture_logs() as lines:
        for _ in range(100):
            keeper.note_malformed("no Engine.IO packet")
    assert 1 <= len(lines) <= 10
    assert keeper._unsaid == 100 - len(lines)


async def test_more_arguments_than_expected_are_no_bug_of_ours(school, member, lesson):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        assert (await phone.ask("since", ({"seq": 0}, 1, 2)))["seq"] >= 0
        assert (await phone.ask("beat", ({}, 1)))["server_time"]


@pytest.mark.process
async def test_who_does_not_join_takes_only_so_many_places_from_one_address(tmp_path, monkeypatch):
    monkeypatch.setattr(sockets, "Doorway", functools.partial(Doorway, patience_s=0.05))
    async with open_school(tmp_path, address_sockets_joining=2) as school, by_hand(school) as session:
        admin = await school.person("admin")
        lesson = await school.new_lesson(admin, until="open")
        idle = [await raw(school, session), await raw(school, session)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await raw(school, session)
        assert refusal.value.status == 429
        assert refusal.value.headers["Retry-After"]
        await idle[0].close()
        async with Socket(school).joined(ticket=await ticket(admin, lesson), lesson_id=lesson["id"]):
            third = await raw(school, session)  # who has joined stands in the door no more
            await third.close()
        assert 'dangxiao_sockets_cut_total{reason="too_many_joining"} 1.0' in (await admin.get("/metrics")).text


async def test_only_websockets_are_offered(school, member):
    answer = await member.get("/socket.io/?EIO=4&transport=polling")
    assert answer.status == 400


@pytest.mark.process
async def test_a_client_that_takes_nothing_is_cut_off_and_the_others_go_on(tmp_path):
    async with open_school(tmp_path, socket_queue_bytes=20_000) as school:
        admin, member = await school.person("admin"), await school.person("10001")
        lesson = await school.new_lesson(admin, until="open")
        lazy, lively = Socket(school), Socket(school)
        async with (
            lazy.joined(ticket=await ticket(admin, lesson), lesson_id=lesson["id"], face="console"),
            lively.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]),
        ):
            # It reads nothing any more: what the system's buffers take is not its own.
            pipe = lazy.client.eio.ws._response.connection.transport
            pipe.pause_reading()
            audience = school.control.live.audience
            [slow] = [client for client in audience.all() if client.joined.listener.staff]
            feed = audience._feeds[lesson["id"]].feed
            big = message("event", {"seq": 0, "kind": "x", "at": "", "data": {"text": "x" * 4000}})
            async with asyncio.timeout(60):
                while audience.get(slow.joined.sid) is not None:
                    await feed._give(slow, lambda: slow.tell(big))
                    await asyncio.sleep(0)
            await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="start")
            await lively.until(lambda name, data: name == "event" and data["data"].get("state") == "live")
            metrics = (await admin.get("/metrics")).text
            assert 'dangxiao_sockets_cut_total{reason="too_slow"}' in metrics
            pipe.resume_reading()
            async with asyncio.timeout(60):
                await lazy.closed.wait()


def test_a_newer_stage_replaces_one_that_waits_and_events_go_first():
    outbox = Outbox(most_bytes=10_000)
    outbox.put_picture(message("stage", {"n": 1}))
    outbox.put(message("event", {"seq": 1}))
    outbox.put_picture(message("stage", {"n": 2}))
    taken = [outbox.next() for _ in range(3)]
    assert [item.data if item else None for item in taken] == [{"seq": 1}, {"n": 2}, None]
    assert outbox.bytes == 0


def test_pictures_of_different_names_do_not_replace_each_other():
    outbox = Outbox(most_bytes=10_000)
    for name, n in (("stage", 1), ("quiz", 2), ("stage", 3)):
        outbox.put_picture(message(name, {"n": n}))
    taken = [outbox.next() for _ in range(3)]
    assert [(item.name, item.data["n"]) if item else None for item in taken] == [("stage", 3), ("quiz", 2), None]
    assert outbox.bytes == 0


def test_a_full_outbox_overflows_and_keeps_what_it_has():
    outbox = Outbox(most_bytes=100)
    outbox.put(message("event", {"text": "x" * 60}))
    with pytest.raises(Overflow):
        outbox.put(message("event", {"text": "x" * 60}))
    with pytest.raises(Overflow):
        outbox.put_picture(message("stage", {"text": "x" * 60}))
    assert outbox.next() is not None
    assert outbox.next() is None


async def test_packets_with_attachments_are_not_collected(school, member, lesson):
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"]):
        server = school.control.live.server
        await phone.client.emit("beat", {"picture": b"x" * 1000}, namespace=LIVE)
        async with asyncio.timeout(60):
            await phone.closed.wait()
        assert not server._binary_packet


async def test_who_asks_and_does_not_listen_makes_no_answers_pile_up(school, member, lesson):
    house, now = school.control.house, school.control.site.now()
    long = [Announcement("x", EVERYONE, {"text": "x" * 2000})] * 400
    await house.records.write(lambda tx: tx.events.append(lesson["id"], long, now, None))
    phone = Socket(school)
    async with phone.joined(ticket=await ticket(member, lesson), lesson_id=lesson["id"], since=10_000):
        phone.client.eio.ws._response.connection.transport.pause_reading()
        live = school.control.live
        [client] = [each for each in live.audience.all() if each.joined.lesson_id == lesson["id"]]
        engine_id = live.server.manager.eio_sid_from_sid(client.joined.sid, LIVE)
        connection = live.server.eio.sockets[engine_id]  # not any: one is swept later than it ends
        for _ in range(35):
            await phone.client.emit("since", {"seq": 0}, namespace=LIVE, callback=lambda *_: None)
        most = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                while True:
                    await asyncio.sleep(0.01)
                    most = max(most, connection.queue.qsize())
        assert most <= 2


@pytest.mark.process
async def test_one_account_cannot_take_the_places_of_all(tmp_path):
    async with open_school(tmp_path, account_sockets=1) as school:
        admin, member = await school.person("admin"), await school.person("10001")
        lesson = await school.new_lesson(admin, until="open")
        one = await ticket(member, lesson)
        first, second = Socket(school), Socket(school)
        async with first.joined(ticket=one, lesson_id=lesson["id"]):
            with pytest.raises(socketio.exceptions.ConnectionError):
                async with second.joined(ticket=one, lesson_id=lesson["id"]):
                    pass
            assert second.refusal["data"]["code"] == "too_fast"
            async with Socket(school).joined(ticket=await ticket(admin, lesson), lesson_id=lesson["id"]):
                pass
        for _ in range(6000):
            if not school.control.live.audience._places:
                break
            await asyncio.sleep(0.01)
        async with Socket(school).joined(ticket=one, lesson_id=lesson["id"]):
            pass
