"""A viewer: its outlets, what it says of its reception and gets for it, and the reports that it is sent."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rooms import rtcp
from rooms.adaptation import Adaptation
from rooms.fanout import SenderReports
from rooms.interface import Slot, View
from rooms.nack import RepairBudget, RoundTrip
from rooms.outlet import Outlet, OutletPlan
from rooms.peer import Peer
from rooms.protection import SoundCare
from rooms.rtcp import KeyframeRequest, Nack, ReceiverReport, Remb, ReportBlock, RtcpPacket
from rooms.sequence import Delta
from rooms.stream import Outward, ReceivedStream
from rooms.tap import SlotTap

REPORT_MS = 1000.0
KEYFRAME_ASKED_EVERY_MS = 100.0
# Of its last report. From here on a repair is sent twice.
LOSSY = 0.02


@dataclass(slots=True)
class Heard:
    """What a viewer last said about its reception: for the statistics, and for bandwidth adaptation later."""

    fraction_lost: float = 0.0
    remb_bps: int | None = None


class ViewerRoom(Protocol):
    """The room as a viewer sees it."""

    def viewer_live(self, viewer: Viewer, now_ms: float) -> None: ...
    def viewer_ended(self, viewer: Viewer, reason: str, was_live: bool) -> None: ...
    def keyframe_wanted(self, stream: ReceivedStream, now_ms: float) -> None: ...
    def tap(self, slot: Slot) -> SlotTap: ...
    def remb(self, viewer: Viewer, bitrate_bps: int, now_ms: float) -> None: ...
    def loss(self, viewer: Viewer, fraction: float, now_ms: float) -> None: ...
    def count(self, counter: str, number: int = 1) -> None: ...


class Viewer:
    """The media end of a watching peer connection."""

    publishes = False

    def __init__(
        self,
        viewer_id: str,
        peer: Peer,
        view: View,
        plans: tuple[OutletPlan, ...],
        *,
        room: ViewerRoom,
        outward: Outward,
    ) -> None:
        self.viewer_id = viewer_id
        self.peer = peer
        self.view = view
        self.connected = False
        self.heard = Heard()
        self.outlets = [Outlet(plan, self._step_of(plan), outward.make_lane) for plan in plans]
        self.pictures = [outlet for outlet in self.outlets if outlet.is_video]
        self.adaptation = Adaptation(secrets.randbelow(1024) / 1024)
        self._by_ssrc = {outlet.plan.ssrc: outlet for outlet in self.outlets}
        self._room = room
        self._outward = outward
        self.round_trip = RoundTrip()
        self._budget = {outlet: RepairBudget(self.round_trip) for outlet in self.outlets}
        self._sound = SoundCare([outlet for outlet in self.outlets if not outlet.is_video], room.count)
        self._echoes: list[tuple[Outlet, int]] = []  # repairs whose second copy is due; the budget bounds it
        self._reported_at_ms = 0.0
        self._tells_of_rtx = False

    @property
    def sound_only(self) -> bool:
        """Its path takes no picture, though there is one."""
        return self.adaptation.sound_only

    def _step_of(self, plan: OutletPlan) -> Callable[[ReceivedStream], Delta | None]:
        def in_step(stream: ReceivedStream) -> Delta | None:
            tap = self._room.tap(plan.slot) if plan.slot is not None else None
            return tap.delta if tap is not None and tap.following is stream else None

        return in_step

    # ---- the peer connection

    def on_live(self, now_ms: float) -> None:
        self.connected = True
        self._reported_at_ms = now_ms
        self._sound.begin(now_ms)
        assert self.peer.srtp is not None
        for outlet in self.outlets:
            outlet.lane.protect = self.peer.srtp.protect
        self._follow_address()
        self._room.viewer_live(self, now_ms)

    def on_moved(self, now_ms: float) -> None:
        self._follow_address()
        self.adaptation.moved(now_ms)

    def _follow_address(self) -> None:
        if self.peer.address is not None:
            for outlet in self.outlets:
                outlet.lane.address = self.peer.address

    def on_end(self, reason: str, was_live: bool) -> None:
        self.connected = False
        for outlet in self.outlets:
            outlet.quit()
            outlet.wish(None, None)
        self._room.viewer_ended(self, reason, was_live)

    def silence(self) -> None:
        """Nothing that was on its way reaches it any more: not what waits in its connection, and no repair."""
        self._echoes.clear()
        for outlet in self.outlets:
            outlet.silence()
        if self.peer.address is not None:
            self._outward.discard(self.peer.address)

    def on_rtp(self, datagram: bytes, now_ms: float) -> None:
        """A viewer sends no media; what comes is dropped."""

    # ---- feedback

    def on_rtcp(self, packets: tuple[RtcpPacket, ...], now_ms: float) -> None:
        for packet in packets:
            match packet:
                case Nack(media_ssrc, sequences):
                    self._repair(media_ssrc, sequences, now_ms)
                case KeyframeRequest(media_ssrc):
                    self._keyframe(media_ssrc, now_ms)
                case ReceiverReport(_, blocks) if blocks:
                    self._reported(blocks, now_ms)
                case Remb(bitrate_bps, _):
                    self.heard.remb_bps = bitrate_bps
                    self._room.remb(self, bitrate_bps, now_ms)
                case _:
                    pass

    def _reported(self, blocks: tuple[ReportBlock, ...], now_ms: float) -> None:
        self.heard.fraction_lost = max(block.fraction_lost for block in blocks) / 256
        self._note_loss(blocks, now_ms)
        trips = [rtcp.round_trip_ms(block, now_ms) for block in blocks if block.ssrc in self._by_ssrc]
        known = [trip for trip in trips if trip is not None]
        if known:
            self.round_trip.measured(min(known))
        told = [(block, self._by_ssrc[block.ssrc].holes) for block in blocks if block.ssrc in self._by_ssrc]
        self._sound.reported(told, now_ms)

    def _note_loss(self, blocks: tuple[ReportBlock, ...], now_ms: float) -> None:
        """Of the pictures, and while probed of the padding. A few repaired packets alone would say too much."""
        told = {block.ssrc: block for block in blocks}
        lost = []
        for outlet in self.pictures:
            block = told.get(outlet.plan.ssrc)
            if block is not None and (share := outlet.lost(block)) is not None:
                lost.append(share)
            block = told.get(outlet.plan.rtx_ssrc) if outlet.plan.rtx_ssrc is not None else None
            self._tells_of_rtx = self._tells_of_rtx or block is not None
            if block is not None and self.adaptation.probe is not None:
                lost.append(block.fraction_lost / 256)
                if outlet.padding_arrives(block):
                    self.adaptation.padding_arrives(now_ms)
        if lost:
            self._room.loss(self, max(lost), now_ms)

    def pad(self, now_ms: float) -> None:
        """While a probe runs: what is due of it now."""
        probe, address = self.adaptation.probe, self.peer.address
        if probe is None or address is None:
            return
        if not self._tells_of_rtx:
            probe.heard(now_ms)  # nobody will: the step itself is the trial
        left = probe.due(now_ms)
        outlet = next((one for one in self.pictures if one.following is not None), self.pictures[0])
        while left > 0 and (packet := outlet.padding(now_ms)) is not None:
            self._outward.send_one(outlet.lane.protect(packet), address)
            probe.sent(len(packet))
            left -= len(packet)

    def _repair(self, media_ssrc: int, sequences: tuple[int, ...], now_ms: float) -> None:
        outlet = self._by_ssrc.get(media_ssrc)
        if outlet is None or self.peer.address is None:
            return
        self._room.count("nack_received", len(sequences))
        if not outlet.is_video:
            self._room.count("audio_nack_received", len(sequences))
        lost: list[int] = []
        budget = self._budget[outlet]
        lossy = self.heard.fraction_lost >= LOSSY
        for sequence in sequences:
            if not budget.may_look(now_ms):
                break
            if not outlet.is_video and outlet.in_time(sequence):
                lost.append(sequence)
            key = outlet.key_of(sequence)
            copies = 0 if key is None else budget.copies(key, now_ms, lossy=lossy)
            if not copies:
                continue
            self._room.count("nack_served")
            if not outlet.is_video:
                self._room.count("audio_nack_served")
            self._send_again(outlet, sequence)
            if copies > 1:
                self._echoes.append((outlet, sequence))
                self._outward.pace(self)
        if lost:
            self._sound.asked(media_ssrc, lost, now_ms)

    def _send_again(self, outlet: Outlet, sequence: int) -> None:
        packet, address = outlet.again(sequence), self.peer.address
        if packet is not None and address is not None:
            self._outward.send_one(outlet.lane.protect(packet), address)

    def _keyframe(self, media_ssrc: int, now_ms: float) -> None:
        self._room.count("pli_received")
        outlet = self._by_ssrc.get(media_ssrc)
        if outlet is None or now_ms - outlet.keyframe_asked_at_ms < KEYFRAME_ASKED_EVERY_MS:
            return
        stream = outlet.following or outlet.courting
        if stream is not None:
            outlet.keyframe_asked_at_ms = now_ms
            self._room.keyframe_wanted(stream, now_ms)

    def join(self, outlet: Outlet, stream: ReceivedStream, keyframe_index: int) -> None:
        """Begin with a keyframe that has passed: its first packets go out now, the rest step by step."""
        outlet.join(stream, keyframe_index)
        if self._catch_up():
            self._outward.pace(self)

    def step(self, now_ms: float) -> bool:
        echoes, self._echoes = self._echoes, []
        for outlet, sequence in echoes:
            self._send_again(outlet, sequence)
        return self._catch_up()

    def _catch_up(self) -> bool:
        """The next slice of what a joiner missed. False: it has caught up."""
        joining = [outlet for outlet in self.outlets if outlet.catching_up_at is not None]
        for outlet in joining:
            packets = outlet.catch_up()
            if packets:
                self._outward.send(packets, [outlet.lane])
        return any(outlet.catching_up_at is not None for outlet in joining)

    def report(self, now_ms: float, *, at_once: bool = False) -> bool:
        """Call a few times a second; sends once a second, and ``at_once`` when a clock of the programme has changed.

        False: it is not time yet.
        """
        if now_ms - self._reported_at_ms < REPORT_MS and not at_once:
            return False
        self._reported_at_ms = now_ms
        self._sound.each_second(now_ms)
        told = [(outlet.lane, outlet.timestamp_at(now_ms)) for outlet in self.outlets]
        streams = [(lane, timestamp) for lane, timestamp in told if timestamp is not None]
        if streams and self.peer.srtp is not None and self.peer.address is not None:
            self._outward.report(SenderReports(self.peer.address, self.peer.srtp.protect_rtcp, streams), now_ms)
        return True
