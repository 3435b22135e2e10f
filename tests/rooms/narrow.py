"""A room's real code, a camera of three layers, and viewers behind narrow paths: on a clock that the test turns.

Nothing waits and nothing is random: a path is a token bucket with a queue, its receiver says what Chromium says (REMB
by delay and by what arrives, loss once a second, PLI when it cannot go on).
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

from rooms import rtcp, rtp
from rooms.fanout import Lane, SenderReports
from rooms.guard import Address
from rooms.interface import NodeEvent, ProgrammeView, RoomSpec, Slot, View
from rooms.metronome import Paced
from rooms.outlet import OutletPlan
from rooms.room import Room
from rooms.rtcp import KeyframeRequest, Nack, ReceiverReport, Remb, ReportBlock
from rooms.rtp import RtpPacket
from rooms.sdp import RID, Codec
from rooms.source import Source
from rooms.stream import ReceivedStream
from rooms.track import TrackPlan
from rooms.viewer import Viewer

STEP_MS = 5
FRAME_MS = 40
MTU = 1100
RID_ID = 10
VIDEO_TYPE, RTX_TYPE, AUDIO_TYPE = 108, 109, 111
OPUS = Codec("opus", AUDIO_TYPE, 48_000, "", frozenset())
LAYERS = {"q": 150_000, "h": 500_000, "f": 1_800_000}
KEY, DELTA = 0x65, 0x41
RTX_HEADER = rtp.HEADER.size + 2


def h264(rtx: bool = True) -> Codec:
    return Codec("H264", VIDEO_TYPE, 90_000, "", frozenset({"nack", "nack pli"}), RTX_TYPE if rtx else None)


class Plain:
    """Keys that seal nothing."""

    def protect(self, packet: bytes) -> bytes:
        return packet

    protect_rtcp = protect


@dataclass
class Line:
    """A peer connection without a network."""

    session_id: str
    address: Address
    srtp: Plain = field(default_factory=Plain)
    rtcp_sent: list[rtcp.RtcpPacket] = field(default_factory=list)

    def send_rtcp(self, packet: bytes) -> None:
        self.rtcp_sent += rtcp.parse(packet)

    def end(self, reason: str) -> None: ...


class Wire:
    """Hands each viewer's packets to its path."""

    def __init__(self) -> None:
        self.paths: dict[Address, Path] = {}
        self.now_ms = 0.0
        self.held: list[ReceivedStream] = []
        self.paced: dict[Paced, None] = {}

    def send(self, packets: list[RtpPacket], lanes: list[Lane]) -> None:
        for lane, packet in itertools.product(lanes, packets):
            lane.packets += 1
            self.send_one(lane.shift.apply(packet), lane.address)

    def send_one(self, datagram: bytes, address: Address) -> None:
        self.paths[address].put(datagram, self.now_ms)

    make_lane = Lane

    def report(self, reports: SenderReports, now_ms: float) -> None: ...

    def discard(self, address: Address) -> None: ...

    def hold(self, stream: ReceivedStream) -> None:
        self.held.append(stream)

    def pace(self, paced: Paced) -> None:
        self.paced[paced] = None

    def step(self) -> None:
        held, self.held = self.held, []
        for stream in held:
            stream.flush()
        for paced in list(self.paced):
            if not paced.step(self.now_ms):
                del self.paced[paced]


class Path:
    """``rate_bps`` through a queue of ``queue_ms``; None: as fast as it comes. ``drop`` decides on each packet."""

    def __init__(self, rate_bps: float | None = None, queue_ms: float = 300.0) -> None:
        self.rate_bps = rate_bps
        self.queue_ms = queue_ms
        self.lose_next_keyframe = 0
        self.queue: deque[tuple[float, bytes]] = deque()
        self._free_at_ms = 0.0
        self.delays: list[tuple[float, float]] = []  # of sound: when it was put, how long it waited

    def put(self, datagram: bytes, now_ms: float) -> None:
        if self.lose_next_keyframe and datagram[1] & 0x7F == VIDEO_TYPE and datagram[12] == KEY:
            self.lose_next_keyframe -= 1
            return
        at_ms = max(now_ms, self._free_at_ms)
        if at_ms - now_ms > self.queue_ms:
            return
        if self.rate_bps is not None:
            at_ms += len(datagram) * 8000 / self.rate_bps
        self._free_at_ms = at_ms
        self.queue.append((at_ms, datagram))
        if datagram[1] & 0x7F == AUDIO_TYPE:
            self.delays.append((now_ms, at_ms - now_ms))

    def arrived(self, now_ms: float) -> list[tuple[float, bytes]]:
        found = []
        while self.queue and self.queue[0][0] <= now_ms:
            found.append(self.queue.popleft())
        return found


