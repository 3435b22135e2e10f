"""What the house may count on in a media process and its archive: the same for the real ones and for their twin."""

import asyncio
import contextlib
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from recordings import manifest
from recordings.library import FolderLibrary
from rooms.dtls import DtlsIdentity
from rooms.interface import NodeConfig
from server.archive import ArchivedLibrary
from server.converting.clip import ClipLimits, make_clip
from server.domain.clips import CLIP_FILE
from server.domain.curtain import Curtain
from server.domain.refusals import Refusal
from server.plane import LocalMediaPlane
from server.services.media import ClipOrder, MediaReady, ProgrammeView, SourcesView, Track, ViewerState
from tests.converting.films import film
from tests.rooms.light_peer import LightPeer, offer_sdp
from tests.services.conftest import refused
from tests.services.media_twin import OFFER, Disk, MediaTwin

GARBAGE = "v=0\r\nthis is no session description"
BOTH = ["twin", pytest.param("real", marks=pytest.mark.media)]


class TwinDisk:
    def __init__(self, media):
        self.media = media

    def take_away(self, recording_id):
        self.media.disk_away = True

    def bring_back(self, recording_id):
        self.media.disk_away = False


class FolderDisk:
    """A manifest that is a folder cannot be read."""

    def __init__(self, root):
        self.root = root

    def take_away(self, recording_id):
        (self.root / recording_id / manifest.NAME).mkdir(parents=True)

    def bring_back(self, recording_id):
        (self.root / recording_id / manifest.NAME).rmdir()


class Plane:
    """A media process, ids of a lesson and its recording, and offers that it can read."""

    def __init__(self, media, sending, receiving, disk):
        self.media, self.sending, self.receiving, self.disk = media, sending, receiving, disk
        self.lesson, self.recording = str(uuid.uuid4()), str(uuid.uuid4())

    async def open(self, *, recording=True):
        await self.media.open_room(self.lesson, self.recording, "H264", recording=recording)

    async def state(self):
        return await self.media.room_state(self.lesson)


@pytest.fixture(params=BOTH)
async def plane(request, tmp_path):
    if request.param == "twin":
        twin = MediaTwin(Disk())
        yield Plane(twin, OFFER, OFFER, TwinDisk(twin))
        return
    media = await LocalMediaPlane.start(NodeConfig(host="127.0.0.1"), tmp_path)
    peer = LightPeer(DtlsIdentity(), "somebody")
    try:
        yield Plane(media, offer_sdp(peer, "sendonly"), offer_sdp(peer, "recvonly"), FolderDisk(tmp_path))
    finally:
        peer.drop()
        await media.close()


@pytest.fixture
async def opened(plane):
    await plane.open()
    return plane


async def test_a_new_reader_is_told_first_that_the_media_process_is_ready(plane):
    assert isinstance(await anext(plane.media.events()), MediaReady)


async def test_a_room_opened_twice_is_one_room_and_keeps_what_is_in_it(opened):
    await opened.media.take(opened.lesson, "camera", "main")
    await opened.open()
    state = await opened.state()
    assert (state.camera, state.recording.recording_id, state.recording.state) == ("main", opened.recording, "running")


@pytest.mark.parametrize("recording", [True, False])
async def test_opening_again_does_not_change_whether_it_is_recorded(plane, recording):
    await plane.open(recording=recording)
    await plane.open(recording=not recording)
    assert (await plane.state()).recording.state == ("running" if recording else "paused")


async def test_nothing_is_done_in_a_room_that_is_not_open(plane):
    media, lesson = plane.media, plane.lesson
    for asked in (
        media.room_state(lesson),
        media.take(lesson, "camera", "main"),
        media.open_audio(lesson, frozenset({"main"})),
        media.set_curtain(lesson, Curtain.CUT),
        media.set_curtain(lesson, None),
        media.publish(lesson, "main", plane.sending, replace=False),
        media.watch(lesson, "viewer", plane.receiving, ProgrammeView()),
        media.play_clip(lesson, "clip", ClipOrder(Path("clip.mp4"), 1, 0, paused=False)),
        media.stop_clip(lesson, "clip"),
    ):
        assert await refused(asked) == "room_unknown"


async def test_what_is_taken_and_opened_is_what_the_state_says(opened):
    await opened.media.take(opened.lesson, "screen", "not there yet")
    await opened.media.open_audio(opened.lesson, frozenset({"main", "venue"}))
    state = await opened.state()
    assert (state.camera, state.screen, state.opened_audio) == (None, "not there yet", {"main", "venue"})
    await opened.media.take(opened.lesson, "screen", None)
    await opened.media.open_audio(opened.lesson, frozenset())
    state = await opened.state()
    assert (state.screen, state.opened_audio, state.sources, state.viewers) == (None, frozenset(), (), 0)


