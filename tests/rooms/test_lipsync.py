"""Sound and picture stay together: what a receiver computes from our packets and sender reports, whoever is on the air.

Publishers have clocks of their own: NTP clocks hours apart, sampling clocks that drift, networks of their own delay.
A receiver knows a line per stream, from RTP time to the NTP time of our reports (RFC 3550, 6.4.1), and plays what was
captured at one NTP time at one moment. The skew is how far apart two things captured together come to lie.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from rooms import rtcp, rtp
from rooms.interface import Slot
from rooms.sequence import nearest
from rooms.source import Source
from tests.rooms.dryroom import RID_ID, DryRoom, Listener, Microphone
from tests.rooms.light_peer import AUDIO_TYPE, VIDEO_TYPE

pytestmark = pytest.mark.long

LIMIT_MS = 40.0
AUDIO_MS, VIDEO_MS, REPORT_MS = 20.0, 40.0, 1000.0
IDR_EVERY = 10


@dataclass
class Clocks:
    """``ntp_ms``: how far the sender's clock lies from ours. Drifts in parts of a million; delays in milliseconds."""

    ntp_ms: float = 0.0
    ntp_ppm: float = 0.0
    audio_ppm: float = 0.0
    video_ppm: float = 0.0
    delay: float = 20.0
    jitter: float = 8.0
    encoding: float = 15.0  # a picture leaves so much later than the sound that belongs to it
    reports: bool = True


@dataclass
class Sender:
    """Captures a sound every 20 ms and a picture every 40 ms; each says in its payload when that was."""

    stage: Stage
    microphone: Microphone
    clocks: Clocks
    dice: random.Random
    began_ms: float
    audio_base: int
    video_bases: dict[str, int]  # by rid; the first is the biggest
    video_sequence: int = 500
    frames: int = 0
    gone: bool = False
    asleep: frozenset[str] = frozenset()  # layers that are not sent now

    def start(self) -> None:
        for each_ms, act in ((AUDIO_MS, self._sound), (VIDEO_MS, self._picture), (REPORT_MS, self._report)):
            phase = self.dice.uniform(0.2, 0.8) * REPORT_MS if act == self._report else 0.0
            self._again(self.began_ms + phase, each_ms, act)

    def _again(self, at_ms: float, each_ms: float, act: Callable[[float], None]) -> None:
        def now() -> None:
            if not self.gone:
                act(at_ms)
                self._again(at_ms + each_ms, each_ms, act)

        self.stage.at(at_ms, now)

    def _arrive(self, at_ms: float, datagram: bytes) -> None:
        self.stage.at(at_ms, lambda: None if self.gone else self.source.on_rtp(datagram, self.stage.room.now_ms))

    @property
    def source(self) -> Source:
        return self.microphone.source

    def _way(self) -> float:
        return self.clocks.delay + self.dice.uniform(0, self.clocks.jitter)

    def _ticks(self, at_ms: float, per_ms: int, ppm: float) -> int:
        return round((at_ms - self.began_ms) * per_ms * (1 + ppm / 1e6))

    def audio_ticks(self, at_ms: float) -> int:
        return self.audio_base + self._ticks(at_ms, 48, self.clocks.audio_ppm) & 0xFFFFFFFF

    def video_ticks(self, at_ms: float, rid: str) -> int:
        return self.video_bases[rid] + self._ticks(at_ms, 90, self.clocks.video_ppm) & 0xFFFFFFFF

    def video_ssrc(self, rid: str) -> int:
        return self.microphone.video_ssrc + 0x10000 * list(self.video_bases).index(rid)

    def _sound(self, at_ms: float) -> None:
        self.microphone.sequence += 1
        body = f"{self.microphone.name}:{at_ms:.3f}".encode()
        ssrc, sequence = self.microphone.audio_ssrc, self.microphone.sequence
        plain = rtp.build(AUDIO_TYPE, False, sequence, self.audio_ticks(at_ms), ssrc, body)
        self._arrive(at_ms + self._way(), plain)

    def _picture(self, at_ms: float) -> None:
        kind = 5 if self.frames % IDR_EVERY == 0 else 1
        self.frames += 1
        self.video_sequence += 1
        body = bytes((0x7C, 0xC0 | kind)) + f"{self.microphone.name}:{at_ms:.3f}".encode()
        for rid in self.video_bases.keys() - self.asleep:
            ticks, ssrc = self.video_ticks(at_ms, rid), self.video_ssrc(rid)
            plain = rtp.build(VIDEO_TYPE, True, self.video_sequence, ticks, ssrc, body)
            if rid:
                element = bytes((0xBE, 0xDE, 0, 1, RID_ID << 4)) + rid.encode() + b"\0\0"
                plain = bytes((plain[0] | 0x10,)) + plain[1:12] + element + plain[12:]
            self._arrive(at_ms + self.clocks.encoding + self._way(), plain)

    def _report(self, at_ms: float) -> None:
        if not self.clocks.reports:
            return
        ntp = rtcp.ntp_of((at_ms + self.clocks.ntp_ms) * (1 + self.clocks.ntp_ppm / 1e6))
        lines = [(self.microphone.audio_ssrc, self.audio_ticks(at_ms))]
        lines += [(self.video_ssrc(rid), self.video_ticks(at_ms, rid)) for rid in self.video_bases]
        told = tuple(rtcp.SenderReport(ssrc, ntp, ticks, 1, 1) for ssrc, ticks in lines)
        self.stage.at(
            at_ms + self._way(), lambda: None if self.gone else self.source.on_rtcp(told, self.stage.room.now_ms)
        )

    def leave(self) -> None:
        self.gone = True
        self.microphone.peer.end("bye")


