"""A lesson's recording as the record knows it."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


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
