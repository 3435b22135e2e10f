"""Who is online in a lesson now, by device; and when somebody was there (在线时段), reckoned from the record.

A member who signed in at a venue is carried by the venue: present from the sign-in until the lesson's end or the
operator's mark, while the venue itself was connected; when the venue breaks down, until the move to another one, which
carries from the arrival there (domain/failover.py). Everybody's own devices count besides; all of it is merged, so
two devices are never twice as present. A page that is put away for longer than ``GLANCE`` is not there, unless another
of the member's is. What the server broke, it mends: a gap of at most ``BRIDGED`` around one of its own outages counts
as presence.
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from server.domain.failover import Move
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn

BEAT = dt.timedelta(seconds=15)
TTL = dt.timedelta(seconds=45)
PULSE_LOST = dt.timedelta(seconds=45)
"""A control process without a pulse for so long is gone, and with it what it saw since its last one."""
BRIDGED = dt.timedelta(seconds=60)
"""The longest gap that an outage of ours explains: the last checkpoint before it, the outage, the coming back."""

_SLOWED = dt.timedelta(seconds=75)
"""A browser lets a page that is put away speak once a minute, and somewhat later."""
GLANCE = dt.timedelta(seconds=60)
"""So long a page may be put away (another app in front, the screen off) and still count: a message is read meanwhile.
Source of the rule: docs/decisions/0150.
"""


class Face(enum.StrEnum):
    PHONE = "phone"
    VENUE = "venue"
    DESK = "desk"
    CONSOLE = "console"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Device:
    """One connected device. ``id`` is the connection's, so an account with two devices counts as two.

    ``member_id`` is for who keeps the record of attendance; who only counts devices need not keep it.
    """

    id: str
    account_id: str
    face: Face
    lesson_venue_id: str | None = None
    member_id: str | None = field(default=None, compare=False)


class Channel(enum.StrEnum):
    """How we know that somebody was there."""

    SOCKET = "socket"
    HIDDEN = "hidden"  # a socket whose page said that it is put away
    MEDIA = "media"
    HLS = "hls"
    VENUE = "venue"  # the venue's own connection; it carries the members who are signed in there


@dataclass(frozen=True, slots=True)
class Span:
    """One device seen without a break, from ``since`` to the last checkpoint ``until``. Of a member or of a venue."""

    device: str
    since: dt.datetime
    until: dt.datetime
    channel: Channel
    member_id: str | None = None
    lesson_venue_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the server itself was away: nobody's absence."""

    since: dt.datetime
    until: dt.datetime
    cause: str


def awaited(pulses: Mapping[str, dt.datetime], ended_at: dt.datetime, now: dt.datetime) -> Mapping[str, dt.datetime]:
    """Of the processes' last pulses those of the living that came before the end: what these saw of a lesson until
    its end is not all in the record yet. A pulse follows the writing of everything seen before it.
    """
    return {name: at for name, at in pulses.items() if at < ended_at and now - at < PULSE_LOST}


_EVER, _NEVER = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
Interval = tuple[dt.datetime, dt.datetime]
"""From, until; never empty."""


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """In order, disjoint, touching ones as one; empty and backward ones are nothing."""
    found: list[Interval] = []
    for since, until in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return tuple(found)


def bridged(
    intervals: Sequence[Interval], outages: Iterable[Outage], longest: dt.timedelta = BRIDGED
) -> tuple[Interval, ...]:
    """Merged intervals with the gaps closed that an outage explains: somebody was seen on both sides of the gap, and
    of the outage or within it, at moments at most ``longest`` apart. One more sighting never opens a gap again.
    """
    ours = tuple(outages)
    gaps = ((before[1], after[0]) for before, after in itertools.pairwise(intervals))
    short = [gap for gap in gaps if gap[1] - gap[0] <= longest]
    closed = [gap for gap in short if any(_explains(outage, gap, intervals, longest) for outage in ours)]
    return merged([*intervals, *closed])


def walked(intervals: Sequence[Interval], moves: Iterable[Move]) -> tuple[Interval, ...]:
    """The gaps around moves closed: each as an outage at that moment, as long as its own bridge."""
    found = tuple(intervals)
    for move in moves:
        found = bridged(found, [Outage(move.at, move.at, "failover")], move.bridge)
    return found


def _explains(outage: Outage, gap: Interval, intervals: Sequence[Interval], longest: dt.timedelta) -> bool:
    if outage.until < gap[0] - longest or gap[1] + longest < outage.since:
        return False
    early, late = min(gap[0], outage.until), max(gap[1], outage.since)
    before = [min(until, early) for since, until in intervals if since <= early]
    after = [max(since, late) for since, until in intervals if until >= late]
    return bool(before and after) and min(after) - max(before) <= longest


def common(some: Sequence[Interval], others: Sequence[Interval]) -> tuple[Interval, ...]:
    """Where both hold. Of merged intervals; merged again."""
    return merged((max(a, c), min(b, d)) for a, b in some for c, d in others)


def without(some: Sequence[Interval], others: Sequence[Interval]) -> tuple[Interval, ...]:
    """Where the first hold and the others don't. Of merged intervals; merged again."""
    if not others:
        return tuple(some)
    edges = [_EVER, *(edge for interval in others for edge in interval), _NEVER]
    return common(some, merged(zip(edges[::2], edges[1::2], strict=True)))