class Stage:
    """A room whose senders have clocks, and time that jumps from event to event."""

    def __init__(self, seed: int = 1) -> None:
        self.room = DryRoom()
        self.dice = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def at(self, at_ms: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at_ms, next(self._numbers), act))

    def run(self, seconds: float) -> None:
        until_ms = self.room.now_ms + seconds * 1000
        while self._events and self._events[0][0] <= until_ms:
            at_ms, _, act = heapq.heappop(self._events)
            self.room.advance(max(0.0, at_ms - self.room.now_ms))
            act()
        self.room.advance(until_ms - self.room.now_ms)

    def sender(self, name: str, clocks: Clocks, rids: tuple[str, ...] = ()) -> Sender:
        microphone = self.room.microphone(name, kinds=("video", "audio"), rids=rids)
        audio, video = self.dice.randrange(1 << 32), {rid: self.dice.randrange(1 << 32) for rid in rids or ("",)}
        sender = Sender(self, microphone, clocks, self.dice, self.room.now_ms, audio, video)
        sender.start()
        return sender

    def on_air(self, name: str) -> None:
        self.room.room.take(Slot.CAMERA, name)
        self.room.room.open_audio(frozenset({name}))


@dataclass
class Line:
    """From RTP to NTP by the reports of one SSRC. ``fitted``: as libwebrtc does, a line through the last twenty."""

    rate: int
    fitted: bool
    reports: list[tuple[int, float]] = field(default_factory=list)

    def report(self, ticks: int, ntp_ms: float) -> None:
        if self.reports:
            ticks = nearest(ticks, self.reports[-1][0], 1 << 32)
        self.reports = [*self.reports, (ticks, ntp_ms)][-20 if self.fitted else -1 :]

    def ntp_ms(self, ticks: int) -> float:
        last, at_ms = self.reports[-1]
        ticks = nearest(ticks, last, 1 << 32)
        if len(self.reports) < 2:
            return at_ms + (ticks - last) * 1000 / self.rate
        mean_x = sum(x for x, _ in self.reports) / len(self.reports)
        mean_y = sum(y for _, y in self.reports) / len(self.reports)
        spread = sum((x - mean_x) ** 2 for x, _ in self.reports)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in self.reports) / spread
        return mean_y + slope * (ticks - mean_x)


def skews(listener: Listener, *, fitted: bool = False) -> dict[float, float]:
    """Milliseconds by which a picture comes after the sound that was captured with it, by capture time."""
    kinds = {outlet.plan.ssrc: outlet.plan.kind for outlet in listener.viewer.outlets}
    lines = {ssrc: Line(90_000 if kind == "video" else 48_000, fitted) for ssrc, kind in kinds.items()}
    arrived: list[tuple[float, object]] = [*listener.packets, *listener.peer.told]
    placed: dict[str, dict[tuple[str, float], float]] = {"audio": {}, "video": {}}
    for _, packet in sorted(arrived, key=lambda pair: pair[0]):
        if isinstance(packet, rtcp.SenderReport):
            lines[packet.ssrc].report(packet.timestamp, packet.ntp_ms)
        elif isinstance(packet, rtp.RtpPacket) and lines[packet.ssrc].reports:
            kind = kinds[packet.ssrc]
            name, _, at = packet.payload[2 if kind == "video" else 0 :].decode().partition(":")
            placed[kind][name, float(at)] = lines[packet.ssrc].ntp_ms(packet.timestamp)
    return {key[1]: placed["video"][key] - placed["audio"][key] for key in placed["video"] if key in placed["audio"]}


def worst(found: dict[float, float]) -> float:
    assert len(found) > 100
    return max(map(abs, found.values()))


def listening(stage: Stage) -> Listener:
    return stage.room.listener(kinds=("video", "audio"))


HOURS = 3_600_000.0
A = Clocks(ntp_ms=7 * HOURS, ntp_ppm=20, audio_ppm=60, video_ppm=-40, delay=12)
B = Clocks(ntp_ms=-3 * HOURS + 411, ntp_ppm=-35, audio_ppm=-80, video_ppm=30, delay=95, jitter=25, encoding=60)


