"""Streams as they really are: numbers that wrap, publishers that come back, keyframes that get lost on the way."""

from __future__ import annotations

import itertools

import pytest

from rooms import rtcp
from rooms.interface import ProgrammeView, Slot, SlotLive
from rooms.keyframes import MIN_INTERVAL_MS
from rooms.rtp import RtpPacket, is_rtcp
from rooms.sequence import LAST_SAFE_START
from tests.rooms.conftest import ROOM, EventLog, Recorder, until
from tests.rooms.studio import IDR, Camera, Studio, Watcher, on_air

pytestmark = pytest.mark.media

SEQUENCES, TIMESTAMPS = 1 << 16, 1 << 32
STEP = 3600  # of the timestamp, from frame to frame


def follows(packets: list[RtpPacket]) -> None:
    """One stream without a gap: numbers go on by one, times never go back, modulo their widths."""
    for one, next_one in itertools.pairwise(packets):
        assert (next_one.sequence - one.sequence) % SEQUENCES == 1
        assert (next_one.timestamp - one.timestamp) % TIMESTAMPS < 100 * STEP
        assert next_one.ssrc == one.ssrc


async def seen(viewer: Watcher, count: int) -> None:
    await until(lambda: len(viewer.video) >= count, f"{count} packets (there are {len(viewer.video)})")


@pytest.fixture
async def wrapping(studio: Studio) -> tuple[Camera, Camera]:
    """Two cameras whose sequence numbers and timestamps wrap in a moment; the first is on the air."""
    first, second = await on_air(studio, "first"), await studio.camera("second")
    first.sequence, first.timestamp = SEQUENCES - 10, TIMESTAMPS - 4 * STEP
    second.sequence, second.timestamp = SEQUENCES - 5, TIMESTAMPS - 2 * STEP
    return first, second


@pytest.mark.parametrize("rtx", [True, False])
async def test_sequence_and_timestamp_wrap_and_what_was_lost_about_them_is_had_again(
    studio: Studio, wrapping: tuple[Camera, Camera], rtx: bool
) -> None:
    camera, _ = wrapping
    # No stream of ours begins shortly before the wrap, so there is a long way to it.
    camera.sequence = LAST_SAFE_START - 1
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    viewer = await studio.watcher("viewer", ProgrammeView(), ("video",), rtx=rtx)
    camera.frame(IDR)
    while camera.sequence < SEQUENCES - 10:
        camera.frame(packets=min(60, SEQUENCES - 10 - camera.sequence))
        await seen(viewer, camera.sequence - LAST_SAFE_START)
    viewer.packets.clear()
    recorder.packets.clear()
    camera.sent.clear()
    camera.timestamp = TIMESTAMPS - 4 * STEP
    for _ in range(10):
        camera.frame()
    await seen(viewer, 30)
    follows(viewer.video)
    assert [packet.payload for packet in viewer.video] == [sealed[12:] for sealed in camera.sent.values()]
    wraps = [(b.sequence < a.sequence, b.timestamp < a.timestamp) for a, b in itertools.pairwise(recorder.packets)]
    assert [any(column) for column in zip(*wraps, strict=True)] == [True, True], "nothing wrapped"
    # Asked for from either side of the wrap, long after it.
    lost = [viewer.video[at] for at in (5, 9, 10, 14)]
    sealed: list[bytes] = []
    viewer.peer.on_media = sealed.append
    viewer.peer.send_rtcp(rtcp.build_receiver_report(9) + rtcp.build_nack(9, lost[0].ssrc, [p.sequence for p in lost]))
    await until(lambda: len([datagram for datagram in sealed if datagram[1] < 200 or datagram[1] > 207]) >= len(lost))
    if rtx:
        before = len(viewer.repaired)
        for datagram in sealed:
            viewer._on_media(datagram)
        assert [p.payload for p in viewer.repaired[before:]] == [
            p.sequence.to_bytes(2, "big") + p.payload for p in lost
        ]
    else:  # libsrtp opens a number once only, so the numbers themselves are looked at
        media = [datagram for datagram in sealed if not is_rtcp(datagram)]
        assert [int.from_bytes(datagram[2:4], "big") for datagram in media] == [p.sequence for p in lost]


async def test_switches_about_the_wrap_leave_one_stream(studio: Studio, wrapping: tuple[Camera, Camera]) -> None:
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    viewer = await studio.watcher("viewer", ProgrammeView(), ("video",), rtx=True)
    total = 0
    for number, camera in enumerate(wrapping * 3):
        await studio.node.take(ROOM, Slot.CAMERA, camera.name)
        camera.frame(IDR)
        camera.frame()
        total += 6
        await seen(viewer, total)
        assert viewer.seen()[-6:] == [camera.name] * 6, f"switch {number}"
    follows(viewer.video)
    assert [p.epoch for p in recorder.packets] == sorted(p.epoch for p in recorder.packets)
    assert len({p.epoch for p in recorder.packets}) == 6
    for camera in wrapping:
        assert camera.sequence > SEQUENCES
        assert camera.timestamp > TIMESTAMPS


