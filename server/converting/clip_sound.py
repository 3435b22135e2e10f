"""Sound of any kind as Opus or AAC, without holes from the film's first moment on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

HZ = 48_000
PACKET = HZ // 50
BITRATE_BPS = 96_000
_AAC_PACKET = 1024
_SLACK = HZ // 25
"""Times in files are rough: what is out of place by less than 40 ms just follows on."""
_MOST_SILENCE = HZ // 2


class Track:
    """``stream``: of the file that is written, for stereo at ``HZ``; it takes ``packet`` samples at a time."""

    def __init__(self, stream: Any, packet: int, sample_format: str) -> None:  # noqa: ANN401 - PyAV has no types
        self._stream, self._packet, self._format = stream, packet, sample_format
        self._fifo = av.AudioFifo()
        self._placed = 0  # samples put in
        self._sent = 0
        self._graph: Any = None
        self._made_for: tuple[object, ...] = ()

    def take(self, frame: Any, at_s: float) -> list[Any]:  # noqa: ANN401
        """Packets that are complete. What begins before the last ended is left out."""
        behind = round(at_s * HZ) - self._placed
        if behind < -_SLACK - frame.samples * HZ // frame.sample_rate:
            return []
        while behind > _SLACK:
            self._put(_silence(min(behind, _MOST_SILENCE), self._format))
            behind = round(at_s * HZ) - self._placed
        for plain in self._plain(frame):
            self._put(plain)
        return self._packets(whole=True)

    def flush(self) -> list[Any]:
        return [*self._packets(whole=False), *self._stream.encode(None)]

    def _plain(self, frame: Any) -> list[Any]:  # noqa: ANN401
        made_for = (frame.format.name, frame.layout.name, frame.sample_rate)
        if made_for != self._made_for:
            self._graph, self._made_for = _resampling(frame, self._format), made_for
        frame.pts = None
        self._graph.push(frame)
        out: list[Any] = []
        while True:
            try:
                out.append(self._graph.pull())
            except (BlockingIOError, EOFError):
                return out

    def _put(self, frame: Any) -> None:  # noqa: ANN401
        frame.pts = None
        self._fifo.write(frame)
        self._placed += frame.samples

    def _packets(self, *, whole: bool) -> list[Any]:
        out: list[Any] = []
        while self._fifo.samples >= self._packet or (not whole and self._fifo.samples):
            frame = self._fifo.read(self._packet, partial=not whole)
            frame.pts, frame.time_base, frame.sample_rate = self._sent, Fraction(1, HZ), HZ
            self._sent += frame.samples
            out += self._encoded(frame)
        return out

    def _encoded(self, frame: Any) -> list[Any]:  # noqa: ANN401
        """PyAV puts a filter of its own before the encoder, with a thread for each processor that it sees."""
        if self._stream.codec_context.is_open:
            return list(self._stream.encode(frame))
        with _one_processor():
            return list(self._stream.encode(frame))


class SoundTrack(Track):
    """Opus in packets of 20 ms. ``made``: the file that is written; the stream is added to it."""

    def __init__(self, made: Any) -> None:  # noqa: ANN401
        stream = made.add_stream("libopus", rate=HZ)
        stream.layout, stream.bit_rate = "stereo", BITRATE_BPS
        stream.options = {"frame_duration": "20", "application": "audio"}
        super().__init__(stream, PACKET, "flt")


class AacTrack(Track):
    """AAC-LC, for what players fetch as HLS. ``made``: as of a :class:`SoundTrack`."""

    def __init__(self, made: Any) -> None:  # noqa: ANN401
        stream = made.add_stream("aac", rate=HZ)
        stream.layout, stream.bit_rate = "stereo", BITRATE_BPS
        super().__init__(stream, _AAC_PACKET, "fltp")


def _silence(samples: int, sample_format: str) -> Any:  # noqa: ANN401
    frame = av.AudioFrame(format=sample_format, layout="stereo", samples=samples)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts = HZ, None
    return frame


@contextlib.contextmanager
def _one_processor() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _resampling(frame: Any, sample_format: str) -> Any:  # noqa: ANN401
    """What ``av.AudioResampler`` does, without its threads."""
    graph = av.filter.Graph()
    graph.threads = 1
    time_base = Fraction(1, frame.sample_rate)
    came = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=time_base
    )
    wanted = graph.add("aformat", f"sample_fmts={sample_format}:channel_layouts=stereo:sample_rates={HZ}")
    goes = graph.add("abuffersink")
    came.link_to(wanted)
    wanted.link_to(goes)
    graph.configure()
    return graph
