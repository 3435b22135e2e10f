"""Pictures of any size, shape and turn, made to fit a clip's one size."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import av

_WIDE = Fraction(16, 9)
_POSTER_WIDTH = 480
_QUARTERS = {90: "cclock", 270: "clock"}
"""By the degrees that a player turns the picture, counter-clockwise."""


class Fitter:
    """``decide`` once, by the first picture; all later ones are brought into the same frame."""

    def __init__(self, most_lines: int) -> None:
        self._most_lines = most_lines
        self._size = (0, 0)
        self._aspect = Fraction(1)
        self._graph: Any = None
        self._made_for: tuple[object, ...] = ()

    def decide(self, frame: Any, stream: Any) -> tuple[int, int]:  # noqa: ANN401 - PyAV has no types
        """Width and height: never larger than it comes, even, within 16:9 of the lines allowed."""
        aspect = stream.sample_aspect_ratio
        self._aspect = Fraction(aspect) if aspect and Fraction(1, 8) < Fraction(aspect) < 8 else Fraction(1)
        width, height = frame.width * self._aspect, Fraction(frame.height)
        if frame.rotation % 180:
            width, height = height, width
        factor = min(Fraction(1), self._most_lines / height, self._most_lines * _WIDE / width)
        self._size = _even(width * factor), _even(height * factor)
        return self._size

    def fit(self, frame: Any) -> Any:  # noqa: ANN401
        """A picture of ``decide``'s size in yuv420p; of another shape than the first it gets black borders."""
        made_for = (frame.width, frame.height, frame.format.name, frame.rotation)
        if made_for != self._made_for:
            self._graph, self._made_for = self._filters(frame), made_for
        self._graph.push(frame)
        return self._graph.pull()

    def _filters(self, frame: Any) -> Any:  # noqa: ANN401
        width, height = self._size
        inner_width, inner_height = self._inside(frame)
        steps = [
            *_turned(frame.rotation % 360),
            ("scale", f"{inner_width}:{inner_height}"),
            ("setsar", "1"),
            ("format", "yuv420p"),
            ("pad", f"{width}:{height}:(ow-iw)/2:(oh-ih)/2"),
        ]
        return _chain(frame, steps)

    def _inside(self, frame: Any) -> tuple[int, int]:  # noqa: ANN401
        width, height = frame.width * self._aspect, Fraction(frame.height)
        if frame.rotation % 180:
            width, height = height, width
        factor = min(self._size[0] / width, self._size[1] / height)
        return min(_even(width * factor), self._size[0]), min(_even(height * factor), self._size[1])


def _turned(degrees: int) -> list[tuple[str, str]]:
    if degrees == 180:
        return [("hflip", ""), ("vflip", "")]
    return [("transpose", _QUARTERS[degrees])] if degrees in _QUARTERS else []


def _even(number: Fraction | float) -> int:
    return max(16, round(number / 2) * 2)


def poster(frame: Any) -> bytes:  # noqa: ANN401 - PyAV has no types
    """A JPEG of it."""
    width = min(_POSTER_WIDTH, frame.width)
    height = _even(frame.height * width / frame.width)
    graph = _chain(frame, [("scale", f"{width}:{height}"), ("format", "yuvj420p")])
    graph.push(frame)
    small = graph.pull()
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = small.width, small.height, "yuvj420p"
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    small.pts, small.time_base = 0, Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*encoder.encode(small), *encoder.encode(None)])


def _chain(frame: Any, steps: list[tuple[str, str]]) -> Any:  # noqa: ANN401
    """A graph for pictures like this one, without threads of its own."""
    graph = av.filter.Graph()
    graph.threads = 1
    came = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 90_000))
    nodes = [came, *(graph.add(name, options) for name, options in steps), graph.add("buffersink")]
    for before, after in itertools.pairwise(nodes):
        before.link_to(after)
    graph.configure()
    return graph
