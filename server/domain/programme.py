"""What the director wants on the air: two picture slots and the opened sound. The media plane is made to follow."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal
from server.domain.venues import MAIN_SOURCE, SCREEN_SOURCE, comes_and_goes, venue_of_source


class PictureSlot(enum.StrEnum):
    CAMERA = "camera"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Programme:
    """``version`` grows by one with every change, so that a late hand can see that it is late."""

    camera: str | None = MAIN_SOURCE
    screen: str | None = SCREEN_SOURCE
    opened: frozenset[str] = frozenset({MAIN_SOURCE})
    recording_paused: bool = False
    version: int = 1
    muted: frozenset[str] = frozenset()  # sub-venues that staff silenced: nothing opens them until staff lets them

    @property
    def on_air_venue(self) -> str | None:
        """The lesson venue's id of the sub-venue in the camera slot."""
        return venue_of_source(self.camera) if self.camera else None


def take(programme: Programme, slot: PictureSlot, source: str | None, known: Collection[str]) -> Programme:
    """Put a source (None: nothing) into a slot. Raises ``source_unknown``.

    A sub-venue or a member's phone that comes into the camera slot is opened for sound unless it is muted; one that
    leaves it is closed.
    """
    _check_known(source, known)
    if slot is PictureSlot.SCREEN:
        return _changed(programme, replace(programme, screen=source))
    opened = set(programme.opened)
    if programme.camera and programme.camera != source and comes_and_goes(programme.camera):
        opened.discard(programme.camera)
    if source and comes_and_goes(source) and source not in programme.muted:
        opened.add(source)
    return _changed(programme, replace(programme, camera=source, opened=frozenset(opened)))


def open_audio(programme: Programme, source: str, known: Collection[str], *, opened: bool) -> Programme:
    """Open or close one source for sound. Raises ``source_unknown``, ``venue_muted``."""
    _check_known(source, known)
    if opened and source in programme.muted:
        raise Refusal("venue_muted", source)
    sources = programme.opened | {source} if opened else programme.opened - {source}
    return _changed(programme, replace(programme, opened=frozenset(sources)))


def bring_on(programme: Programme, source: str, known: Collection[str], *, picture: bool) -> Programme:
    """Who was asked to speak is heard, muted before or not, and seen if there is a ``picture``.

    Raises ``source_unknown``.
    """
    allowed = replace(programme, muted=programme.muted - {source})
    heard = open_audio(allowed, source, known, opened=True)
    return take(heard, PictureSlot.CAMERA, source, known) if picture else heard


def take_off(programme: Programme, source: str, former: str | None, known: Collection[str]) -> Programme:
    """The same undone: ``former`` is back in the picture, unless the director has put something else there meanwhile,
    and ``source`` is silent, the lecturer's excepted.
    """
    silent = programme.opened - {source} if source != MAIN_SOURCE else programme.opened
    if programme.camera != source:
        return _changed(programme, replace(programme, opened=silent))
    back = former if former is None or (former in known and former != source) else MAIN_SOURCE
    restored = silent | {back} if back is not None and comes_and_goes(back) and back not in programme.muted else silent
    return _changed(programme, replace(programme, camera=back, opened=restored))


class Speech(enum.StrEnum):
    """A sub-venue's right to speak, as staff set it."""

    MUTED = "muted"  # 静音: nobody hears it, and its operator cannot change that
    ALLOWED = "allowed"  # 可发言
    SPEAKING = "speaking"  # 正在发言: it is heard


def speech_of(programme: Programme, source: str) -> Speech:
    if source in programme.muted:
        return Speech.MUTED
    return Speech.SPEAKING if source in programme.opened else Speech.ALLOWED


def let_speak(programme: Programme, source: str, speech: Speech, known: Collection[str]) -> Programme:
    """Raises ``source_unknown``, also for the lecturer's sources: they are opened and closed, never silenced."""
    if venue_of_source(source) is None:
        raise Refusal("source_unknown", source)
    _check_known(source, known)
    muted = programme.muted | {source} if speech is Speech.MUTED else programme.muted - {source}
    opened = programme.opened | {source} if speech is Speech.SPEAKING else programme.opened - {source}
    return _changed(programme, replace(programme, opened=opened, muted=muted))


def mute_all(programme: Programme) -> Programme:
    """Close every source but the lecturer's; the lecturer's stays as it is."""
    return _changed(programme, replace(programme, opened=programme.opened & {MAIN_SOURCE}))


def pause_recording(programme: Programme, *, paused: bool) -> Programme:
    return _changed(programme, replace(programme, recording_paused=paused))


def _check_known(source: str | None, known: Collection[str]) -> None:
    if source is not None and source not in known:
        raise Refusal("source_unknown", source)


def _changed(before: Programme, after: Programme) -> Programme:
    return before if after == before else replace(after, version=before.version + 1)