@pytest.mark.parametrize("fitted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_switching_between_sources_of_different_clocks_keeps_sound_and_picture_together(
    seed: int, fitted: bool
) -> None:
    stage = Stage(seed)
    stage.sender("a", A)
    stage.sender("b", B)
    listener = listening(stage)
    stage.on_air("a")
    for _ in range(4):
        for name in "ab":
            stage.on_air(name)
            stage.run(6)
    found = skews(listener, fitted=fitted)
    assert worst(found) <= LIMIT_MS
    settled = [abs(skew) for at, skew in found.items() if at > stage.room.now_ms - 6000]
    assert sum(settled) / len(settled) < LIMIT_MS / 4


def test_after_minutes_of_drift_they_are_together_still() -> None:
    """200 parts of a million apart for five minutes are 60 ms."""
    stage = Stage()
    stage.sender("a", Clocks(audio_ppm=110, video_ppm=-90, ntp_ppm=25))
    stage.on_air("a")
    stage.run(5 * 60)
    listener = listening(stage)
    stage.run(20)
    assert worst(skews(listener)) <= LIMIT_MS / 4


@pytest.mark.parametrize("fitted", [False, True])
def test_a_publisher_that_comes_back_with_other_clocks_is_together(fitted: bool) -> None:
    stage = Stage()
    before = stage.sender("a", A)
    stage.on_air("a")
    listener = listening(stage)
    stage.run(6)
    before.leave()
    stage.run(1.5)
    stage.sender("a", replace(B, encoding=30))  # before it reports, how long the encoder takes is not known
    stage.run(8)
    assert worst(skews(listener, fitted=fitted)) <= LIMIT_MS


def test_a_change_of_layer_keeps_them_together() -> None:
    """The layers of a picture have random timestamps of their own; their reports tie them together."""
    stage = Stage()
    sender = stage.sender("a", A, ("f", "q"))
    stage.on_air("a")
    listener = listening(stage)
    stage.run(6)
    followed = set()
    for asleep in ("f", "", "f", ""):
        sender.asleep = frozenset({asleep})
        stage.run(5)
        followed.add(next(outlet.following for outlet in listener.viewer.outlets if outlet.is_video))
    assert len(followed) == 2
    assert worst(skews(listener, fitted=True)) <= LIMIT_MS


@pytest.mark.parametrize("fitted", [False, True])
def test_a_slow_encoder_is_waited_for(fitted: bool) -> None:
    """Before it reports nobody knows that the picture is 90 ms older than it looks, and nobody is told so."""
    stage = Stage()
    stage.sender("a", replace(A, encoding=90))
    stage.on_air("a")
    listener = listening(stage)
    stage.run(8)
    assert worst(skews(listener, fitted=fitted)) <= LIMIT_MS


def test_a_source_without_reports_is_together_by_its_arrival() -> None:
    """Nobody can know how long its encoder takes; what the network does is evened out."""
    stage = Stage()
    stage.sender("a", A)
    stage.sender("b", Clocks(reports=False, delay=60, jitter=25, encoding=15))
    listener = listening(stage)
    for name in "abab":
        stage.on_air(name)
        stage.run(5)
    assert worst(skews(listener)) <= LIMIT_MS


def test_a_slot_taken_alone_is_together_with_the_sound_that_stays() -> None:
    """Only the picture changes over: what was captured at one moment of the room carries one NTP time."""
    stage = Stage()
    stage.sender("a", Clocks(ntp_ms=HOURS, delay=10, jitter=4, encoding=0))
    stage.sender("b", Clocks(ntp_ms=-HOURS, delay=10, jitter=4, encoding=0))
    listener = listening(stage)
    stage.on_air("a")
    stage.run(5)
    stage.room.room.take(Slot.CAMERA, "b")
    stage.run(5)
    reports = [packet for packet in listener.peer.rtcp if isinstance(packet, rtcp.SenderReport)]
    last = {packet.ssrc: packet for packet in reports}
    assert len({packet.ntp for packet in last.values()}) == 1
    for ssrc, kind, rate in ((o.plan.ssrc, o.plan.kind, 90 if o.is_video else 48) for o in listener.viewer.outlets):
        packet = next(p for _, p in reversed(listener.packets) if p.ssrc == ssrc)
        captured_ms = float(packet.payload[2 if kind == "video" else 0 :].decode().partition(":")[2])
        age = (last[ssrc].timestamp - packet.timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
        placed_ms = last[ssrc].ntp_ms - age / rate
        assert abs(placed_ms - captured_ms - 10) <= LIMIT_MS / 2


def test_a_report_follows_a_switch_at_once() -> None:
    """A receiver that goes on by an old report would take the corrections of a new source's clock for a second."""
    stage = Stage()
    stage.sender("a", A)
    stage.sender("b", B)
    listener = listening(stage)
    stage.on_air("a")
    stage.run(3.3)
    stage.on_air("b")
    stage.run(0.6)
    first = {p.ssrc: at for at, p in reversed(listener.packets) if b"b:" in p.payload}
    told = {p.ssrc: at for at, p in listener.peer.told if isinstance(p, rtcp.SenderReport)}
    for ssrc, at_ms in first.items():
        assert 0 <= told[ssrc] - at_ms <= 250
