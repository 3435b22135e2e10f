"""A video as somebody uploaded it becomes a clip that can be copied to everybody: H264 Constrained Baseline without
B-frames, a keyframe every two seconds, 25 pictures a second; Opus in packets of 20 ms; in one MP4, with a poster.

Decodes foreign bytes: to be run in a confined process, and nowhere else.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from av.video.frame import PictureType

from server.converting.child import Refused
from server.converting.clip_pictures import Fitter, poster
from server.converting.clip_sound import SoundTrack, Track
from server.domain.clips import CLIP_FILE, POSTER_FILE
from server.domain.films import HEAD_BYTES, container_of

Progress = Callable[[int], None]
FPS = 25
GOP = 2 * FPS
_LOST = 0.05
"""So much of a file's announced length may be missing at its end."""
_POSTER_AT_S = 2


@dataclass(frozen=True, slots=True)
class ClipLimits:
    most_s: int = 3600
    most_pixels: int = 4096 * 2304  # of one picture, as it comes
    most_lines: int = 720  # as it leaves
    bitrate_bps: int = 1_600_000


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """``width`` and ``height`` of the converted picture; ``sound``: whether there is any."""

    duration_ms: int
    width: int
    height: int
    sound: bool
    bytes: int


def convert(source: Path, into: Path, progress: Progress, **limits: int) -> Mapping[str, Any]:
    """As the confined process calls it. Raises :class:`Refused`."""
    return asdict(make_clip(source, into, ClipLimits(**limits), progress))


