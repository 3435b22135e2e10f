"""The programme's audio slots, decoded, placed on the recording's timeline and mixed (Opus: RFC 6716, RFC 7587).

Positions are samples at 48 kHz since the timeline's origin. What never came (loss, DTX, empty slot) is silence.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt

from recordings.boxes import AAC_FRAME_SAMPLES, AUDIO_HZ
from recordings.reorder import Arrival, ReorderBuffer
from rooms.interface import ProgrammePacket

Block = npt.NDArray[np.float32]

BLOCK = AAC_FRAME_SAMPLES
SAMPLES_PER_MS = AUDIO_HZ // 1000
# A voice is moved on the timeline when the smoothed error reaches 20 ms, or at once when it is off by 200 ms.
DRIFT_LIMIT = 20 * SAMPLES_PER_MS
JUMP_LIMIT = 200 * SAMPLES_PER_MS
DRIFT_WEIGHT = 1 / 32
LOOKAHEAD_SAMPLES = 2 * BLOCK  # a block leaves when its right neighbour is complete
RAMP = 96  # samples of fade-in after silence: no click
AHEAD_LIMIT = 5 * AUDIO_HZ
CEILING = 0.95
RELEASE_PER_BLOCK = 0.03


@dataclass(frozen=True, slots=True)
class Placed:
    """Decoded sound, shape (channels, n), and where it belongs."""

    position: int
    sound: Block


class Anchor:
    """Maps RTP time to timeline positions: smooth by RTP, true to ``media_ms`` within 20 ms."""

    def __init__(self, timestamp: int, position: int) -> None:
        self._timestamp = timestamp
        self._position = position
        self._error = 0.0

    def place(self, timestamp: int, measured: int) -> int:
        """Where the packet goes; ``measured`` is what its ``media_ms`` says."""
        delta = ((timestamp - self._timestamp + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        position = self._position + delta
        error = measured - position
        self._error += (error - self._error) * DRIFT_WEIGHT
        if abs(error) > JUMP_LIMIT or abs(self._error) > DRIFT_LIMIT:
            position, self._error = measured, 0.0
        self._timestamp, self._position = timestamp, position
        return position


class Voice:
    """One audio slot: reorders, decodes, places."""

    def __init__(self, channels: int, hold_ms: float) -> None:
        self._channels = channels
        self._order: ReorderBuffer[tuple[ProgrammePacket, int]] = ReorderBuffer(hold_ms, capacity=256)
        self._epoch: int | None = None
        self._decoder: av.AudioCodecContext | None = None
        self._anchor: Anchor | None = None
        self._end = 0  # position after the last sound
        self.bad_packets = 0

    def push(self, packet: ProgrammePacket, position: int, now_ms: float) -> list[Placed]:
        return self._decode(self._order.push(packet.sequence, (packet, position), now_ms))

    def expire(self, now_ms: float) -> list[Placed]:
        return self._decode(self._order.expire(now_ms))

    def flush(self) -> list[Placed]:
        return self._decode(self._order.flush())

    def _decode(self, arrivals: list[Arrival[tuple[ProgrammePacket, int]]]) -> list[Placed]:
        placed = []
        for arrival in arrivals:
            packet, measured = arrival.item
            if packet.payload:
                placed += self._sound(packet, measured)
        return placed

    def _sound(self, packet: ProgrammePacket, measured: int) -> list[Placed]:
        if self._decoder is None or packet.epoch != self._epoch:
            self._open(packet, measured)
        assert self._decoder is not None
        assert self._anchor is not None
        position = self._anchor.place(packet.timestamp, measured)
        try:
            frames = self._decoder.decode(av.Packet(packet.payload))
        except av.FFmpegError:
            self.bad_packets += 1
            return []
        placed = []
        for frame in frames:
            sound = self._floats(frame, fade_in=abs(position - self._end) > BLOCK)
            placed.append(self._behind_itself(position, sound))
            position += sound.shape[1]
            self._end = max(self._end, position)
        return placed

    def _behind_itself(self, position: int, sound: Block) -> Placed:
        """Moved back on the timeline, a voice drops what it would speak over itself."""
        over = min(max(self._end - position, 0), sound.shape[1])
        return Placed(position + over, sound[:, over:])

    def _open(self, packet: ProgrammePacket, measured: int) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        decoder.sample_rate = AUDIO_HZ
        decoder.layout = "stereo" if self._channels == 2 else "mono"
        self._decoder = decoder
        self._epoch = packet.epoch
        self._anchor = Anchor(packet.timestamp, measured)

    def _floats(self, frame: av.AudioFrame, *, fade_in: bool) -> Block:
        """Interleaved 16-bit (what libopus gives) to planar float."""
        packed = np.frombuffer(frame.planes[0], np.int16, frame.samples * self._channels).reshape(-1, self._channels)
        sound: Block = packed.T.astype(np.float32) / np.float32(32768.0)
        if fade_in:
            ramp = min(RAMP, sound.shape[1])
            sound[:, :ramp] *= np.linspace(0.0, 1.0, ramp, dtype=np.float32)
        return sound


class Mixer:
    """Sums voices into blocks of 1,024 samples and limits the sum.

    A block that no voice touched is None. The limiter looks one block ahead: the gain runs linearly between block
    borders, at each border low enough for both neighbours, so that no sample passes ``CEILING`` without a click.
    """

    def __init__(self, channels: int, position: int = 0) -> None:
        self._channels = channels
        self._index = position // BLOCK  # next block to leave
        self._blocks: dict[int, Block] = {}
        self._gain: float | None = None  # at the left border of the next block
        self.late_samples = 0

    @property
    def position(self) -> int:
        return self._index * BLOCK

    def add(self, placed: Placed) -> None:
        """Sound before the mixer's position comes too late and is counted, sound far ahead is refused alike."""
        sound, start = placed.sound, placed.position
        missed = min(max(self.position - start, 0), sound.shape[1])
        if start > self.position + AHEAD_LIMIT:
            missed = sound.shape[1]
        self.late_samples += missed
        sound, start = sound[:, missed:], start + missed
        while sound.shape[1]:
            index, inside = divmod(start, BLOCK)
            count = min(BLOCK - inside, sound.shape[1])
            block = self._blocks.get(index)
            if block is None:
                block = self._blocks[index] = np.zeros((self._channels, BLOCK), np.float32)
            block[:, inside : inside + count] += sound[:, :count]
            sound, start = sound[:, count:], start + count

    def take(self, until: int) -> list[tuple[int, Block | None]]:
        """The blocks whose right neighbour ends at or before ``until``, each with its position."""
        taken: list[tuple[int, Block | None]] = []
        while self.position + LOOKAHEAD_SAMPLES <= until:
            taken.append((self.position, self._leave()))
            self._index += 1
        return taken

    def _leave(self) -> Block | None:
        block = self._blocks.pop(self._index, None)
        allowed = self._allowed(block)
        left = allowed if self._gain is None else self._gain
        border = min(allowed, self._allowed(self._blocks.get(self._index + 1)), left + RELEASE_PER_BLOCK)
        self._gain = border
        if block is None or (left >= 1.0 and border >= 1.0):
            return block
        return block * np.linspace(left, border, BLOCK, dtype=np.float32)

    @staticmethod
    def _allowed(block: Block | None) -> float:
        peak = float(np.abs(block).max()) if block is not None else 0.0
        return min(1.0, CEILING / peak) if peak > CEILING else 1.0