class Phone:
    """A viewer and what its browser would make of what arrives."""

    def __init__(self, studio: Hall, name: str, view: View, path: Path, *, rtx: bool = True) -> None:
        self.studio, self.path = studio, path
        self.line = Line(name, (name, 1))
        slots, room = ((Slot.CAMERA, "video"), (Slot.AUDIO_1, "audio")), studio.room
        plans = tuple(
            OutletPlan(
                kind,
                0,
                slot,
                (h264(rtx) if kind == "video" else OPUS,),
                room.ssrcs[slot].media,
                room.ssrcs[slot].rtx if rtx and kind == "video" else None,
            )
            for slot, kind in slots
        )
        self.video_ssrc, self.rtx_ssrc = plans[0].ssrc, plans[0].rtx_ssrc
        self.viewer = Viewer(name, self.line, view, plans, room=room, outward=studio.wire)  # type: ignore[arg-type]
        self.video: list[RtpPacket] = []
        self.sound: list[tuple[float, RtpPacket]] = []
        self.padding_bytes = 0
        self.remb_bps: float | None = None
        self._window: deque[tuple[float, int]] = deque()
        self._early_ms: float | None = None
        self._highest: dict[int, int] = {}
        self._told: dict[int, tuple[int, int]] = {}
        self._received: dict[int, int] = {}
        self._report_at_ms = self._remb_at_ms = studio.now_ms + 1000.0
        self._worst_ms = 0.0
        studio.wire.paths[self.line.address] = path
        room.viewers[name] = self.viewer

    def take(self, now_ms: float) -> None:
        for at_ms, datagram in self.path.arrived(now_ms):
            self._take_one(at_ms, datagram)
        if now_ms >= self._remb_at_ms:
            self._remb_at_ms = now_ms + 200.0
            self._estimate(now_ms)
        if now_ms >= self._report_at_ms:
            self._report_at_ms = now_ms + 1000.0
            self._report(now_ms)

    def _take_one(self, at_ms: float, datagram: bytes) -> None:
        if rtp.is_rtcp(datagram):
            return
        packet = rtp.parse(datagram)
        self._window.append((at_ms, len(datagram)))
        before = self._highest.get(packet.ssrc)
        index = packet.sequence if before is None else before + (packet.sequence - before + 32768) % 65536 - 32768
        self._highest[packet.ssrc] = max(index, before if before is not None else index)
        self._received[packet.ssrc] = self._received.get(packet.ssrc, 0) + 1
        if packet.ssrc == self.rtx_ssrc:
            self.padding_bytes += len(datagram)
        elif packet.ssrc == self.video_ssrc:
            self.video.append(packet)
        else:
            self.sound.append((at_ms, packet))

    def _estimate(self, now_ms: float) -> None:
        """The queue's delay, which a real receiver derives from timestamps, and what arrived in a second."""
        while self._window and self._window[0][0] < now_ms - 1000.0:
            self._window.popleft()
        arriving_bps = sum(size for _, size in self._window) * 8.0
        waiting_ms = self.path.queue[-1][0] - now_ms if self.path.queue else 0.0
        video = any(ssrc in self._highest for ssrc in (self.video_ssrc, self.rtx_ssrc))
        if not video or not arriving_bps:
            return
        if waiting_ms > 60.0 and waiting_ms > self._worst_ms - 1:
            self.remb_bps = 0.85 * arriving_bps
        elif self.remb_bps is None:
            self.remb_bps = arriving_bps
        else:
            self.remb_bps = max(self.remb_bps, min(self.remb_bps * 1.016, 1.5 * arriving_bps + 10_000))
        self._worst_ms = waiting_ms
        self.viewer.on_rtcp((Remb(round(self.remb_bps), (self.video_ssrc,)),), now_ms)

    def _report(self, now_ms: float) -> None:
        blocks = []
        for ssrc in (self.video_ssrc, self.rtx_ssrc):
            if ssrc is None or ssrc not in self._highest:
                continue
            told = self._told.get(ssrc, (self._highest[ssrc], self._received[ssrc]))
            expected, received = self._highest[ssrc] - told[0], self._received[ssrc] - told[1]
            self._told[ssrc] = (self._highest[ssrc], self._received[ssrc])
            lost = max(0, expected - received)
            fraction = min(255, lost * 256 // expected) if expected > 0 else 0
            blocks.append(ReportBlock(ssrc, fraction, 0, self._highest[ssrc], 0, 0, 0))
        if blocks:
            self.viewer.on_rtcp((ReceiverReport(1, tuple(blocks)),), now_ms)

    def cannot_go_on(self) -> None:
        self.viewer.on_rtcp((KeyframeRequest(self.video_ssrc),), self.studio.now_ms)

    def ask_again(self, *sequences: int) -> None:
        self.viewer.on_rtcp((Nack(self.video_ssrc, sequences),), self.studio.now_ms)

    @property
    def layer(self) -> str:
        """Of the newest picture."""
        return self.video[-1].payload[1:2].decode() if self.video else ""

    def layers(self) -> list[str]:
        """In order, each once a run."""
        return [key for key, _ in itertools.groupby(packet.payload[1:2].decode() for packet in self.video)]


class Layer:
    def __init__(self, rid: str, bitrate_bps: int, ssrc: int) -> None:
        self.rid, self.bitrate_bps, self.ssrc = rid, bitrate_bps, ssrc
        self.sequence, self.timestamp = ssrc * 7 & 0xFFFF, ssrc * 1000
        self.keyframe_due = True
        self.keyframes_asked = 0
        self.active = True


class Cameras:
    """One source that sends ``layers`` and sound at 25 frames a second, and a keyframe when it is asked for one."""

    def __init__(self, hall: Hall, name: str, layers: dict[str, int], *, ssrc: int = 100) -> None:
        self.hall, self.name = hall, name
        self.line = Line(name, (name, 1))
        rids = tuple(layers) if len(layers) > 1 else ()
        plans = (
            TrackPlan("video", "0", h264(), {RID: RID_ID}, rids, ()),
            TrackPlan("audio", "1", OPUS, {}, (), ()),
        )
        self.layers = {rid: Layer(rid, bps, ssrc + number) for number, (rid, bps) in enumerate(layers.items())}
        self.source = Source(name, self.line, plans, room=hall.room, outward=hall.wire)  # type: ignore[arg-type]
        self.sound = Layer("", 32_000, ssrc + 50)
        hall.room.sources[name] = self.source
        self.source.on_live(hall.now_ms)

    def frame(self, now_ms: float) -> None:
        self._hear()
        for layer in self.layers.values():
            if layer.active:
                self._picture(layer, now_ms)
            layer.timestamp += 90 * FRAME_MS

    def _hear(self) -> None:
        asked, self.line.rtcp_sent = self.line.rtcp_sent, []
        for packet in asked:
            for layer in self.layers.values():
                if isinstance(packet, KeyframeRequest) and packet.media_ssrc == layer.ssrc:
                    layer.keyframe_due = True
                    layer.keyframes_asked += 1

    def _picture(self, layer: Layer, now_ms: float) -> None:
        left, first = round(layer.bitrate_bps * FRAME_MS / 8000), True
        kind = KEY if layer.keyframe_due else DELTA
        while left > 0:
            size = min(left, MTU)
            left -= size
            name = (layer.rid or "s").encode()
            body = bytes((kind if first else 0x1C,)) + name + bytes(max(0, size - 2 - RTX_HEADER))
            self._send(layer, VIDEO_TYPE, left <= 0, body, now_ms)
            first = False
        layer.keyframe_due = False

    def speak(self, now_ms: float) -> None:
        self._send(self.sound, AUDIO_TYPE, False, bytes(self.sound.bitrate_bps * 20 // 8000), now_ms)
        self.sound.timestamp += 960

    def _send(self, layer: Layer, payload_type: int, marker: bool, body: bytes, now_ms: float) -> None:
        plain = rtp.build(payload_type, marker, layer.sequence, layer.timestamp, layer.ssrc, body)
        layer.sequence += 1
        if layer.rid:
            extension = bytes((0xBE, 0xDE, 0, 1, RID_ID << 4, ord(layer.rid), 0, 0))
            plain = bytes((plain[0] | 0x10,)) + plain[1:12] + extension + plain[12:]
        self.source.on_rtp(plain, now_ms)


class Hall:
    """The room, everybody in it, and the clock."""

    def __init__(self, layers: dict[str, int] | None = None) -> None:
        self.now_ms = 100_000.0
        self.wire = Wire()
        self.events: list[NodeEvent] = []
        self.room = Room(RoomSpec("lesson"), self.events.append, lambda: self.now_ms)
        self.cameras: list[Cameras] = []
        self.phones: list[Phone] = []
        self.camera = self.publish("main", layers or LAYERS)
        self.room.take(Slot.CAMERA, "main")
        self.room.open_audio(frozenset({"main"}))

    def publish(self, name: str, layers: dict[str, int], *, ssrc: int = 100) -> Cameras:
        self.cameras.append(Cameras(self, name, layers, ssrc=ssrc))
        return self.cameras[-1]

    def phone(self, name: str, path: Path, view: View | None = None, *, rtx: bool = True) -> Phone:
        phone = Phone(self, name, view or ProgrammeView(), path, rtx=rtx)
        phone.viewer.on_live(self.now_ms)
        self.phones.append(phone)
        return phone

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 1000 / STEP_MS)):
            self.now_ms += STEP_MS
            self.wire.now_ms = self.now_ms
            self._step(round(self.now_ms))

    def _step(self, at: int) -> None:
        for camera in self.cameras:
            if at % FRAME_MS == 0:
                camera.frame(self.now_ms)
            if at % 20 == 0:
                camera.speak(self.now_ms)
        self.wire.step()
        for phone in self.phones:
            phone.take(self.now_ms)
        if at % 20 == 0:
            self.room.on_tick(self.now_ms)
