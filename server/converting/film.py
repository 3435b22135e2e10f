"""A film as somebody uploaded it becomes what every player plays: H264 and AAC in short fragments (HLS, RFC 8216).

What fits is copied as it is; only what does not is decoded and encoded anew. Decodes foreign bytes: to be run in a
confined process, and nowhere else.
"""

from __future__ import annotations

import errno
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from server.converting.child import Refused
from server.converting.clip import ClipLimits, Work, picture_stream
from server.converting.clip_pictures import poster
from server.converting.clip_sound import AacTrack
from server.domain.films import HEAD_BYTES, container_of
from server.domain.micro_videos import INIT, MOST_SEGMENT_MS, POSTER, segment_name

Progress = Callable[[int], None]
_LIST = "index.m3u8"
_SEGMENT_S = 4
_MOST_COPIED_S = 12
"""A film with keyframes farther apart than this seeks badly: it is encoded anew."""
_MOST_COPIED_BPS = 8_000_000
_PROFILES = frozenset({"Baseline", "Constrained Baseline", "Main", "High"})
_LINES, _SIDE = 1088, 1920
_LOST = 0.05
_EXTINF = re.compile(r"#EXTINF:([0-9]{1,6}\.?[0-9]*),")


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """``copied``: nothing of its picture was encoded anew."""

    duration_ms: int
    width: int
    height: int
    sound: bool
    copied: bool
    bytes: int
    segments_ms: list[int]


def convert(source: Path, into: Path, progress: Progress, **limits: int) -> Mapping[str, Any]:
    """As the confined process calls it. Raises :class:`Refused`."""
    return asdict(make_film(source, into, ClipLimits(**limits), progress))


