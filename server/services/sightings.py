"""Who is seen in a lesson by this process, until the record has it. In memory, bounded; times are arguments.

A sighting is one device without a break: a socket while it beats, a media viewer while connected, an HLS player while
it fetches segments, a venue's screen. :mod:`server.services.checkpoints` writes them down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from server.domain.presence import TTL, Channel, Span

MOST = 200_000
_PATIENCE = {Channel.HLS: dt.timedelta(seconds=15)}
"""How long somebody counts after the last sign of life; else the time to live of presence."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who stands behind an account in one lesson."""

    lesson_id: str
    member_id: str | None
    lesson_venue_id: str | None


@dataclass(slots=True)
class _Sighting:
    since: dt.datetime
    heard: dt.datetime
    channel: Channel
    member_id: str | None
    lesson_venue_id: str | None
    held: bool  # seen as long as nobody says that it is gone
    written: dt.datetime | None = None

    def until(self, now: dt.datetime) -> dt.datetime:
        last = now if self.held else min(now, self.heard + _PATIENCE.get(self.channel, TTL))
        return max(self.since, last)


class Sightings:
    """Beyond ``MOST`` devices new ones are not noted down: they still have their other evidence."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Sighting] = {}
        self._over: dict[str, list[Span]] = {}
        self._watchers: dict[tuple[str, str], Watcher | None] = {}
        self.media_lost_at: dict[int, dt.datetime] = {}  # by media process

    async def watcher(
        self, recording_id: str, account_id: str, look_up: Callable[[], Awaitable[Watcher | None]]
    ) -> Watcher | None:
        """Who watches a recording under an account; asked for once, not at every segment."""
        key = (recording_id, account_id)
        if key not in self._watchers:
            found = await look_up()
            if len(self._watchers) >= MOST:
                self._watchers.clear()
            self._watchers[key] = found
        return self._watchers[key]

    def seen(
        self,
        lesson_id: str,
        device: str,
        channel: Channel,
        now: dt.datetime,
        *,
        member_id: str | None = None,
        lesson_venue_id: str | None = None,
        held: bool = False,
    ) -> None:
        """A sign of life of a member's or a venue's device. After too long a silence it is a new sighting."""
        known = self._open.get((lesson_id, device))
        if known is not None and known.until(now) == now:
            known.heard = now
            return
        if known is not None:
            self.gone(lesson_id, device, now)
        if len(self._open) < MOST:
            self._open[lesson_id, device] = _Sighting(now, now, channel, member_id, lesson_venue_id, held)

    def begun(self, lesson_id: str, device: str) -> dt.datetime | None:
        """Since when it is seen; None: it is not."""
        sighting = self._open.get((lesson_id, device))
        return None if sighting is None else sighting.since

    def gone(self, lesson_id: str, device: str, now: dt.datetime) -> bool:
        """Whether it was there. Its end waits to be written."""
        sighting = self._open.pop((lesson_id, device), None)
        if sighting is not None:
            self._over.setdefault(lesson_id, []).append(_span(device, sighting, now))
        return sighting is not None

    def all_gone(self, channel: Channel, now: dt.datetime, lessons: Collection[str] | None = None) -> None:
        """Everybody that came over a channel which is no more, in these lessons; None: in all."""
        gone = [
            (lesson_id, device)
            for (lesson_id, device), each in self._open.items()
            if each.channel is channel and each.held and (lessons is None or lesson_id in lessons)
        ]
        for lesson_id, device in gone:
            self.gone(lesson_id, device, now)

    @property
    def lessons(self) -> frozenset[str]:
        """With anything that is not written yet."""
        return frozenset(lesson_id for lesson_id, _ in self._open) | frozenset(self._over)

    def ended(self, lesson_id: str) -> tuple[Span, ...]:
        """Those that are over and not written yet."""
        return tuple(self._over.get(lesson_id, ()))

    def due(self, now: dt.datetime) -> Mapping[str, tuple[Span, ...]]:
        """By lesson, what the record does not have yet as of ``now``."""
        found = {lesson_id: list(spans) for lesson_id, spans in self._over.items()}
        for (lesson_id, device), sighting in self._open.items():
            if sighting.written != sighting.until(now):
                found.setdefault(lesson_id, []).append(_span(device, sighting, now))
        return {lesson_id: tuple(spans) for lesson_id, spans in found.items()}

    def written(self, lesson_id: str, spans: Collection[Span]) -> None:
        """The record has them."""
        done = set(spans)
        left = [span for span in self._over.pop(lesson_id, ()) if span not in done]
        if left:
            self._over[lesson_id] = left
        for span in done:
            sighting = self._open.get((lesson_id, span.device))
            if sighting is not None and sighting.since == span.since:
                sighting.written = span.until

    def forget(self, lesson_id: str) -> None:
        """Nothing of the lesson counts any more."""
        self._over.pop(lesson_id, None)
        for key in [key for key in self._open if key[0] == lesson_id]:
            del self._open[key]


def _span(device: str, sighting: _Sighting, now: dt.datetime) -> Span:
    return Span(
        device=device,
        since=sighting.since,
        until=sighting.until(now),
        channel=sighting.channel,
        member_id=sighting.member_id,
        lesson_venue_id=sighting.lesson_venue_id,
    )
