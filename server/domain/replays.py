"""What a member has watched of a recording: a union of media times, credited by the server alone.

A player's page says every few seconds where it is (a beat). What lies between two beats of one device counts when the
page was playing in sight, the server's own clock allows that much, every segment of it was fetched with this member's
pass, and, on a first watch, it does not begin beyond what was reached. Otherwise it counts nothing at all: a script
that claims sixteen times the pace, or the end, earns nothing. Times of media are whole milliseconds.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

BEAT = dt.timedelta(seconds=10)
"""How often a page says where it is; besides at each pause, seek, and when it is left or hidden."""
LONGEST = dt.timedelta(minutes=2)
"""Between two beats: what somebody watched while the line was away still counts after so long, and no longer."""
SLACK = dt.timedelta(seconds=2)
"""Most that a beat may seem early for having travelled faster than the one before it: a quarter of the time between
them, at most this. It is never given twice."""
LATE = dt.timedelta(seconds=10)
"""So late a device's first beat may have come: what follows it may seem early by as much, though never by more than the
time that has passed since. Later beats need no such trust: what the clock allowed and nobody used is carried on."""
LEEWAY_MS = 1_000
"""So far beyond what was reached a player may come to stand when it seeks."""
EDGE_MS = 500
"""So far a player's reckoning of where a segment begins may be off."""
MOST_SPANS = 500
MOST_DEVICES = 8
MOST_RATE_PERCENT = 200
_MS = dt.timedelta(milliseconds=1)

