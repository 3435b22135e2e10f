"""A room without network and with a clock of its own: packets in and packets out, at the milliseconds that one says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from rooms import negotiation, red, rtcp, rtp, sdp
from rooms.answer import CNAME
from rooms.fanout import Lane, SenderReports
from rooms.guard import Address
from rooms.interface import NodeEvent, PacketSink, ProgrammePacket, ProgrammeView, RoomSpec, Slot, View
from rooms.metronome import Paced
from rooms.peer import Peer
from rooms.room import Room
from rooms.rtp import RtpPacket
from rooms.source import Source
from rooms.stream import ReceivedStream
from rooms.viewer import Viewer
from tests.rooms.light_peer import AUDIO_TYPE, RED_TYPE, VIDEO_TYPE, LightPeer, offer_sdp

STEP_MS = 20.0
NACK_LINE = f"a=rtcp-fb:{AUDIO_TYPE} nack"
IDR, SLICE = 5, 1
RID_ID = 4


class DryPeer:
    """What a media end knows of its peer connection. Nothing is sealed."""

    def __init__(self, number: int, clock: Callable[[], float]) -> None:
        self.session_id = f"session-{number}"
        self.address: Address = ("dry", number)
        self.srtp = SimpleNamespace(protect=lambda packet: packet, protect_rtcp=lambda packet: packet)
        self.told: list[tuple[float, rtcp.RtcpPacket]] = []  # and when
        self._clock = clock
        self.media: Source | Viewer | None = None

    def send_rtcp(self, packet: bytes) -> None:
        self.told += [(self._clock(), one) for one in rtcp.parse(packet)]

    @property
    def rtcp(self) -> list[rtcp.RtcpPacket]:
        return [packet for _, packet in self.told]

    def end(self, reason: str) -> None:
        media, self.media = self.media, None
        if media is not None:
            media.on_end(reason, True)


@dataclass
class Microphone:
    """A publisher and its sound."""

    room: DryRoom
    name: str
    peer: DryPeer
    source: Source
    audio_ssrc: int
    video_ssrc: int
    level: int | None = 30  # RFC 6464; None: no extension
    sequence: int = 100
    timestamp: int = 1_000_000
    sent: dict[int, bytes] = field(default_factory=dict)

    def sound(self, level: int | None = None, *, ticks: int = 960, lose: bool = False, payload: bytes = b"") -> int:
        """One packet of Opus now, ``ticks`` after the one before. Answers its sequence number."""
        level = self.level if level is None else level
        self.timestamp += ticks
        self.sequence += 1
        body = payload or f"{self.name}:{self.sequence}".encode()
        plain = rtp.build(AUDIO_TYPE, False, self.sequence, self.timestamp, self.audio_ssrc, body)
        if level is not None:
            plain = bytes((plain[0] | 0x10,)) + plain[1:12] + bytes((0xBE, 0xDE, 0, 1, 0xC0, level, 0, 0)) + plain[12:]
        self.sent[self.sequence & 0xFFFF] = plain
        if not lose:
            self.source.on_rtp(plain, self.room.now_ms)
        return self.sequence & 0xFFFF

    def again(self, sequence: int) -> None:
        self.source.on_rtp(self.sent[sequence & 0xFFFF], self.room.now_ms)

    def asked_again(self) -> list[int]:
        return [n for packet in self.peer.rtcp if isinstance(packet, rtcp.Nack) for n in packet.sequences]


@dataclass
class Listener:
    """A viewer and everything that it was sent."""

    room: DryRoom
    name: str
    peer: DryPeer
    viewer: Viewer
    packets: list[tuple[float, RtpPacket]] = field(default_factory=list)

    def sound(self, place: int | None = None) -> list[RtpPacket]:
        """Of one place, or of all."""
        ssrcs = {o.plan.ssrc for o in self.viewer.outlets if not o.is_video and place in (None, o.plan.number)}
        return [packet for _, packet in self.packets if packet.ssrc in ssrcs]

    def heard(self) -> list[str]:
        """Whose sound, packet by packet; of redundant ones the primary block."""
        return [primary(packet).decode().partition(":")[0] for packet in self.sound()]

    def reports(self, loss: float, *, packets: int = 50) -> None:
        """A receiver report about the first sound, as if so many packets had been expected since the last one."""
        outlet = next(o for o in self.viewer.outlets if not o.is_video)
        self._highest = getattr(self, "_highest", 1000) + packets
        block = rtcp.ReportBlock(outlet.plan.ssrc, round(loss * 256), 0, self._highest, 0, 0, 0)
        self.viewer.on_rtcp((rtcp.ReceiverReport(9, (block,)),), self.room.now_ms)

    def asks_again(self, ssrc: int, *sequences: int) -> None:
        self.viewer.on_rtcp((rtcp.Nack(ssrc, sequences),), self.room.now_ms)


def primary(packet: RtpPacket) -> bytes:
    return red.unwrap(packet.payload)[-1].payload if packet.payload_type == RED_TYPE else packet.payload


class Sink:
    def __init__(self) -> None:
        self.packets: list[ProgrammePacket] = []

    def on_packets(self, packets: Sequence[ProgrammePacket]) -> None:
        self.packets += packets


class DryRoom:
    """Also the way out (``rooms.stream.Outward``)."""

    def __init__(self) -> None:
        self.now_ms = 10_000.0
        self.events: list[NodeEvent] = []
        self.room = Room(RoomSpec("dry"), self.events.append, lambda: self.now_ms)
        self.listeners: dict[Address, Listener] = {}
        self.datagrams: list[tuple[Address, bytes]] = []
        self._numbers = 0
        self._paced: dict[Paced, None] = {}
        self._ticked_at_ms = self.now_ms

    # ---- who is there

    def microphone(
        self,
        name: str,
        *,
        kinds: Sequence[str] = ("audio",),
        level: int | None = 30,
        rids: Sequence[str] = (),
        redundancy: bool = False,
    ) -> Microphone:
        peer = self._peer()
        layers = [f"a=rid:{rid} send" for rid in rids] + [f"a=simulcast:send {';'.join(rids)}"] if rids else []
        layers += [f"a=extmap:{RID_ID} {sdp.RID}"] if rids else []
        sound = {"red": redundancy, "audio_lines": [NACK_LINE]}
        text = offer_sdp(_offerer(name), "sendonly", kinds, video_lines=layers, **sound)
        offer = sdp.parse_offer(text)
        agreement = negotiation.agree_to_publish(offer, "H264")
        source = Source(name, cast("Peer", peer), agreement.plans, room=self.room, outward=self)
        self.room.sources[name] = source
        peer.media = source
        source.on_live(self.now_ms)
        return Microphone(self, name, peer, source, 0x1000 + self._numbers, 0x2000 + self._numbers, level)

    def listener(
        self,
        name: str = "viewer",
        view: View = ProgrammeView(),  # noqa: B008 - frozen
        kinds: Sequence[str] = ("audio",) * 3,
        *,
        redundancy: bool = False,
        asks: bool = True,
    ) -> Listener:
        """``asks``: it asks again for sound that it misses."""
        peer = self._peer()
        lines = [NACK_LINE] if asks else []
        offer = sdp.parse_offer(offer_sdp(_offerer(name), "recvonly", kinds, red=redundancy, audio_lines=lines))
        agreement = negotiation.agree_to_watch(offer, "H264", view, self.room.ssrcs)
        viewer = Viewer(name, cast("Peer", peer), view, agreement.plans, room=self.room, outward=self)
        self.room.viewers[peer.session_id] = viewer
        peer.media = viewer
        listener = self.listeners[peer.address] = Listener(self, name, peer, viewer)
        viewer.on_live(self.now_ms)
        return listener

    def recorder(self) -> Sink:
        sink = Sink()
        self.room.subscribe(cast("PacketSink", sink))
        return sink

    def _peer(self) -> DryPeer:
        self._numbers += 1
        return DryPeer(self._numbers, lambda: self.now_ms)

    # ---- the clock

    def advance(self, ms: float) -> None:
        """The room's clock goes on, with a tick every 20 ms."""
        until_ms = self.now_ms + ms
        while self._ticked_at_ms + STEP_MS <= until_ms:
            self._ticked_at_ms += STEP_MS
            self.now_ms = self._ticked_at_ms
            self.room.on_tick(self.now_ms)
            self._step()
        self.now_ms = until_ms
        self._step()

    def each_step(self, ms: float, speak: Callable[[], object]) -> None:
        """``speak`` every 20 ms for so long."""
        for _ in range(round(ms / STEP_MS)):
            speak()
            self.advance(STEP_MS)

    # ---- the way out

    def send(self, packets: list[RtpPacket], lanes: list[Lane]) -> None:
        for lane in lanes:
            for packet in packets:
                self.send_one(lane.protect(lane.shift.apply(packet)), lane.address)
                lane.packets += 1
                lane.octets += len(packet.payload)

    def send_one(self, datagram: bytes, address: Address) -> None:
        self.datagrams.append((address, datagram))
        self.listeners[address].packets.append((self.now_ms, rtp.parse(datagram)))

    make_lane = Lane

    def report(self, reports: SenderReports, now_ms: float) -> None:
        self.listeners[reports.address].peer.send_rtcp(reports.build(rtcp.ntp_of(now_ms), CNAME))

    def discard(self, address: Address) -> None: ...

    def hold(self, stream: ReceivedStream) -> None:
        stream.flush()

    def pace(self, paced: Paced) -> None:
        self._paced[paced] = None

    def _step(self) -> None:
        for paced in list(self._paced):
            if not paced.step(self.now_ms):
                del self._paced[paced]

    def seated(self) -> list[str | None]:
        return list(self.room.bus.loudness.seated)


def _offerer(name: str) -> LightPeer:
    return cast("LightPeer", SimpleNamespace(ufrag=name, identity=SimpleNamespace(fingerprint=":".join(["00"] * 32))))


__all__ = ["IDR", "RED_TYPE", "SLICE", "VIDEO_TYPE", "DryRoom", "Listener", "Microphone", "Sink", "Slot", "primary"]
