"""The sound of the camera track: audio slots in, a gapless run of AAC frames on the recording's timeline out."""

from __future__ import annotations

from collections import deque

from recordings.aac import AacEncoder
from recordings.boxes import AAC_FRAME_SAMPLES, AUDIO_HZ, AudioFormat, AudioRun
from recordings.opusmix import LOOKAHEAD_SAMPLES, Mixer, Voice
from recordings.timeline import samples_at
from rooms.interface import AUDIO_SLOTS, ProgrammePacket, Slot

# Frames nobody fetches (a camera track that never starts) are dropped, oldest first.
KEPT_FRAMES = 60 * AUDIO_HZ // AAC_FRAME_SAMPLES


class Sound:
    """Sans-I/O. ``at`` are ticks of 90 kHz; what comes after ``advance`` has passed it comes too late."""

    def __init__(self, origin: int, hold_ms: float, channels: int, bitrate_bps: int) -> None:
        self._encoder = AacEncoder(channels, bitrate_bps)
        self._mixer = Mixer(channels, samples_at(origin))
        self._voices = {slot: Voice(channels, hold_ms) for slot in AUDIO_SLOTS}
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=KEPT_FRAMES)
        self._ready = samples_at(origin)

    @property
    def format(self) -> AudioFormat:
        return self._encoder.format

    @property
    def late_samples(self) -> int:
        return self._mixer.late_samples

    def packet(self, packet: ProgrammePacket, at: int, now_ms: float) -> None:
        for placed in self._voices[Slot(packet.slot)].push(packet, samples_at(at), now_ms):
            self._mixer.add(placed)

    def advance(self, horizon: int, now_ms: float) -> None:
        """Mix and encode up to ``horizon``."""
        for voice in self._voices.values():
            for placed in voice.expire(now_ms):
                self._mixer.add(placed)
        self._encode(samples_at(horizon))

    def flush(self, at: int) -> None:
        """Make the sound ready up to ``at`` from what is there."""
        for voice in self._voices.values():
            for placed in voice.flush():
                self._mixer.add(placed)
        self._encode(samples_at(at))
        while not self.ready(at):  # the mixer's lookahead and the encoder's delay, a few blocks
            self._encode(self._mixer.position + LOOKAHEAD_SAMPLES)

    def ready(self, end: int) -> bool:
        return self._ready >= samples_at(end)

    def take(self, start: int, end: int) -> AudioRun | None:
        """The frames that begin in start…end (ticks); earlier ones are dropped. Call when ``ready(end)``."""
        first, last = samples_at(start), samples_at(end)
        while self._frames and self._frames[0][0] < first:
            self._frames.popleft()
        taken = []
        while self._frames and self._frames[0][0] < last:
            taken.append(self._frames.popleft())
        return AudioRun(taken[0][0], [data for _, data in taken]) if taken else None

    def _encode(self, until: int) -> None:
        for position, block in self._mixer.take(until):
            for at, data in self._encoder.encode(position, block):
                self._frames.append((at, data))
                self._ready = at + AAC_FRAME_SAMPLES
