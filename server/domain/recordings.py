"""A lesson's recording as the record knows it."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.lesson_kinds import LessonKind


class RecordingState(enum.StrEnum):
    OFF = "off"  # attached, nothing on disk: not started yet, or 不录制
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What is on disk. ``duration_ms`` counts recorded media, pauses left out."""

    recording_id: str
    lesson_id: str
    state: str  # "running", "paused", "finished"
    started_at: dt.datetime | None
    duration_ms: int
    bytes: int
    segments: int
    recovered: bool
    gaps_ms: int


@dataclass(frozen=True, slots=True)
class Recording:
    id: str
    lesson_id: str
    state: RecordingState
    started_at: dt.datetime | None = None
    duration_ms: int = 0
    bytes: int = 0
    recovered: bool = False
    gaps_ms: int = 0


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """What an archive is searched for; None or empty: not by that. ``since`` ≤ start of the lesson < ``until``.

    ``text``: part of the lesson's title, of its lecturer's name (also how its pinyin or initials begin), or of a mark.
    """

    text: str = ""
    lesson_id: str | None = None
    lecturer_id: str | None = None
    kind: LessonKind | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    unit_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a recording that has words, by the server's clock."""

    at: dt.datetime
    title: str