def make_clip(source: Path, into: Path, limits: ClipLimits, progress: Progress = lambda _percent: None) -> ClipFacts:
    """Writes ``CLIP_FILE`` and ``POSTER_FILE`` into the folder ``into``. Raises :class:`Refused`.

    Codes: ``clip_not_video``, ``clip_broken``, ``clip_no_picture``, ``clip_too_large``, ``clip_too_long``.
    """
    with source.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
    if container is None:
        raise Refused("clip_not_video")
    try:
        with av.open(str(source), format=container, options={"protocol_whitelist": "file"}) as opened:
            return _converted(opened, into, limits, progress)
    except (FFmpegError, UnicodeDecodeError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC
        raise Refused("disk_full" if full else "clip_broken") from None


def _converted(opened: Any, folder: Path, limits: ClipLimits, progress: Progress) -> ClipFacts:  # noqa: ANN401
    picture = picture_stream(opened, limits)
    announced_s = float(opened.duration or 0) / av.time_base
    if announced_s > limits.most_s:
        raise Refused("clip_too_long")
    sounds = [stream for stream in opened.streams.audio if stream.codec_context is not None][:1]
    for stream in sounds:
        stream.codec_context.thread_count = 1
    work = Work(opened, picture, sounds, limits)
    with av.open(str(folder / CLIP_FILE), "w", format="mp4", options={"movflags": "+faststart"}) as made:
        for at_s in work.run(made, folder / POSTER_FILE):
            progress(round(100 * min(1.0, at_s / announced_s)) if announced_s > 0 else 0)
    if work.pictures == 0:
        raise Refused("clip_broken")
    if announced_s - work.reached_s > max(2.0, _LOST * announced_s):
        raise Refused("clip_broken")
    size = (folder / CLIP_FILE).stat().st_size
    return ClipFacts(round(work.pictures * 1000 / FPS), work.width, work.height, bool(sounds), size)


def picture_stream(opened: Any, limits: ClipLimits) -> Any:  # noqa: ANN401 - PyAV has no types
    """The first that is no attached picture."""
    found = [stream for stream in opened.streams.video if not _is_cover(stream)]
    if not found:
        raise Refused("clip_no_picture")
    stream = found[0]
    if stream.codec_context is None:
        raise Refused("clip_broken")
    _check_size(stream.codec_context.width, stream.codec_context.height, limits)
    stream.codec_context.thread_count = 1
    return stream


def _is_cover(stream: Any) -> bool:  # noqa: ANN401
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _check_size(width: int, height: int, limits: ClipLimits) -> None:
    if width * height > limits.most_pixels:
        raise Refused("clip_too_large")


class Work:
    """One pass over the file."""

    def __init__(
        self,
        opened: Any,  # noqa: ANN401
        picture: Any,  # noqa: ANN401
        sounds: list[Any],
        limits: ClipLimits,
        track: Callable[[Any], Track] = SoundTrack,
    ) -> None:
        """``track``: makes the sound of the file that is written."""
        self.pictures = 0
        self.width = self.height = 0
        self.reached_s = 0.0  # of the file
        self._opened, self._picture, self._sounds, self._limits = opened, picture, sounds, limits
        self._track = track
        self._start_s = float(opened.start_time or 0) / av.time_base
        self._fitter = Fitter(limits.most_lines)
        self._encoder: Any = None
        self._sound: Track | None = None
        self._shown: Any = None  # the picture that stands until the next one
        self._poster: Any = None

    def run(self, made: Any, poster_path: Path) -> Iterator[float]:  # noqa: ANN401
        """Where in the file it is, in seconds, again and again."""
        for frame in self._decoded():
            at_s = max(0.0, (frame.time or 0.0) - self._start_s)
            if at_s > self._limits.most_s:
                raise Refused("clip_too_long")
            self.reached_s = max(self.reached_s, at_s)
            if isinstance(frame, av.VideoFrame):
                self._take_picture(made, frame, at_s)
            elif self._sound is not None:
                made.mux(self._sound.take(frame, at_s))
            yield at_s
        if self._shown is not None:
            self._show(made, self.pictures + 1)
            made.mux(self._encoder.encode(None))
            poster_path.write_bytes(poster(self._poster))
        if self._sound is not None:
            made.mux(self._sound.flush())

    def _decoded(self) -> Iterator[Any]:
        """Sound that comes before the first picture is kept until there is a file to write it to."""
        early: list[Any] = []
        for packet in self._opened.demux([self._picture, *self._sounds]):
            for frame in self._decode(packet):
                if self._shown is None and not isinstance(frame, av.VideoFrame):
                    early = [*early, frame][-512:]
                    continue
                yield frame
                yield from early
                early = []

    def _decode(self, packet: Any) -> list[Any]:  # noqa: ANN401
        """A damaged packet costs its picture; what is missing at the end is noticed there."""
        try:
            return list(packet.decode())
        except FFmpegError:
            return []

    def _take_picture(self, made: Any, frame: Any, at_s: float) -> None:  # noqa: ANN401
        """At 25 a second the last picture stands for every moment until this one."""
        _check_size(frame.width, frame.height, self._limits)
        if self._encoder is None:
            self._begin(made, frame)
        if self._shown is not None:
            self._show(made, round(at_s * FPS))
        self._shown = self._fitter.fit(frame)

    def _begin(self, made: Any, frame: Any) -> None:  # noqa: ANN401
        self.width, self.height = self._fitter.decide(frame, self._picture)
        self._encoder = _encoder(made, self.width, self.height, self._limits)
        if self._sounds:
            self._sound = self._track(made)

    def _show(self, made: Any, until: int) -> None:  # noqa: ANN401
        while self.pictures < until:
            frame = self._shown
            frame.pts, frame.time_base, frame.pict_type = self.pictures, Fraction(1, FPS), PictureType.NONE
            made.mux(self._encoder.encode(frame))
            if self.pictures <= _POSTER_AT_S * FPS:
                self._poster = frame
            self.pictures += 1


def _encoder(made: Any, width: int, height: int, limits: ClipLimits) -> Any:  # noqa: ANN401
    stream = made.add_stream("libx264", rate=FPS)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    kilobits = limits.bitrate_bps // 1000
    x264 = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=0:ref=1:force-cfr=1:slices=1:rc-lookahead=10"
    x264 += f":vbv-maxrate={kilobits}:vbv-bufsize={kilobits}:threads=1:lookahead-threads=1:sync-lookahead=0"
    stream.codec_context.thread_count = 1
    stream.options = {"profile": "baseline", "preset": "veryfast", "crf": "23", "level": "3.1", "x264-params": x264}
    return stream
