"""The node: rooms and sessions behind :class:`rooms.interface.MediaNode`, on one UDP port."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable

from rooms import answer, backend, candidates, clips, gauges, negotiation, rtcp, sdp
from rooms.answer import Line, Transport
from rooms.clock import now_ms
from rooms.demultiplexer import Demultiplexer
from rooms.dtls import DtlsIdentity
from rooms.events import EventQueue
from rooms.fanout import FanOut, Lane, SenderReports
from rooms.guard import Address
from rooms.interface import (
    Answer,
    ClipReader,
    Keyframe,
    NodeConfig,
    NodeEvent,
    NodeStats,
    PacketSink,
    Refusal,
    RoomSpec,
    RoomState,
    Slot,
    SourcesView,
    View,
    ViewerState,
)
from rooms.keyframe import last_keyframe
from rooms.lag import LoopLag
from rooms.metronome import Metronome, Paced
from rooms.peer import Peer
from rooms.port import UdpPort
from rooms.room import Room, check_height, check_slot
from rooms.rtcp import KeyframeRequest
from rooms.rtp import RtpPacket
from rooms.sdp import Offer
from rooms.sessions import Sessions
from rooms.slate import Slate
from rooms.source import Source
from rooms.stream import ReceivedStream
from rooms.tcp import TcpPort
from rooms.tcp import bound as bound_tcp
from rooms.viewer import Viewer

_LOG = logging.getLogger(__name__)

TICK_MS = 20.0
EARLY_MS = 5.0
HANDSHAKE_TICK_MS = 100.0
CONSENT_TICK_MS = 1000.0
HOLD_MS = 2.0
MAX_SOURCES_IN_VIEW = 32
# TCP connections per session: browsers try all our addresses at first.
TCP_PER_SESSION = 4
PORT_TRIES = 16


class Node:
    """Satisfies ``MediaNode``. Construct with :meth:`start`, on the event loop that will run it."""

    def __init__(self, config: NodeConfig) -> None:
        self._config = config
        self._backend = backend.choose(config.backend)
        self._identity = DtlsIdentity()
        self._demultiplexer = Demultiplexer()
        self._events = EventQueue()
        self._rooms: dict[str, Room] = {}
        self._held: dict[ReceivedStream, None] = {}
        self._reports: list[SenderReports] = []
        self._hold_timer: asyncio.TimerHandle | None = None
        self._retired: Counter[str] = Counter()
        self._lag = LoopLag()
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._metronome = Metronome(self._loop, now_ms)
        make_reader = self._backend.make_reader
        on_datagram = self._demultiplexer.on_datagram
        self._port = UdpPort(config.host, config.udp_port, on_datagram, self._on_batch_end, make_reader)
        self._fanout: FanOut = self._backend.fan_out(self._port.socket)
        self._sessions = Sessions(config, self._backend, self._identity, self._demultiplexer, self._fanout.send_one)
        self._tcp = self._fanout.streams = TcpPort(
            lambda datagram, address: on_datagram(datagram, address, now_ms()),
            self._on_batch_end,
            lambda address: self._demultiplexer.peer_at(address) is not None,
            self._on_starved,
            max_connections=TCP_PER_SESSION * config.max_sessions,
            clock=now_ms,
        )
        self._due_ms = self._handshakes_at_ms = self._consent_at_ms = now_ms()
        self._ticker = self._loop.call_soon(self._tick)

    @classmethod
    async def start(cls, config: NodeConfig) -> Node:
        """Raises ``OSError`` when the port is taken, ``BackendMissing`` when the hot path asked for is not there."""
        for attempt in range(PORT_TRIES):
            node = cls(config)
            try:
                if config.tcp and config.handed_port is None:
                    await node._tcp.listen(bound_tcp(config.host, node._port.number))
            except OSError:
                await node.close()
                if config.udp_port or attempt == PORT_TRIES - 1:
                    raise
            else:
                return node
        raise AssertionError("unreachable")

    async def adopt(self, connection: socket.socket) -> None:
        """An ICE-TCP connection that somebody else accepted and has read nothing of."""
        await self._tcp.adopt(connection)

    # ---- rooms

    async def open_room(self, spec: RoomSpec) -> None:
        if spec.room_id in self._rooms:
            return
        self._refuse_when_draining()
        if len(self._rooms) >= self._config.max_rooms:
            raise Refusal("node_full", "rooms")
        slate = Slate(self._config.slate, self) if self._config.slate else None
        self._rooms[spec.room_id] = Room(spec, self._events.put, now_ms, slate)

    async def close_room(self, room_id: str) -> None:
        room = self._rooms.pop(room_id, None)
        if room is None:
            return
        for session in room.sessions():
            session.peer.end("room_closed")
        self._retired.update(room.tally())

    def _room(self, room_id: str) -> Room:
        room = self._rooms.get(room_id)
        if room is None:
            raise Refusal("room_unknown", room_id)
        return room

    # ---- sessions

    async def publish(self, room_id: str, source_id: str, offer_sdp: str, *, replace: bool = False) -> Answer:
        room = self._admitting_room(room_id)
        before = room.sources.get(source_id)
        if before is not None and before.connected and not replace:
            raise Refusal("source_taken", source_id)
        offer = sdp.parse_offer(offer_sdp)
        agreement = negotiation.agree_to_publish(offer, room.spec.video_codec)
        if before is not None:
            before.peer.end("replaced")
        peer = self._sessions.begin(room, offer, now_ms())
        room.sources[source_id] = peer.media = Source(source_id, peer, agreement.plans, room=room, outward=self)
        return self._answer(peer, offer, agreement.lines)

    async def watch(self, room_id: str, viewer_id: str, offer_sdp: str, view: View) -> Answer:
        room = self._admitting_room(room_id)
        if isinstance(view, SourcesView) and len(view.source_ids) > MAX_SOURCES_IN_VIEW:
            raise Refusal("source_unknown", "too many sources in one view")
        check_height(view.height)
        self._sessions.check_share(viewer_id)
        offer = sdp.parse_offer(offer_sdp)
        negotiation.check_decodable(offer, view, room.codec_on_air())
        agreement = negotiation.agree_to_watch(offer, room.spec.video_codec, view, room.ssrcs)
        peer = self._sessions.begin(room, offer, now_ms())
        viewer = Viewer(viewer_id, peer, view, agreement.plans, room=room, outward=self)
        room.viewers[peer.session_id] = peer.media = viewer
        self._sessions.shares[viewer_id] += 1
        return self._answer(peer, offer, agreement.lines)

    def _admitting_room(self, room_id: str) -> Room:
        self._refuse_when_draining()
        room = self._room(room_id)
        self._sessions.check_room_left()
        return room

    def _refuse_when_draining(self) -> None:
        if self._closing:
            raise Refusal("draining")

    def _answer(self, peer: Peer, offer: Offer, lines: tuple[Line, ...]) -> Answer:
        return Answer(peer.session_id, answer.build(offer.media, lines, self._transport(peer)), peer.etag)

    def _transport(self, peer: Peer) -> Transport:
        reached_at = candidates.of(self._config, self._port.number)
        return Transport(peer.credentials[-1], self._identity.fingerprint, reached_at)

    async def add_candidates(self, session_id: str, fragment: str, etag: str) -> str | None:
        """Candidates are of no use to us; new credentials restart ICE. The new etag is ``"<our ice-ufrag>"``."""
        peer, _ = self._sessions.of(session_id)
        told = sdp.parse_fragment(fragment)
        if etag != "*" and peer.etag not in map(str.strip, etag.split(",")):
            raise Refusal("etag_mismatch", etag)
        if told.ufrag is None or told.ufrag == peer.remote_ufrag:
            return None
        peer.restart_ice(told.ufrag, told.password)
        self._demultiplexer.register(peer)
        return answer.fragment(self._transport(peer))

    async def end_session(self, session_id: str) -> None:
        peer, _ = self._sessions.of(session_id)
        peer.end("bye")

    # ---- the programme

    async def take(self, room_id: str, slot: Slot, source_id: str | None) -> None:
        self._room(room_id).take(slot, source_id)

    async def open_audio(self, room_id: str, source_ids: frozenset[str]) -> None:
        self._room(room_id).open_audio(source_ids)

    async def play(self, room_id: str, source_id: str, reader: ClipReader, *, order: int, paused: bool) -> None:
        try:
            self._refuse_when_draining()
            clips.play(
                self._room(room_id), source_id, reader, order=order, paused=paused, outward=self, now_ms=now_ms()
            )
        except Refusal:
            reader.close()
            raise

    async def stop_playing(self, room_id: str, source_id: str) -> None:
        clips.stop(self._room(room_id), source_id)

    async def set_curtain(self, room_id: str, *, down: bool) -> None:
        self._room(room_id).set_curtain(down)

    async def look_at(self, session_id: str, source_ids: tuple[str, ...]) -> None:
        viewer, room = self._sessions.watching(session_id)
        if not isinstance(viewer.view, SourcesView):
            raise Refusal("session_unknown", "not a session that looks at sources")
        room.look_at(viewer, source_ids[:MAX_SOURCES_IN_VIEW])

    async def resize(self, session_id: str, height: int | None) -> None:
        viewer, room = self._sessions.watching(session_id)
        check_height(height)
        room.resize(viewer, height)

    async def viewer_state(self, session_id: str) -> ViewerState:
        viewer, _ = self._sessions.watching(session_id)
        return ViewerState(viewer.view.height, viewer.sound_only)

    def request_keyframe(self, room_id: str, slot: Slot) -> None:
        check_slot(slot)
        self._room(room_id).request_keyframe(slot)

    def sources_of(self, room_id: str) -> tuple[str, ...]:
        room = self._rooms.get(room_id)
        return room.pictured() if room else ()

    def ask_lowest(self, room_id: str, source_id: str) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.ask_lowest(source_id, now_ms())

    def lowest_keyframe(self, room_id: str, source_id: str) -> Keyframe | None:
        room = self._rooms.get(room_id)
        stream = room.lowest(source_id, now_ms()) if room else None
        return last_keyframe(stream) if stream else None

    def subscribe(self, room_id: str, sink: PacketSink) -> None:
        self._room(room_id).subscribe(sink)

    def unsubscribe(self, room_id: str, sink: PacketSink) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.unsubscribe(sink)

    def room_state(self, room_id: str) -> RoomState:
        return self._room(room_id).state(now_ms())

    def stats(self) -> NodeStats:
        counters = Counter(self._retired)
        for room in self._rooms.values():
            counters.update(room.tally())
        sent = self._fanout.counters
        counters.update({name: sent[name] for name in ("send_buffer_full", "send_failed", "seal_failed")})
        counters["events_dropped"] = self._events.dropped
        counters.update(self._tcp.tally())
        counters["tick_failed"] += self._metronome.failed
        return NodeStats(
            backend=self._fanout.backend,
            udp_port=self._port.number,
            sessions=len(self._sessions),
            packets_received=self._demultiplexer.received,
            packets_sent=sent["packets_sent"],
            bytes_sent=sent["bytes_sent"],
            datagrams_dropped=dict(self._demultiplexer.guard.dropped),
            loop_lag_ms=self._lag.smoothed_ms,
            counters=dict(counters),
        )

    def gauges(self) -> dict[str, float]:
        return {**gauges.of(self._rooms.values()), **self._lag.gauges()}

    def events(self) -> AsyncIterator[NodeEvent]:
        return self._events.read()

    # ---- packets: what streams and viewers send (stream.Outward)

    def send(self, packets: list[RtpPacket], lanes: list[Lane]) -> None:
        self._fanout.send(packets, lanes)

    def send_one(self, datagram: bytes, address: Address) -> None:
        self._fanout.send_one(datagram, address)

    def discard(self, address: Address) -> None:
        self._tcp.discard(address)

    @property
    def make_lane(self) -> type[Lane]:
        return self._fanout.make_lane

    def report(self, reports: SenderReports, now_ms: float) -> None:
        self._reports.append(reports)

    def hold(self, stream: ReceivedStream) -> None:
        self._held[stream] = None

    def pace(self, paced: Paced) -> None:
        self._metronome.pace(paced)

    def _on_starved(self, address: Address, ssrc: int) -> None:
        """A slow reader's queue is empty again: as if it had asked for a keyframe."""
        peer = self._demultiplexer.peer_at(address)
        if peer is not None and peer.media is not None:
            peer.media.on_rtcp((KeyframeRequest(ssrc),), now_ms())

    def _on_batch_end(self) -> None:
        """Frames that are still incomplete get 2 ms more; finished ones have been sent at their marker."""
        self._held = {stream: None for stream in self._held if stream.unfinished}
        if self._held and self._hold_timer is None:
            self._hold_timer = self._loop.call_later(HOLD_MS / 1000, self._flush_held)
        if self._due_ms - now_ms() <= EARLY_MS and not self._closing:
            self._ticker.cancel()
            self._tick()

    def _flush_held(self) -> None:
        self._hold_timer = None
        held, self._held = self._held, {}
        for stream in held:
            stream.flush()

    # ---- the clock

    def _tick(self) -> None:
        """A timer that sets itself anew: a sleeping task would take the loop two turns a tick.

        Right after a batch it comes a little early: to wake up for it alone costs more than the tick.
        """
        now = now_ms()
        self._lag.note(now - self._due_ms)
        for room in list(self._rooms.values()):
            self._guarded(room.on_tick, now)
        if self._reports:
            self._guarded(self._send_reports, now)
        if now - self._handshakes_at_ms >= HANDSHAKE_TICK_MS:
            self._handshakes_at_ms = now
            self._guarded(self._sessions.tick_handshakes, now)
        if now - self._consent_at_ms >= CONSENT_TICK_MS:
            self._consent_at_ms = now
            self._guarded(self._sessions.end_silent, now)
            self._guarded(self._tcp.on_tick, now)
        self._due_ms = max(min(self._due_ms, now) + TICK_MS, now_ms())
        self._ticker = self._loop.call_later((self._due_ms - now_ms()) / 1000, self._tick)

    def _guarded(self, step: Callable[[float], None], now: float) -> None:
        """A bug of ours in one room or session must not stop the clock of the others."""
        try:
            step(now)
        except Exception:  # noqa: BLE001 - the owner of the tick ends here, with a traceback
            self._retired["tick_failed"] += 1
            _LOG.exception("a step of the node's clock failed")

    def _send_reports(self, now: float) -> None:
        """What all rooms had to say in this tick, at once."""
        reports, self._reports = self._reports, []
        self._fanout.report(reports, rtcp.ntp_of(now), answer.CNAME)

    async def close(self) -> None:
        """Ends every session and frees the port. Idempotent."""
        self._closing = True
        for room_id in list(self._rooms):
            await self.close_room(room_id)
        if self._hold_timer is not None:
            self._hold_timer.cancel()
        self._ticker.cancel()
        self._metronome.close()
        self._tcp.close()
        self._port.close()
        self._events.close()
