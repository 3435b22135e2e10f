"""What the director wants on the air: two picture slots and the opened sound. The media plane is made to follow."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection
from dataclasses import dataclass, replace

from server.domain.curtain import Curtain, Cut, Standby
from server.domain.refusals import Refusal
from server.domain.venues import (
    CLIP_SOURCE,
    LECTURER_SOURCES,
    MAIN_SOURCE,
    SCREEN_SOURCE,
    LecturerDesk,
    comes_and_goes,
    desk_of,
    venue_of_source,
)


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
    desk: LecturerDesk = LecturerDesk.MAIN  # the lecturer's machine that the lesson is taught from
    cut: Cut | None = None
    standby: Standby | None = None
    last_cut_at: dt.datetime | None = None  # of whatever was shown before it nobody who watches live gets anything

    @property
    def on_air_venue(self) -> str | None:
        """The lesson venue's id of the sub-venue in the camera slot."""
        return venue_of_source(self.camera) if self.camera else None

    @property
    def curtain(self) -> Curtain | None:
        if self.cut is not None:
            return Curtain.CUT
        return Curtain.STANDBY if self.standby is not None else None


def begin_cut(programme: Programme, by: str, reason: str, now: dt.datetime) -> Programme:
    """One that runs goes on as it is."""
    if programme.cut is not None:
        return programme
    return _changed(programme, replace(programme, cut=Cut(now, by, reason), last_cut_at=now))


def end_cut(programme: Programme) -> Programme:
    return _changed(programme, replace(programme, cut=None))


def set_standby(programme: Programme, standby: Standby | None) -> Programme:
    """Another one moves the countdown: it has been a standby since the first."""
    if standby is not None and programme.standby is not None:
        standby = replace(standby, since=programme.standby.since)
    return _changed(programme, replace(programme, standby=standby))


def take(programme: Programme, slot: PictureSlot, source: str | None, known: Collection[str]) -> Programme:
    """Put a source (None: nothing) into a slot. Raises ``source_unknown``.

    A sub-venue or a member's phone that comes into the camera slot is opened for sound unless it is muted; one that
    leaves it is closed. The lecturer's other machine takes over with its picture, its sound and its screen.
    """
    _check_known(source, known)
    desk = desk_of(source)
    if slot is PictureSlot.CAMERA and desk is not None and desk is not programme.desk:
        return _changed(programme, _taken(_handed_over(programme, desk), slot, source))
    return _changed(programme, _taken(programme, slot, source))


def _taken(programme: Programme, slot: PictureSlot, source: str | None) -> Programme:
    if slot is PictureSlot.SCREEN:
        return replace(programme, screen=source)
    opened = set(programme.opened)
    if programme.camera and programme.camera != source and comes_and_goes(programme.camera):
        opened.discard(programme.camera)
    if source and comes_and_goes(source) and source not in programme.muted:
        opened.add(source)
    return replace(programme, camera=source, opened=frozenset(opened))


def hand_over(programme: Programme, desk: LecturerDesk) -> Programme:
    """The lesson is taught from that machine from now on: wherever the other one is seen and heard, this one is.

    A venue that has the picture keeps it, and a machine that is not there yet is waited for.
    """
    return _changed(programme, _handed_over(programme, desk))


def _handed_over(programme: Programme, desk: LecturerDesk) -> Programme:
    before = programme.desk
    if desk is before:
        return programme
    heard = (
        frozenset() if programme.camera == CLIP_SOURCE else {desk.source}
    )  # a clip is heard alone; then the lecturer
    return replace(
        programme,
        camera=desk.source if programme.camera == before.source else programme.camera,
        screen=desk.screen if programme.screen == before.screen else programme.screen,
        opened=programme.opened - {before.source, before.screen} | heard,
        desk=desk,
    )


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
    silent = programme.opened - {source} if source not in LECTURER_SOURCES else programme.opened
    if programme.camera != source:
        return _changed(programme, replace(programme, opened=silent))
    lecturer = programme.desk.source  # perhaps no longer the machine that it was
    elsewhere = former in known and former != source and desk_of(former) is None
    back = former if former is None or elsewhere else lecturer
    restored = silent | {back} if back is not None and comes_and_goes(back) and back not in programme.muted else silent
    return _changed(programme, replace(programme, camera=back, opened=restored))


def show_clip(programme: Programme) -> Programme:
    """A clip is seen and heard, and nobody else is heard beside it unless somebody is opened by hand."""
    return _changed(programme, replace(programme, camera=CLIP_SOURCE, opened=frozenset({CLIP_SOURCE})))


def leave_clip(programme: Programme, former: str | None, opened: Collection[str], known: Collection[str]) -> Programme:
    """The clip is over: what was seen before it is back, unless something else has been put there meanwhile, and so is
    the sound of who was heard: of a venue or a phone only if it is seen again.
    """
    seen = take_off(programme, CLIP_SOURCE, former, known)
    lecturer = programme.desk.source if any(desk_of(source) for source in opened) else None
    heard = {source for source in opened if source in known and desk_of(source) is None and not comes_and_goes(source)}
    heard |= {lecturer} if lecturer is not None else set()
    if programme.camera == CLIP_SOURCE:
        heard |= {source for source in opened if source in known and comes_and_goes(source)}
    back = seen.opened | (heard - seen.muted) - {CLIP_SOURCE}
    return _changed(programme, replace(seen, opened=frozenset(back), version=programme.version))


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
    """Close every source but the lecturer's and a clip's; they stay as they are."""
    return _changed(programme, replace(programme, opened=programme.opened & {programme.desk.source, CLIP_SOURCE}))


def pause_recording(programme: Programme, *, paused: bool) -> Programme:
    return _changed(programme, replace(programme, recording_paused=paused))


def _check_known(source: str | None, known: Collection[str]) -> None:
    if source is not None and source not in known:
        raise Refusal("source_unknown", source)


def _changed(before: Programme, after: Programme) -> Programme:
    return before if after == before else replace(after, version=before.version + 1)
