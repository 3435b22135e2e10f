"""The link: a media plane behind a socket behaves as one in the same process."""

import asyncio
import contextlib
import inspect
import stat
import typing
import uuid

import pytest

from rooms.interface import NodeConfig
from server.domain.refusals import Refusal
from server.link import server as link_server
from server.link.calls import METHODS
from server.link.children import Backoff
from server.link.client import MediaLink
from server.link.codec import FRAME_LIMIT, pack, read
from server.plane import LocalMediaPlane
from server.services.media import MediaLost, MediaPlane, MediaReady, SourcesView, Track

from .offers import offer, publishing, without_known_codecs


@pytest.fixture
async def plane(tmp_path):
    local = await LocalMediaPlane.start(NodeConfig(host="127.0.0.1"), tmp_path / "recordings")
    yield local
    await local.close()
    await local.close()  # closing twice is harmless


@pytest.fixture
def socket_path(tmp_path):
    return tmp_path / "m.sock"


@contextlib.asynccontextmanager
async def linked(plane, path, **more):
    async with link_server.serving(plane, path, plane.instance, plane.load):
        link = MediaLink(**more)
        task = asyncio.create_task(link.run(path))
        events = link.events()
        assert await anext(events) == MediaReady(plane.instance)
        try:
            yield link, events
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=["here", "over the link"])
async def either(request, plane, socket_path):
    """The plane itself, and the same one over the link."""
    if request.param == "here":
        events = plane.events()
        assert await anext(events) == MediaReady(plane.instance)
        yield plane, events
        return
    async with linked(plane, socket_path) as pair:
        yield pair


def ids():
    return str(uuid.uuid4()), str(uuid.uuid4())


async def test_a_room_is_opened_switched_and_closed(either):
    plane, _ = either
    lesson, recording = ids()
    await plane.open_room(lesson, recording, "H264", recording=False)
    await plane.open_room(lesson, recording, "H264", recording=True)
    await plane.take(lesson, "camera", "main")
    await plane.open_audio(lesson, frozenset({"main"}))
    state = await plane.room_state(lesson)
    assert (state.camera, state.screen, state.opened_audio, state.viewers) == ("main", None, frozenset({"main"}), 0)
    assert state.recording.recording_id == recording
    assert state.recording.state == "paused", "open_room does not change one that is attached"
    assert await plane.ring_file(recording, "nothing.m4s") is None
    assert await plane.live_playlist(str(uuid.uuid4()), Track.CAMERA) is None
    await plane.close_room(lesson, grace_ms=0)
    with pytest.raises(Refusal, match="room_unknown"):
        await look_until_refused(plane, lesson)


async def look_until_refused(plane, lesson):
    async with asyncio.timeout(60):
        while True:
            await plane.room_state(lesson)
            await asyncio.sleep(0.01)


async def test_refusals_keep_their_code(either):
    plane, _ = either
    lesson, recording = ids()
    await plane.open_room(lesson, recording, "H264", recording=False)
    sdp = await offer()
    cases = [
        ("room_unknown", plane.publish("elsewhere", "main", sdp, replace=False)),
        ("bad_sdp", plane.publish(lesson, "main", "nonsense", replace=False)),
        ("no_known_codec", plane.publish(lesson, "main", without_known_codecs(sdp), replace=False)),
        ("session_unknown", plane.end_session("nobody")),
        ("slot_unknown", plane.take(lesson, "ceiling", "main")),
        ("recording_unknown", plane.set_recording(str(uuid.uuid4()), on=True)),
    ]
    for code, call in cases:
        with pytest.raises(Refusal) as refused:
            await call
        assert refused.value.code == code


async def test_events_of_a_publisher_arrive(either):
    plane, events = either
    lesson, recording = ids()
    await plane.open_room(lesson, recording, "H264", recording=False)

    async def exchange(sdp):
        return (await plane.publish(lesson, "main", sdp, replace=False)).sdp

    async with publishing(exchange), asyncio.timeout(60):
        up = await anext(events)
        assert (type(up).__name__, up.lesson_id, up.source) == ("SourceUp", lesson, "main")
        answer = await plane.watch(lesson, "viewer", await offer("recvonly"), SourcesView(("main",)))
        assert answer.session_id
        await plane.end_session(up.session_id)
        down = await anext(events)
        assert (type(down).__name__, down.reason) == ("SourceDown", "bye")


