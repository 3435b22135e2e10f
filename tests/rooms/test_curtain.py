"""The curtain: a programme that nobody gets, and whatever was on its way."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import rtcp, rtp
from rooms.cache import PacketCache
from rooms.interface import ProgrammeView, RoomSpec, Slot, SourcesView
from rooms.room import Room
from rooms.rtp import RtpPacket
from rooms.slate import Slate
from rooms.slow_reader import SendQueue
from tests.rooms.dryroom import RED_TYPE, VIDEO_TYPE, DryRoom, Listener, Microphone

SLATE = (b"\x67sps", b"\x68pps", b"\x65" + bytes(range(256)) * 9)
EVERYTHING = ("video", "video", "audio", "audio", "audio")
IDR, SLICE = b"\x65", b"\x41"


class Curtained(DryRoom):
    def __init__(self) -> None:
        super().__init__()
        slate = Slate(SLATE, self)
        self.room = Room(RoomSpec("dry"), self.events.append, lambda: self.now_ms, slate)


class Lecturer:
    """A camera and a microphone that number what they send; a keyframe when one is asked for."""

    def __init__(self, room: Curtained, name: str = "main") -> None:
        self.room = room
        self.microphone: Microphone = room.microphone(name, kinds=("video", "audio"), redundancy=True)
        self.number = 0
        self._answered = 0
        room.room.take(Slot.CAMERA, name)
        room.room.take(Slot.SCREEN, name)
        room.room.open_audio(frozenset({name}))

    def speak(self) -> None:
        """One picture and one packet of sound, both with the number of this moment in them."""
        self.number += 1
        asked = sum(isinstance(packet, rtcp.KeyframeRequest) for packet in self.microphone.peer.rtcp)
        kind = IDR if asked > self._answered or self.number == 1 else SLICE
        self._answered = asked
        said = b"moment-%06d." % self.number
        picture = rtp.build(VIDEO_TYPE, True, self.number, 3000 * self.number, self.microphone.video_ssrc, kind + said)
        self.microphone.source.on_rtp(picture, self.room.now_ms)
        self.microphone.sound(payload=said)

    def go_on(self, ms: float) -> range:
        """The moments of this time."""
        before = self.number
        self.room.each_step(ms, self.speak)
        return range(before + 1, self.number + 1)


def moments(listener: Listener, since: int = 0) -> set[int]:
    """All that may be seen or heard in what was sent, the redundant parts of packets and repairs too."""
    found: set[int] = set()
    for _, packet in listener.packets[since:]:
        parts = packet.payload.split(b"moment-")[1:]
        found |= {int(part[:6]) for part in parts}
    return found


@pytest.fixture
def room() -> Curtained:
    return Curtained()


def test_nothing_of_what_happens_behind_the_curtain_reaches_a_viewer_or_the_recorder(room: Curtained) -> None:
    lecturer, sink = Lecturer(room), room.recorder()
    viewer = room.listener(kinds=EVERYTHING, redundancy=True)
    shown = lecturer.go_on(1000)
    assert moments(viewer) & set(shown)
    seen, recorded = len(viewer.packets), len(sink.packets)
    room.room.set_curtain(True)
    hidden = lecturer.go_on(3000)
    assert not moments(viewer) & set(hidden)
    assert not moments(viewer, seen) - set(shown), "what is still sent was sent before"
    assert len(sink.packets) == recorded
    room.room.set_curtain(False)
    after = lecturer.go_on(1000)
    assert not moments(viewer) & set(hidden)
    assert max(moments(viewer)) == after[-1]
    assert any(b"moment-%06d" % after[-1] in packet.payload for packet in sink.packets)
    assert not any(b"moment-%06d" % moment in packet.payload for packet in sink.packets for moment in hidden)


def test_the_slate_is_sent_at_once_and_again_each_second(room: Curtained) -> None:
    lecturer = Lecturer(room)
    viewer = room.listener(kinds=EVERYTHING)
    lecturer.go_on(500)
    before = len(viewer.packets)
    room.room.set_curtain(True)
    pictures = [packet for _, packet in viewer.packets[before:]]
    assert {packet.ssrc for packet in pictures} == {outlet.plan.ssrc for outlet in viewer.viewer.pictures}
    assert b"".join(_unit(packet.payload) for packet in pictures if packet.ssrc == pictures[0].ssrc) == b"".join(SLATE)
    before = len(viewer.packets)
    lecturer.go_on(3000)
    assert len(viewer.packets) - before == 3 * len(pictures)


def test_who_joins_behind_the_curtain_gets_the_slate_alone(room: Curtained) -> None:
    lecturer = Lecturer(room)
    lecturer.go_on(500)
    room.room.set_curtain(True)
    lecturer.go_on(300)
    late = room.listener("late", kinds=EVERYTHING, redundancy=True)
    lecturer.go_on(2000)
    assert late.packets
    assert not moments(late)


def test_who_joins_right_after_it_gets_no_keyframe_from_behind_it(room: Curtained) -> None:
    lecturer = Lecturer(room)
    lecturer.go_on(500)
    room.room.set_curtain(True)
    room.listener("wall", SourcesView(("main",)), ("video",))  # its arrival asks for a keyframe
    hidden = lecturer.go_on(400)
    room.room.set_curtain(False)
    late = room.listener("late", kinds=EVERYTHING, redundancy=True)
    for outlet in late.viewer.outlets:
        outlet.protect(2)  # as after loss: each packet of sound with two earlier ones
    after = lecturer.go_on(1500)
    assert not moments(late) & set(hidden)
    assert moments(late) & set(after)
    assert any(packet.payload_type == RED_TYPE for _, packet in late.packets)


def test_a_repair_is_neither_of_what_came_before_the_curtain_nor_of_what_came_behind_it(room: Curtained) -> None:
    lecturer = Lecturer(room)
    viewer = room.listener(kinds=EVERYTHING, redundancy=True)
    lecturer.go_on(600)
    sent = [packet for _, packet in viewer.packets]
    room.room.set_curtain(True)
    lecturer.go_on(500)

    def ask() -> list[RtpPacket]:
        before = len(viewer.packets)
        for outlet in viewer.viewer.outlets:
            numbers = {packet.sequence for packet in sent if packet.ssrc == outlet.plan.ssrc}
            around = {(number + more) & 0xFFFF for number in numbers for more in range(40)}
            viewer.asks_again(outlet.plan.ssrc, *sorted(around))
        return [packet for _, packet in viewer.packets[before:] if b"moment-" in packet.payload]

    assert ask() == []
    room.room.set_curtain(False)
    after = lecturer.go_on(400)
    assert all(_first_moment(packet) >= after[0] for packet in ask())


def test_numbers_go_on_without_a_gap(room: Curtained) -> None:
    lecturer = Lecturer(room)
    viewer = room.listener(kinds=EVERYTHING)
    lecturer.go_on(400)
    for down in (True, False, True, False):
        room.room.set_curtain(down)
        lecturer.go_on(700)
    for outlet in viewer.viewer.outlets:
        numbers = [packet.sequence for _, packet in viewer.packets if packet.ssrc == outlet.plan.ssrc]
        assert all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(numbers))


def test_the_wall_goes_on(room: Curtained) -> None:
    lecturer = Lecturer(room)
    wall = room.listener("wall", SourcesView(("main",)), ("video", "audio"))
    lecturer.go_on(500)
    room.room.set_curtain(True)
    hidden = lecturer.go_on(500)
    assert set(hidden) <= moments(wall)


def test_a_switch_behind_the_curtain_shows_when_it_rises(room: Curtained) -> None:
    lecturer = Lecturer(room)
    viewer = room.listener(kinds=EVERYTHING)
    lecturer.go_on(300)
    room.room.set_curtain(True)
    room.room.take(Slot.CAMERA, None)
    room.room.open_audio(frozenset())
    lecturer.go_on(300)
    room.room.take(Slot.SCREEN, None)
    room.room.set_curtain(False)
    before = len(viewer.packets)
    lecturer.go_on(1000)
    assert moments(viewer, before) == set()


def test_the_same_word_twice_changes_nothing(room: Curtained) -> None:
    lecturer = Lecturer(room)
    viewer = room.listener(kinds=EVERYTHING)
    lecturer.go_on(300)
    room.room.set_curtain(True)
    before = len(viewer.packets)
    room.room.set_curtain(True)
    assert len(viewer.packets) == before
    assert room.room.state(room.now_ms).curtain


def test_a_new_epoch_begins_behind_it(room: Curtained) -> None:
    lecturer, sink = Lecturer(room), room.recorder()
    lecturer.go_on(300)
    room.room.set_curtain(True)
    lecturer.go_on(300)
    room.room.set_curtain(False)
    lecturer.go_on(300)
    for slot in Slot.CAMERA, Slot.AUDIO_1:
        epochs = [packet.epoch for packet in sink.packets if packet.slot is slot]
        assert epochs == sorted(epochs)
        assert len(set(epochs)) == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["curtain", "join", "off", "on", "wait"]), st.integers(1, 40)), max_size=14))
def test_whatever_happens_nothing_from_behind_it_is_sent(steps: list[tuple[str, int]]) -> None:
    room = Curtained()
    lecturer = Lecturer(room)
    viewers = [room.listener(kinds=EVERYTHING, redundancy=True)]
    hidden: set[int] = set()
    for what, length in steps:
        down = room.room.steering.curtain
        if what == "curtain":
            room.room.set_curtain(not down)
        elif what == "join" and len(viewers) < 4:
            viewers.append(room.listener(f"viewer-{len(viewers)}", ProgrammeView(), EVERYTHING, redundancy=True))
        elif what in ("off", "on"):
            room.room.take(Slot.CAMERA, "main" if what == "on" else None)
        passed = lecturer.go_on(20 * length)
        if room.room.steering.curtain:
            hidden |= set(passed)
        assert not any(moments(viewer) & hidden for viewer in viewers)


def test_a_keyframe_that_is_found_late_is_still_from_behind_it() -> None:
    cache = PacketCache(64)
    cache.bar(10)
    cache.note_keyframe(7, 0.0)
    assert cache.keyframe_index is None
    cache.note_keyframe(11, 0.0)
    assert cache.keyframe_index == 11


def test_what_waits_for_a_slow_reader_is_given_up() -> None:
    queue = SendQueue()
    queue.put_urgent(b"sound")
    queue.put_pictures([b"picture"] * 3, 7, keyframe=True)
    queue.clear()
    assert queue.take() is None
    queue.put_pictures([b"more"], 7, keyframe=False)
    assert queue.take() is None, "a picture begins again with a keyframe"
    queue.put_pictures([b"slate"], 7, keyframe=True)
    assert queue.take() == b"slate"


def _unit(payload: bytes) -> bytes:
    """What a packet of the slate carries: sets in one (STAP-A), fragments with the head of their unit (FU-A)."""
    if payload[0] & 0x1F == 24:
        found, at = b"", 1
        while at < len(payload):
            size = int.from_bytes(payload[at : at + 2], "big")
            found += payload[at + 2 : at + 2 + size]
            at += 2 + size
        return found
    head = bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) if payload[1] & 0x80 else b""
    return head + payload[2:]


def _first_moment(packet: RtpPacket) -> int:
    return int(packet.payload.split(b"moment-")[1][:6])
