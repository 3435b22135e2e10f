"""Fake cameras and microphones whose picture and sound a test can recognise on the other side.

Every frame carries its source's colour, a running clock for people and the frame's number for machines: a row of
squares, first a white and a black one to calibrate by, then ``NUMBER_BITS`` of them, most significant first.
The microphone beeps at the source's own frequency. `eyes.js` reads all of it back.

Files: YUV4MPEG2 for Chromium's ``--use-file-for-fake-video-capture`` (its MJPEG reader is fixed at 30 frames/s,
twice the work for two cores), 16-bit PCM WAV for ``--use-file-for-fake-audio-capture``. Both loop.
"""

from __future__ import annotations

import math
import os
import struct
import tempfile
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
CAMERA = 960, 540
"""What a browser's camera gives: the least of which it still sends three simulcast layers, at about half the work."""
FRAME_RATE = 15
LOOP_SECONDS = 4
FRAMES = FRAME_RATE * LOOP_SECONDS
SAMPLE_RATE = 48_000

SQUARE = 80
SQUARES_TOP = 600
NUMBER_BITS = 10

BEEP_SECONDS = 0.2  # on, then as long off: a steady tone would be taken for noise and suppressed

Picture = NDArray[np.uint8]

# 3 × 5 dots a sign, one string a sign, rows from top to bottom.
SIGNS = {
    "0": "111101101101111",
    "1": "010110010010111",
    "2": "111001111100111",
    "3": "111001111001111",
    "4": "101101111001001",
    "5": "111100111001111",
    "6": "111100111101111",
    "7": "111001001001001",
    "8": "111101111101111",
    "9": "111101111001111",
    ":": "000010000010000",
    ".": "000000000000010",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody with a camera and a microphone. Hues are ≥ 90° apart and no beep is another's harmonic."""

    name: str
    rgb: tuple[int, int, int]
    beep_hz: int


LECTURER = Source("lecturer", (30, 80, 200), 440)
VENUE = Source("venue", (30, 150, 50), 1000)
SOURCES = (LECTURER, VENUE)


@dataclass(frozen=True, slots=True)
class Capture:
    """The two files of one source."""

    source: Source
    video: Path
    audio: Path


def capture(source: Source, folder: Path | None = None) -> Capture:
    """The source's files, made once and kept in a temporary folder named after what is in them."""
    folder = folder or Path(tempfile.gettempdir()) / f"fake-cameras-{os.getuid()}"
    folder.mkdir(parents=True, exist_ok=True)
    red, green, blue = source.rgb
    look = f"{source.name}-{red:02x}{green:02x}{blue:02x}-{CAMERA[0]}x{CAMERA[1]}-{FRAME_RATE}-{FRAMES}"
    video = folder / f"{look}.y4m"
    audio = folder / f"{source.name}-{source.beep_hz}.wav"
    if not video.exists():
        _put(video, lambda path: write_video(path, source))
    if not audio.exists():
        _put(audio, lambda path: write_audio(path, source))
    return Capture(source, video, audio)


def _put(path: Path, write) -> None:
    """Write beside, then rename: a test run stopped half-way leaves no half file to be believed."""
    half = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def frame_picture(source: Source, number: int) -> Picture:
    """Frame ``number`` (0 ≤ number < 2**NUMBER_BITS) as an RGB picture of HEIGHT × WIDTH × 3."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = source.rgb
    _draw_clock(picture, f"0:{number // FRAME_RATE:02d}.{number % FRAME_RATE:02d}")
    bits = "10" + f"{number:0{NUMBER_BITS}b}"
    for place, bit in enumerate(bits):
        left = place * SQUARE
        picture[SQUARES_TOP : SQUARES_TOP + SQUARE, left : left + SQUARE] = 255 if bit == "1" else 0
    return picture


def _draw_clock(picture: Picture, text: str, dot: int = 40, left: int = 120, top: int = 220) -> None:
    for sign in text:
        dots = np.array([int(d) for d in SIGNS[sign]], bool).reshape(5, 3)
        mask = np.kron(dots, np.ones((dot, dot), bool))
        picture[top : top + 5 * dot, left : left + 3 * dot][mask] = 245
        left += 4 * dot - (dot if sign in ":." else 0)


def write_video(path: Path, source: Source) -> None:
    """One loop of the source's camera as YUV4MPEG2."""
    with av.open(str(path), "w", format="yuv4mpegpipe") as container:
        stream = container.add_stream("wrapped_avframe", rate=Fraction(FRAME_RATE))
        stream.width, stream.height, stream.pix_fmt = *CAMERA, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(frame_picture(source, number), format="rgb24")
            yuv = frame.reformat(*CAMERA, format="yuv420p", dst_colorspace="ITU709")
            yuv.pts = number
            container.mux(stream.encode(yuv))
        container.mux(stream.encode())


def write_audio(path: Path, source: Source) -> None:
    """One loop of the source's microphone: beeps of −12 dBFS with 10 ms of rise and fall."""
    cycle = int(2 * BEEP_SECONDS * SAMPLE_RATE)
    ramp = 0.01 * SAMPLE_RATE
    beep = cycle // 2
    samples = bytearray()
    for n in range(LOOP_SECONDS * SAMPLE_RATE):
        place = n % cycle
        loud = max(0.0, min(1.0, place / ramp, (beep - place) / ramp))
        tone = math.sin(2 * math.pi * source.beep_hz * n / SAMPLE_RATE)
        samples += struct.pack("<h", int(0.25 * 32767 * loud * tone))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(bytes(samples))


def film(path: Path, source: Source, *, loops: int) -> Path:
    """What the source's camera and microphone give in so many loops, as a file that somebody uploads."""
    with wave.open(str(capture(source).audio)) as recorded:
        samples = np.frombuffer(recorded.readframes(recorded.getnframes()) * loops, np.int16)
    with av.open(str(path), "w", format="mp4") as made:
        video = made.add_stream("libx264", rate=Fraction(FRAME_RATE), options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = made.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number in range(loops * FRAMES):
            frame = av.VideoFrame.from_ndarray(frame_picture(source, number), format="rgb24")
            yuv = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            yuv.pts, yuv.time_base = number, Fraction(1, FRAME_RATE)
            made.mux(video.encode(yuv))
        for at in range(0, len(samples), 1024):
            sound = av.AudioFrame.from_ndarray(samples[None, at : at + 1024].copy(), format="s16", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
            made.mux(audio.encode(sound))
        made.mux(video.encode(None))
        made.mux(audio.encode(None))
    return path