async def test_the_socket_is_for_its_owner_alone(plane, socket_path):
    async with link_server.serving(plane, socket_path, "i", plane.load):
        assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600


async def test_without_a_connection_every_call_is_media_unavailable():
    with pytest.raises(Refusal, match="media_unavailable"):
        await MediaLink().stats()


async def test_a_link_that_ends_fails_calls_under_way_and_reports_the_loss(socket_path):
    asked = asyncio.Event()

    async def silent(reader, writer):
        writer.write(pack({"hello": "silent"}))
        await read(reader)
        asked.set()
        await read(reader)
        writer.close()

    server = await asyncio.start_unix_server(silent, socket_path)
    async with server:
        link = MediaLink()
        events = link.events()
        running = asyncio.create_task(link.run(socket_path))
        assert await anext(events) == MediaReady("silent")
        call = asyncio.create_task(link.stats())
        await asked.wait()
        link._connection._writer.write_eof()
        with pytest.raises(Refusal, match="media_unavailable"):
            await call
        assert await anext(events) == MediaLost()
        await asyncio.gather(running, return_exceptions=True)
        assert not link.connected


async def test_a_call_that_takes_too_long_is_given_up(socket_path):
    async def silent(reader, writer):
        writer.write(pack({"hello": "silent"}))
        await read(reader)
        await read(reader)
        writer.close()

    async with await asyncio.start_unix_server(silent, socket_path):
        link = MediaLink(timeout_s=0.05)
        running = asyncio.create_task(link.run(socket_path))
        await anext(link.events())
        with pytest.raises(Refusal, match="media_unavailable"):
            await link.stats()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


BAD = [
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x02[]",
    pack({"id": 1, "call": "close", "args": []}),
    pack({"id": 1, "call": "stats", "args": [1]}),
    pack({"id": 1, "call": "take", "args": [1, 2, 3]}),
    pack({"id": "x", "call": "stats", "args": []}),
]


@pytest.mark.parametrize("frame", BAD, ids=range(len(BAD)))
async def test_a_bad_frame_closes_that_link_and_no_other(plane, socket_path, frame):
    async with linked(plane, socket_path) as (link, _):
        reader, writer = await asyncio.open_unix_connection(socket_path)
        assert (await read(reader))["hello"] == plane.instance
        writer.write(frame)
        async with asyncio.timeout(60):
            while (message := await read(reader)) is not None:
                assert "beat" in message
        writer.close()
        assert [each.backend for each in await link.stats()] == [each.backend for each in await plane.stats()]


def test_every_method_of_the_plane_can_be_called_over_the_link():
    wanted = {name for name, member in inspect.getmembers(MediaPlane) if inspect.iscoroutinefunction(member)}
    wanted = {name for name in wanted if not name.startswith("_")}
    assert wanted == set(METHODS)
    for name in wanted:
        ours = inspect.signature(getattr(MediaLink, name))
        assert ours.parameters.keys() == inspect.signature(getattr(MediaPlane, name)).parameters.keys()
        assert typing.get_type_hints(getattr(MediaLink, name)) == typing.get_type_hints(getattr(MediaPlane, name))


async def test_a_process_says_that_it_lives_and_how_busy_it_is(plane, socket_path, monkeypatch):
    monkeypatch.setattr(link_server, "BEAT_S", 0.01)
    async with linked(plane, socket_path) as (link, _):
        async with asyncio.timeout(60):
            while link.beats < 3:  # noqa: ASYNC110 - nothing tells of a beat
                await asyncio.sleep(0.01)
        assert link.cost >= 0


def test_restarts_are_immediate_at_first_and_then_back_off():
    backoff = Backoff(first_s=0.05, most_s=5.0)
    waits = [backoff.wait_s(deaths) for deaths in range(12)]
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert waits[-1] == 5.0


async def test_an_answer_too_large_for_a_frame_is_refused_and_the_link_stays(plane, socket_path, monkeypatch):
    async def large(recording_id, name):
        return bytes(FRAME_LIMIT)

    monkeypatch.setattr(plane, "ring_file", large)
    async with linked(plane, socket_path) as (link, _):
        with pytest.raises(Refusal, match="internal"):
            await link.ring_file(*ids())
        assert [each.backend for each in await link.stats()] == [each.backend for each in await plane.stats()]
