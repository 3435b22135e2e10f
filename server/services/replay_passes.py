"""What this process remembers of replays: where each segment lies in a recording, and what went out under each pass.

In memory and bounded; the record has what counts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from server.domain.replays import Span, missing, union

MOST_TIMELINES = 64
MOST_PASSES = 20_000
_EXTINF = "#EXTINF:"
_ENDED = "#EXT-X-ENDLIST"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Of a finished recording's camera: each segment's place, in milliseconds of media."""

    places: Mapping[str, Span]
    total_ms: int


def timeline(playlist: str) -> Timeline:
    """From a media playlist of ours (RFC 8216): a segment begins where the ones before it have ended."""
    places: dict[str, Span] = {}
    seconds, length = 0.0, 0.0
    for line in playlist.splitlines():
        if line.startswith(_EXTINF):
            length = float(line.removeprefix(_EXTINF).partition(",")[0])
        elif line and not line.startswith("#"):
            places[line] = (round(seconds * 1000), round((seconds + length) * 1000))
            seconds += length
    return Timeline(places, round(seconds * 1000))


@dataclass(slots=True)
class Pass:
    """``member_id`` None: nothing is kept of this holder's watching. ``written``: what the record has."""

    member_id: str | None
    written: tuple[Span, ...] = ()

    def lacks(self, span: Span) -> bool:
        return self.member_id is not None and bool(missing(span, self.written))

    def wrote(self, span: Span) -> None:
        self.written = union((*self.written, span))


PassKey = tuple[str, str, str]
"""Recording, account, and when the pass ends: a new pass is looked up anew."""


@dataclass(slots=True)
class ReplayPasses:
    _timelines: OrderedDict[str, Timeline] = field(default_factory=OrderedDict)
    _passes: OrderedDict[PassKey, Pass] = field(default_factory=OrderedDict)

    async def timeline(self, recording_id: str, ask: Callable[[], Awaitable[str]]) -> Timeline:
        known = self._timelines.get(recording_id)
        if known is None:
            text = await ask()
            known = timeline(text)
            if _ENDED not in text:
                return known  # it still grows: the next question may have more of it
            self._timelines[recording_id] = known
            while len(self._timelines) > MOST_TIMELINES:
                self._timelines.popitem(last=False)
        self._timelines.move_to_end(recording_id)
        return known

    async def holder(self, key: PassKey, ask: Callable[[], Awaitable[str | None]]) -> Pass:
        known = self._passes.get(key)
        if known is None:
            found = Pass(await ask())
            known = self._passes.setdefault(key, found)
            while len(self._passes) > MOST_PASSES:
                self._passes.popitem(last=False)
        return known