def make_film(source: Path, into: Path, limits: ClipLimits, progress: Progress = lambda _percent: None) -> FilmFacts:
    """Writes the fragments and ``POSTER`` into the folder ``into``. Raises :class:`Refused`.

    Codes: ``clip_not_video``, ``clip_broken``, ``clip_no_picture``, ``clip_too_large``, ``clip_too_long``.
    """
    with source.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
    if container is None:
        raise Refused("clip_not_video")
    try:
        facts = _copied(source, container, into, limits, progress) or _encoded(
            source, container, into, limits, progress
        )
    except (FFmpegError, UnicodeDecodeError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC
        raise Refused("disk_full" if full else "clip_broken") from None
    (into / _LIST).unlink()
    return facts


def _open(source: Path, container: str) -> Any:  # noqa: ANN401 - PyAV has no types
    return av.open(str(source), format=container, options={"protocol_whitelist": "file"})


def _write(into: Path) -> Any:  # noqa: ANN401
    options = {
        "hls_time": str(_SEGMENT_S),
        "hls_segment_type": "fmp4",
        "hls_playlist_type": "vod",
        "hls_list_size": "0",
        "hls_fmp4_init_filename": INIT,
        "hls_segment_filename": str(into / "seg-%05d.m4s"),
    }
    return av.open(str(into / _LIST), "w", format="hls", options=options)


def _announced_s(opened: Any, limits: ClipLimits) -> float:  # noqa: ANN401
    seconds: float = float(opened.duration or 0) / av.time_base
    if seconds > limits.most_s:
        raise Refused("clip_too_long")
    return seconds


# ---- copied ------------------------------------------------------------------------------------------------


def _copied(source: Path, container: str, into: Path, limits: ClipLimits, progress: Progress) -> FilmFacts | None:
    """None when it does not fit: nothing is left of the attempt then."""
    with _open(source, container) as opened:
        announced_s = _announced_s(opened, limits)
        picture = picture_stream(opened, limits)
        sounds = list(opened.streams.audio)[:1]
        if container not in {"mov", "matroska"} or not _fits(picture) or not all(map(_sounds_fit, sounds)):
            return None
        if source.stat().st_size * 8 > _MOST_COPIED_BPS * max(1.0, announced_s):
            return None
        size = picture.codec_context.width, picture.codec_context.height
        reached_s = _copy(
            opened, [picture, *sounds], into, limits, tell=lambda at_s: progress(_percent(at_s, announced_s))
        )
    if announced_s - reached_s > max(2.0, _LOST * announced_s):
        raise Refused("clip_broken")
    segments = _segments_ms(into)
    if not segments or max(segments) > _MOST_COPIED_S * 1000 or not _still(source, container, into):
        _clear(into)
        return None
    return _facts(into, segments, size, sound=bool(sounds), copied=True)


def _fits(picture: Any) -> bool:  # noqa: ANN401
    context = picture.codec_context
    square = not picture.sample_aspect_ratio or picture.sample_aspect_ratio == 1
    shape = max(context.width, context.height) <= _SIDE and min(context.width, context.height) <= _LINES
    plain = context.name == "h264" and context.pix_fmt in {"yuv420p", "yuvj420p"} and context.profile in _PROFILES
    return plain and square and shape and bool(context.extradata)


def _sounds_fit(sound: Any) -> bool:  # noqa: ANN401
    context = sound.codec_context
    return context is not None and context.name == "aac" and context.profile in {"LC", None} and context.channels <= 2


def _copy(
    opened: Any,  # noqa: ANN401
    streams: list[Any],
    into: Path,
    limits: ClipLimits,
    *,
    tell: Callable[[float], None],
) -> float:
    """Until where it went, in seconds."""
    reached_s = 0.0
    start_s = float(opened.start_time or 0) / av.time_base
    with _write(into) as made:
        goes = {stream.index: made.add_stream_from_template(stream) for stream in streams}
        for packet in opened.demux(streams):
            if packet.dts is None:
                continue
            at_s: float = float((packet.pts if packet.pts is not None else packet.dts) * packet.time_base) - start_s
            if at_s > limits.most_s:
                raise Refused("clip_too_long")
            reached_s = max(reached_s, at_s)
            packet.stream = goes[packet.stream.index]
            made.mux(packet)
            tell(at_s)
    return float(reached_s)


def _still(source: Path, container: str, into: Path) -> bool:
    """Its poster, from the first picture that can be decoded; a film of which none can be is not copied."""
    with _open(source, container) as opened:
        picture = opened.streams.video[0]
        picture.codec_context.thread_count = 1
        for frame in itertools.islice(opened.decode(picture), 50):
            if frame.rotation % 360 or frame.width * frame.height == 0:
                return False
            plain = frame.reformat(format="yuv420p")
            (into / POSTER).write_bytes(poster(plain))
            return True
    return False


# ---- encoded anew ------------------------------------------------------------------------------------------


def _encoded(source: Path, container: str, into: Path, limits: ClipLimits, progress: Progress) -> FilmFacts:
    with _open(source, container) as opened:
        announced_s = _announced_s(opened, limits)
        picture = picture_stream(opened, limits)
        sounds = [stream for stream in opened.streams.audio if stream.codec_context is not None][:1]
        for stream in sounds:
            stream.codec_context.thread_count = 1
        work = Work(opened, picture, sounds, limits, track=AacTrack)
        with _write(into) as made:
            for at_s in work.run(made, into / POSTER):
                progress(_percent(at_s, announced_s))
    if work.pictures == 0 or announced_s - work.reached_s > max(2.0, _LOST * announced_s):
        raise Refused("clip_broken")
    return _facts(into, _segments_ms(into), (work.width, work.height), sound=bool(sounds), copied=False)


# ---- what came of it ---------------------------------------------------------------------------------------


def _percent(at_s: float, announced_s: float) -> int:
    return round(100 * min(1.0, max(0.0, at_s) / announced_s)) if announced_s > 0 else 0


def _segments_ms(into: Path) -> list[int]:
    text = (into / _LIST).read_text()
    return [max(1, round(float(found) * 1000)) for found in _EXTINF.findall(text)]


def _clear(into: Path) -> None:
    for path in into.iterdir():
        path.unlink()


def _facts(into: Path, segments: list[int], size: tuple[int, int], *, sound: bool, copied: bool) -> FilmFacts:
    names = [INIT, *(segment_name(number) for number in range(len(segments)))]
    if not segments or max(segments) > MOST_SEGMENT_MS or not all((into / name).is_file() for name in names):
        raise Refused("clip_broken")
    written = sum((into / name).stat().st_size for name in names)
    return FilmFacts(sum(segments), *size, sound, copied, written, segments)
