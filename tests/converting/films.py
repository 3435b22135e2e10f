"""Small films of every kind that people upload, made with libav."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HZ = 48_000


def grey(number: int) -> int:
    """Of picture ``number``: another for each of a second."""
    return 30 + (number * 6) % 180


def film(
    path: Path,
    *,
    codec: str = "libx264",
    audio: str | None = "aac",
    size: tuple[int, int] = (320, 180),
    seconds: float = 3,
    fps: int = 30,
    times: list[float] | None = None,
    flash_at: float | None = None,
    options: dict[str, str] | None = None,
    container: str | None = None,
    muxing: dict[str, str] | None = None,
    picture: bool = True,
) -> Path:
    """``times``: of its pictures in seconds, where they are not regular. ``flash_at``: a white picture and a beep."""
    with av.open(str(path), "w", format=container, options=muxing or {}) as made:
        video = made.add_stream(codec, rate=fps) if picture else None
        if video is not None:
            video.width, video.height = size
            video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            video.time_base = Fraction(1, 1000)
            video.codec_context.time_base = Fraction(1, 1000) if codec == "libx264" else Fraction(1, fps)
            video.options = options or {}
        sound = made.add_stream(audio, rate=HZ, layout="mono") if audio else None
        if video is not None:
            base = video.codec_context.time_base
            for at_s in times or [n / fps for n in range(round(seconds * fps))]:
                made.mux(video.encode(_picture(size, at_s, fps, base, flash_at=flash_at, form=video.pix_fmt)))
        if sound is not None:
            for frame in _sound(seconds, flash_at):
                made.mux(sound.encode(frame))
            made.mux(sound.encode(None))
        if video is not None:
            made.mux(video.encode(None))
    return path


def _picture(size: tuple[int, int], at_s: float, fps: int, base: Fraction, *, flash_at: float | None, form: str):
    flash = flash_at is not None and flash_at <= at_s < flash_at + 0.2
    tone = 235 if flash else 20 if flash_at is not None else grey(round(at_s * fps))
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), tone, np.uint8), format="rgb24")
    frame = frame.reformat(format=form)
    frame.pts, frame.time_base = round(at_s / base), base
    return frame


def _sound(seconds: float, flash_at: float | None):
    time = np.arange(round(seconds * HZ)) / HZ
    wave = (np.sin(2 * np.pi * 440 * time) * 0.4).astype(np.float32)
    if flash_at is not None:
        wave[(time < flash_at) | (time >= flash_at + 0.2)] = 0
    for number in itertools.count():
        part = wave[number * 960 : (number + 1) * 960]
        if not len(part):
            return
        frame = av.AudioFrame.from_ndarray(part[None].copy(), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = HZ, number * 960, Fraction(1, HZ)
        yield frame
