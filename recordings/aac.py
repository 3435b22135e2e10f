"""AAC-LC from float samples: the one encoder of the archive plane (browsers send Opus, HLS on iOS wants AAC)."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from recordings.boxes import AAC_FRAME_SAMPLES, AUDIO_HZ, AudioFormat

LAYOUTS = {1: "mono", 2: "stereo"}
# So many silent blocks in a row and the encoder holds nothing else any more: every further one comes out the same.
STEADY_BLOCKS = 12


class AacEncoder:
    """Blocks of 1,024 samples in, one after the other; packets with the sample position of their sound out (two blocks
    later). Lasting silence is encoded once and repeated: an encoder at work on nothing took a third of the recorder's
    time. The frames are the same either way."""

    def __init__(self, channels: int = 2, bitrate_bps: int = 96_000) -> None:
        self._layout = LAYOUTS[channels]
        context = av.CodecContext.create("aac", "w")
        context.sample_rate = AUDIO_HZ
        context.layout = self._layout
        context.format = "fltp"
        context.bit_rate = bitrate_bps
        context.time_base = Fraction(1, AUDIO_HZ)
        context.options = {"aac_coder": "fast"}  # half the cost of the default search, same bitrate
        context.open()
        self._context = context
        self._silence = np.zeros((channels, AAC_FRAME_SAMPLES), np.float32)
        self._silent = 0  # blocks in a row
        self._delay: int | None = None  # samples between a block and the packet that it pushes out; always the same
        self._last = b""
        self.format = AudioFormat(channels, bitrate_bps, bytes(context.extradata))

    def encode(self, position: int, block: npt.NDArray[np.float32] | None) -> list[tuple[int, bytes]]:
        """``block``: (channels, 1024) in -1…1, None for silence. Gives (position in samples, AAC frame)s."""
        self._silent = self._silent + 1 if block is None else 0
        if self._silent <= STEADY_BLOCKS:
            packet = self._encoded(position, self._silence if block is None else np.ascontiguousarray(block))
            if packet is None:
                return []
            if self._delay is None:
                self._delay = position - packet[0]
            self._last = packet[1]
        # The encoder's own count of samples lags by the silence that it was spared.
        return [(position - (self._delay or 0), self._last)]

    def _encoded(self, position: int, samples: npt.NDArray[np.float32]) -> tuple[int, bytes] | None:
        """The packet that this block pushes out of the encoder: at most one."""
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=self._layout)
        frame.sample_rate = AUDIO_HZ
        frame.time_base = Fraction(1, AUDIO_HZ)
        frame.pts = position
        packets = [(packet.pts, bytes(packet)) for packet in self._context.encode(frame)]
        return packets[-1] if packets else None
