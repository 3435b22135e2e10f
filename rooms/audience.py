"""The viewers whose paths are narrow: what they say, the padding they are probed with, the layers they get for it."""

from __future__ import annotations

import math
from collections.abc import Callable

from rooms.adaptation import Change
from rooms.interface import ProgrammeView
from rooms.steering import Steering
from rooms.viewer import Viewer

# At once in a room. A hall behind one access point shall not find out together that it takes no more.
MAX_PROBES = 12
# When our own clock was late by so much, packets left late, and receivers take that for a queue.
LATE_MS, LATE_FOR_MS = 60.0, 1500.0
TICK_MS = 20.0


class Audience:
    """Work is for those who are ``limited`` only: whoever is well served costs nothing here."""

    def __init__(self, steering: Steering, count: Callable[[str], None]) -> None:
        self.limited: dict[Viewer, None] = {}
        self._ticked_at_ms = math.inf
        self._late_at_ms = -math.inf
        self._probing: dict[Viewer, None] = {}
        self._steering = steering
        self._count = count

    def remb(self, viewer: Viewer, bitrate_bps: int, now_ms: float) -> None:
        before = viewer.adaptation.path.remb_bps
        if now_ms - self._late_at_ms < LATE_FOR_MS and before is not None and bitrate_bps < before:
            viewer.adaptation.path.complained(bitrate_bps, now_ms)
        elif self._judges(viewer):
            offers = lambda: self._steering.offers(viewer, now_ms)  # noqa: E731 - seldom needed, and costly
            self._follow(viewer, viewer.adaptation.remb(bitrate_bps, offers, now_ms), now_ms)

    def loss(self, viewer: Viewer, fraction: float, now_ms: float) -> None:
        """``fraction`` of 1, of the pictures."""
        if self._judges(viewer):
            offers = lambda: self._steering.offers(viewer, now_ms)  # noqa: E731 - seldom needed, and costly
            self._follow(viewer, viewer.adaptation.loss(fraction, offers, now_ms), now_ms)

    def _judges(self, viewer: Viewer) -> bool:
        """Of a slate a path says nothing."""
        return isinstance(viewer.view, ProgrammeView) and bool(viewer.pictures) and not self._steering.curtain

    def forget(self, viewer: Viewer) -> None:
        self.limited.pop(viewer, None)
        self._probing.pop(viewer, None)

    def on_tick(self, now_ms: float) -> None:
        """Fifty times a second: padding."""
        if now_ms - self._ticked_at_ms > TICK_MS + LATE_MS:
            self._late_at_ms = now_ms
        self._ticked_at_ms = now_ms
        for viewer in list(self._probing):
            viewer.pad(now_ms)

    def on_slow_tick(self, now_ms: float) -> None:
        """Five times a second: is it time to try more, and how did the last try go?"""
        for viewer in list(self.limited):
            adaptation = viewer.adaptation
            may_probe = len(self._probing) < MAX_PROBES
            before = adaptation.probe
            change = adaptation.on_tick(self._steering.offers(viewer, now_ms), now_ms, may_probe=may_probe)
            if adaptation.probe is not None and before is None:
                self._probing[viewer] = None
                self._count("probes")
            if before is not None and adaptation.probe is None and change is Change.UP:
                self._count("probes_passed")
            self._follow(viewer, change, now_ms)

    def _follow(self, viewer: Viewer, change: Change, now_ms: float) -> None:
        adaptation = viewer.adaptation
        if adaptation.probe is None:
            self._probing.pop(viewer, None)
        if adaptation.limited:
            self.limited[viewer] = None
        elif self.limited.pop(viewer, self) is None:
            self._steering.viewer(viewer, now_ms)
        if change is Change.NONE:
            return
        if change is Change.UP:
            self._count("layers_up")
        elif change in (Change.DOWN, Change.URGENT):
            self._count("layers_down")
            if viewer.sound_only:
                self._count("sound_only")
        self._steering.viewer(viewer, now_ms)
        if change is Change.URGENT:
            for outlet in viewer.pictures:
                outlet.leave_what_is_too_much()
