"""The programme as the recorder gets it: one tap per slot, with the slot's own continuous numbering."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rooms.follower import Following
from rooms.interface import VIDEO_SLOTS, ProgrammePacket, Slot
from rooms.rtp import RtpPacket
from rooms.sequence import Delta
from rooms.stream import ReceivedStream

VIDEO_RATE, AUDIO_RATE = 90_000, 48_000


class SlotTap(Following):
    """Follows the slot's source whether or not somebody listens; viewers that join go in step with it."""

    def __init__(
        self,
        slot: Slot,
        on_programme: Callable[[Sequence[ProgrammePacket]], None],
        on_live: Callable[[Slot, str], None],
    ) -> None:
        is_video = slot in VIDEO_SLOTS
        super().__init__(VIDEO_RATE if is_video else AUDIO_RATE, is_video=is_video)
        self.slot = slot
        self.epoch = 0
        self.delta = Delta(0, 0)
        self.listened = False
        self._source_id = ""
        self._track: object = None
        self._wanted: tuple[str, object] = ("", None)
        self._on_programme = on_programme
        self._on_live = on_live

    def announce(self, source_id: str, track: object) -> None:
        """Whose stream the next cut will be; a layer change within one ``track`` is not a new epoch."""
        self._wanted = (source_id, track)

    def silence(self) -> None:
        """Follow nothing; whatever comes next is a new epoch, be it the same source."""
        self.quit()
        self._track = None

    def _cut(self, stream: ReceivedStream, delta: Delta) -> None:
        self.delta = delta
        source_id, track = self._wanted
        if track is self._track:
            return
        self.epoch += 1
        self._source_id, self._track = source_id, track
        self._on_live(self.slot, source_id)

    def _attach(self, stream: ReceivedStream) -> None:
        stream.taps[self] = None

    def _detach(self, stream: ReceivedStream) -> None:
        stream.taps.pop(self, None)

    def on_packets(self, packets: Sequence[RtpPacket]) -> None:
        if not self.listened or self.following is None:
            return
        delta, codec = self.delta, self.following.codec.name
        self._on_programme(
            [
                ProgrammePacket(
                    slot=self.slot,
                    source_id=self._source_id,
                    epoch=self.epoch,
                    codec=codec,
                    sequence=(packet.index + delta.sequence) & 0xFFFF,
                    timestamp=(packet.timestamp + delta.timestamp) & 0xFFFFFFFF,
                    marker=packet.marker,
                    media_ms=packet.media_ms,
                    payload=packet.payload,
                )
                for packet in packets
            ]
        )
