"""The recording as its files say it: playlists parsed (RFC 8216), every frame of every segment decoded with FFmpeg."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from urllib.parse import urljoin

import av
from playwright.async_api import APIRequestContext

from tests.browser.eyes import nearest_source


@dataclass(frozen=True, slots=True)
class Run:
    """Segments that share one EXT-X-MAP without a discontinuity between them: one decodable file when joined."""

    init: str
    segments: tuple[str, ...]
    seconds: float  # the sum of EXTINF


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out of one run. ``sources``: names of whose picture it is, each change once."""

    frames: int
    size: tuple[int, int]
    video_seconds: float
    audio_seconds: float
    sources: tuple[str, ...]


def runs(playlist: str) -> list[Run]:
    """The runs of a finished playlist (EXT-X-ENDLIST), in order."""
    assert playlist.startswith("#EXTM3U"), playlist[:80]
    assert "#EXT-X-ENDLIST" in playlist, "the replay playlist isn't finished"
    found: list[tuple[str, list[str], list[float]]] = []
    init, fresh = "", True
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init, fresh = re.findall(r'URI="([^"]+)"', line)[0], True
        elif line == "#EXT-X-DISCONTINUITY":
            fresh = True
        elif line.startswith("#EXTINF:"):
            seconds = float(line[8:].split(",")[0])
        elif line and not line.startswith("#"):
            if fresh:
                found.append((init, [], []))
                fresh = False
            found[-1][1].append(line)
            found[-1][2].append(seconds)
    return [Run(init, tuple(segments), sum(lengths)) for init, segments, lengths in found]


async def fetch(request: APIRequestContext, playlist_url: str) -> list[tuple[Run, bytes]]:
    """Every run of the playlist with its bytes, as a player without cookies' help would get them."""
    playlist = await _get(request, playlist_url)
    out = []
    for run in runs(playlist.decode()):
        parts = [await _get(request, urljoin(playlist_url, name)) for name in (run.init, *run.segments)]
        out.append((run, b"".join(parts)))
    return out


async def _get(request: APIRequestContext, url: str) -> bytes:
    answer = await request.get(url)
    assert answer.ok, f"{answer.status} {url}: {(await answer.text())[:200]}"
    return await answer.body()


def decode(data: bytes) -> Decoded:
    """Decode everything; FFmpeg's complaints are errors (``err_detect=explode``)."""
    frames, sources, sizes = 0, [], set()
    spans: dict[str, list[float]] = {"video": [], "audio": []}
    with av.open(io.BytesIO(data), "r", options={"err_detect": "explode"}) as container:
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                spans[packet.stream.type] += [
                    float(packet.pts * packet.time_base),
                    float((packet.pts + (packet.duration or 0)) * packet.time_base),
                ]
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    frames += 1
                    sizes.add((frame.width, frame.height))
                    _note(sources, frame)
    assert len(sizes) <= 1, f"one run, several sizes: {sizes}"
    return Decoded(
        frames, sizes.pop() if sizes else (0, 0), _span(spans["video"]), _span(spans["audio"]), tuple(sources)
    )


def _span(times: list[float]) -> float:
    return max(times) - min(times) if times else 0.0


def _note(sources: list[str], frame: av.VideoFrame) -> None:
    red, green, blue = (int(c) for c in frame.reformat(16, 9, "rgb24").to_ndarray()[0, 0])
    source = nearest_source((red, green, blue))
    name = source.name if source else "nobody"
    if not sources or sources[-1] != name:
        sources.append(name)