Span = tuple[int, int]
"""From, until; never empty."""


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, disjoint, touching ones as one; empty and backward ones are nothing."""
    found: list[Span] = []
    for since, until in sorted(span for span in spans if span[0] < span[1]):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return tuple(found)


def lasted_ms(spans: Iterable[Span]) -> int:
    return sum(until - since for since, until in spans)


def missing(span: Span, spans: Sequence[Span]) -> tuple[Span, ...]:
    """What of ``span`` is not in the union ``spans``."""
    inside = [
        (max(since, span[0]), min(until, span[1])) for since, until in spans if since < span[1] and span[0] < until
    ]
    edges = [span[0], *(edge for each in inside for edge in each), span[1]]
    return tuple((since, until) for since, until in zip(edges[::2], edges[1::2], strict=True) if since < until)


def reached_ms(spans: Sequence[Span]) -> int:
    """The end of what was watched; 0 for nothing."""
    return spans[-1][1] if spans else 0


def digest(spans: Sequence[Span]) -> str:
    """SHA-256, in hexadecimal, of the list of pairs as JSON without spaces."""
    return hashlib.sha256(json.dumps(spans, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReplayRule:
    """``most_rate_percent``: the fastest speed that counts. ``skips``: a first watch may leave parts out."""

    most_rate_percent: int = MOST_RATE_PERCENT
    skips: bool = False


@dataclass(frozen=True, slots=True)
class Beat:
    """``number`` counts up on each device. ``playing`` and ``visible`` are of this moment on, until the next beat."""

    device: str
    number: int
    position_ms: int
    rate_percent: int
    playing: bool
    visible: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A device's last beat. ``counts``: what follows it may count. ``unused_ms``: time on the clock before ``at`` that
    playing has not used up, for a beat that came late; None: nothing has counted since it began.
    """

    device: str
    number: int
    position_ms: int
    at: dt.datetime
    counts: bool
    unused_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Of one member and recording. ``position_ms``: where to go on, on any device. ``spent_at``: until then the time
    on the clock is used up by what was credited, on whichever device. ``anchors``: the newest last.
    """

    watched: tuple[Span, ...] = ()
    position_ms: int = 0
    spent_at: dt.datetime | None = None
    anchors: tuple[Anchor, ...] = ()


class Heard(enum.StrEnum):
    """What came of a beat; all but the first: it counted nothing."""

    CREDITED = "credited"
    BEGUN = "begun"  # the device's first, or the first after a pause, in the background or backwards
    KNOWN = "known"  # it was heard before
    WAITS = "waits"  # not yet: the first beat seems to have come late, and the next will count for both
    TOO_FAST = "too_fast"
    TOO_LONG_AGO = "too_long_ago"
    AHEAD = "ahead"
    NOT_FETCHED = "not_fetched"


def hear(
    watch: Watch, beat: Beat, now: dt.datetime, *, fetched: Sequence[Span], total_ms: int, rule: ReplayRule
) -> tuple[Watch, Heard]:
    """``fetched``: the media that went out under this member's pass, as a union. ``now``: the server's clock."""
    before = next((each for each in watch.anchors if each.device == beat.device), None)
    if before is not None and beat.number <= before.number:
        return watch, Heard.KNOWN
    at = max(0, min(beat.position_ms, total_ms))
    counts = beat.playing and beat.visible and beat.rate_percent <= rule.most_rate_percent
    said = _judge(watch, before, at, now, fetched=fetched, rule=rule)
    anchor = Anchor(beat.device, beat.number, at, now if before is None else max(now, before.at), counts)
    if before is not None and said is not Heard.BEGUN:
        anchor = _followed(anchor, before, said, rule)
    if said is Heard.CREDITED:
        assert before is not None
        watch = _credited(watch, before, (before.position_ms, at), now, rule)
    others = [each for each in watch.anchors if each.device != beat.device]
    place = at if rule.skips else min(at, reached_ms(watch.watched))
    return replace(watch, anchors=(*others, anchor)[-MOST_DEVICES:], position_ms=place), said


def _judge(
    watch: Watch, before: Anchor | None, at: int, now: dt.datetime, *, fetched: Sequence[Span], rule: ReplayRule
) -> Heard:
    if before is None or not before.counts or at <= before.position_ms:
        return Heard.BEGUN
    passed, span = now - before.at, (before.position_ms, at)
    if passed > LONGEST:
        return Heard.TOO_LONG_AGO
    after = _credited(watch, before, span, now, rule)
    lacks = _lacking(after, before, span, now, rule)
    if lacks > min(SLACK, passed / 4):
        return Heard.WAITS if before.unused_ms is None and lacks <= LATE else Heard.TOO_FAST
    beyond = before.position_ms > reached_ms(watch.watched) + LEEWAY_MS
    if (beyond and not rule.skips) or len(after.watched) > MOST_SPANS:
        return Heard.AHEAD
    sent = union((since - EDGE_MS, until + EDGE_MS) for since, until in fetched)
    return Heard.NOT_FETCHED if missing(span, sent) else Heard.CREDITED


def _followed(anchor: Anchor, before: Anchor, said: Heard, rule: ReplayRule) -> Anchor:
    """What is kept of the time on the clock. A beat that waits is weighed again together with the next."""
    if said is Heard.WAITS and anchor.counts:
        return replace(before, number=anchor.number)
    if said is not Heard.CREDITED:
        return replace(anchor, unused_ms=0)
    used = _least(anchor.position_ms - before.position_ms, rule)
    left = anchor.at - before.at + _unused(before, anchor.at) - used
    return replace(anchor, unused_ms=max(0, min(left, LONGEST) // _MS))


def _unused(before: Anchor, now: dt.datetime) -> dt.timedelta:
    """Of the time before ``before``. For a first beat, that it came late is believed, not known."""
    return min(LATE, now - before.at) if before.unused_ms is None else before.unused_ms * _MS


def _lacking(after: Watch, before: Anchor, span: Span, now: dt.datetime, rule: ReplayRule) -> dt.timedelta:
    """Time that the clock would have to allow besides, to this device, or because another one has used it up already;
    negative when there is some left."""
    assert after.spent_at is not None
    allowed = now - before.at + _unused(before, now)
    return max(_least(span[1] - span[0], rule) - allowed, after.spent_at - now)


def _credited(watch: Watch, before: Anchor, span: Span, now: dt.datetime, rule: ReplayRule) -> Watch:
    """Only what is new uses up time, and no time twice."""
    begun = before.at - max(dt.timedelta(), _unused(before, now))
    begun = begun if watch.spent_at is None else max(watch.spent_at, begun)
    spent = begun + _least(lasted_ms(missing(span, watch.watched)), rule)
    return replace(watch, watched=union((*watch.watched, span)), spent_at=spent)


def _least(media_ms: int, rule: ReplayRule) -> dt.timedelta:
    """The time on the clock that so much media takes at the fastest speed that counts."""
    return media_ms * 100 / rule.most_rate_percent * _MS


def progress_percent(watched: Sequence[Span], total_ms: int, wanted_percent: int) -> int:
    """How far somebody is on the way to ``wanted_percent`` of the recording, 0…100; 100 is enough.

    Rounded down. A last second that no player plays to its end is not asked for.
    """
    wanted = max(0, total_ms * wanted_percent // 100 - LEEWAY_MS)
    if total_ms <= 0:
        return 0
    return 100 if wanted <= 0 else min(100, lasted_ms(watched) * 100 // wanted)