async def test_the_curtain_is_as_it_was_drawn_last(opened):
    assert (await opened.state()).curtain is None
    for curtain in (Curtain.STANDBY, Curtain.CUT, Curtain.CUT, None, None):
        await opened.media.set_curtain(opened.lesson, curtain)
        assert (await opened.state()).curtain is curtain
    await opened.media.set_curtain(opened.lesson, Curtain.CUT)
    await opened.open()
    assert (await opened.state()).curtain is Curtain.CUT, "opening again does not lift it"


async def test_the_state_tells_what_is_free_where_it_is_recorded(opened):
    async with asyncio.timeout(60):
        while (storage := (await opened.state()).storage) is None:  # noqa: ASYNC110 - a thread measures it, soon
            await asyncio.sleep(0.01)
    assert storage.free_bytes > 0


async def test_a_lecture_whose_disk_is_away_goes_on_and_is_recorded_once_it_is_back(plane):
    plane.disk.take_away(plane.recording)
    for _ in range(2):
        await plane.open()
        assert (await plane.state()).recording is None
    await plane.media.take(plane.lesson, "camera", "main")
    await plane.media.set_curtain(plane.lesson, Curtain.CUT)
    await plane.media.set_curtain(plane.lesson, None)
    plane.disk.bring_back(plane.recording)
    await plane.open()
    state = await plane.state()
    assert (state.camera, state.curtain, state.recording.state) == ("main", None, "running")


async def test_the_director_is_told_once_that_the_disk_is_away_and_that_it_is_back(tmp_path):
    media = await LocalMediaPlane.start(NodeConfig(host="127.0.0.1"), tmp_path)
    plane, events = Plane(media, OFFER, OFFER, FolderDisk(tmp_path)), media.events()
    await anext(events)
    try:
        with structlog.testing.capture_logs() as lines:
            plane.disk.take_away(plane.recording)
            for _ in range(3):
                await plane.open()
            plane.disk.bring_back(plane.recording)
            await plane.open()
        async with asyncio.timeout(60):
            told = [await anext(events), await anext(events)]
    finally:
        await media.close()
    assert [(one.lesson_id, one.code, one.active) for one in told] == [
        (plane.lesson, "storage_unavailable", True),
        (plane.lesson, "storage_unavailable", False),
    ]
    assert [line["event"] for line in lines if "record" in line["event"]] == ["room.not_recorded", "room.recorded"]


@pytest.mark.parametrize("slot", ["audio_1", "television", ""])
async def test_only_camera_and_screen_are_taken(opened, slot):
    assert await refused(opened.media.take(opened.lesson, slot, "main")) == "slot_unknown"


async def test_a_talkback_is_never_taken_nor_opened_for_the_programme(opened):
    media, lesson = opened.media, opened.lesson
    await media.open_audio(lesson, frozenset({"main"}))
    for slot in ("camera", "screen"):
        assert await refused(media.take(lesson, slot, "talkback-x")) == "source_unknown"
    assert await refused(media.open_audio(lesson, frozenset({"main", "talkback-x"}))) == "source_unknown"
    state = await opened.state()
    assert (state.camera, state.screen, state.opened_audio) == (None, None, {"main"})


@pytest.mark.parametrize("garbage", [GARBAGE, ""])
async def test_an_offer_that_cannot_be_read_is_refused_and_makes_no_session(opened, garbage):
    media, lesson = opened.media, opened.lesson
    assert await refused(media.publish(lesson, "main", garbage, replace=False)) == "bad_sdp"
    assert await refused(media.watch(lesson, "viewer", garbage, ProgrammeView())) == "bad_sdp"
    state = await opened.state()
    assert (state.sources, state.viewers) == ((), 0)


async def test_a_session_is_patched_with_its_own_tag_and_ends_once(opened):
    media = opened.media
    for answer in (
        await media.publish(opened.lesson, "main", opened.sending, replace=False),
        await media.watch(opened.lesson, "viewer", opened.receiving, ProgrammeView()),
    ):
        session = answer.session_id
        assert await media.add_candidates(session, "a=candidate:x", answer.etag) is None
        assert await refused(media.add_candidates(session, "a=candidate:x", "another")) == "precondition_failed"
        await media.end_session(session)
        assert await refused(media.end_session(session)) == "session_unknown"
        assert await refused(media.add_candidates(session, "a=candidate:x", answer.etag)) == "session_unknown"


async def test_a_view_changes_its_size_and_only_views_have_one(opened):
    media, lesson = opened.media, opened.lesson
    watching = (await media.watch(lesson, "viewer", opened.receiving, ProgrammeView(height=360))).session_id
    assert await media.viewer_state(watching) == ViewerState(360, sound_only=False)
    for height in (1, 4320, None):
        await media.resize(watching, height)
        assert (await media.viewer_state(watching)).height == height
    for nonsense in (0, -1, 4321):
        assert await refused(media.resize(watching, nonsense)) == "invalid_body"
    assert (await media.viewer_state(watching)).height is None
    publishing = (await media.publish(lesson, "main", opened.sending, replace=False)).session_id
    for unknown in (publishing, "nobody"):
        assert await refused(media.resize(unknown, 360)) == "session_unknown"
        assert await refused(media.viewer_state(unknown)) == "session_unknown"