async def test_a_publisher_that_comes_back_with_a_new_ssrc_goes_on_in_the_same_stream(
    studio: Studio, log: EventLog
) -> None:
    """As after a reload of the page: another session, other SSRCs, other numbers. Viewers see a cut, nothing else."""
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    before = await on_air(studio)
    viewer = await studio.watcher()
    before.frame(IDR)
    await seen(viewer, 3)
    after = await studio.camera("lecturer", replace=True)
    after.video_ssrc, after.sequence, after.timestamp = 0x9999, 40_000, 77
    after.frame(IDR)
    after.frame()
    await seen(viewer, 9)
    follows(viewer.video)
    assert [p.epoch for p in recorder.packets] == [recorder.packets[0].epoch] * 3 + [recorder.packets[0].epoch + 1] * 6
    assert [event for event in log.events if isinstance(event, SlotLive)] == [
        SlotLive(ROOM, Slot.CAMERA, "lecturer")
    ] * 2


async def test_an_encoder_that_changes_its_ssrc_in_one_session_is_followed(studio: Studio) -> None:
    """As browsers do when a track is replaced by some devices' drivers: no goodbye, only other numbers."""
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await seen(viewer, 3)
    camera.video_ssrc, camera.sequence, camera.timestamp = 0x9999, 40_000, 77

    def goes_on() -> bool:
        camera.frame(IDR)
        return len(viewer.video) > 12

    await until(goes_on)
    follows(viewer.video[:3])
    follows(viewer.video[3:])
    assert viewer.video[3].ssrc == viewer.video[0].ssrc


async def test_a_keyframe_lost_on_the_way_in_delays_a_switch_and_breaks_no_picture(studio: Studio) -> None:
    """Of the new source's keyframe the beginning never comes: the old picture goes on until there is a whole one."""
    old, new = await on_air(studio, "old"), await studio.camera("new")
    viewer = await studio.watcher()
    old.frame(IDR)
    new.frame()
    await seen(viewer, 3)
    await studio.node.take(ROOM, Slot.CAMERA, "new")
    await until(lambda: new.keyframes_asked)
    asked = new.keyframes_asked
    new.frame(IDR, lose=(0, 1, 2))
    for _ in range(3):
        new.frame()
        old.frame()
    await seen(viewer, 12)
    assert set(viewer.seen()) == {"old"}, "cut to a picture that cannot be decoded"
    await until(lambda: new.keyframes_asked > asked, "it is asked for once more")
    new.frame(IDR)
    await until(lambda: viewer.seen()[-3:] == ["new"] * 3)
    follows(viewer.video)


async def test_a_keyframe_lost_on_the_way_out_is_had_from_the_cache_or_asked_for(studio: Studio) -> None:
    """The viewer misses the whole keyframe of a switch: NACKs bring it; a PLI, when they do not, brings another."""
    old, new = await on_air(studio, "old"), await studio.camera("new")
    viewer = await studio.watcher("viewer", ProgrammeView(), ("video",), rtx=True)
    old.frame(IDR)
    await seen(viewer, 3)
    honest, missed = viewer.peer.on_media, list[bytes]()
    viewer.peer.on_media = lambda datagram: None if is_rtcp(datagram) else missed.append(datagram)
    await studio.node.take(ROOM, Slot.CAMERA, "new")
    new.frame(IDR)
    await until(lambda: len(missed) == 3)
    viewer.peer.on_media = honest
    new.frame()
    await seen(viewer, 6)
    last, first = viewer.video[2], viewer.video[3]
    lost = [(last.sequence + n) % SEQUENCES for n in range(1, (first.sequence - last.sequence) % SEQUENCES)]
    assert len(lost) == 3
    viewer.peer.send_rtcp(rtcp.build_receiver_report(9) + rtcp.build_nack(9, last.ssrc, lost))
    await until(lambda: len(viewer.repaired) == 3)
    assert [p.payload[:2] for p in viewer.repaired] == [number.to_bytes(2, "big") for number in lost]
    asked = new.keyframes_asked
    viewer.peer.send_rtcp(rtcp.build_receiver_report(9) + rtcp.build_pli(9, last.ssrc))
    await until(lambda: new.keyframes_asked > asked, "a keyframe is asked for", seconds=10 + MIN_INTERVAL_MS / 1000)
