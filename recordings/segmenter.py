"""Where a track is cut (sans-I/O): pictures and time in, finished pieces out.

A piece runs from one cut to the next without holes; its last picture is held to the cut. The rules, in ticks of the
recording's timeline:

* cut at a keyframe once the piece is old enough; at any picture when the next one would pass the limit;
* when no picture comes by the limit, cut there; the next picture, whenever it comes, starts where the cut was;
* cut at once when the source or the format changes, and where recording is switched off; where it is switched on,
  at the next keyframe;
* cut at once where the curtain falls, whatever there is; behind it pieces begin short and grow, so that players have
  the first one soon and each further one in time (:data:`GROWTH`);
* a track with a slate shows it whenever there is no picture for ``stall`` ticks; a track without one has a hole.
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field

from recordings.boxes import VIDEO_HZ, Sample
from recordings.depacketise import AccessUnit
from recordings.h264 import VideoFormat


class Reason(enum.StrEnum):
    """Why a piece does not simply continue the one before."""

    START = "start"
    SOURCE = "source"  # another source was put on air
    RECONNECT = "reconnect"  # the same source with a new stream
    FORMAT = "format"  # resolution or codec parameters
    NO_FRAMES = "no_frames"  # pictures stopped: slate or hole
    VACANT = "vacant"  # the slot was emptied: slate or hole
    RETURNED = "returned"  # pictures after slate or hole
    CUT = "cut"  # the curtain fell: an emergency cut; slate or hole
    STANDBY = "standby"  # the curtain fell: an intermission; slate or hole
    LIFTED = "lifted"  # pictures after the curtain
    PAUSED = "paused"  # recording was off in between
    RESTART = "restart"  # the recorder was away
    DISK_FULL = "disk_full"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    LAG = "lag"  # the disk was too slow


@dataclass(frozen=True, slots=True)
class Limits:
    """All in ticks. ``stall``: silence of pictures after which the slate (or a hole) takes over."""

    target: int = 2 * VIDEO_HZ
    earliest: int = 14 * VIDEO_HZ // 10
    limit: int = 24 * VIDEO_HZ // 10
    ask_after: int = 18 * VIDEO_HZ // 10
    stall: int = 2 * VIDEO_HZ
    first_wait: int = VIDEO_HZ


@dataclass(frozen=True, slots=True)
class Slate:
    """The picture that stands for none."""

    sample: bytes
    format: VideoFormat


@dataclass(frozen=True, slots=True)
class Piece:
    """The video of one segment. ``reason`` is None where the piece just continues the last one."""

    start: int
    end: int
    format: VideoFormat
    samples: tuple[Sample, ...]
    reason: Reason | None
    recorded: bool
    limit: int  # the longest that it could become

    @property
    def independent(self) -> bool:
        return self.samples[0].keyframe


@dataclass(slots=True)
class OpenPiece:
    start: int
    format: VideoFormat
    reason: Reason | None
    recorded: bool
    limit: int
    times: list[int] = field(default_factory=list)
    pictures: list[tuple[bool, bytes]] = field(default_factory=list)

    def add(self, at: int, *, keyframe: bool, data: bytes) -> None:
        """Times strictly grow: a picture that comes too late for its time follows the last one at once."""
        self.times.append(max(at, self.times[-1] + 1) if self.times else self.start)
        self.pictures.append((keyframe, data))

    def closed(self, at: int) -> Piece:
        end = max(at, self.times[-1] + 1)
        borders = [*self.times[1:], end]
        samples = tuple(
            Sample(border - time, keyframe, data)
            for time, border, (keyframe, data) in zip(self.times, borders, self.pictures, strict=True)
        )
        return Piece(self.start, end, self.format, samples, self.reason, self.recorded, self.limit)


class State(enum.Enum):
    WAITING = "waiting"  # nothing shown yet, or a hole (tracks without slate)
    LIVE = "live"
    SLATE = "slate"


SLATE_INTERVAL = VIDEO_HZ
SHORTEST_SLATE = VIDEO_HZ // 10
SHORTEST_PIECE = VIDEO_HZ // 50
FIRST = VIDEO_HZ // 2  # behind a curtain: what a player starts with lasts until it has the next
SHORT = 3 * VIDEO_HZ // 10
GROWTH = (106, 100)
"""From one short piece to the next: no faster than a player that runs a tenth slower falls behind."""
LONGEST_INTERVAL = VIDEO_HZ


class Cutter:
    """One track from the moment ``origin`` on. Every method gives the pieces that it finished."""

    def __init__(self, origin: int, limits: Limits, slate: Slate | None, *, recorded: bool) -> None:
        self._origin = origin
        self._limits = limits
        self._slate = slate
        self._recorded = recorded
        self._switches: deque[tuple[int, bool]] = deque()
        self._state = State.WAITING
        self._open: OpenPiece | None = None
        self._owed: int | None = None  # where the next piece must start, pictures being late
        self._last = origin  # time of the last live picture
        self._interval = 0
        self._identity: tuple[int, str, VideoFormat] | None = None
        self._why_waiting = Reason.START
        self._vacant = False
        self._lifted = False  # the next picture is the first one behind the curtain
        self._short: int | None = None  # the limit of the next piece, while they are short
        self._keyed = origin  # time of the last live keyframe

    # ---- what happens -------------------------------------------------------------------------------

    def switch(self, at: int, *, on: bool) -> None:
        """Recording goes on or off at ``at``, not before the last switch."""
        self._switches.append((at, on))

    def shut(self, at: int, reason: Reason) -> list[Piece]:
        """The curtain falls: slate or hole from ``at`` on until the next epoch's picture.

        The slate's first piece is given ahead of its time: it is the one with this ``reason``.
        """
        done = self.advance(at)
        self._lifted, self._short = True, None
        if self._slate is None:
            done += self._lose_picture(at, reason) if self._state is State.LIVE else []
            self._why_waiting = Reason.LIFTED
            return done
        if self._state is State.WAITING:
            self._start_slate(self._origin, Reason.START)
            done += self._go_on_with_slate(at)
        done += self._lose_picture(at, reason) if self._state is State.LIVE else self._slate_anew(at, reason)
        return done + self._close_ahead()

    def _slate_anew(self, at: int, reason: Reason) -> list[Piece]:
        assert self._open is not None
        start, done = self._open.start, []
        if at - start >= SHORTEST_PIECE:
            done = self._close(at)
            assert self._owed is not None
            start = self._owed
        self._start_slate(start, reason)
        return done

    def _close_ahead(self) -> list[Piece]:
        assert self._open is not None
        done = self._close(self._open.start + SLATE_INTERVAL)
        assert self._owed is not None
        self._start_slate(self._owed, None)
        return done

    def vacate(self) -> None:
        """The slot is empty: what was on its way may still come, then the slate or a hole."""
        self._vacant = True

    def occupy(self) -> None:
        self._vacant = False

    def picture(self, at: int, unit: AccessUnit) -> list[Piece]:
        """The next picture in decoding order."""
        done = self.advance(at) if at - self._last >= self._limits.stall else self._close_if_overdue(at)
        if self._state is not State.LIVE:
            return done + (self._come_back(at, unit) if unit.keyframe else [])
        reason = self._break(unit)
        if self._open is not None and self._cuts_before(at, unit, reason):
            done += self._close(at)
        if self._open is None:
            self._skip_to_off_switch(at)
            self._start(at if self._owed is None else self._owed, unit.format, reason, self._next_limit())
        self._show(at, unit)
        return done

    def advance(self, horizon: int) -> list[Piece]:
        """No picture before ``horizon`` will come any more (if it does, it is shown late)."""
        if self._state is State.WAITING:
            return self._start_slate_if_due(horizon)
        if self._state is State.SLATE:
            return self._go_on_with_slate(horizon)
        done = self._close_if_overdue(horizon)
        if self._vacant or horizon - self._last >= self._limits.stall:
            done += self._lose_picture(horizon, Reason.VACANT if self._vacant else Reason.NO_FRAMES)
        return done

    def flush(self, at: int) -> list[Piece]:
        """End of the track at ``at``."""
        done = self.advance(at)
        if self._open is None and self._owed is not None and self._slate is not None and self._owed < at:
            self._start_slate(self._owed, Reason.NO_FRAMES)
        if self._open is not None and at - self._open.start < SHORTEST_PIECE:
            return done
        return done + self._close(at)

    def wants_keyframe(self, now: int) -> bool:
        """Whether a keyframe taken now would be a good place to cut."""
        if self._state is not State.LIVE or (self._switches and self._switches[0][1]):
            return True
        if self._open is None:
            return True
        since = self._keyed if self._is_short(self._open) else self._open.start
        return now - since >= self._limits.ask_after

    @property
    def live(self) -> bool:
        return self._state is State.LIVE

    # ---- live ---------------------------------------------------------------------------------------

    def _break(self, unit: AccessUnit) -> Reason | None:
        if self._identity is None or not unit.keyframe:
            return None
        epoch, source_id, form = self._identity
        if unit.epoch != epoch:
            self._vacant = False
            return Reason.RECONNECT if unit.source_id == source_id else Reason.SOURCE
        return Reason.FORMAT if unit.format != form else None

    def _cuts_before(self, at: int, unit: AccessUnit, reason: Reason | None) -> bool:
        """Whether this picture starts a new piece."""
        assert self._open is not None
        age = at - self._open.start
        switched_on = bool(self._switches) and self._switches[0][0] <= at
        earliest = self._limits.earliest * self._open.limit // self._limits.limit
        due = unit.keyframe and (switched_on or (age >= earliest and self._open.reason is not Reason.LIFTED))
        return reason is not None or due or age + self._interval > self._open.limit

    def _skip_to_off_switch(self, at: int) -> None:
        """A picture taken off record must not stand in for a missing one before, so that stretch has none."""
        if self._owed is not None:
            self._owed = max([self._owed, *(when for when, on in self._switches if not on and when <= at)])

    def _show(self, at: int, unit: AccessUnit) -> None:
        assert self._open is not None
        self._open.add(at, keyframe=unit.keyframe, data=unit.sample)
        self._interval = min(max(at - self._last, 0), LONGEST_INTERVAL)
        self._last = max(at, self._last)
        self._keyed = self._last if unit.keyframe else self._keyed
        self._identity = (unit.epoch, unit.source_id, unit.format)

    def _come_back(self, at: int, unit: AccessUnit) -> list[Piece]:
        if self._vacant and self._identity is not None and unit.epoch == self._identity[0]:
            return []  # the tail of what has left the slot
        self._vacant = False
        done = self._go_on_with_slate(at) if self._state is State.SLATE else []
        start, reason = max(at, self._last + 1), self._why_waiting
        if self._open is not None and at - self._open.start < SHORTEST_SLATE:
            start, reason, self._open = self._open.start, self._open.reason or self._why_back, None
        elif self._open is not None:
            done += self._close(at)
            assert self._owed is not None
            start, reason = self._owed, self._why_back
        self._state, self._interval, self._last = State.LIVE, 0, start
        self._short = SHORT if self._lifted else None
        self._start(start, unit.format, reason, min(FIRST, self._limits.limit) if self._lifted else None)
        self._lifted = False
        self._show(at, unit)
        return done

    def _next_limit(self) -> int:
        limit = min(self._short or self._limits.limit, self._limits.limit)
        self._short = limit * GROWTH[0] // GROWTH[1] if limit < self._limits.limit else None
        return limit

    def _is_short(self, piece: OpenPiece) -> bool:
        return piece.limit < self._limits.limit

    @property
    def _why_back(self) -> Reason:
        return Reason.LIFTED if self._lifted else Reason.RETURNED

    def _close_if_overdue(self, horizon: int) -> list[Piece]:
        """Cut at the limit, or where recording goes off, though no picture starts there."""
        if self._state is not State.LIVE or self._open is None:
            return []
        cut = self._open.start + self._open.limit
        if self._switches and not self._switches[0][1]:
            cut = min(cut, self._switches[0][0])
        return self._close(cut) if horizon >= cut else []

    def _lose_picture(self, horizon: int, reason: Reason) -> list[Piece]:
        done = self._close(max(horizon, self._last + 1)) if self._open is not None else []
        start, self._owed = self._owed, None
        assert start is not None
        self._why_waiting = Reason.RETURNED
        if self._slate is None:
            self._state, self._last = State.WAITING, start
        else:
            self._start_slate(start, reason)
            done += self._go_on_with_slate(horizon)
        return done

    # ---- slate --------------------------------------------------------------------------------------

    def _start_slate_if_due(self, horizon: int) -> list[Piece]:
        if self._slate is None or horizon - self._origin < self._limits.first_wait:
            return []
        self._start_slate(self._origin, Reason.START)
        return self._go_on_with_slate(horizon)

    def _start_slate(self, at: int, reason: Reason | None) -> None:
        assert self._slate is not None
        self._state = State.SLATE
        self._start(at, self._slate.format, reason)
        self._add_slate(at)

    def _add_slate(self, at: int) -> None:
        assert self._slate is not None
        assert self._open is not None
        self._open.add(at, keyframe=True, data=self._slate.sample)

    def _go_on_with_slate(self, horizon: int) -> list[Piece]:
        done: list[Piece] = []
        assert self._open is not None
        while True:
            age = self._open.times[-1] + SLATE_INTERVAL
            cut = min(self._open.start + self._limits.target, self._switches[0][0] if self._switches else 1 << 62)
            if min(age, cut) > horizon:
                return done
            if cut <= age:
                done += self._close(cut)
                assert self._owed is not None
                self._start_slate(self._owed, None)
            else:
                self._add_slate(age)

    # ---- pieces -------------------------------------------------------------------------------------

    def _start(self, at: int, form: VideoFormat, reason: Reason | None, limit: int | None = None) -> None:
        while self._switches and self._switches[0][0] <= at:
            self._recorded = self._switches.popleft()[1]
        self._owed = None
        self._open = OpenPiece(at, form, reason, self._recorded, limit or self._limits.limit)

    def _close(self, at: int) -> list[Piece]:
        if self._open is None:
            return []
        piece = self._open.closed(at)
        self._open, self._owed = None, piece.end
        return [piece]
