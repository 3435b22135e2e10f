"""Publishers and viewers of synthetic streams, for tests that look at every packet."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms import rtcp, rtp
from rooms.dtls import DtlsIdentity
from rooms.interface import ProgrammeView, Slot, View
from rooms.node import Node
from rooms.rtp import RtpPacket
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.light_peer import AUDIO_TYPE, RTX_TYPE, VIDEO_TYPE, LightPeer, offer_sdp

VIDEO_SSRC, AUDIO_SSRC = 0x1111, 0x2222
IDR, SLICE = 5, 1


@dataclass
class Camera:
    """Publishes numbered H264-like frames and packets of sound; remembers what it was asked for."""

    peer: LightPeer
    name: str
    session_id: str = ""
    sequence: int = 100
    timestamp: int = 9000
    video_ssrc: int = VIDEO_SSRC
    keyframes_asked: int = 0
    nacked: list[int] = field(default_factory=list)
    sent: dict[int, bytes] = field(default_factory=dict)

    async def publish(self, node: Node, connect: Connect, *, replace: bool = False) -> Camera:
        offer = offer_sdp(self.peer, "sendonly", ("video", "audio"))
        answer = await node.publish(ROOM, self.name, offer, replace=replace)
        self.session_id = answer.session_id
        self.peer.on_media = self._on_media
        await connect(self.peer, answer.sdp)
        await until(lambda: any(s.source_id == self.name and s.connected for s in node.room_state(ROOM).sources))
        return self

    def _on_media(self, datagram: bytes) -> None:
        assert self.peer.srtp is not None
        for packet in rtcp.parse(self.peer.srtp.unprotect_rtcp(datagram)):
            if isinstance(packet, rtcp.KeyframeRequest):
                self.keyframes_asked += 1
            elif isinstance(packet, rtcp.Nack):
                self.nacked += packet.sequences

    def packet(self, kind: int, number: int, count: int) -> bytes:
        flags = (0x80 if number == 0 else 0) | (0x40 if number == count - 1 else 0)
        payload = bytes((0x7C, flags | kind)) + f"{self.name}:{self.sequence}".encode()
        built = rtp.build(VIDEO_TYPE, number == count - 1, self.sequence, self.timestamp, self.video_ssrc, payload)
        self.sent[self.sequence & 0xFFFF] = built
        self.sequence += 1
        return built

    def frame(self, kind: int = SLICE, packets: int = 3, lose: tuple[int, ...] = ()) -> None:
        """``lose``: which packets of the frame never leave."""
        for number in range(packets):
            built = self.packet(kind, number, packets)
            if number not in lose:
                self.peer.send_rtp(built)
        self.timestamp += 3600

    def sound(self, level: int = 30) -> None:
        payload = f"{self.name}:{self.sequence}".encode()
        plain = rtp.build(AUDIO_TYPE, False, self.sequence, self.timestamp, AUDIO_SSRC, payload)
        extension = bytes((0xBE, 0xDE, 0, 1, 0xC0, level, 0, 0))
        self.peer.send_rtp(bytes((plain[0] | 0x10,)) + plain[1:12] + extension + plain[12:])
        self.sequence += 1
        self.timestamp += 960

    def again(self, sequence: int) -> None:
        self.peer.send_rtp(self.sent[sequence])


@dataclass
class Watcher:
    """Watches and keeps every packet, opened."""

    peer: LightPeer
    session_id: str = ""
    packets: list[RtpPacket] = field(default_factory=list)
    reports: list[rtcp.RtcpPacket] = field(default_factory=list)

    async def watch(
        self,
        node: Node,
        connect: Connect,
        view: View = ProgrammeView(),  # noqa: B008 - frozen
        kinds: tuple[str, ...] = ("video", "audio"),
        *,
        rtx: bool = False,
    ) -> Watcher:
        answer = await node.watch(ROOM, self.peer.ufrag, offer_sdp(self.peer, "recvonly", kinds, rtx=rtx), view)
        self.session_id = answer.session_id
        self.peer.on_media = self._on_media
        before = node.room_state(ROOM).viewers
        await connect(self.peer, answer.sdp)
        await until(lambda: node.room_state(ROOM).viewers > before)
        return self

    def _on_media(self, datagram: bytes) -> None:
        assert self.peer.srtp is not None
        if rtp.is_rtcp(datagram):
            self.reports += rtcp.parse(self.peer.srtp.unprotect_rtcp(datagram))
        else:
            self.packets.append(rtp.parse(self.peer.srtp.unprotect(datagram)))

    @property
    def video(self) -> list[RtpPacket]:
        return [packet for packet in self.packets if packet.payload_type == VIDEO_TYPE]

    @property
    def audio(self) -> list[RtpPacket]:
        return [packet for packet in self.packets if packet.payload_type == AUDIO_TYPE]

    @property
    def repaired(self) -> list[RtpPacket]:
        return [packet for packet in self.packets if packet.payload_type == RTX_TYPE]

    def heard(self) -> list[str]:
        return [packet.payload.decode().partition(":")[0] for packet in self.audio]

    def seen(self) -> list[str]:
        return [packet.payload[2:].decode().partition(":")[0] for packet in self.video]


class Studio:
    """Makes cameras and watchers on one node."""

    def __init__(self, node: Node, identity: DtlsIdentity, connect: Connect) -> None:
        self.node, self.identity, self.connect = node, identity, connect

    async def camera(self, name: str, *, replace: bool = False) -> Camera:
        return await Camera(LightPeer(self.identity, name), name).publish(self.node, self.connect, replace=replace)

    async def watcher(self, name: str = "viewer", *args: object, **kwargs: object) -> Watcher:
        return await Watcher(LightPeer(self.identity, name)).watch(self.node, self.connect, *args, **kwargs)


async def on_air(studio: Studio, name: str = "lecturer") -> Camera:
    camera = await studio.camera(name)
    await studio.node.take(ROOM, Slot.CAMERA, name)
    return camera