def in_sight(spans: Iterable[Span]) -> tuple[Interval, ...]:
    """When at least one of a member's own devices was in front. Picture and sound of a page that is put away go on, so
    they speak for the member only while no page of the member says so; a socket that says nothing is in front.
    """
    known = tuple(spans)
    shown = merged(_times(known, Channel.SOCKET))
    away = _put_away(merged(_times(known, Channel.HIDDEN)), shown)
    glances = [part for whole in away if whole[-1][1] - whole[0][0] <= GLANCE for part in whole]
    long = merged((whole[0][0], whole[-1][1]) for whole in away if whole[-1][1] - whole[0][0] > GLANCE)
    seen = merged(_times(known, Channel.MEDIA, Channel.HLS, Channel.VENUE))
    return merged([*shown, *glances, *without(seen, long)])


def _times(spans: Iterable[Span], *channels: Channel) -> Iterable[Interval]:
    return ((span.since, span.until) for span in spans if span.channel in channels)


def _put_away(hidden: Sequence[Interval], shown: Sequence[Interval]) -> Sequence[Sequence[Interval]]:
    """The stays in the background. A browser lets a page that is put away speak once a minute: what it says then is
    one stay, as long as nothing was in front between. After a longer silence nobody knows, and it is another stay.
    """
    stays: list[list[Interval]] = []
    begun = [since for since, _ in shown]
    for part in hidden:
        last = stays[-1][-1][1] if stays else _EVER
        before = bisect.bisect_left(begun, part[0]) - 1
        between = before >= 0 and shown[before][1] > last
        if stays and part[0] - last <= _SLOWED - TTL and not between:
            stays[-1].append(part)
        else:
            stays.append([part])
    return stays


def by_owner(spans: Iterable[Span]) -> Mapping[str, tuple[Span, ...]]:
    """The spans of each member, by ``member_id``, and of each venue, by ``lesson_venue_id``."""
    found: dict[str, list[Span]] = {}
    for span in spans:
        owner = span.member_id or span.lesson_venue_id
        if owner is not None:
            found.setdefault(owner, []).append(span)
    return {owner: tuple(own) for owner, own in found.items()}


def present_ms(  # noqa: PLR0917 - the whole of the evidence, in the order of its telling
    sign_in: SignIn | None,
    entry: RosterEntry,
    spans: Iterable[Span],
    outages: Iterable[Outage],
    since: dt.datetime,
    until: dt.datetime,
    moves: Iterable[Move] = (),
) -> int:
    """How long :func:`presence` lasted, in milliseconds."""
    return lasted_ms(presence(sign_in, entry, spans, outages, since, until, moves))


def lasted_ms(intervals: Iterable[Interval]) -> int:
    return sum((b - a for a, b in intervals), dt.timedelta(0)) // dt.timedelta(milliseconds=1)


def presence(  # noqa: PLR0917 - the same
    sign_in: SignIn | None,
    entry: RosterEntry,
    spans: Iterable[Span],
    outages: Iterable[Outage],
    since: dt.datetime,
    until: dt.datetime,
    moves: Iterable[Move] = (),
) -> tuple[Interval, ...]:
    """When the member was there within [since, until], by all devices and the venue together.

    ``moves``: the member's own. ``spans``: at least the member's and those of the venues of the sign-in and of the
    moves (``by_owner`` sorts a lesson's once); others are ignored. Without a sign-in only the own devices speak for the
    member. Nothing counts after the operator's mark that the member left.
    """
    end = until if sign_in is None or sign_in.left_at is None else min(until, sign_in.left_at)
    window = merged([(since, end)])
    known, ours = tuple(spans), tuple(outages)
    own = bridged(in_sight(span for span in known if span.member_id == entry.member_id), ours)
    walks = sorted((move for move in moves if move.signed_in), key=lambda move: move.at)
    stays = () if sign_in is None else _stays(sign_in, walks)
    carried = [each for place, stay in stays for each in common(_venue(place, known, ours), merged([stay]))]
    return common(walked(merged([*own, *carried]), walks), window)


def attended(sign_in: SignIn | None, since: dt.datetime, until: dt.datetime) -> tuple[Interval, ...]:
    """Of a lesson without media: from the sign-in until its end, or until the mark that the member left.

    Nothing is connected there; whoever signed in on the spot is there until somebody says otherwise.
    """
    if sign_in is None:
        return ()
    end = until if sign_in.left_at is None else min(until, sign_in.left_at)
    return merged([(max(since, sign_in.at), end)])


def _stays(sign_in: SignIn, walks: Sequence[Move]) -> tuple[tuple[str, Interval], ...]:
    """The rooms that the member was in, one after the other: from the arrival until the next move."""
    begun = [(sign_in.lesson_venue_id, sign_in.at), *((walk.target, walk.arrived_at) for walk in walks)]
    ends = [*(walk.at for walk in walks), _NEVER]
    return tuple(
        (place, (since, until))
        for (place, since), until in zip(begun, ends, strict=True)
        if place is not None and since is not None
    )


def _venue(place: str, spans: Iterable[Span], outages: Sequence[Outage]) -> tuple[Interval, ...]:
    """When a venue was connected."""
    theirs = [s for s in spans if s.channel is Channel.VENUE and s.lesson_venue_id == place]
    return bridged(merged((s.since, s.until) for s in theirs), outages)
