"""Is a source well? Looks at it, second by second, become alarms with hysteresis. Times are arguments.

Everything that is wrong for longer than its patience is raised well within ten seconds, and cleared when it has been
right for a while: a picture that stutters does not make the list flicker.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


def _seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


WINDOW = _seconds(5)
"""Over which loss is reckoned."""
HEAVY_LOSS, LIGHT_LOSS = 0.10, 0.05
LEAST_PACKETS = 50
"""In the window; of fewer nobody can say how many are lost."""
MUTE_DBOV = 100
"""Quieter than this (127 is nothing at all) no open microphone is: it is a cable, or a switch."""
UNANSWERED = 6
"""Requests for a keyframe, half a second apart."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a source. Counters grow while one connection lasts, and may begin anew.

    ``expected``: people wait for it. ``audible``: it should be heard now. ``black`` and ``still``: what the last
    pictures that were looked into showed, the latter over seconds; None: nobody looked.
    """

    connected: bool
    expected: bool = False
    has_video: bool = False
    has_audio: bool = False
    audible: bool = False
    packets: int = 0
    lost: int = 0
    frames: int = 0
    level_dbov: int = 127
    unanswered: int = 0
    black: bool | None = None
    still: bool | None = None
    stand_in: bool = False  # another machine is ready to take its place


@dataclass(frozen=True, slots=True)
class _Patience:
    raise_after: dt.timedelta
    clear_after: dt.timedelta


PATIENCE = {
    "spare_ready": _Patience(_seconds(2), _seconds(0)),
    "source_away": _Patience(_seconds(6), _seconds(1)),
    "no_packets": _Patience(_seconds(5), _seconds(2)),
    "source_frozen": _Patience(_seconds(6), _seconds(2)),
    "source_still": _Patience(_seconds(0), _seconds(1)),  # whoever looked has waited already
    "source_black": _Patience(_seconds(3), _seconds(1)),
    "source_silent": _Patience(_seconds(8), _seconds(1)),
    "heavy_loss": _Patience(_seconds(4), _seconds(5)),
    "no_keyframe": _Patience(_seconds(3), _seconds(1)),
}
"""By alarm code (server.domain.alarms)."""


@dataclass(slots=True)
class Watch:
    """One source. Feed it looks in the order of time; ``alarms`` is what is wrong as of the last one."""

    alarms: frozenset[str] = frozenset()
    _since: dict[str, dt.datetime] = field(default_factory=dict)  # since when each code is other than raised or not
    _packets: int = -1
    _frames: int = -1
    _packets_at: dt.datetime | None = None
    _frames_at: dt.datetime | None = None
    _counted: deque[tuple[dt.datetime, int, int]] = field(default_factory=deque)

    @property
    def packets_at(self) -> dt.datetime | None:
        """The look at which packets had come for the last time."""
        return self._packets_at

    def note(self, look: Look, now: dt.datetime) -> None:
        self._count(look, now)
        wrong = frozenset(self._wrong(look, now))
        self.alarms = frozenset(code for code in PATIENCE if self._latched(code, code in wrong, now))

    def _latched(self, code: str, wrong: bool, now: dt.datetime) -> bool:
        """What it is now holds until the opposite has lasted for its patience."""
        raised = code in self.alarms
        if wrong is raised:
            self._since.pop(code, None)
            return raised
        since = self._since.setdefault(code, now)
        patience = PATIENCE[code].raise_after if wrong else PATIENCE[code].clear_after
        if now - since < patience:
            return raised
        del self._since[code]
        return wrong

    def _wrong(self, look: Look, now: dt.datetime) -> Iterable[str]:
        """At this moment, without patience. Who sends nothing has one fault, not five."""
        offered = ("spare_ready",) if look.stand_in else ()
        if not look.connected:
            return (*offered, "source_away") if look.expected else ()
        if not self._fresh(self._packets_at, now):
            return (*offered, "no_packets")
        found: list[str] = []
        if look.has_video and look.unanswered >= UNANSWERED:
            found.append("no_keyframe")
        elif look.has_video and not self._fresh(self._frames_at, now):
            found.append("source_frozen")
        elif look.has_video and look.black:
            found.append("source_black")
        elif look.has_video and look.still:
            found.append("source_still")
        if look.audible and look.level_dbov >= MUTE_DBOV:
            found.append("source_silent")
        if self._loss() >= (LIGHT_LOSS if "heavy_loss" in self.alarms else HEAVY_LOSS):
            found.append("heavy_loss")
        return found

    @staticmethod
    def _fresh(at: dt.datetime | None, now: dt.datetime) -> bool:
        """Between two looks something came."""
        return at is not None and at == now

    def _count(self, look: Look, now: dt.datetime) -> None:
        if not look.connected:
            self._packets = self._frames = -1
            self._counted.clear()
            return
        if look.packets != self._packets:
            self._packets, self._packets_at = look.packets, now
        if look.frames != self._frames:
            self._frames, self._frames_at = look.frames, now
        if self._counted and look.packets < self._counted[-1][1]:
            self._counted.clear()  # another connection
        self._counted.append((now, look.packets, look.lost))
        while len(self._counted) > 1 and now - self._counted[0][0] > WINDOW:
            self._counted.popleft()

    def _loss(self) -> float:
        """A fraction of what was sent in the window."""
        (_, packets, lost), (_, more, missing) = self._counted[0], self._counted[-1]
        came, gone = more - packets, max(0, missing - lost)
        return gone / (came + gone) if came + gone >= LEAST_PACKETS else 0.0