async def test_a_view_of_sources_shows_others_and_only_such_a_view_does(opened):
    media, lesson = opened.media, opened.lesson
    wall = (await media.watch(lesson, "director", opened.receiving, SourcesView(("venue-1",)))).session_id
    await media.look_at(wall, ("venue-2", "venue-3"))
    await media.resize(wall, 360)
    await media.look_at(wall, ("venue-1",))
    assert await media.viewer_state(wall) == ViewerState(360, sound_only=False)
    programme = (await media.watch(lesson, "viewer", opened.receiving, ProgrammeView())).session_id
    publishing = (await media.publish(lesson, "main", opened.sending, replace=False)).session_id
    for unknown in (programme, publishing, "nobody"):
        assert await refused(media.look_at(unknown, ("venue-1",))) == "session_unknown"


async def test_recording_is_paused_and_resumed_as_often_as_asked(opened):
    for on in (False, False, True, True):
        await opened.media.set_recording(opened.recording, on=on)
        assert (await opened.state()).recording.state == ("running" if on else "paused")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    make_clip(film(folder / "film.mp4", seconds=3), folder, ClipLimits())
    return ClipOrder(folder / CLIP_FILE, 1, 0, paused=False)


async def played(plane):
    state = await plane.state()
    told = (state.clip.order, state.clip.paused) if state.clip else None
    return told, {one.source for one in state.sources}


async def test_a_clip_is_played_paused_and_stopped_as_often_as_asked(opened, clip):
    media, lesson = opened.media, opened.lesson
    for _ in range(2):
        await media.play_clip(lesson, "clip", clip)
        assert await played(opened) == ((1, False), {"clip"})
    paused = replace(clip, order=2, at_ms=2_000, paused=True)
    await media.play_clip(lesson, "clip", paused)
    assert await played(opened) == ((2, True), {"clip"})
    assert (await opened.state()).clip.at_ms == 2_000
    for _ in range(2):
        await media.stop_clip(lesson, "clip")
        assert await played(opened) == (None, set())


async def test_a_clip_takes_no_place_where_somebody_publishes(opened, clip):
    await opened.media.publish(opened.lesson, "main", opened.sending, replace=False)
    assert await refused(opened.media.play_clip(opened.lesson, "main", clip)) == "source_taken"
    assert await played(opened) == (None, {"main"})


async def test_a_recording_nobody_knows_is_neither_paused_nor_finished(opened):
    unknown = str(uuid.uuid4())
    assert await refused(opened.media.set_recording(unknown, on=True)) == "recording_unknown"
    assert await refused(opened.media.finish_recording(unknown)) == "recording_unknown"


async def test_a_recording_is_finished_twice_with_one_summary_and_goes_on_no_more(opened):
    summary = await opened.media.finish_recording(opened.recording)
    assert (summary.recording_id, summary.lesson_id, summary.state) == (opened.recording, opened.lesson, "finished")
    assert await opened.media.finish_recording(opened.recording) == summary
    assert await refused(opened.media.set_recording(opened.recording, on=True)) == "recording_finished"
    assert (await opened.state()).recording == summary


async def test_a_room_is_closed_after_its_grace_and_closing_again_changes_nothing(opened):
    await opened.media.close_room(opened.lesson, grace_ms=0)
    await opened.media.close_room(opened.lesson, grace_ms=0)
    async with asyncio.timeout(60):
        with contextlib.suppress(Refusal):
            while True:
                await opened.state()
                await asyncio.sleep(0.005)
    assert await refused(opened.state()) == "room_unknown"
    await opened.media.close_room(opened.lesson, grace_ms=0)


async def test_closing_with_a_grace_leaves_the_room_as_it_is_meanwhile(opened):
    await opened.media.take(opened.lesson, "camera", "main")
    await opened.media.close_room(opened.lesson, grace_ms=60_000)
    assert (await opened.state()).camera == "main"
    await opened.open()
    assert (await opened.state()).camera == "main"


@pytest.mark.parametrize("track", list(Track))
async def test_there_is_no_live_playlist_before_the_first_segment(opened, track):
    assert await opened.media.live_playlist(opened.recording, track) is None
    assert await opened.media.live_playlist(str(uuid.uuid4()), track) is None
    assert await opened.media.ring_file(opened.recording, "1.m4s") is None


@pytest.fixture(params=["twin", "real"])
def library(request, tmp_path):
    return Disk() if request.param == "twin" else ArchivedLibrary(FolderLibrary(tmp_path))


async def test_an_archive_that_is_not_there_is_unknown_in_every_question(library):
    unknown = str(uuid.uuid4())
    assert await library.recover(frozenset()) == ()
    for asked in (
        library.summary(unknown),
        library.playlist(unknown, Track.CAMERA),
        library.file(unknown, "1.m4s"),
    ):
        assert await refused(asked) == "recording_unknown"
