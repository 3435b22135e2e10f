"""A publisher: its tracks and layers, what it is asked to repeat, and what it is told about our reception."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from rooms import layers, red, rtcp, rtp
from rooms.alignment import SenderClock
from rooms.guard import Address, TcpAddress
from rooms.interface import ClipState, SourceState
from rooms.loudness import ASSUMED_DBOV
from rooms.rtcp import Bye, RtcpPacket, SenderReport
from rooms.rtp import RtpPacket
from rooms.sdp import AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC
from rooms.stream import Outward, ReceivedStream
from rooms.track import Track, TrackPlan
from rooms.twcc import TransportFeedback

OUR_SSRC = 1
# For who sends without transport-wide numbers: room for 720p with two smaller layers. Chromium believes it at once in
# its first two seconds and otherwise would climb from 300 kbit/s by 8 % a second.
UPLINK_BPS = 4_000_000
REPORT_MS = 1000.0
EARLY_REPORT_MS = 200.0
EARLY_MS = 3000.0
SILENCE_DBOV = 127
LEVEL_STALE_MS = 1000.0
# RFC 6716, 3.1: a packet of the byte that says what it would be, and at most one more, carries no sound.
DTX_BYTES = 2


class SourceRoom(Protocol):
    """The room as a source sees it."""

    def source_live(self, source: Source, now_ms: float) -> None: ...
    def source_ended(self, source: Source, reason: str, was_live: bool) -> None: ...
    def stream_began(self, source: Source, stream: ReceivedStream, now_ms: float) -> None: ...
    def stream_ended(self, stream: ReceivedStream) -> None: ...
    def clip_over(self, source_id: str, order: int, reason: str) -> None: ...
    def loudness(self, source: Source, level_dbov: int) -> None: ...


class Sender(Protocol):
    """The peer connection as a source sees it."""

    @property
    def session_id(self) -> str: ...
    @property
    def address(self) -> Address | None: ...
    def send_rtcp(self, packet: bytes) -> None: ...
    def end(self, reason: str) -> None: ...


class Source:
    """The media end of a publishing peer connection."""

    publishes = True

    def __init__(
        self, source_id: str, peer: Sender, plans: tuple[TrackPlan, ...], *, room: SourceRoom, outward: Outward
    ) -> None:
        self.source_id = source_id
        self.peer = peer
        self.connected = False
        self.tracks = {plan.kind: Track(plan) for plan in plans}
        self.unidentified = 0
        self._room = room
        self._outward = outward
        self._sender = SenderClock()
        self._streams: dict[int, ReceivedStream] = {}
        self._repairs: dict[int, tuple[ReceivedStream, int]] = {}
        self._live_at_ms = 0.0
        self._reported_at_ms = float("-inf")
        self._level = (SILENCE_DBOV, float("-inf"))
        self._tells_level = False
        self._arrivals = TransportFeedback()
        self._transport_cc = next(filter(None, map(_transport_cc, plans)), None)
        self.nacks_sent = 0
        self.audio_nacks_sent = 0
        self.restored = 0  # packets of sound that only came within later ones
        self.plis_sent = 0

    def track(self, kind: str) -> Track | None:
        return self.tracks.get(kind)

    def streams(self) -> list[ReceivedStream]:
        return list(self._streams.values())

    # ---- the peer connection

    def on_live(self, now_ms: float) -> None:
        self.connected = True
        self._live_at_ms = now_ms
        self._room.source_live(self, now_ms)

    def on_moved(self, now_ms: float) -> None:
        """Nothing: what we send a publisher goes through its peer, which knows its address."""

    def on_end(self, reason: str, was_live: bool) -> None:
        self.connected = False
        for stream in self.streams():
            self._room.stream_ended(stream)
        self._room.source_ended(self, reason, was_live)

    # ---- packets

    def on_rtp(self, datagram: bytes, now_ms: float) -> None:
        packet = rtp.parse(datagram)
        if self._transport_cc is not None:
            number = rtp.extension_values(packet).get(self._transport_cc, b"")
            if len(number) == 2:
                self._arrivals.received(int.from_bytes(number, "big"), now_ms)
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            self._first_or_repaired(packet, len(datagram), now_ms)
            return
        self._take(stream, packet, len(datagram), now_ms)

    def _take(self, stream: ReceivedStream, packet: RtpPacket, size: int, now_ms: float) -> None:
        """Redundant sound becomes plain here: what is missing first, so that it is handed on in order."""
        codec = stream.codec
        if packet.payload_type == codec.red_payload_type:
            *earlier, packet = red.originals(packet, codec.payload_type)
            for one in earlier:
                if stream.lacks(one.sequence):
                    self.restored += 1
                    self._received(stream, one, 0, now_ms)
        if packet.payload_type == codec.payload_type:
            self._received(stream, packet, size, now_ms)

    def _received(self, stream: ReceivedStream, packet: RtpPacket, size: int, now_ms: float) -> None:
        woke_up = now_ms - stream.heard_at_ms > layers.ACTIVE_WITHIN_MS
        if woke_up:
            stream.heard_at_ms = now_ms
            self._room.stream_began(self, stream, now_ms)
        if not stream.is_video:
            self._note_level(packet, now_ms)
        stream.receive(packet, size, now_ms)
        if stream.gaps:
            self._outward.pace(self)

    def _first_or_repaired(self, packet: RtpPacket, size: int, now_ms: float) -> None:
        repaired = self._repairs.get(packet.ssrc) or self._identify_repair(packet)
        if repaired is not None:
            stream, payload_type = repaired
            original = rtp.unwrap_rtx(packet, stream.ssrc, stream.codec.payload_type)
            if original is not None and packet.payload_type == payload_type:
                self._received(stream, original, size, now_ms)
            return
        began = self._identify(packet, now_ms)
        if began is None:
            self.unidentified += 1
            return
        self._take(began, packet, size, now_ms)

    def _identify(self, packet: RtpPacket, now_ms: float) -> ReceivedStream | None:
        """Which layer an unknown SSRC is (RFC 8843, 9.2; RFC 8853): by payload type and mid, then by rid."""
        values = rtp.extension_values(packet)
        for track in self.tracks.values():
            plan = track.plan
            types = (plan.codec.payload_type, plan.codec.red_payload_type)
            if packet.payload_type not in types or not _same_mid(plan, values):
                continue
            rid = _text(values, plan.extensions.get(RID)) if plan.rids else ""
            if rid in track.ranks and track.takes_new(rid, now_ms):
                return self._begin(track, rid, packet.ssrc, now_ms)
        return None

    def _begin(self, track: Track, rid: str, ssrc: int, now_ms: float) -> ReceivedStream:
        before = track.by_rid.get(rid)
        if before is not None:
            self._forget(before)
        stream = ReceivedStream(ssrc, track.plan.codec, track.ranks[rid], self._sender, self._outward)
        if track.began_at_ms is None:
            track.began_at_ms = now_ms
        track.by_rid[rid] = self._streams[ssrc] = stream
        return stream

    def _forget(self, stream: ReceivedStream) -> None:
        self._room.stream_ended(stream)
        self._streams.pop(stream.ssrc, None)
        self._repairs = {ssrc: pair for ssrc, pair in self._repairs.items() if pair[0] is not stream}

    def _identify_repair(self, packet: RtpPacket) -> tuple[ReceivedStream, int] | None:
        values = rtp.extension_values(packet)
        for track in self.tracks.values():
            payload_type = track.plan.codec.rtx_payload_type
            if packet.payload_type != payload_type or payload_type is None or not _same_mid(track.plan, values):
                continue
            stream = self._repaired_stream(track, packet.ssrc, values)
            if stream is not None:
                self._repairs[packet.ssrc] = (stream, payload_type)
                return self._repairs[packet.ssrc]
        return None

    def _repaired_stream(self, track: Track, ssrc: int, values: dict[int, bytes]) -> ReceivedStream | None:
        rid = _text(values, track.plan.extensions.get(REPAIRED_RID))
        if rid in track.by_rid:
            return track.by_rid[rid]
        for original, repair in track.plan.rtx_pairs:
            if repair == ssrc:
                return self._streams.get(original)
        return track.by_rid.get("")

    def _note_level(self, packet: RtpPacket, now_ms: float) -> None:
        """RFC 6464. Of a source that tells no levels it is only known whether its sound comes: DTX leaves two bytes."""
        identifier = self.tracks["audio"].plan.extensions.get(AUDIO_LEVEL)
        value = rtp.extension_values(packet).get(identifier, b"") if identifier else b""
        if value:
            self._tells_level = True
            self._hear(value[0] & 0x7F, now_ms)
        elif not self._tells_level:
            self._hear(ASSUMED_DBOV if len(packet.payload) > DTX_BYTES else SILENCE_DBOV, now_ms)

    def _hear(self, level_dbov: int, now_ms: float) -> None:
        self._level = (level_dbov, now_ms)
        self._room.loudness(self, level_dbov)

    # ---- reports

    def on_rtcp(self, packets: tuple[RtcpPacket, ...], now_ms: float) -> None:
        for packet in packets:
            if isinstance(packet, SenderReport):
                stream = self._streams.get(packet.ssrc)
                if stream is not None:
                    stream.reception.sender_report(packet, now_ms)
                    stream.clock.reported(packet.ntp_ms, packet.timestamp, now_ms)
            elif isinstance(packet, Bye):
                for ssrc in packet.ssrcs:
                    self._stop(ssrc)

    def _stop(self, ssrc: int) -> None:
        stream = self._streams.get(ssrc)
        if stream is not None:
            self._forget(stream)
            for track in self.tracks.values():
                track.by_rid = {rid: held for rid, held in track.by_rid.items() if held is not stream}

    def step(self, now_ms: float) -> bool:
        """While packets are missing: repairs as soon as they are due."""
        if not self.connected:
            return False
        self._ask(now_ms)
        return any(stream.gaps and stream.watched for stream in self._streams.values())

    def _ask(self, now_ms: float) -> None:
        feedback = b"".join(self._feedback(now_ms))
        if feedback:
            self.peer.send_rtcp(rtcp.build_receiver_report(OUR_SSRC) + feedback)

    def on_tick(self, now_ms: float) -> None:
        """Fifty times a second: repairs and keyframes that are due, then reports."""
        self._ask(now_ms)
        for arrivals in self._arrivals.due(OUR_SSRC, next(iter(self._streams), 0), now_ms):
            self.peer.send_rtcp(rtcp.build_receiver_report(OUR_SSRC) + arrivals)
        interval = EARLY_REPORT_MS if now_ms - self._live_at_ms < EARLY_MS else REPORT_MS
        if self._streams and now_ms - self._reported_at_ms >= interval:
            self._reported_at_ms = now_ms
            self.peer.send_rtcp(self._report(now_ms))

    def _feedback(self, now_ms: float) -> Iterator[bytes]:
        for stream in self._streams.values():
            if not stream.watched:
                continue
            missing = stream.gaps.due(now_ms)
            if missing and "nack" in stream.codec.feedback:
                self.nacks_sent += 1
                self.audio_nacks_sent += not stream.is_video
                yield rtcp.build_nack(OUR_SSRC, stream.ssrc, [index & 0xFFFF for index in missing])
            if not stream.is_video:
                continue
            if stream.suitors or stream.gaps.overflowed:
                stream.gaps.overflowed = False
                stream.requests.want()
            if stream.requests.due(now_ms):
                self.plis_sent += 1
                yield rtcp.build_pli(OUR_SSRC, stream.ssrc)

    def _report(self, now_ms: float) -> bytes:
        blocks = [stream.reception.report(now_ms) for stream in self._streams.values()]
        report = rtcp.build_receiver_report(OUR_SSRC, blocks) + rtcp.build_cname(OUR_SSRC, "node")
        if self._transport_cc is not None:
            return report  # the sender finds out by itself; a REMB beside it only slows its start
        return report + rtcp.build_remb(OUR_SSRC, UPLINK_BPS, [s.ssrc for s in self._streams.values() if s.is_video])

    def ask_keyframe(self, stream: ReceivedStream, now_ms: float) -> None:
        """Ask at once if the interval allows it, else the next tick after it will."""
        stream.requests.want()
        if stream.is_video and stream.requests.due(now_ms):
            self.plis_sent += 1
            self.peer.send_rtcp(rtcp.build_receiver_report(OUR_SSRC) + rtcp.build_pli(OUR_SSRC, stream.ssrc))

    def clip_state(self, now_ms: float) -> ClipState | None:
        """Of one that plays a clip, what it plays."""
        return None

    def state(self, now_ms: float) -> SourceState:
        streams = self._streams.values()
        video = self.tracks.get("video")
        fresh = now_ms - self._level[1] <= LEVEL_STALE_MS
        return SourceState(
            source_id=self.source_id,
            connected=self.connected,
            has_video=video is not None,
            has_audio="audio" in self.tracks,
            video_codec=video.plan.codec.name if video else None,
            packets_received=sum(stream.reception.received for stream in streams),
            packets_lost=sum(stream.reception.lost for stream in streams),
            bitrate_bps=sum(s.reception.bitrate_bps for s in streams if now_ms - s.heard_at_ms <= LEVEL_STALE_MS),
            audio_level_dbov=self._level[0] if fresh else SILENCE_DBOV,
            frames=sum(stream.frames for stream in streams),
            unanswered=max((stream.requests.unanswered for stream in streams if stream.watched), default=0),
            over_tcp=isinstance(self.peer.address, TcpAddress),
        )


def _text(values: dict[int, bytes], identifier: int | None) -> str:
    return values.get(identifier, b"").decode("ascii", "replace") if identifier else ""


def _transport_cc(plan: TrackPlan) -> int | None:
    """The header extension's id, where the numbers in it are to be reported on."""
    return plan.extensions.get(TRANSPORT_CC) if "transport-cc" in plan.codec.feedback else None


def _same_mid(plan: TrackPlan, values: dict[int, bytes]) -> bool:
    mid = _text(values, plan.extensions.get(MID))
    return not mid or mid == plan.mid
