"""How the slate was made: ``python -m recordings.drawing`` writes ``slate.h264`` anew. Nothing else needs this."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from recordings.h264 import NAL_IDR, NAL_PPS, NAL_SPS, nal_type
from recordings.slate import FILE, HEIGHT, WIDTH, split_annex_b

GROUND = (38, 43, 51)
LINE = (150, 160, 172)


def picture() -> npt.NDArray[np.uint8]:
    """A camera crossed out, without words: every language reads it."""
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    image[:] = GROUND
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    body = (abs(x - 300) <= 70) & (abs(y - 180) <= 46)
    lens = (x >= 378) & (x <= 420) & (abs(y - 180) <= 12 + (x - 378) * 0.7)
    inner = (abs(x - 300) <= 62) & (abs(y - 180) <= 38)
    bar = (abs((y - 180) - (x - 320) * 0.7) <= 5) & (abs(x - 320) <= 120)
    halo = (abs((y - 180) - (x - 320) * 0.7) <= 14) & (abs(x - 320) <= 130)
    image[(body & ~inner) | lens] = LINE
    image[halo] = GROUND
    image[bar] = LINE
    return image


def encode() -> bytes:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base = Fraction(1, 1)
    context.options = {
        "profile": "baseline",
        "level": "3.1",
        "preset": "veryslow",
        "crf": "23",
        "x264-params": "keyint=1:annexb=1",
    }
    frame = av.VideoFrame.from_ndarray(picture(), format="rgb24").reformat(format="yuv420p")
    frame.pts = 0
    stream = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
    # Encoder settings in an SEI say nothing to a player.
    kept = [nal for nal in split_annex_b(stream) if nal_type(nal) in (NAL_SPS, NAL_PPS, NAL_IDR)]
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in kept)


if __name__ == "__main__":
    FILE.write_bytes(encode())
