"""AAC-LC from float samples: the one encoder of the archive plane (browsers send Opus, HLS on iOS wants AAC)."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from recordings.boxes import AAC_FRAME_SAMPLES, AUDIO_HZ, AudioFormat

LAYOUTS = {1: "mono", 2: "stereo"}


class AacEncoder:
    """Blocks of 1,024 samples in, packets with the sample position of their sound out (two blocks later)."""

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
        self.format = AudioFormat(channels, bitrate_bps, bytes(context.extradata))

    def encode(self, position: int, block: npt.NDArray[np.float32] | None) -> list[tuple[int, bytes]]:
        """``block``: (channels, 1024) in -1…1, None for silence. Gives (position in samples, AAC frame)s."""
        samples = self._silence if block is None else np.ascontiguousarray(block)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=self._layout)
        frame.sample_rate = AUDIO_HZ
        frame.time_base = Fraction(1, AUDIO_HZ)
        frame.pts = position
        return [(packet.pts, bytes(packet)) for packet in self._context.encode(frame)]
